"""Problems without an interior: what the conditions force to be zero is found, recognised as rational and divided out.

A combination Σ λ·inequality + Σ ν·equation + Σ ⟨Z, matrix⟩ = −⟨W, G⟩ with λ ≥ 0, Z ⪰ 0 and W ⪰ 0 forces W G = 0,
the inequalities with λ > 0 to be equations, and Z·matrix = 0. W G = 0 says that some vectors are linear combinations
of others. Nothing has to be proved here: a wrong guess only makes the problem smaller, and what is found in it is
checked against every relation of the original.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from flint import fmpq

from certify.pep.engine.conic import unstack
from certify.pep.engine.interior import Primal
from certify.pep.engine.problem import ONE, ZERO, Key, MatrixRow, Problem, Row, Terms
from certify.pep.engine.semidefinite import is_semidefinite

LARGE = 1e-4
"""Multipliers (normalised to sum 1) above this part of the largest count as positive."""
SIMPLE = ((12, 1e-4), (100, 1e-6), (1000, 1e-8), (12, 1e-3))
"""Denominators and the accuracy with which a number must be known to be recognised as such a fraction."""
Combination = Mapping[int, fmpq]


@dataclass(frozen=True)
class Face:
    """A smaller problem over the same names; `vectors` says which vectors are combinations of others."""

    problem: Problem
    vectors: Mapping[int, Combination]

    def lift(self, gram: Mapping[tuple[int, int], fmpq]) -> dict[tuple[int, int], fmpq]:
        """The Gram matrix of all vectors from that of the vectors that are left."""
        lines: dict[int, dict[int, fmpq]] = {}
        for (i, j), c in gram.items():
            lines.setdefault(i, {})[j] = c
            lines.setdefault(j, {})[i] = c
        images = {i: self.vectors.get(i, {i: ONE}) for i in (*lines, *self.vectors)}
        order = sorted(images)
        halves = {i: _line(images[i], lines) for i in order}
        lifted = {}
        for n, i in enumerate(order):
            for j in order[n:]:
                total = sum((c * halves[i].get(k, ZERO) for k, c in images[j].items()), ZERO)
                if total:
                    lifted[i, j] = total
        return lifted


def _line(image: Combination, lines: Mapping[int, Combination]) -> dict[int, fmpq]:
    total: dict[int, fmpq] = {}
    for i, c in image.items():
        for j, g in lines.get(i, {}).items():
            total[j] = total.get(j, ZERO) + c * g
    return total


def evident(problem: Problem) -> Face | None:
    """The face of relations like ‖u‖² = 0, ‖u‖² + ‖v‖² ≤ 0: read off the exact data; None if there are none.

    The diagonal of a matrix ⪰ 0 counts, too: where an entry can only be 0 its whole line is.
    """
    relations: list[Combination] = []
    kernels: dict[str, list[list[fmpq]]] = {}
    for row, equation in [(r, True) for r in problem.equations] + [(r, False) for r in problem.inequalities]:
        relations += vanishing(row.terms, equation=equation) or ()
    for matrix in problem.matrices:
        for i, line in enumerate(matrix.rows):
            forced = vanishing(line[i], equation=False) if line[i] else []
            if forced is not None:
                relations += forced
                kernels.setdefault(matrix.name, []).append([ONE if j == i else ZERO for j in range(len(line))])
    return _divide(problem, relations, frozenset(), kernels) if relations or kernels else None


def vanishing(terms: Terms, *, equation: bool) -> list[Combination] | None:
    """The combinations of vectors that are 0 because −⟨W, G⟩ ≥ 0 (or = 0) with W ⪰ 0; None if it is no such form."""
    diagonal = [c for key, c in terms.items() if len(key) == 2 and key[0] == key[1]]
    if not diagonal or any(len(key) != 2 for key in terms):
        return None
    if not (all(c < 0 for c in diagonal) or (equation and all(c > 0 for c in diagonal))):
        return None
    matrix = _quadratic(terms, -1 if diagonal[0] < 0 else 1)
    order = {i: n for n, i in enumerate(sorted({i for i, _ in matrix}))}
    triangle = {(order[i], order[j]): c for (i, j), c in matrix.items() if i <= j}
    if not is_semidefinite(triangle, len(order)):
        return None
    return [{j: c for (k, j), c in matrix.items() if k == i} for i in order]


def guess(primal: Primal, multipliers: np.ndarray) -> Face | None:
    """The face that multipliers show which prove that there is no interior; None if nothing is recognised."""
    program, data = primal.program, primal.data
    x = multipliers[: len(program.variables)]
    stacked = data.b * 0 - data.A @ x
    scale = max(float(np.abs(x).max(initial=0.0)), 1e-300)
    relations: list[Combination] = []
    kernels: dict[str, list[list[fmpq]]] = {}
    names = iter(m.name for m in program.problem.matrices)
    for b, (size, rows) in enumerate(zip(data.sizes, data.triangles, strict=True)):
        found = _rational_range(unstack(stacked[rows], size), scale)
        if found is None:
            return None
        if b in primal.blocks:
            relations += [{program.vectors[b][k]: c for k, c in enumerate(line) if c} for line in found]
        else:
            name = next(names)
            if found:
                kernels[name] = found
    tight = frozenset(v.name for v, value in zip(program.variables, x, strict=True) if v.sign and value > LARGE * scale)
    if not relations and not tight and not kernels:
        return None
    return _divide(program.problem, relations, tight, kernels)


def _divide(
    problem: Problem, relations: Iterable[Combination], tight: frozenset[str], kernels: Mapping[str, list[list[fmpq]]]
) -> Face:
    """The problem with these linear relations between vectors, these inequalities as equations, Z·matrix = 0."""
    solved = solve_relations(relations)

    def form(terms: Terms) -> Terms:
        total: dict[Key, fmpq] = {}
        for key, c in terms.items():
            if len(key) < 2 or not (key[0] in solved or key[1] in solved):
                total[key] = total.get(key, ZERO) + c
                continue
            for i, a in solved.get(key[0], {key[0]: ONE}).items():
                for j, b in solved.get(key[1], {key[1]: ONE}).items():
                    pair = (i, j) if i <= j else (j, i)
                    total[pair] = total.get(pair, ZERO) + c * a * b
        return {key: c for key, c in total.items() if c}

    inequalities, equations, matrices = [], [], []
    for row in problem.inequalities:
        terms = form(row.terms)
        if terms:
            (equations if row.name in tight else inequalities).append(Row(row.name, terms))
    for row in problem.equations:
        terms = form(row.terms)
        if terms:
            equations.append(Row(f"={row.name}", terms))
    for matrix in problem.matrices:
        rows = [[form(terms) for terms in line] for line in matrix.rows]
        if matrix.name in kernels:
            for n, (i, terms) in enumerate(_images(rows, kernels[matrix.name])):
                equations.append(Row(f"{matrix.name}·{n}.{i}", terms))
            rows = _compress(rows, kernels[matrix.name])
        if rows:
            matrices.append(MatrixRow(matrix.name, tuple(map(tuple, rows))))
    smaller = replace(
        problem,
        objective=form(problem.objective),
        inequalities=tuple(inequalities),
        equations=tuple(equations),
        matrices=tuple(matrices),
    )
    return Face(smaller, solved)


def solve_relations(relations: Iterable[Combination]) -> dict[int, dict[int, fmpq]]:
    """Some vectors as combinations of the others, by exact elimination; the newest vectors go first."""
    solved: dict[int, dict[int, fmpq]] = {}
    for relation in relations:
        rest: dict[int, fmpq] = {}
        for i, c in relation.items():
            for j, a in solved.get(i, {i: ONE}).items():
                rest[j] = rest.get(j, ZERO) + c * a
        rest = {i: c for i, c in rest.items() if c}
        if not rest:
            continue
        pivot = max(rest, key=lambda i: (abs(rest[i].p) == rest[i].q, i))
        factor = -ONE / rest.pop(pivot)
        image = {i: c * factor for i, c in rest.items()}
        for i, old in solved.items():
            if pivot in old:
                c = old.pop(pivot)
                for j, a in image.items():
                    old[j] = old.get(j, ZERO) + c * a
                solved[i] = {j: a for j, a in old.items() if a}
        solved[pivot] = image
    return solved


def _quadratic(terms: Terms, sign: int) -> dict[tuple[int, int], fmpq]:
    """The symmetric matrix of a form in inner products, times a sign."""
    matrix: dict[tuple[int, int], fmpq] = {}
    for key, c in terms.items():
        i, j = key[0], key[1]
        matrix[i, j] = matrix[j, i] = sign * c if i == j else sign * c / 2
        matrix.setdefault((i, i), ZERO)
        matrix.setdefault((j, j), ZERO)
    return matrix


def _rational_range(matrix: np.ndarray, scale: float) -> list[list[fmpq]] | None:
    """A rational basis of the range of a matrix ⪰ 0 known to few digits; None if it is not recognised."""
    values, vectors = np.linalg.eigh(matrix)
    basis = vectors[:, values > LARGE * scale].T.copy()
    rows: list[list[fmpq]] = []
    for rank in range(len(basis)):
        left = basis[rank:]
        pivot = np.unravel_index(np.abs(left).argmax(), left.shape)
        column = int(pivot[1])
        basis[[rank, rank + int(pivot[0])]] = basis[[rank + int(pivot[0]), rank]]
        basis[rank] /= basis[rank, column]
        for other in range(len(basis)):
            if other != rank:
                basis[other] -= basis[other, column] * basis[rank]
    for line in basis:
        for denominator, accuracy in SIMPLE:
            exact = [Fraction(float(c)).limit_denominator(denominator) for c in line]
            if max(abs(float(a) - c) for a, c in zip(exact, line, strict=True)) < accuracy:
                break
        else:
            return None
        rows.append([fmpq(c.numerator, c.denominator) for c in exact])
    return rows


def _images(rows: Sequence[Sequence[Terms]], kernel: list[list[fmpq]]) -> Iterable[tuple[int, Terms]]:
    """The forms Σ_j matrix_ij z_j."""
    for z in kernel:
        for i, line in enumerate(rows):
            terms = _combine(zip(z, line, strict=True))
            if terms:
                yield i, terms


def _compress(rows: Sequence[Sequence[Terms]], kernel: list[list[fmpq]]) -> list[list[Terms]]:
    """Vᵀ matrix V for a basis V of what is orthogonal to the kernel."""
    solved = solve_relations({j: c for j, c in enumerate(z) if c} for z in kernel)
    basis = []
    for free in (j for j in range(len(rows)) if j not in solved):
        basis.append({free: ONE} | {p: image[free] for p, image in solved.items() if free in image})
    return [[_combine((a * b, rows[i][j]) for i, a in v.items() for j, b in w.items()) for w in basis] for v in basis]


def _combine(parts: Iterable[tuple[fmpq, Terms]]) -> Terms:
    total: dict[Key, fmpq] = {}
    for factor, terms in parts:
        for key, c in terms.items():
            total[key] = total.get(key, ZERO) + factor * c
    return {key: c for key, c in total.items() if c}
