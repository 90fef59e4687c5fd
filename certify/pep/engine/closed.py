"""Bounds without inflation: the face of optimal multipliers is recognised, and an exact point on it is found.

At the optimum S·v = 0 for v in the range of the worst case's Gram matrix, and λ = 0 where its condition has slack. If
these vectors are rational, or have entries a + b√d with one d, the conditions are linear equations over ℚ or ℚ(√d) for
the multipliers; a solution near the floating-point one with λ ≥ 0 and S ⪰ 0 proves the optimum itself. Doubles show
simple rational vectors; `sharpen` computes as many digits as the others need. Of an optimum of higher degree no more
than the polynomial that it seems to be a root of is found, as information only.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from typing import Any

import numpy as np
from flint import fmpq, fmpq_mat

from certify.pep.engine import solvers
from certify.pep.engine.algebraic import Pair, guess, quadratic
from certify.pep.engine.balance import balance
from certify.pep.engine.conic import Answer, Conic, conic, unstack
from certify.pep.engine.exposed import rational_range
from certify.pep.engine.inside import zoom
from certify.pep.engine.optimality import Optimum, Pattern, sharpen
from certify.pep.engine.problem import ZERO, Key
from certify.pep.engine.program import Entry, Program
from certify.pep.engine.upper import is_feasible

EXACT: dict[str, Any] = {"tol_feas": 1e-13, "tol_gap_abs": 1e-13, "tol_gap_rel": 1e-13}
ZOOMS = 4
PATIENT = 700
"""How many unknowns the optimality conditions may have where nothing else gives a worst case."""
SURE = 1e-6
"""How well numbers must be met to be recognised."""
NULL = 1e-6
"""A direction is null if S is smaller there than this part of what G is, both relative to their size."""
DENOMINATORS = (1, 12, 10**3, 10**6)
"""The largest denominators of multipliers that the face leaves free."""

Vectors = tuple[tuple[fmpq, ...], ...]
Lines = dict[tuple[int, ...], dict[int, fmpq]]
"""Linear equations: column of the unknown → coefficient; the last column is the right-hand side."""


@dataclass(frozen=True)
class Recognised:
    """What was recognised of an optimum: at most one of the three.

    `y` are feasible multipliers on the face of the optimal ones. `pairs` are candidates y + y'√`root` for such
    multipliers, not checked yet. `polynomial` has c₀, c₁, … of Σ cₖ xᵏ, of which the optimum seems to be a root.
    """

    y: list[fmpq] | None = None
    pairs: tuple[tuple[list[fmpq], list[fmpq]], ...] = ()
    root: int = 0
    polynomial: tuple[int, ...] = ()


@dataclass(frozen=True)
class _Face:
    """Which multipliers vanish, and each block's kernel (rows): their rational parts and those that √root is with."""

    zeros: frozenset[int]
    kernels: tuple[Vectors, ...]
    irrational: tuple[Vectors, ...] = ()
    root: int = 0


def tighten(program: Program, *, data: Conic | None = None, target: fmpq | None = None) -> Recognised:
    """Exact multipliers on the face of the optimal ones, as far as that face is recognised.

    Their cost is a bound like any other; that it is the optimum itself is shown by a worst case that attains it. With
    a `target` only rational multipliers that prove at most this are returned.
    """
    data = conic(program) if data is None else data
    answer = _precise(program, data)
    if answer.x is None or answer.z is None:
        return Recognised()
    for near in chain([answer.x], islice((point for point, _ in zoom(program, data, answer.x)), ZOOMS)):
        pattern, kernels = _pattern(program, data, near, answer.z)
        face = None if kernels is None else _Face(pattern.zeros, kernels)
        y = None if face is None else _feasible_point(program, face, near)
        if face is not None and y is not None:
            return Recognised(y if target is None or program.cost(y) <= target else None)
        sharp = sharpen(program, data, near, answer.z, pattern)
        if sharp is not None:
            found = _recognised(program, pattern, sharp, near)
            if found is not None:
                return found
    return Recognised()


def worst_point(program: Program, data: Conic) -> dict[Key, fmpq] | None:
    """Function values and Gram entries (by their keys in the problem) that should attain a rational optimum exactly.

    Not checked; None if they are not recognised.
    """
    answer = _precise(program, data)
    if answer.x is None or answer.z is None:
        return None
    pattern, kernels = _pattern(program, data, answer.x, answer.z)
    face = None if kernels is None else _Face(pattern.zeros, kernels)
    if face is None:
        sharp = sharpen(program, data, answer.x, answer.z, pattern, largest=PATIENT)
        face = None if sharp is None else _algebraic_face(pattern, sharp)
    return None if face is None or face.root else _worst_point(program, face)


def _precise(program: Program, data: Conic) -> Answer:
    """The solver's most precise answer."""
    balanced = balance(program, data)
    answer = solvers.call(data if balanced is None else balanced.data, **EXACT)
    return answer if balanced is None else balanced.restore(answer)


def _recognised(program: Program, pattern: Pattern, sharp: Optimum, near: np.ndarray) -> Recognised | None:
    """What many digits of an optimum show; None if it seems to be none."""
    face = _algebraic_face(pattern, sharp)
    if face is None:
        return Recognised(polynomial=guess(program.cost(sharp.y)))
    if not face.root:
        y = _feasible_point(program, face, near)
        return None if y is None else Recognised(y)
    points = [point for n in DENOMINATORS if (point := _pair(program, face, near, n)) is not None]
    return Recognised(pairs=tuple(points), root=face.root) if points else None


def _algebraic_face(pattern: Pattern, sharp: Optimum) -> _Face | None:
    """The face, if all entries of its vectors are a + b√d for the same d."""
    found: list[list[list[Pair]]] = []
    root = 0
    for vectors in sharp.ranges:
        found.append([])
        for vector in vectors:
            entries = [quadratic(c) for c in vector]
            if None in entries:
                return None
            known = [entry for entry in entries if entry is not None]
            roots = {entry.d for entry in known if entry.d} | ({root} if root else set())
            if len(roots) > 1:
                return None
            root = max(roots, default=0)
            found[-1].append(known)
    rational = tuple(tuple(tuple(entry.a for entry in vector) for vector in block) for block in found)
    other = tuple(tuple(tuple(entry.b for entry in vector) for vector in block) for block in found)
    return _Face(pattern.zeros, rational, other, root)


def _feasible_point(program: Program, face: _Face, near: np.ndarray) -> list[fmpq] | None:
    for denominators in DENOMINATORS:
        y = _point(program, face, near, denominators)
        if y is None:
            return None
        if all(y[i] >= 0 for i in program.signed) and is_feasible(program, y):
            return y
    return None


def _pattern(program: Program, data: Conic, y: np.ndarray, z: np.ndarray) -> tuple[Pattern, tuple[Vectors, ...] | None]:
    """What strict complementarity shows: each λ or its condition, each direction of S or of G is positive.

    Also the kernels of S, if doubles suffice to recognise them.
    """
    slack = data.b - data.A @ y
    end = data.zeros + data.orthant
    multipliers, conditions = slack[data.zeros : end], z[data.zeros : end]
    ours, theirs = (max(float(np.max(np.abs(v[data.zeros :]), initial=0.0)), 1e-300) for v in (slack, z))
    zero = multipliers / ours < conditions / theirs
    kernels: list[Vectors] = []
    ranges = []
    for rows, size in zip(data.triangles, data.sizes, strict=True):
        dual, primal = unstack(slack[rows], size), unstack(z[rows], size)
        values, vectors = np.linalg.eigh(dual / ours - primal / theirs)
        rank = int(np.sum(values < -NULL))
        ranges.append(np.linalg.eigh(primal)[1][:, size - rank :])
        spans = (np.linalg.eigh(dual)[1][:, :rank], ranges[-1], vectors[:, :rank])
        found = (kernel for kernel in (rational_range(span, SURE) for span in spans) if len(kernel) == rank)
        kernels.extend(islice(found, 1))
    pattern = Pattern(frozenset(program.signed[i] for i in np.flatnonzero(zero)), tuple(ranges))
    return pattern, tuple(kernels) if len(kernels) == len(data.sizes) else None


def _order(program: Program, face: _Face, near: np.ndarray) -> list[int]:
    """The multipliers that do not vanish; those that are free come last and the small ones are the first of them."""
    order = [i for i in np.argsort(-np.abs(near)).tolist() if i not in face.zeros]
    order.sort(key=lambda i: bool(program.costs[i]))  # the cost is known best: what it belongs to is solved for last
    return order


def _point(program: Program, face: _Face, near: np.ndarray, denominators: int) -> list[fmpq] | None:
    """The solution of the face's equations whose free multipliers are simple rationals near the given ones."""
    order = _order(program, face, near)
    lines = _lines(program, face.kernels, order)
    values = _solved(list(lines.values()), [_simple(near[i], denominators) for i in order])
    return None if values is None else _spread(program, order, values)


def _worst_point(program: Program, face: _Face) -> dict[Key, fmpq] | None:
    """Function values and G = V P Vᵀ with c_y + a_y·F = ⟨A_y, G⟩ for every multiplier that does not vanish; None if
    there is none, or more than one.

    These are linear equations for F and P, for the rows of Vᵀ are the vectors of the face.
    """
    places = [
        (block, a, b) for block, rows in enumerate(face.kernels) for a in range(len(rows)) for b in range(a, len(rows))
    ]
    where = {place: k for k, place in enumerate(places)}
    count, right = len(places), len(places) + len(program.values)
    lines: list[dict[int, fmpq]] = []
    for y in range(len(program.variables)):
        if y in face.zeros:
            continue
        line = {count + v: c for v, c in program.rows[y].items()}
        for (block, i, j), c in program.columns[y].items():
            rows = face.kernels[block]
            for a, first in enumerate(rows):
                for b, second in enumerate(rows[a:], a):
                    product = first[i] * second[j] + second[i] * first[j]
                    if product:
                        k = where[block, a, b]
                        line[k] = line.get(k, ZERO) - c * product * _half(i == j) * _half(a == b) * 2
        lines.append({**line, right: -program.costs[y]})
    matrix = fmpq_mat(max(len(lines), 1), right + 1)
    for r, equation in enumerate(lines):
        for k, c in equation.items():
            matrix[r, k] = c
    reduced, rank = matrix.rref()
    if rank != right or any(not reduced[k, k] for k in range(right)):
        return None
    solved = [reduced[k, right] for k in range(right)]
    point: dict[Key, fmpq] = {(v,): solved[count + n] for n, v in enumerate(program.values)}
    for (block, a, b), weight in zip(places, solved, strict=False):
        names = program.vectors[block]
        first, second = face.kernels[block][a], face.kernels[block][b]
        for i, u in enumerate(names):
            for j, v in enumerate(names):
                key = (u, v)
                if u <= v:
                    share = first[i] * second[j] + (second[i] * first[j] if a != b else ZERO)
                    if weight * share:
                        point[key] = point.get(key, ZERO) + weight * share
    return point


def _half(same: bool) -> fmpq:
    return fmpq(1, 2) if same else fmpq(1)


def _pair(program: Program, face: _Face, near: np.ndarray, n: int) -> tuple[list[fmpq], list[fmpq]] | None:
    """The same over ℚ(√d): (p + q√d)(y + y'√d) = r + s√d are two rational equations, py + dqy' = r, qy + py' = s."""
    order = _order(program, face, near)
    own, other = (
        _lines(program, face.kernels, order), _lines(program, face.irrational, order, homogeneous=True)
    )  # fmt: skip
    right = len(order)
    doubled: list[dict[int, fmpq]] = []
    for key in own.keys() | other.keys():
        p, q = own.get(key, {}), other.get(key, {})
        first = {2 * k: c for k, c in p.items()} | {2 * k + 1: face.root * c for k, c in q.items() if k != right}
        second = {2 * k + 1: c for k, c in p.items() if k != right} | {2 * k: c for k, c in q.items()}
        doubled += [first, second]
    values = _solved(doubled, [v for i in order for v in (_simple(near[i], n), ZERO)])
    if values is None:
        return None
    return _spread(program, order, values[::2]), _spread(program, order, values[1::2])


def _simple(value: float, denominators: int) -> fmpq:
    simple = Fraction(float(value)).limit_denominator(denominators)
    return fmpq(simple.numerator, simple.denominator)


def _spread(program: Program, order: list[int], values: list[fmpq]) -> list[fmpq]:
    y = [ZERO] * len(program.variables)
    for i, value in zip(order, values, strict=True):
        y[i] = value
    return y


def _lines(program: Program, kernels: tuple[Vectors, ...], order: list[int], *, homogeneous: bool = False) -> Lines:
    """Σ a_y y = −b (left out if `homogeneous`) and S(y)·v = 0 for the vectors v of the kernels."""
    lines: Lines = {}
    right = len(order)
    if not homogeneous:
        for v, offset in enumerate(program.offsets):
            lines.setdefault((v,), {})[right] = -offset
    for k, y in enumerate(order):
        if not homogeneous:
            for v, c in program.rows[y].items():
                lines.setdefault((v,), {})[k] = c
        _add(lines, kernels, program.columns[y].items(), k, 1)
    _add(lines, kernels, program.base.items(), right, -1)
    return lines


def _solved(lines: list[dict[int, fmpq]], guesses: list[fmpq]) -> list[fmpq] | None:
    """The solution of linear equations in which the unknowns that are left free have the values guessed."""
    right = len(guesses)
    matrix = fmpq_mat(max(len(lines), 1), right + 1)
    for r, line in enumerate(lines):
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
            values[k] = guesses[k]
    free = [k for k in range(right) if k not in bound and values[k]]
    for r, pivot in enumerate(pivots):
        values[pivot] = reduced[r, right] - sum((reduced[r, k] * values[k] for k in free), ZERO)
    return values


def _add(
    lines: Lines, kernels: tuple[Vectors, ...], entries: Iterable[tuple[Entry, fmpq]], column: int, sign: int
) -> None:
    """The contribution of a matrix (block, i, j) → c to the equations S·v = 0."""
    for (block, i, j), c in entries:
        for n, v in enumerate(kernels[block]):
            for here, there in ((i, j), (j, i)) if i != j else ((i, j),):
                if v[there]:
                    line = lines.setdefault((block, n, here), {})
                    line[column] = line.get(column, ZERO) + sign * c * v[there]
