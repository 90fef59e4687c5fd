"""Numbers a + b√d with rational a, b and a whole number d that is no square: an ordered field, decided exactly."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isqrt, lcm
from typing import TypeAlias, Union


@dataclass(frozen=True, slots=True)
class Surd:
    """a + b√d for the positive root. As d is no square, this is 0 only if a = b = 0, and a² = b²d only then.

    **Raises:** `ValueError` if d is no whole number above 1 or a square, and for arithmetic with another root.
    """

    a: Fraction
    b: Fraction
    d: int

    def __post_init__(self) -> None:
        if type(self.d) is not int or self.d < 2 or isqrt(self.d) ** 2 == self.d:
            raise ValueError(f"√{self.d} is no irrational number")

    def _with(self, other: Number | int) -> Surd:
        """The other number of a sum or product, in the same field."""
        if not isinstance(other, Surd):
            return Surd(Fraction(other), Fraction(0), self.d)
        if other.d != self.d:
            raise ValueError(f"√{self.d} and √{other.d} are in one expression")
        return other

    def __neg__(self) -> Surd:
        return Surd(-self.a, -self.b, self.d)

    def __add__(self, other: Number | int) -> Surd:
        y = self._with(other)
        return Surd(self.a + y.a, self.b + y.b, self.d)

    def __sub__(self, other: Number | int) -> Surd:
        return self + -self._with(other)

    def __mul__(self, other: Number | int) -> Surd:
        y = self._with(other)
        return Surd(self.a * y.a + self.b * y.b * self.d, self.a * y.b + self.b * y.a, self.d)

    def __truediv__(self, other: Number | int) -> Surd:
        y = self._with(other)
        norm = y.a * y.a - y.b * y.b * self.d
        return self * Surd(y.a / norm, -y.b / norm, self.d)

    def __radd__(self, other: Fraction | int) -> Surd:
        return self + other

    def __rsub__(self, other: Fraction | int) -> Surd:
        return self._with(other) - self

    def __rmul__(self, other: Fraction | int) -> Surd:
        return self * other

    def __rtruediv__(self, other: Fraction | int) -> Surd:
        return self._with(other) / self

    def __bool__(self) -> bool:
        return bool(self.a or self.b)

    def __lt__(self, other: Number | int) -> bool:
        return (self - other).sign() < 0

    def __gt__(self, other: Number | int) -> bool:
        return (self - other).sign() > 0

    def sign(self) -> int:
        """−1, 0 or 1: where a and b√d differ in sign, the larger square decides."""
        a, b = _sign(self.a), _sign(self.b)
        if a * b >= 0:
            return a or b
        return a if self.a * self.a > self.b * self.b * self.d else b

    def __str__(self) -> str:
        """Such as ``(3 - sqrt(5))/8``."""
        common = lcm(self.a.denominator, self.b.denominator)
        p, q = int(self.a * common), int(self.b * common)
        root = f"{abs(q)}*sqrt({self.d})" if abs(q) != 1 else f"sqrt({self.d})"
        both = f"{p} {'-' if q < 0 else '+'} {root}" if p else ("-" if q < 0 else "") + root
        if not q:
            return str(self.a)
        return both if common == 1 else f"({both})/{common}" if p else f"{both}/{common}"


Number: TypeAlias = Union[Fraction, Surd]  # noqa: UP007, Surd is a class that does not know itself yet


def _sign(value: Fraction) -> int:
    return (value > 0) - (value < 0)
