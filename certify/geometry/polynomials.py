"""Where a polynomial maps an interval, in exact rational arithmetic: Sturm sequences find its turning points.

Polynomials are tuples of `Fraction` from the constant upwards; nothing here ever rounds, except outwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor

Coefficients = tuple[Fraction, ...]
WIDTH = Fraction(1, 10**12)
DIGITS = 10**12


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers from `low` to `high`."""

    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"[{self.low}, {self.high}] is empty")

    def __contains__(self, number: Fraction) -> bool:
        return self.low <= number <= self.high

    def rounded(self) -> Interval:
        """A slightly larger interval whose ends have 12 decimals."""
        return Interval(Fraction(floor(self.low * DIGITS), DIGITS), Fraction(ceil(self.high * DIGITS), DIGITS))


def odd(*coefficients: str | int | Fraction) -> Coefficients:
    """a x + b x³ + c x⁵ + … from a, b, c, … (decimal strings are taken literally)."""
    return tuple(part for c in coefficients for part in (Fraction(0), Fraction(c)))


def at(p: Sequence[Fraction], x: Fraction) -> Fraction:
    """p(x)."""
    total = Fraction(0)
    for coefficient in reversed(p):
        total = total * x + coefficient
    return total


def derivative(p: Sequence[Fraction]) -> Coefficients:
    """p′."""
    return tuple(i * c for i, c in enumerate(p))[1:]


def image(p: Sequence[Fraction], domain: Interval) -> Interval:
    """An interval that contains p([low, high]) and exceeds it by about 1e-12: the values at the ends and,
    for every turning point, an enclosure of the value there."""
    values = [at(p, domain.low), at(p, domain.high)]
    slope = derivative(p)
    for cell in roots(slope, domain):
        middle = (cell.low + cell.high) / 2
        steepest = sum(
            (abs(c) * max(abs(cell.low), abs(cell.high)) ** i for i, c in enumerate(slope)), start=Fraction(0)
        )
        reach = steepest * (cell.high - cell.low) / 2
        values += [at(p, middle) - reach, at(p, middle) + reach]
    return Interval(min(values), max(values)).rounded()


def roots(p: Sequence[Fraction], domain: Interval) -> Iterator[Interval]:
    """Disjoint intervals of width ≤ 1e-12 that together contain every root of p in the domain (p ≠ 0)."""
    chain = _sturm(p)
    if not chain:
        raise ValueError("every number is a root of the zero polynomial")
    if at(p, domain.low) == 0:  # Sturm counts the roots in (low, high]
        yield Interval(domain.low, domain.low)
    pending = [domain]
    while pending:
        cell = pending.pop()
        if _changes(chain, cell.low) == _changes(chain, cell.high):
            continue
        if cell.high - cell.low <= WIDTH:
            yield cell
            continue
        middle = (cell.low + cell.high) / 2
        pending += [Interval(middle, cell.high), Interval(cell.low, middle)]


def _sturm(p: Sequence[Fraction]) -> list[Coefficients]:
    """The Sturm sequence of p divided by its repeated roots."""
    current, following = _trimmed(p), _trimmed(derivative(p))
    chain = [current] if current else []
    while following:
        chain.append(following)
        current, following = following, tuple(-c for c in _remainder(current, following))
    if len(chain) > 1 and len(chain[-1]) > 1:
        chain = [_quotient(q, chain[-1]) for q in chain]
    return chain


def _changes(chain: Sequence[Coefficients], x: Fraction) -> int:
    signs = [v > 0 for q in chain if (v := at(q, x))]
    return sum(a != b for a, b in pairwise(signs))


def _trimmed(p: Sequence[Fraction]) -> Coefficients:
    end = len(p)
    while end and not p[end - 1]:
        end -= 1
    return tuple(p[:end])


def _divided(p: Coefficients, q: Coefficients) -> tuple[Coefficients, Coefficients]:
    rest, quotient = list(p), [Fraction(0)] * max(len(p) - len(q) + 1, 0)
    for i in reversed(range(len(quotient))):
        quotient[i] = rest[i + len(q) - 1] / q[-1]
        for j, c in enumerate(q):
            rest[i + j] -= quotient[i] * c
    return tuple(quotient), _trimmed(rest)


def _remainder(p: Coefficients, q: Coefficients) -> Coefficients:
    return _divided(p, q)[1]


def _quotient(p: Coefficients, q: Coefficients) -> Coefficients:
    return _divided(p, q)[0]
