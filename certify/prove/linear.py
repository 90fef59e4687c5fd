"""Nonnegative combinations: a linear program proposes which terms to use, exact linear algebra decides.

Given target polynomial b and columns a_j, find rational c_j ≥ 0 (free for the columns marked so) with
Σ c_j a_j = b, as few and as simple as the simplex method makes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any, Protocol

import numpy as np
from flint import fmpq, fmpq_mat
from scipy.optimize import linprog
from scipy.sparse import csc_matrix

from certify.prove.silence import silent

THRESHOLD = 1e-9
"""LP weights below this are proposed to be zero; exact arithmetic confirms or refuses."""
SHARED = 4.0
"""How much longer the solver may take by the wall clock, which it looks at, than by the clock of this process."""


class Sparse(Protocol):
    """Coefficients by monomial: a polynomial of flint, or anything that can say the same."""

    def to_dict(self) -> Mapping[Any, fmpq]:
        """monomial → coefficient."""
        ...


def combination(
    target: Sparse,
    columns: Sequence[Sparse],
    costs: Sequence[float],
    free: Sequence[bool],
    seconds: float = 10.0,
) -> list[tuple[int, Fraction]] | None:
    """Indices and exact weights of the columns used, or None if the LP finds no combination."""
    rows: dict[Any, int] = {}
    entries: list[tuple[int, int, fmpq]] = []
    for j, column in enumerate(columns):
        for monomial, value in column.to_dict().items():
            entries.append((rows.setdefault(monomial, len(rows)), j, value))
    right: dict[int, fmpq] = {}
    for monomial, value in target.to_dict().items():
        if monomial not in rows:
            return None
        right[rows[monomial]] = value
    if not columns:
        return None
    matrix = csc_matrix(
        ([float(v.p) / float(v.q) for _, _, v in entries], ([i for i, _, _ in entries], [j for _, j, _ in entries])),
        shape=(len(rows), len(columns)),
    )
    vector = np.zeros(len(rows))
    for i, value in right.items():
        vector[i] = float(value.p) / float(value.q)
    bounds = [(None, None) if f else (0, None) for f in free]
    options = {"time_limit": SHARED * seconds}
    with silent():  # HiGHS prints a line when its time is up
        result = linprog(np.asarray(costs), A_eq=matrix, b_eq=vector, bounds=bounds, method="highs-ds", options=options)
    if result.status != 0:
        return None
    support = [j for j, x in enumerate(result.x) if abs(x) > THRESHOLD]
    return _exact(support, entries, right, free)


def _exact(
    support: list[int], entries: list[tuple[int, int, fmpq]], right: dict[int, fmpq], free: Sequence[bool]
) -> list[tuple[int, Fraction]] | None:
    """Solve exactly on the support; None if inconsistent or a weight comes out negative."""
    position = {j: n for n, j in enumerate(support)}
    touched = sorted({i for i, j, _ in entries if j in position} | right.keys())
    row_of = {i: n for n, i in enumerate(touched)}
    width = len(support)
    matrix = fmpq_mat(len(touched), width + 1)
    for i, j, value in entries:
        if j in position:
            matrix[row_of[i], position[j]] = value
    for i, value in right.items():
        matrix[row_of[i], width] = value
    reduced, rank = matrix.rref()
    solution = [Fraction(0)] * width
    for i in range(rank):
        pivot = next(j for j in range(width + 1) if reduced[i, j] != 0)
        if pivot == width:
            return None
        value = reduced[i, width]
        solution[pivot] = Fraction(int(value.p), int(value.q))
    if any(x < 0 and not free[j] for x, j in zip(solution, support, strict=True)):
        return None
    return [(j, x) for j, x in zip(support, solution, strict=True) if x]
