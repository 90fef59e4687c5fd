"""Runs of methods with irrational coefficients, enclosed between rational numbers: what they attain is attained.

`Enclosed` is an interval with the arithmetic of numbers, so that a declared method's own step runs on it; roots become
enclosures instead of roundings. Functions are differentiable and piecewise quadratic, on the line.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from certify.claims.intervals import Interval, power
from certify.simulate.exact import PiecewiseQuadratic

Plain = int | Fraction


class Enclosed:
    """A number that lies in an interval. Comparisons are refused: methods that branch are not run."""

    __slots__ = ("interval",)

    def __init__(self, interval: Interval) -> None:
        self.interval = interval

    def __add__(self, other: Enclosed | Plain) -> Enclosed:
        return Enclosed(self.interval + interval(other))

    __radd__ = __add__

    def __neg__(self) -> Enclosed:
        return Enclosed(-self.interval)

    def __sub__(self, other: Enclosed | Plain) -> Enclosed:
        return Enclosed(self.interval - interval(other))

    def __rsub__(self, other: Enclosed | Plain) -> Enclosed:
        return Enclosed(interval(other) - self.interval)

    def __mul__(self, other: Enclosed | Plain) -> Enclosed:
        return Enclosed(self.interval * interval(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Enclosed | Plain) -> Enclosed:
        return Enclosed(self.interval / interval(other))

    def __rtruediv__(self, other: Enclosed | Plain) -> Enclosed:
        return Enclosed(interval(other) / self.interval)

    def __pow__(self, exponent: float | Plain) -> Enclosed:
        return Enclosed(power(self.interval, Interval.of(Fraction(exponent))))


def interval(value: Any) -> Interval:
    """The interval of a number of either kind; TypeError for others."""
    if isinstance(value, Enclosed):
        return value.interval
    if isinstance(value, int | Fraction):
        return Interval.of(value)
    raise TypeError("no rational number and no enclosure")


class Oracle:
    """A differentiable function of the line for enclosed points, with the constants of its class."""

    def __init__(self, function: PiecewiseQuadratic, constants: Mapping[str, Fraction], minimizer: Fraction) -> None:
        if any(left.slope(c) != right.slope(c) or left(c) != right(c) for c, (left, right) in _kinks(function)):
            raise ValueError("the function is not differentiable")
        self.function, self.constants, self.minimizer = function, constants, minimizer

    def __getattr__(self, name: str) -> Any:
        if name in self.constants:
            return self.constants[name]
        raise AttributeError(f"no constant {name!r}")

    def gradient(self, x: Any) -> Enclosed:
        """All derivatives on the interval of x."""
        return self._hull(x, slope=True)

    def value(self, x: Any) -> Enclosed:
        """All values on the interval of x."""
        return self._hull(x, slope=False)

    def _hull(self, x: Any, *, slope: bool) -> Enclosed:
        at = interval(x)
        found: list[Interval] = []
        for left, right, piece in self.function.cells():
            low, high = max(left, at.low), min(right, at.high)
            if low <= high:
                y = Interval(Fraction(low), Fraction(high))
                linear = Interval.of(2 * piece.a) * y + Interval.of(piece.b)
                whole = Interval.of(piece.a) * power(y, Interval.of(2)) + Interval.of(piece.b) * y
                found.append(linear if slope else whole + Interval.of(piece.c))
        return Enclosed(Interval(min(f.low for f in found), max(f.high for f in found)))


def _kinks(function: PiecewiseQuadratic) -> list[tuple[Fraction, Any]]:
    return [(c, function.around(c)) for c in function.breakpoints]


def size(x: Interval, exponent: int) -> Interval:
    """|x|^exponent, the exponent 1 or 2."""
    found = Interval(max(x.low, -x.high, Fraction(0)), max(x.high, -x.low))
    return found if exponent == 1 else found * found
