"""Formulas at rational numbers: exact where they are rational, else enclosed between two rational numbers.

Roots, exponentials and logarithms are enclosed by integer roots and by series with bounds on what is left out, and
numbers that grow long are rounded outwards, so that the true value always lies between the two ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import isqrt

from certify.claims.formulas import Call, Formula, Name, Number, Power, Product, Quantity, Quotient, Sum

BITS = 128
"""Relative precision of roots and series."""
LONG = 2_000
"""Numbers with more binary digits are rounded outwards."""
MAX_POWER = 2_000


class NotEvaluated(ArithmeticError):
    """The formula has no value there (a division by zero, the root of a negative number), or none that is computed."""


@dataclass(frozen=True)
class Interval:
    """All real numbers from `low` to `high`."""

    low: Fraction
    high: Fraction

    @staticmethod
    def of(value: int | Fraction) -> Interval:
        """One rational number."""
        return Interval(Fraction(value), Fraction(value))

    @property
    def exact(self) -> Fraction | None:
        """The number, if it is just one."""
        return self.low if self.low == self.high else None

    def __add__(self, other: Interval) -> Interval:
        return _outward(self.low + other.low, self.high + other.high)

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __sub__(self, other: Interval) -> Interval:
        return self + (-other)

    def __mul__(self, other: Interval) -> Interval:
        found = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return _outward(min(found), max(found))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0 <= other.high:
            raise NotEvaluated("division by zero")
        return self * Interval(1 / other.high, 1 / other.low)


def _outward(low: Fraction, high: Fraction) -> Interval:
    if low == high and low.numerator.bit_length() + low.denominator.bit_length() <= LONG:
        return Interval(low, high)
    if max(n.bit_length() for v in (low, high) for n in (v.numerator, v.denominator)) > LONG:
        low, high = rounded(low, up=False), rounded(high, up=True)
    return Interval(low, high)


def rounded(value: Fraction, *, up: bool) -> Fraction:
    """A short rational number close to the value and not below (above) it."""
    if not value:
        return value
    shift = BITS - (value.numerator.bit_length() - value.denominator.bit_length())
    scaled = value * Fraction(2) ** shift
    whole = -((-scaled.numerator) // scaled.denominator) if up else scaled.numerator // scaled.denominator
    return whole / Fraction(2) ** shift


def root(x: Interval) -> Interval:
    """√x."""
    if x.low < 0:
        raise NotEvaluated("the root of a negative number")
    return Interval(_root(x.low, up=False), _root(x.high, up=True))


def _root(value: Fraction, *, up: bool) -> Fraction:
    top, bottom = isqrt(value.numerator), isqrt(value.denominator)
    if top * top == value.numerator and bottom * bottom == value.denominator:
        return Fraction(top, bottom)
    shift = max(0, BITS + (value.denominator.bit_length() - value.numerator.bit_length()) // 2)
    whole = isqrt((value.numerator << (2 * shift)) // value.denominator)
    return Fraction(whole + up, 1 << shift)


@cache
def _log_small(value: Fraction, up: bool) -> Fraction:
    """log of a number in [1, 2]: 2 artanh(z), z = (v − 1)/(v + 1) ≤ 1/3, and a geometric bound on the rest."""
    z = rounded((value - 1) / (value + 1), up=up)
    total, power, square = Fraction(0), z, z * z
    for k in range(1, BITS, 2):
        total = rounded(total + power / k, up=up)
        power = rounded(power * square, up=up)
    return 2 * (total + power / (1 - square)) if up else 2 * total


def logarithm(x: Interval) -> Interval:
    """log x."""
    if x.low <= 0:
        raise NotEvaluated("the logarithm of a number that is not positive")
    return Interval(_log(x.low, up=False), _log(x.high, up=True))


def _log(value: Fraction, *, up: bool) -> Fraction:
    shift = value.numerator.bit_length() - value.denominator.bit_length()
    mantissa = value / Fraction(2) ** shift
    if mantissa < 1:
        mantissa, shift = 2 * mantissa, shift - 1
    two = _log_small(Fraction(2), up if shift >= 0 else not up)
    return shift * two + (_log_small(mantissa, up) if mantissa > 1 else 0)


def exponential(x: Interval) -> Interval:
    """eˣ."""
    if x.low < -LONG or x.high > LONG:
        raise NotEvaluated("an exponential that is too large or small")
    return Interval(_exp(x.low, up=False), _exp(x.high, up=True))


def _exp(value: Fraction, *, up: bool) -> Fraction:
    if value < 0:
        return rounded(1 / _exp(-value, up=not up), up=up)
    halvings = max(0, (value.numerator // value.denominator).bit_length() + 1)
    small = rounded(value / 2**halvings, up=up)  # at most 1/2
    total, term = Fraction(1), Fraction(1)
    for k in range(1, 40):
        term = rounded(term * small / k, up=up)
        total += term
    if up:
        total += 2 * term  # the terms left out are at most half of the one before, each
    for _ in range(halvings):
        total = rounded(total * total, up=up)
    return total


def evaluate(formula: Formula, values: Mapping[str, Interval]) -> Interval:
    """The value of a formula; raises `NotEvaluated`, or KeyError for a name without a value."""
    match formula:
        case Number(value):
            return Interval.of(value)
        case Name(name):
            return values[name]
        case Sum(a, b):
            return evaluate(a, values) + evaluate(b, values)
        case Product(a, b):
            return evaluate(a, values) * evaluate(b, values)
        case Quotient(a, b):
            return evaluate(a, values) / evaluate(b, values)
        case Power(a, b):
            return power(evaluate(a, values), evaluate(b, values))
        case Call("sum", (inside,)):  # of layers that are all alike
            return values["p"] * evaluate(inside, values)
        case Call("largest", (inside,)):
            return evaluate(inside, values)
        case Call(function, arguments):
            return _called(function, [evaluate(a, values) for a in arguments])
        case Quantity():
            raise NotEvaluated("a quantity at a point has no value of its own")


def power(base: Interval, exponent: Interval) -> Interval:
    """base^exponent for a half-integer exponent, or a positive base."""
    e = exponent.exact
    if e is not None and e.denominator == 1:
        return _whole(base, int(e))
    if e is not None and e.denominator == 2:
        return _whole(root(base), e.numerator)
    return exponential(logarithm(base) * exponent)


def _whole(base: Interval, exponent: int) -> Interval:
    if abs(exponent) > MAX_POWER:
        raise NotEvaluated(f"an exponent above {MAX_POWER}")
    if exponent < 0:
        return Interval.of(1) / _whole(base, -exponent)
    result, square = Interval.of(1), base
    if exponent % 2 == 0 and base.low < 0 < base.high:
        square = Interval(Fraction(0), max(-base.low, base.high))
    while exponent:
        if exponent & 1:
            result = result * square
        exponent >>= 1
        square = square * square if exponent else square
    return result


def _called(function: str, values: list[Interval]) -> Interval:
    match function:
        case "sqrt":
            return root(values[0])
        case "exp":
            return exponential(values[0])
        case "log":
            return logarithm(values[0])
        case "log2":
            return logarithm(values[0]) / logarithm(Interval.of(2))
        case "max":
            return Interval(max(v.low for v in values), max(v.high for v in values))
        case _:
            return Interval(min(v.low for v in values), min(v.high for v in values))
