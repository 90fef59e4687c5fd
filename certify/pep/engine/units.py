"""A problem in units in which its solution is near 1: vectors and function values multiplied by powers of two.

With L = 10⁻⁴ gradients have squares of 10⁻⁸ beside points of size 1. A worst case is rounded with the same absolute
error everywhere, hence in these units.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from flint import fmpq

from certify.pep.engine.conic import number
from certify.pep.engine.problem import MatrixRow, Problem, Row, Terms

SPREAD = 6
"""Exponents below this are not worth another solve."""
NOISE = 1e-12
"""What a solver calls 0, relative to its largest numbers."""


@dataclass(frozen=True)
class Units:
    """The rescaled problem, and the exponents that lead back: v = v′·2^vectors, f = f′·2^values."""

    problem: Problem
    vectors: Mapping[int, int]
    values: Mapping[int, int]

    def back(
        self, values: Mapping[int, fmpq], gram: Mapping[tuple[int, int], fmpq]
    ) -> tuple[dict[int, fmpq], dict[tuple[int, int], fmpq]]:
        """A point of the rescaled problem as one of the problem as it was."""
        two = fmpq(2)
        return (
            {k: c * two ** self.values.get(k, 0) for k, c in values.items()},
            {(i, j): c * two ** (self.vectors.get(i, 0) + self.vectors.get(j, 0)) for (i, j), c in gram.items()},
        )


def adapted(problem: Problem, gram: np.ndarray, values: np.ndarray) -> Units | None:
    """The problem in units in which this Gram matrix and these values are near 1; None if they are, more or less."""
    squares, sizes = np.diagonal(gram), np.abs(values)
    largest = max(float(squares.max(initial=0.0)), float(sizes.max(initial=0.0)))
    if not np.isfinite(largest) or largest <= 0:
        return None
    vectors = {i: round(float(np.log2(c)) / 2) for i, c in enumerate(squares) if c > NOISE * largest}
    numbers = {k: round(float(np.log2(c))) for k, c in enumerate(sizes) if c > NOISE * largest}
    if max(map(abs, (*vectors.values(), *numbers.values())), default=0) < SPREAD:
        return None

    def exponent(key: tuple[int, ...]) -> int:
        return numbers.get(key[0], 0) if len(key) == 1 else sum(vectors.get(i, 0) for i in key)

    def form(terms: Terms, unit: int = 0) -> dict[tuple[int, ...], fmpq]:
        return {key: c * fmpq(2) ** (exponent(key) + unit) for key, c in terms.items()}

    def unit(*forms: Terms) -> int:
        """The exponent that makes the largest coefficient 1."""
        sizes = (np.log2(abs(number(c))) + exponent(key) for terms in forms for key, c in terms.items() if c)
        return -round(float(max(sizes, default=0.0)))

    def row(own: Row) -> Row:
        return replace(own, terms=form(own.terms, unit(own.terms)))

    def matrix(own: MatrixRow) -> MatrixRow:
        own_unit = unit(*own)
        return replace(own, rows=tuple(tuple(form(t, own_unit) for t in line) for line in own.rows))

    scaled = replace(
        problem,
        objective=form(problem.objective, unit(problem.objective)),
        inequalities=tuple(map(row, problem.inequalities)),
        equations=tuple(map(row, problem.equations)),
        matrices=tuple(map(matrix, problem.matrices)),
    )
    return Units(scaled, vectors, numbers)
