"""Whether a rational symmetric matrix is ⪰ 0, decided exactly; floating point only proposes the evidence.

Two pieces of evidence avoid the digit growth of elimination. For ⪰ 0: integers L with 2ᵏS − LLᵀ diagonally dominant
(then S is a sum of two matrices ⪰ 0). Against: an integer vector v with vᵀSv < 0. Singular and nearly singular
matrices, for which neither is found, are eliminated exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import lcm

import numpy as np
from flint import fmpq, fmpz_mat

from certify.kernel.semidefinite import MAX_DIGITS, Budget, factored
from certify.kernel.surd import Number
from certify.pep.engine.problem import ZERO, as_fraction

Triangle = Mapping[tuple[int, int], fmpq]
"""The non-zero entries (i, j), i ≤ j, of a symmetric matrix."""

SMALL = 4
"""Up to this size elimination is cheaper than eigenvalues."""
LARGE = 64
"""Up to this size a rounded factor in integers is computed first."""
SPARSE = 6
"""With at most so many entries a row (a banded matrix) it is cheaper, too."""


def is_semidefinite(entries: Triangle, size: int) -> bool:
    """Whether a symmetric matrix given by its upper triangle is ⪰ 0; exact."""
    used: dict[int, int] = {}
    for (i, j), c in entries.items():
        if c:
            if i == j and c.p < 0:
                return False
            used.setdefault(i, len(used))
            used.setdefault(j, len(used))
    if any(not entries.get((i, i)) for i in used):
        return False
    n = len(used)
    if n <= SMALL or len(entries) <= SPARSE * n:
        return _eliminate(entries)
    if n <= LARGE:
        rows: dict[str, dict[str, Number]] = {str(i): {} for i in used}
        for (i, j), c in entries.items():
            if c:
                rows[str(i)][str(j)] = rows[str(j)][str(i)] = as_fraction(c)
        if factored(rows, Budget(MAX_DIGITS)):
            return True
    common = 1
    for c in entries.values():
        common = lcm(common, int(c.q))
    matrix = [[0] * n for _ in range(n)]
    for (i, j), c in entries.items():
        a, b = used.get(i), used.get(j)
        if a is not None and b is not None:
            matrix[a][b] = matrix[b][a] = int(c.p) * (common // int(c.q))
    verdict = _by_evidence(matrix)
    return _eliminate(entries) if verdict is None else verdict


def _by_evidence(matrix: list[list[int]]) -> bool | None:
    """True, False, or None if the matrix is too close to singular for doubles."""
    n = len(matrix)
    shifts = [-(matrix[i][i].bit_length() // 2) for i in range(n)]
    scaled = np.array([[_scale(c, shifts[i] + shifts[j]) for j, c in enumerate(row)] for i, row in enumerate(matrix)])
    values, vectors = np.linalg.eigh(scaled)
    least = float(values[0])
    noise = 4e-16 * n * float(values[-1])
    if least < -noise:
        return False if _is_negative(matrix, shifts, vectors[:, 0]) else None
    if least <= 8 * noise:
        return None
    bits = int(-np.log2(least)) + 2 * n.bit_length() + 4
    try:
        factor = np.linalg.cholesky(scaled - 0.5 * least * np.eye(n))
    except np.linalg.LinAlgError:
        return None
    # 4^bits·D S D − L Lᵀ with D = 2^shifts, multiplied by D⁻¹ on both sides so that all stays in integers
    rows = [[int(c) << -shifts[i] for c in row] for i, row in enumerate(np.rint(np.ldexp(factor, bits)).tolist())]
    root = fmpz_mat(rows)
    rest = (fmpz_mat([[c << 2 * bits for c in row] for row in matrix]) - root * root.transpose()).tolist()
    # dominance of D rest D, row by row
    weights = [1 << (max(-s for s in shifts) + s) for s in shifts]
    for i, row in enumerate(rest):
        others = sum(abs(int(c)) * w for j, (c, w) in enumerate(zip(row, weights, strict=True)) if j != i)
        if int(row[i]) * weights[i] < others:
            return None
    return True


def _is_negative(matrix: list[list[int]], shifts: list[int], vector: np.ndarray) -> bool:
    """Whether a vector proves, exactly, that the matrix is not ⪰ 0."""
    highest = max(-s for s in shifts)
    v = fmpz_mat(
        [[int(c) << (highest + s)] for c, s in zip(np.rint(np.ldexp(vector, 50)).tolist(), shifts, strict=True)]
    )
    return bool((v.transpose() * fmpz_mat(matrix) * v)[0, 0] < 0)


def _scale(value: int, shift: int) -> float:
    """value · 2^shift (shift ≤ 0) as a double, without overflow."""
    excess = value.bit_length() - 60
    if excess > 0:
        return float(np.ldexp(float(value >> excess), excess + shift))
    return float(np.ldexp(float(value), shift))


def _eliminate(entries: Triangle) -> bool:
    """Exact elimination, the sparsest row first."""
    rows: dict[int, dict[int, fmpq]] = {}
    for (i, j), c in entries.items():
        if c:
            rows.setdefault(i, {})[j] = c
            rows.setdefault(j, {})[i] = c
    while rows:
        pivot = min(rows, key=lambda name: len(rows[name]))
        row = {name: entry for name, entry in rows.pop(pivot).items() if entry}
        diagonal = row.pop(pivot, ZERO)
        if diagonal.p < 0 or (not diagonal and row):
            return False
        for name in row:
            del rows[name][pivot]
        others = list(row.items())
        for n, (a, x) in enumerate(others):
            scaled, target = x / diagonal, rows[a]
            for b, y in others[n:]:
                target[b] = rows[b][a] = target.get(b, ZERO) - scaled * y
    return True
