"""What holds at every solution of the dual's equations, seen at a generic one: dependent equations and common kernels.

If S(y)·a = 0 for every y that satisfies the equations, then S(y) ⪰ 0 iff it is so without one row and column i with
aᵢ ≠ 0. Such directions a belong to gauge freedoms that move vectors and function values at once, for example a linear
function added to f and subtracted from g. A random solution modulo a large prime shows whether there are any.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from flint import fmpq, fmpq_mat, nmod, nmod_mat

from certify.pep.engine.modular import PRIME, combined, leading, symmetric
from certify.pep.engine.problem import ZERO
from certify.pep.engine.program import Entry

Equation = tuple[Mapping[int, fmpq], fmpq]
"""Σ terms·y + offset = 0."""
Columns = Mapping[int, Mapping[Entry, fmpq]]


class Inconsistent(ValueError):
    """The equations have no solution."""


def independent(equations: Sequence[Equation], columns: Columns) -> tuple[list[int], dict[int, int]]:
    """The first independent equations, and a random solution modulo the prime.

    **Raises:** `Inconsistent`, after an exact check.
    """
    order = list(columns)
    where = {y: k for k, y in enumerate(order)}
    matrix = nmod_mat(len(equations), len(order) + 1, PRIME)
    for row, (terms, offset) in enumerate(equations):
        for y, c in terms.items():
            matrix[row, where[y]] = c
        matrix[row, len(order)] = offset
    pivots, reduced = leading(matrix)
    if pivots and pivots[-1] == len(order):
        _refuse(equations, order)
    numbers = random.Random(len(order))  # noqa: S311
    values = [numbers.getrandbits(60) + 1 for _ in order]
    for pivot in pivots:
        if pivot < len(order):
            values[pivot] = 0
    found = reduced * nmod_mat(len(order) + 1, 1, [*values, 1], PRIME)
    for row, pivot in enumerate(pivots):
        if pivot < len(order):
            values[pivot] = -int(found[row, 0]) % PRIME
    rows = list(range(len(equations)))
    if len(pivots) < len(equations):
        rows, _ = leading(matrix.transpose())
    return rows, dict(zip(order, values, strict=True))


def common_kernel(
    equations: Sequence[Equation],
    columns: Columns,
    base: Mapping[Entry, fmpq],
    alive: Sequence[Sequence[int]],
    point: Mapping[int, int],
) -> list[tuple[int, int]]:
    """Rows (block, index) of the matrix inequality that follow from the others at every solution of the equations."""
    where = [{i: k for k, i in enumerate(group)} for group in alive]
    (total,) = combined([base, *columns.values()], [[1, *(point[y] for y in columns)]])
    parts: list[list[tuple[int, int, nmod]]] = [[] for _ in alive]
    for (b, i, j), c in total.items():
        parts[b].append((where[b][i], where[b][j], c))
    blocks = [symmetric(part, len(group)) for part, group in zip(parts, alive, strict=True)]
    singular = [b for b, block in enumerate(blocks) if block.rank() < len(alive[b])]
    if not singular:
        return []
    exact = [_solution(equations, list(columns), seed) for seed in (1, 2, 3)]
    found = []
    for b in singular:
        stacked = [line for y in exact for line in _block(columns, base, b, where[b], y).tolist()]
        matrix = fmpq_mat(stacked)
        reduced, rank = matrix.rref()
        pivots = {next(k for k in range(len(alive[b])) if reduced[row, k]) for row in range(rank)}
        # the kernel is a graph over the columns without a pivot: these rows follow from the others
        found += [(b, i) for k, i in enumerate(alive[b]) if k not in pivots]
    return found


def _augmented(equations: Sequence[Equation], order: Sequence[int]) -> tuple[list[int], fmpq_mat]:
    """Pivots and reduced form of the equations with their offsets, over ℚ."""
    where = {y: k for k, y in enumerate(order)}
    matrix = fmpq_mat(len(equations), len(order) + 1)
    for row, (terms, offset) in enumerate(equations):
        for y, c in terms.items():
            matrix[row, where[y]] = c
        matrix[row, len(order)] = offset
    reduced, rank = matrix.rref()
    return [next(k for k in range(len(order) + 1) if reduced[r, k]) for r in range(rank)], reduced


def _refuse(equations: Sequence[Equation], order: Sequence[int]) -> None:
    pivots, _ = _augmented(equations, order)
    if pivots and pivots[-1] == len(order):
        raise Inconsistent("the equations of the dual contradict each other: nothing bounds the objective")


def _solution(equations: Sequence[Equation], order: Sequence[int], seed: int) -> dict[int, fmpq]:
    """A random rational solution with small numbers."""
    numbers = random.Random(seed)  # noqa: S311
    pivots, reduced = _augmented(equations, order)
    values = [fmpq(numbers.randint(1, 99)) for _ in order]
    for pivot in pivots:
        values[pivot] = ZERO
    for row, pivot in enumerate(pivots):
        # values of pivots are still zero in the rows below
        values[pivot] = -reduced[row, len(order)] - sum(
            (reduced[row, k] * values[k] for k in range(len(order)) if k not in pivots and reduced[row, k]), ZERO
        )
    return dict(zip(order, values, strict=True))


def _block(
    columns: Columns, base: Mapping[Entry, fmpq], block: int, where: Mapping[int, int], y: Mapping[int, fmpq]
) -> fmpq_mat:
    matrix = fmpq_mat(len(where), len(where))
    total: dict[tuple[int, int], fmpq] = {(i, j): c for (b, i, j), c in base.items() if b == block}
    for name, column in columns.items():
        for (b, i, j), c in column.items():
            if b == block:
                total[i, j] = total.get((i, j), ZERO) + c * y[name]
    for (i, j), c in total.items():
        matrix[where[i], where[j]] = matrix[where[j], where[i]] = c
    return matrix
