"""Square roots and logarithms in symbols: quantities of their own, of which a trace knows what it needs.

`root(k + 1)` becomes the quantity ``√(1+k)``, with its square, its sign and its order among the other roots;
`log2(k + 1)` becomes ``log₂(1+k)``, with log₂(v) − log₂(u) ≥ v/u − 1 for u ≤ v ≤ 2u, since the logarithm is concave.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fractions import Fraction
from itertools import permutations
from math import log2 as float_log2
from typing import Any

from certify.language.scalar import Scalar, UnknownSign
from certify.language.trace import Trace

_NAME = re.compile(r"(√|log₂)\((.*)\)")


def log2(q: Any) -> Any:
    """log₂(q) of a symbol, a tensor, a float or an exact power of 2. **Raises:** TypeError for other rationals."""
    number = q.as_constant() if isinstance(q, Scalar) else q
    if isinstance(number, int | Fraction):
        power = number.numerator.bit_length() - number.denominator.bit_length()
        if number != Fraction(2) ** power:
            raise TypeError(f"log2({number}) is not a rational number")
        return Fraction(power)
    if isinstance(q, Scalar):
        return opaque("log₂", q)
    return float_log2(q) if isinstance(q, float) else q.log2()


def opaque(function: str, q: Scalar) -> Scalar:
    """The quantity function(q), for a sum q of names and a whole number."""
    parts = []
    for monomial, coefficient in sorted(q.numerator.terms.items()):
        if q.denominators or not all(e == 1 for _, e in monomial) or len(monomial) > 1:
            raise TypeError(f"{function} is known of sums of names and numbers only")
        if coefficient.denominator != 1 or coefficient < 0 or (monomial and coefficient != 1):
            raise TypeError(f"{function} is known of sums of names and numbers only")
        parts.append(monomial[0][0] if monomial else str(coefficient))
    return Scalar.variable(f"{function}({'+'.join(parts)})")


def argument(name: str) -> tuple[str, Scalar] | None:
    """The function and the argument that a quantity's name stands for; None for other names."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    total = Scalar.constant(0)
    for part in match[2].split("+"):
        total = total + (Scalar.constant(int(part)) if part.isdigit() else Scalar.variable(part))
    return match[1], total


def define(trace: Trace, names: Iterable[str]) -> None:
    """Write what is known of the roots and logarithms among these names."""
    known = {n: found for n in sorted(names) if (found := argument(n)) is not None}
    for name, (function, q) in known.items():
        if trace.sign(q.numerator) not in ((0, 1) if function == "√" else (1,)):
            raise UnknownSign(f"{name}: the argument is not known to have the right sign; state it as a condition")
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
        elif trace.sign((2 * u - v).numerator) in (0, 1):
            slack = u * (right - left) - (v - u)
            trace.assume(slack, name=f"{a};{b}", note="the logarithm is concave: log₂(1 + x) ≥ x for 0 ≤ x ≤ 1")
