"""Positive real numbers that are products of rational powers of primes, exactly: √2, 3^(1/4), 6/5·√7.

Constants between norms are of this kind; a canonical form makes equality and order decidable.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import total_ordering
from math import lcm, prod


@total_ordering
@dataclass(frozen=True, slots=True, order=False)
class Root:
    """``∏ prime ** exponent``; `exponents` holds the primes in increasing order, none with exponent 0."""

    exponents: tuple[tuple[int, Fraction], ...] = ()

    @staticmethod
    def of(value: int | Fraction) -> Root:
        """A positive rational number."""
        number = Fraction(value)
        if number <= 0:
            raise ValueError(f"{value} is not positive")
        top, bottom = _factors(number.numerator), _factors(number.denominator)
        return Root._from(top | {p: -e for p, e in bottom.items()})

    @staticmethod
    def _from(exponents: dict[int, Fraction]) -> Root:
        return Root(tuple(sorted((p, e) for p, e in exponents.items() if e)))

    def __mul__(self, other: Root) -> Root:
        total = dict(self.exponents)
        for prime, exponent in other.exponents:
            total[prime] = total.get(prime, Fraction(0)) + exponent
        return Root._from(total)

    def __pow__(self, power: int | Fraction) -> Root:
        return Root._from({p: e * power for p, e in self.exponents})

    def __truediv__(self, other: Root) -> Root:
        return self * other**-1

    def __lt__(self, other: Root) -> bool:
        ratio = self / other
        common = lcm(1, *(e.denominator for _, e in ratio.exponents))
        return (ratio**common).rational() < 1

    def rational(self) -> Fraction:
        """The value of a rational number; `ValueError` for an irrational one."""
        if any(e.denominator > 1 for _, e in self.exponents):
            raise ValueError(f"{self} is irrational")
        return prod((Fraction(p) ** int(e) for p, e in self.exponents), start=Fraction(1))

    def __float__(self) -> float:
        return prod((float(p) ** float(e) for p, e in self.exponents), start=1.0)

    def __str__(self) -> str:
        return "·".join(f"{p}" if e == 1 else f"{p}^({e})" for p, e in self.exponents) or "1"


ONE = Root()


def _factors(number: int) -> dict[int, Fraction]:
    found: dict[int, Fraction] = {}
    divisor = 2
    while divisor * divisor <= number:
        while number % divisor == 0:
            found[divisor] = found.get(divisor, Fraction(0)) + 1
            number //= divisor
        divisor += 1
    if number > 1:
        found[number] = found.get(number, Fraction(0)) + 1
    return found
