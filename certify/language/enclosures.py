"""Numbers known between two rationals: exact runs of methods that take roots.

Every operation encloses the true result; roots are rounded outwards, and so are ends that grow too long.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

BITS = 128
"""Ends are rounded outwards to multiples of 2^−BITS."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Some real number in [low, high]."""

    low: Fraction
    high: Fraction

    @staticmethod
    def of(value: Enclosure | Fraction | int) -> Enclosure:
        """The number itself if it is rational."""
        return value if isinstance(value, Enclosure) else Enclosure(Fraction(value), Fraction(value))

    @property
    def number(self) -> Fraction | None:
        """The number if it is known exactly."""
        return self.low if self.low == self.high else None

    def __add__(self, other: Enclosure | Fraction | int) -> Enclosure:
        o = Enclosure.of(other)
        return _rounded(self.low + o.low, self.high + o.high)

    __radd__ = __add__

    def __neg__(self) -> Enclosure:
        return Enclosure(-self.high, -self.low)

    def __sub__(self, other: Enclosure | Fraction | int) -> Enclosure:
        return self + -Enclosure.of(other)

    def __rsub__(self, other: Enclosure | Fraction | int) -> Enclosure:
        return -self + other

    def __mul__(self, other: Enclosure | Fraction | int) -> Enclosure:
        o = Enclosure.of(other)
        products = [a * b for a in (self.low, self.high) for b in (o.low, o.high)]
        return _rounded(min(products), max(products))

    __rmul__ = __mul__

    def __truediv__(self, other: Enclosure | Fraction | int) -> Enclosure:
        o = Enclosure.of(other)
        if o.low <= 0 <= o.high:
            raise ZeroDivisionError("division by a number that may be 0")
        return self * Enclosure(1 / o.high, 1 / o.low)

    def __rtruediv__(self, other: Enclosure | Fraction | int) -> Enclosure:
        return Enclosure.of(other) / self

    def root(self) -> Enclosure:
        """√, rounded outwards. **Raises:** ValueError for a number that may be negative."""
        if self.low < 0:
            raise ValueError("the root of a number that may be negative")
        return Enclosure(_root_below(self.low), -_root_below_negative(self.high))

    def larger(self, other: Enclosure) -> Enclosure:
        """The larger of two numbers."""
        return Enclosure(max(self.low, other.low), max(self.high, other.high))

    def clipped(self, low: Fraction, high: Fraction) -> Enclosure:
        """The nearest number in [low, high]."""
        return Enclosure(min(max(self.low, low), high), min(max(self.high, low), high))


def _root_below(q: Fraction) -> Fraction:
    exact = isqrt(q.numerator), isqrt(q.denominator)
    if exact[0] ** 2 == q.numerator and exact[1] ** 2 == q.denominator:
        return Fraction(*exact)
    return Fraction(isqrt((q.numerator << 2 * BITS) // q.denominator), 1 << BITS)


def _root_below_negative(q: Fraction) -> Fraction:
    """−r for some r ≥ √q."""
    below = _root_below(q)
    return -below if below * below == q else -below - Fraction(1, 1 << BITS)


def _rounded(low: Fraction, high: Fraction) -> Enclosure:
    if low == high and low.denominator.bit_length() <= 4 * BITS:
        return Enclosure(low, high)
    scale = 1 << BITS
    return Enclosure(Fraction((low * scale).__floor__(), scale), Fraction((high * scale).__ceil__(), scale))
