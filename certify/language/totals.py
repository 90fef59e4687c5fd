"""Sums of a quantity over the layers or the coordinates of a space, in normal form."""

from __future__ import annotations

from typing import TYPE_CHECKING

from certify.kernel import Polynomial
from certify.language.coordinates import COORDINATES, Coordinatewise
from certify.language.layers import Layered, plain_name, summed
from certify.language.scalar import Scalar, UnknownSign
from certify.language.text import polynomial_text

if TYPE_CHECKING:
    from certify.language.trace import Trace


def total(trace: Trace, quantity: Scalar) -> Scalar:
    """Σᵢ quantityᵢ over the layers or coordinates; the quantity itself where there are none.

    **Raises:** UnknownSign if a divisor that varies over the layers is not known to be positive.
    """
    if isinstance(trace.geometry, Coordinatewise):
        return _over_coordinates(trace, trace.geometry, quantity)
    if isinstance(trace.geometry, Layered):
        return _over_layers(trace, quantity)
    return quantity


def _over_layers(trace: Trace, quantity: Scalar) -> Scalar:
    quantity = _without_varying_divisors(trace, quantity)
    numerator, moments = summed(quantity.numerator, trace.varies)
    trace.note(moments)
    for found in moments.values():
        trace.made_of[found.name] = frozenset(n for n, _ in found.monomial)
        signs = [0 if e % 2 == 0 else trace.sign(Polynomial.variable(n)) for n, e in found.monomial]
        if all(s in (0, 1) for s in signs):
            trace.assume(
                Scalar.variable(found.name),
                strict=all(s == 1 for s in signs),
                name=f"{found.name}≥0",
                note="a sum of nonnegative numbers",
            )
    return Scalar(numerator) / quantity.denominator_scalar


def _without_varying_divisors(trace: Trace, quantity: Scalar) -> Scalar:
    """The same value with 1/b as a quantity of its own for every denominator b > 0 that varies over the layers."""
    result, rest = Scalar(quantity.numerator), Scalar.constant(1)
    for base, exponent in quantity.denominators:
        if any(map(trace.varies, base.variables)):
            result = result * _inverse(trace, base) ** exponent
        else:
            rest = rest * Scalar(base) ** exponent
    return result / rest


def _inverse(trace: Trace, base: Polynomial) -> Scalar:
    """1/b as a positive quantity w with w·b = 1. **Raises:** UnknownSign unless b is known to be positive."""
    if trace.sign(base) != 1:
        text = polynomial_text(base)
        raise UnknownSign(f"division by {text}, which is not known to be positive; state it as a condition")
    name = f"inv({plain_name(base)})"
    value = Scalar.variable(name)
    if name not in trace.layered:
        trace.layered.add(name)
        trace.made_of[name] = base.variables
        trace.randomness.inherit(name, base.variables)
        trace.assume(value, strict=True, name=f"{name}>0", note="an inverse of a positive number")
        trace.equate(value * Scalar(base), 1, name=f"inverse[{name}]", note=f"definition of {name}")
    return value


def _over_coordinates(trace: Trace, geometry: Coordinatewise, quantity: Scalar) -> Scalar:
    inverses, rest = geometry.inverses, Scalar.constant(1)
    numerator, powers = inverses.opened(quantity)
    for base, exponent in quantity.denominators:
        if not any(map(trace.varies, base.variables)):
            rest = rest * Scalar(base) ** exponent
    for name, exponent in powers.items():
        numerator = numerator * Polynomial.variable(name) ** exponent
    result, moments = summed(inverses.normal(numerator)[0], trace.varies, COORDINATES)
    trace.note(moments)
    return Scalar(result) / rest
