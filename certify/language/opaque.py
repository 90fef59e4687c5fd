"""Square roots and logarithms in symbols: quantities of their own, of which a trace knows what it needs.

`root(k + 1)` becomes the quantity ``√(1+k)``, with its square, its sign and its order among the other roots;
`log2(k + 1)` becomes ``log₂(1+k)``, with log₂(v) − log₂(u) ≥ v/u − 1 for u ≤ v ≤ 2u, since the logarithm is concave;
`log(q)` becomes ``ln(q)``, with ln(u/w) ≥ 1 − w/u and its order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextvars import ContextVar
from fractions import Fraction
from itertools import permutations
from math import log as float_log
from math import log2 as float_log2
from typing import Any

from certify.kernel import Polynomial
from certify.language.atoms import atom_name, read_atom
from certify.language.scalar import Scalar, UnknownSign
from certify.language.trace import Trace


class NotRational(TypeError):
    """A value that exact arithmetic would need is no rational number."""


logarithms: ContextVar[Callable[[Fraction], Any] | None] = ContextVar("logarithms", default=None)
"""What ln of a rational number is, for runs that enclose it (`certify.language.roundings.enclosed`)."""


def log2(q: Any) -> Any:
    """log₂(q) of a symbol, a tensor, a float or an exact power of 2. **Raises:** `NotRational` for other rationals."""
    number = q.as_constant() if isinstance(q, Scalar) else q
    if isinstance(number, int | Fraction):
        power = number.numerator.bit_length() - number.denominator.bit_length()
        if number != Fraction(2) ** power:
            raise NotRational(f"log2({number}) is not a rational number")
        return Fraction(power)
    if isinstance(q, Scalar):
        return opaque("log₂", q)
    return float_log2(q) if isinstance(q, float) else q.log2()


def log(q: Any) -> Any:
    """ln(q) of a symbol, a tensor, a float or 1, in every coordinate. **Raises:** TypeError for other rationals."""
    number = q.as_constant() if isinstance(q, Scalar) else q
    if isinstance(number, int | Fraction):
        if number != 1 and (enclose := logarithms.get()) is not None:
            return enclose(Fraction(number))
        if number != 1:
            raise TypeError(f"log({number}) is not a rational number")
        return Fraction(0)
    if isinstance(q, Scalar):
        return opaque("ln", q)
    if hasattr(q, "elementwise"):
        return q.elementwise(log)
    return float_log(q) if isinstance(q, float) else q.log()


def opaque(function: str, q: Scalar) -> Scalar:
    """The quantity function(q), for a polynomial q."""
    if q.denominators:
        raise TypeError(f"{function} is known of polynomials only")
    return Scalar.variable(atom_name(function, q.numerator))


def argument(name: str) -> tuple[str, Scalar] | None:
    """The function and the argument that a quantity's name stands for; None for other names."""
    found = read_atom(name)
    return None if found is None else (found[0], Scalar(found[1]))


def roots_squared(value: Scalar) -> Scalar:
    """The same value with q instead of √(q)²."""
    if not any(name.startswith("√") for name in value.variables):
        return value
    result = _squared(value.numerator)
    for base, exponent in value.denominators:
        result = result / (_squared(base**exponent) if len(base.terms) == 1 else _squared(base) ** exponent)
    return result


def _squared(polynomial: Polynomial) -> Scalar:
    total = Scalar.constant(0)
    for monomial, coefficient in polynomial:
        product = Scalar.constant(coefficient)
        for name, exponent in monomial:
            call = argument(name)
            if call is not None and call[0] == "√":
                product = product * call[1] ** (exponent // 2)
                exponent %= 2
            product = product * Scalar.variable(name) ** exponent
        total = total + product
    return total


def define(trace: Trace, names: Iterable[str]) -> None:
    """Write what is known of the roots and logarithms among these names."""
    known = {n: found for n in sorted(names) if (found := argument(n)) is not None}
    waiting, late = list(known.items()), set[str]()
    while waiting:
        name, (function, q) = waiting.pop(0)
        if trace.sign(q.numerator) not in ((0, 1) if function == "√" else (1,)):
            if name in late:
                raise UnknownSign(f"{name}: the argument is not known to have the right sign; state it as a condition")
            late.add(name)
            waiting.append((name, (function, q)))  # the sign may depend on that of a root inside
            continue
        if function == "√":
            value, positive = Scalar.variable(name), trace.sign(q.numerator) == 1
            trace.assume(value, strict=positive, name=f"{name}{'>' if positive else '≥'}0")
            if trace.sign((q - 1).numerator) in (0, 1):
                trace.assume(value - 1, name=f"{name}≥1", note="roots are increasing")
            trace.equate(value**2, q, name=f"square of {name}", note="definition of the root")
    for (a, (f, u)), (b, (g, v)) in permutations(known.items(), 2):
        left, right = Scalar.variable(a), Scalar.variable(b)
        if f != g or trace.sign((v - u).numerator) not in (0, 1):
            continue
        if f == "√":
            trace.assume(right - left, name=f"{a}≤{b}", note="roots are increasing")
        elif f == "ln":
            trace.assume(right - left, name=f"{a}≤{b}", note="the logarithm is increasing")
        elif trace.sign((2 * u - v).numerator) in (0, 1):
            slack = u * (right - left) - (v - u)
            trace.assume(slack, name=f"{a};{b}", note="the logarithm is concave: log₂(1 + x) ≥ x for 0 ≤ x ≤ 1")
    logarithms = {n: q for n, (f, q) in known.items() if f == "ln"}
    for (a, u), (b, w) in permutations(logarithms.items(), 2):
        for c, factor in ((None, Scalar.constant(1)), *logarithms.items()):
            if c not in (a, b) and _concave(trace, u, w, factor):
                left = Scalar.variable(a) - Scalar.variable(b) - (Scalar.variable(c) if c else 0)
                name = f"{a}−{b}−{c}" if c else f"{a}−{b}"
                trace.suppose(left >= 1 - factor * w / u, name=name, note="the logarithm is concave: ln y ≥ 1 − 1/y")
                if c:  # u ≥ factor · w; without a factor it is known already
                    trace.assume(left, name=f"{b}+{c}≤{a}", note="the logarithm is increasing")


def _concave(trace: Trace, u: Scalar, w: Scalar, factor: Scalar) -> bool:
    """Whether ln(u/(factor·w)) ≥ 1 − factor·w/u is worth knowing: factor is 1 or less, u at least factor·w."""
    small = factor.as_constant() == 1 or (factor.numerator.degree == 1 and trace.sign((1 - factor).numerator) in (0, 1))
    return small and trace.sign((u - factor * w).numerator) in (0, 1)
