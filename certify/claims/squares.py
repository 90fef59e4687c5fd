"""Roots of what is a square: of numbers and of rational functions."""

from __future__ import annotations

import math
from fractions import Fraction

from certify.language.rings import factor
from certify.language.scalar import Scalar


def square_root(number: Scalar) -> Scalar | None:
    """A rational function whose square is this one."""
    content, factors = factor(number.numerator)
    top, bottom = isqrt(abs(content.numerator)), isqrt(content.denominator)
    everything = (*factors, *number.denominators)
    if content < 0 or top is None or bottom is None or any(e % 2 for _, e in everything) or not everything:
        return None
    found = Scalar.constant(Fraction(top, bottom))
    for base, exponent in factors:
        found = found * Scalar(base) ** (exponent // 2)
    for base, exponent in number.denominators:
        found = found / Scalar(base) ** (exponent // 2)
    return found


def isqrt(value: int) -> int | None:
    """The root of a square number; None for others."""
    found = math.isqrt(value)
    return found if found * found == value else None
