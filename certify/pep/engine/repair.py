"""Exact multipliers near floating-point ones: rounded to few digits, then made to satisfy the equations exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from flint import fmpq, fmpq_mat, nmod_mat

from certify.pep.engine.modular import PRIME, leading
from certify.pep.engine.problem import ZERO
from certify.pep.engine.program import Program


@dataclass(frozen=True)
class Basis:
    """Variables (columns) and equations (rows) whose matrix is invertible, with all that are independent."""

    columns: tuple[int, ...]
    rows: tuple[int, ...]
    inverse: fmpq_mat | None


def basis(program: Program, y: np.ndarray) -> Basis:
    """The greedy column basis of the equations: free variables first, then in order of decreasing |y|.

    Only these multipliers change in a repair, so that zeros stay zero and (flow-like equations being totally
    unimodular) denominators stay small.
    """
    m = len(program.offsets)
    if not m:
        return Basis((), (), None)
    signed = np.zeros(len(y), dtype=bool)
    signed[list(program.signed)] = True
    order = [int(i) for i in np.lexsort((-np.abs(y), signed)) if program.rows[i]]
    count = min(len(order), 4 * m)
    while True:
        columns, rows = _pivots(program, order[:count])
        if len(columns) == m or count == len(order):
            break
        count = min(len(order), 4 * count)
    where = {row: i for i, row in enumerate(rows)}
    matrix = fmpq_mat(len(rows), len(columns))
    for j, column in enumerate(columns):
        for row, c in program.rows[column].items():
            if row in where:
                matrix[where[row], j] = c
    return Basis(tuple(columns), tuple(rows), matrix.inv() if columns else None)


def _pivots(program: Program, order: Sequence[int]) -> tuple[list[int], list[int]]:
    """The first independent columns in this order, and as many independent rows of them, by elimination mod p."""
    m = len(program.offsets)
    matrix = nmod_mat(m, len(order), PRIME)
    for j, y in enumerate(order):
        for row, c in program.rows[y].items():
            matrix[row, j] = c
    pivots, _ = leading(matrix)
    columns = [order[j] for j in pivots]
    if len(columns) == m:
        return columns, list(range(m))
    chosen = nmod_mat(len(columns), m, PRIME)
    for j, y in enumerate(columns):
        for row, c in program.rows[y].items():
            chosen[j, row] = c
    return columns, leading(chosen)[0]


def rounded(program: Program, y: np.ndarray, digits: int, chosen: Basis) -> list[fmpq] | None:
    """y to this many decimals, λ clipped at 0, repaired on the basis; None if an equation or a sign fails."""
    unit = 10**digits
    scaled = y * float(unit)
    small = float(np.max(np.abs(scaled), initial=0.0)) < 2.0**52
    integers = np.rint(scaled).astype(np.int64).tolist() if small else [round(float(v) * unit) for v in y]
    for i in program.signed:
        integers[i] = max(integers[i], 0)
    exact = [fmpq(v, unit) if v else ZERO for v in integers]
    return repaired(program, exact, chosen)


def repaired(program: Program, y: list[fmpq], chosen: Basis) -> list[fmpq] | None:
    """The equations restored by changing the multipliers of the basis; None if that makes a sign wrong."""
    defects = program.defects(y)
    if any(defects):
        if chosen.inverse is None:
            return None
        missing = fmpq_mat(len(chosen.rows), 1, [defects[i] for i in chosen.rows])
        step = chosen.inverse * missing
        y = list(y)
        for j, column in enumerate(chosen.columns):
            y[column] -= step[j, 0]
        if len(chosen.rows) < len(defects) and any(program.defects(y)):
            return None
    return y if all(y[i].p >= 0 for i in program.signed) else None
