"""Numbers known between two rationals: exact runs of methods that take roots or logarithms.

Every operation encloses the true result; roots and logarithms are rounded outwards, and so are ends that grow too long.
An inequality between two such numbers is true if it certainly holds, and false if it may not.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt

BITS = 128
"""Ends are rounded outwards to multiples of 2^−BITS."""


def exactly(value: Fraction | int) -> Fraction:
    """A rational number. **Raises:** TypeError for a float, which rounds: nothing exact follows from it."""
    if not isinstance(value, int | Fraction):
        raise TypeError(f"{value!r} is not an exact number")
    return Fraction(value)


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Some real number in [low, high]."""

    low: Fraction
    high: Fraction

    @staticmethod
    def of(value: Enclosure | Fraction | int) -> Enclosure:
        """The number itself if it is rational. **Raises:** TypeError for floats."""
        if isinstance(value, Enclosure):
            return value
        number = exactly(value)
        return Enclosure(number, number)

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

    def __pow__(self, exponent: int) -> Enclosure:
        if exponent < 0:
            return 1 / self**-exponent
        if exponent % 2 == 0 and exponent:
            half = abs(self)
            return _rounded(half.low**exponent, half.high**exponent)
        return _rounded(self.low**exponent, self.high**exponent)

    def __abs__(self) -> Enclosure:
        if self.low >= 0:
            return self
        return -self if self.high <= 0 else Enclosure(Fraction(0), max(-self.low, self.high))

    def __le__(self, other: Enclosure | Fraction | int) -> bool:
        return self.high <= Enclosure.of(other).low

    def __lt__(self, other: Enclosure | Fraction | int) -> bool:
        return self.high < Enclosure.of(other).low

    def __ge__(self, other: Enclosure | Fraction | int) -> bool:
        return self.low >= Enclosure.of(other).high

    def __gt__(self, other: Enclosure | Fraction | int) -> bool:
        return self.low > Enclosure.of(other).high

    def log(self) -> Enclosure:
        """ln, rounded outwards. **Raises:** ValueError for a number that may not be positive."""
        if self.low <= 0:
            raise ValueError("the logarithm of a number that may not be positive")
        below = _log(self.low)
        return Enclosure(below.low, below.high if self.low == self.high else _log(self.high).high)

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


def _log(q: Fraction) -> Enclosure:
    """ln q = k ln 2 + ln r with 2/3 ≤ r ≤ 4/3, and ln 2 = −ln(2/3) + ln(4/3)."""
    if q == 1:
        return Enclosure.of(0)
    k = q.numerator.bit_length() - q.denominator.bit_length()
    r = q / Fraction(2) ** k
    if r > Fraction(4, 3):
        k, r = k + 1, r / 2
    elif r < Fraction(2, 3):
        k, r = k - 1, r * 2
    two = _small_log(Fraction(4, 3)) - _small_log(Fraction(2, 3))
    return _small_log(r) + k * two


def _small_log(r: Fraction) -> Enclosure:
    """ln r = 2 Σ z^(2i+1)/(2i + 1) with z = (r − 1)/(r + 1), |z| ≤ 1/5: what is left out is at most twice its first
    term, and products are rounded down by less than a unit each."""
    unit = 1 << (BITS + 32)
    z = (r - 1) / (r + 1)
    square, power, total, i = int(z * z * unit), int(abs(z) * unit), 0, 0
    while power:
        total += power // (2 * i + 1)
        power, i = power * square // unit, i + 1
    value, error = Fraction(2 * total, unit), Fraction(8 * (i + 2), unit)
    found = Enclosure(value - error, value + error)
    return _rounded(found.low, found.high) if z >= 0 else -_rounded(found.low, found.high)


def _rounded(low: Fraction, high: Fraction) -> Enclosure:
    if low == high and low.denominator.bit_length() <= 4 * BITS:
        return Enclosure(low, high)
    scale = 1 << BITS
    return Enclosure(Fraction((low * scale).__floor__(), scale), Fraction((high * scale).__ceil__(), scale))
