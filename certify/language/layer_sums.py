"""Numbers made from the layers of a space: the largest and the Euclidean length of a quantity, a gradient's energy."""

from __future__ import annotations

from certify.language.geometry import names
from certify.language.layers import Layered, plain_name
from certify.language.plain_signs import variable_of
from certify.language.scalar import Scalar, ScalarLike, UnknownSign, exact
from certify.language.trace import Trace
from certify.language.vector import Vector


def largest(trace: Trace, quantity: ScalarLike) -> Scalar:
    """The largest value of a polynomial quantity among the layers; the quantity itself where there are none.

    **Raises:** UnknownSign for a quotient.
    """
    scalar = exact(quantity)
    if not isinstance(trace.geometry, Layered) or not any(map(trace.varies, scalar.variables)):
        return scalar
    if scalar.denominators:
        raise UnknownSign("the largest value of a quotient is not known among the layers, only of a polynomial")
    name = f"max[{plain_name(scalar.numerator)}]"
    value = Scalar.variable(name)
    trace.made_of[name] = scalar.variables
    trace.randomness.inherit(name, scalar.variables)
    if trace.sign(scalar.numerator) == 1:
        trace.assume(value, strict=True, name=f"{name}>0", note="the largest of positive numbers")
    trace.assume(value - scalar, name=name, note="no layer has more")
    return value


def energy(trace: Trace, v: Vector) -> Scalar:
    """‖vᵢ‖₂², the squared Euclidean length of a layer's gradient. **Raises:** TypeError where there are no layers."""
    if not isinstance(trace.geometry, Layered):
        raise TypeError("the energy of a gradient is one of its layers")
    value = trace.geometry.euclidean_product(v, v)
    trace.energies[v] = value
    if variable_of(value.numerator) and not value.denominators:
        trace.assume(value, name=f"energy of {names(v)}", note="squares are nonnegative")
    return value


def length(trace: Trace, quantity: ScalarLike) -> Scalar:
    """(Σᵢ quantityᵢ²)^½ over the layers for a nonnegative polynomial; the quantity itself where there are none.

    No quantity of one layer is larger, as no term of a sum of squares is larger than the sum.
    **Raises:** UnknownSign for a quotient.
    """
    scalar = exact(quantity)
    if not isinstance(trace.geometry, Layered):
        return scalar
    if scalar.denominators:
        raise UnknownSign("the Euclidean length of a quotient is not known over the layers, only of a polynomial")
    squares = trace.total(scalar**2)
    name = f"length[{plain_name(scalar.numerator)}]"
    value = trace.scalar(name, sign="nonnegative", note="a length")
    trace.made_of[name] = scalar.variables
    trace.randomness.inherit(name, scalar.variables)
    trace.equate(value**2, squares, name=f"square of {name}", note="definition of the length")
    trace.assume(value - scalar, name=f"{name}≥", note="no term of a sum of squares is larger than the sum")
    return value
