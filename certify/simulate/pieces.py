"""One quadratic piece of a function of one real variable, and the exact numbers it is made of."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from numbers import Rational
from typing import NamedTuple

from certify.language.opaque import NotRational

Number = int | Fraction
End = Fraction | float  # a rational, or ±inf as the end of an unbounded interval
Interval = tuple[End, End]


class Piece(NamedTuple):
    """The quadratic y ↦ a y² + b y + c."""

    a: Fraction
    b: Fraction
    c: Fraction

    def __call__(self, y: Fraction) -> Fraction:
        return (self.a * y + self.b) * y + self.c

    def slope(self, y: Fraction) -> Fraction:
        """The derivative 2 a y + b."""
        return 2 * self.a * y + self.b

    def argmin(self, low: End, high: End) -> tuple[End, list[Interval]]:
        """The minimum over the closed interval [low, high] and the intervals where it is attained;
        (−inf, []) if the quadratic is unbounded below there."""
        a, b, c = self
        if a == b == 0:
            return c, [(low, high)]
        if (low == -inf and (a, -b) < (0, 0)) or (high == inf and (a, b) < (0, 0)):
            return -inf, []
        candidates = {Fraction(end) for end in (low, high) if abs(end) != inf}
        if a > 0 and low < -b / (2 * a) < high:
            candidates.add(-b / (2 * a))
        bottom = min(map(self, candidates))
        return bottom, [(y, y) for y in candidates if self(y) == bottom]


def rational(value: Number, name: str, *, positive: bool = False, at_least: Number | None = None) -> Fraction:
    """`value` as a Fraction; `TypeError` for floats, `ValueError` if the sign is wrong."""
    if not isinstance(value, Rational):
        raise NotRational(f"{name} must be an int or a Fraction, got {value!r}; try Fraction({value!r})")
    if (positive and value <= 0) or (at_least is not None and value < at_least):
        raise ValueError(f"{name} must be {'> 0' if positive else f'>= {at_least}'}, got {value}")
    return Fraction(value)
