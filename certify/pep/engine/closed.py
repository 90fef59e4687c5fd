"""Bounds without inflation: the face of optimal multipliers is recognised, and an exact point on it is found.

At the optimum S·v = 0 for v in the range of the worst case's Gram matrix, and λ = 0 where its condition has slack. If
these vectors are rational, the conditions are linear equations over ℚ for the multipliers; a solution near the
floating-point one with λ ≥ 0 and S ⪰ 0 proves the optimum itself. For a value that is algebraic and not rational the
polynomial that it is a root of can be guessed (`minimal_polynomial`), as information only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from math import gcd
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat, fmpz_mat

from certify.pep.engine import solvers
from certify.pep.engine.balance import balance
from certify.pep.engine.conic import Conic, conic, unstack
from certify.pep.engine.exposed import rational_range
from certify.pep.engine.inside import zoom
from certify.pep.engine.problem import ZERO
from certify.pep.engine.program import Entry, Program
from certify.pep.engine.upper import is_feasible

EXACT: dict[str, Any] = {"tol_feas": 1e-13, "tol_gap_abs": 1e-13, "tol_gap_rel": 1e-13}
ZOOMS = 4
SURE = 1e-6
"""How well numbers must be met to be recognised."""
CHANCE = 10_000
"""Polynomials must be this much simpler than those that fit by chance."""
NULL = 1e-6
"""A direction is null if S is smaller there than this part of what G is, both relative to their size."""


SMALL = 1e-4
"""Multipliers below this part of the largest one are taken for zeros when only they are looked at."""

Lines = dict[tuple[int, ...], dict[int, fmpq]]
"""Linear equations: column of the unknown → coefficient; the last column is the right-hand side."""


@dataclass(frozen=True)
class _Face:
    """Which multipliers vanish at every optimum, and the kernels of the matrix inequality's blocks (rows)."""

    zeros: frozenset[int]
    kernels: tuple[tuple[tuple[fmpq, ...], ...], ...]


def tighten(program: Program, *, data: Conic | None = None, target: fmpq | None = None) -> list[fmpq] | None:
    """Exact feasible multipliers on the face of the optimal ones, or None if that face is not recognised.

    Their cost is a bound like any other; that it is the optimum itself is shown by a worst case that attains it. With
    a `target` only multipliers that prove at most this are returned.
    """
    data = conic(program) if data is None else data
    balanced = balance(program, data)
    answer = solvers.call(data if balanced is None else balanced.data, **EXACT)
    if balanced is not None:
        answer = balanced.restore(answer)
    if answer.x is None or answer.z is None:
        return None
    for near in chain([answer.x], islice((point for point, _ in zoom(program, data, answer.x)), ZOOMS)):
        face = _optimal_face(program, data, near, answer.z)
        found = None if face is None else _feasible_point(program, face, near)
        if found is not None:
            return found if target is None or program.cost(found) <= target else None
    return None


def _feasible_point(program: Program, face: _Face, near: np.ndarray) -> list[fmpq] | None:
    for denominators in (1, 12, 10**3, 10**6):
        y = _point(program, face, near, denominators)
        if y is None:
            return None
        if all(y[i] >= 0 for i in program.signed) and is_feasible(program, y):
            return y
    return None


def _optimal_face(program: Program, data: Conic, y: np.ndarray, z: np.ndarray) -> _Face | None:
    """What strict complementarity shows: each λ or its condition, each direction of S or of G is positive."""
    slack = data.b - data.A @ y
    end = data.zeros + data.orthant
    multipliers, conditions = slack[data.zeros : end], z[data.zeros : end]
    ours, theirs = (max(float(np.max(np.abs(v[data.zeros :]), initial=0.0)), 1e-300) for v in (slack, z))
    zero = multipliers / ours < conditions / theirs
    kernels = []
    for rows, size in zip(data.triangles, data.sizes, strict=True):
        dual, primal = unstack(slack[rows], size), unstack(z[rows], size)
        values, vectors = np.linalg.eigh(dual / ours - primal / theirs)
        rank = int(np.sum(values < -NULL))
        spans = (np.linalg.eigh(dual)[1][:, :rank], np.linalg.eigh(primal)[1][:, size - rank :], vectors[:, :rank])
        found = [kernel for kernel in (rational_range(span, SURE) for span in spans) if len(kernel) == rank]
        if not found:
            return None
        kernels.append(found[0])
    return _Face(frozenset(program.signed[i] for i in np.flatnonzero(zero)), tuple(kernels))


def _point(program: Program, face: _Face, near: np.ndarray, denominators: int) -> list[fmpq] | None:
    """The solution of the face's equations whose free multipliers are simple rationals near the given ones."""
    order = [i for i in np.argsort(-np.abs(near)).tolist() if i not in face.zeros]
    order.sort(key=lambda i: bool(program.costs[i]))  # the cost is known best: what it belongs to is solved for last
    where = {y: k for k, y in enumerate(order)}
    lines: Lines = {}
    right = len(order)
    for v, offset in enumerate(program.offsets):
        lines.setdefault((v,), {})[right] = -offset
    for y in order:
        for v, c in program.rows[y].items():
            lines.setdefault((v,), {})[where[y]] = c
        _add(lines, face, program.columns[y].items(), where[y], 1)
    _add(lines, face, program.base.items(), right, -1)
    matrix = fmpq_mat(max(len(lines), 1), right + 1)
    for r, line in enumerate(lines.values()):
        for k, c in line.items():
            matrix[r, k] = c
    reduced, rank = matrix.rref()
    pivots = [next(k for k in range(right + 1) if reduced[r, k]) for r in range(rank)]
    if right in pivots:
        return None
    values = [ZERO] * right
    bound = set(pivots)
    for k in range(right):
        if k not in bound:
            simple = Fraction(float(near[order[k]])).limit_denominator(denominators)
            values[k] = fmpq(simple.numerator, simple.denominator)
    free = [k for k in range(right) if k not in bound and values[k]]
    for r, pivot in enumerate(pivots):
        values[pivot] = reduced[r, right] - sum((reduced[r, k] * values[k] for k in free), ZERO)
    y = [ZERO] * len(program.variables)
    for k, name in enumerate(order):
        y[name] = values[k]
    return y


def _add(lines: Lines, face: _Face, entries: Iterable[tuple[Entry, fmpq]], column: int, sign: int) -> None:
    """The contribution of a matrix (block, i, j) → c to the equations S·v = 0."""
    for (block, i, j), c in entries:
        for n, v in enumerate(face.kernels[block]):
            for here, there in ((i, j), (j, i)) if i != j else ((i, j),):
                if v[there]:
                    line = lines.setdefault((block, n, here), {})
                    line[column] = line.get(column, ZERO) + sign * c * v[there]


def minimal_polynomial(value: float, *, digits: int = 10, degree: int = 3) -> tuple[int, ...] | None:
    """Integers c₀, c₁, … of a polynomial Σ cₖ xᵏ with this root, if one is simpler than chance explains.

    `digits` of the value must be right. Nothing is proved by this.
    """
    for d in range(1, degree + 1):
        scale = 10**digits
        rows = [[int(i == k) for k in range(d + 1)] + [round(value**i * scale)] for i in range(d + 1)]
        shortest = [int(c) for c in fmpz_mat(rows).lll().tolist()[0][: d + 1]]
        size = max(abs(c) for c in shortest)
        common = gcd(*shortest)
        rest = abs(sum(c * Fraction(value) ** k for k, c in enumerate(shortest)))
        if (
            not shortest[d]
            or not shortest[0]
            or size ** (d + 1) * CHANCE > scale
            or rest * scale > sum(map(abs, shortest))
        ):
            continue
        sign = 1 if shortest[d] > 0 else -1
        return tuple(sign * c // common for c in shortest)
    return None


def simplest(low: fmpq, high: fmpq) -> fmpq:
    """The rational with the smallest denominator in an interval."""
    whole = low.floor() if low.floor() == low else low.floor() + 1
    if whole <= high:
        return fmpq(whole)
    base = low.floor()
    inner = simplest(1 / (high - base), 1 / (low - base))
    return base + 1 / inner
