"""Units: the scalings under which a whole statement is homogeneous.

If x is measured in metres and f in joules, every inequality of a sound statement is homogeneous. A term of a
proof must have the units of the conclusion, which discards almost all candidate products before the LP.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import lcm

from flint import fmpq, fmpq_mat, fmpq_mpoly

Grade = tuple[int, ...]


class Grading:
    """All weightings of the variables for which the given polynomials are homogeneous."""

    def __init__(self, polynomials: Iterable[fmpq_mpoly], variables: int) -> None:
        rows: list[list[int]] = []
        for polynomial in polynomials:
            monomials = [[int(e) for e in m] for m in polynomial.monoms()]
            rows += [[a - b for a, b in zip(monomials[0], m, strict=True)] for m in monomials[1:]]
        self.weights = [_whole(row) for row in _nullspace(rows, variables)]

    def grade(self, polynomial: fmpq_mpoly) -> Grade | None:
        """The common weight of all monomials, or None if the polynomial is not homogeneous (or zero)."""
        grades = {self.of(m) for m in polynomial.monoms()}
        return grades.pop() if len(grades) == 1 else None

    def of(self, exponents: Sequence[int]) -> Grade:
        """The weight of a monomial."""
        return tuple(sum([w * int(e) for w, e in zip(row, exponents, strict=True) if e]) for row in self.weights)


def add(left: Grade, right: Grade) -> Grade:
    """The grade of a product."""
    return tuple([a + b for a, b in zip(left, right, strict=True)])


def subtract(left: Grade, right: Grade) -> Grade:
    """The grade of a quotient."""
    return tuple([a - b for a, b in zip(left, right, strict=True)])


def _whole(row: list[fmpq]) -> list[int]:
    """The row times the least common denominator: whole numbers are fast to add and to compare."""
    common = lcm(*(int(w.q) for w in row))
    return [int(w.p) * (common // int(w.q)) for w in row]


def _nullspace(rows: list[list[int]], variables: int) -> list[list[fmpq]]:
    if not rows:
        return [[fmpq(int(i == j)) for j in range(variables)] for i in range(variables)]
    reduced, rank = fmpq_mat(len(rows), variables, [fmpq(v) for row in rows for v in row]).rref()
    pivots: list[int] = []
    for i in range(rank):
        pivots.append(next(j for j in range(variables) if reduced[i, j] != 0))
    basis = []
    for free in (j for j in range(variables) if j not in pivots):
        vector = [fmpq(0)] * variables
        vector[free] = fmpq(1)
        for i, pivot in enumerate(pivots):
            vector[pivot] = -reduced[i, free]
        basis.append(vector)
    return basis
