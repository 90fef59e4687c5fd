"""The optimality conditions as equations, solved to as many digits as wanted from a solver's answer.

Once it is known which multipliers vanish and which rank the worst case G has, multipliers y, function values F and
G = V P Vᵀ (V with rows of the identity at well chosen places) satisfy

    b + Σ a_y y = 0,     S(y) V = 0,     c_y + a_y·F − ⟨A_y, G⟩ = 0 for every y that does not vanish.

All three are needed: Newton's method on the first two alone converges to points that are not optimal. Residuals are
exact, the Jacobian is one of doubles, so that every step adds a fixed number of digits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.linalg
from flint import fmpq, fmpq_mat

from certify.pep.engine.conic import Conic, number, unstack
from certify.pep.engine.inside import tensors
from certify.pep.engine.problem import ZERO
from certify.pep.engine.program import Program

LARGEST = 300
"""Systems with more unknowns are not set up: their Jacobian is dense."""
STEPS = 60
FRESH = 4
"""In so many steps the Jacobian is computed anew."""
SINGULAR = (1e-7, 1e-10)
"""Singular values below this part of the largest belong to directions in which the optimum is not unique."""


@dataclass(frozen=True)
class Pattern:
    """What vanishes at the optimum: `zeros` are the multipliers, `spans` the range of G in each block (columns)."""

    zeros: frozenset[int]
    spans: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Optimum:
    """Multipliers and, for each block, the vectors (rows) that span the range of G, with a common small error."""

    y: tuple[fmpq, ...]
    ranges: tuple[tuple[tuple[fmpq, ...], ...], ...]
    residual: float


@dataclass(frozen=True)
class _State:
    """One point: multipliers that do not vanish, function values, and V and P of each block."""

    y: list[fmpq]
    values: list[fmpq]
    spans: tuple[fmpq_mat, ...]
    weights: tuple[fmpq_mat, ...]


def sharpen(
    program: Program,
    data: Conic,
    y: np.ndarray,
    z: np.ndarray,
    pattern: Pattern,
    *,
    digits: int = 80,
    largest: int = LARGEST,
) -> Optimum | None:
    """The optimum near a solver's multipliers y and prices z with an error of about 10^−digits, or None.

    None if the pattern is wrong, if the conditions determine the optimum too badly, or if there are more than `largest`
    unknowns.
    """
    system = _System(program, data, pattern)
    if system.unknowns > largest:
        return None
    for cut in SINGULAR:
        found = system.solve(system.start(y, z), 10.0**-digits, cut)
        if found is not None:
            return found
    return None


class _System:
    """The equations for one pattern."""

    def __init__(self, program: Program, data: Conic, pattern: Pattern) -> None:
        self.program, self.data = program, data
        self.kept = [i for i in range(len(program.variables)) if i not in pattern.zeros]
        self.tensors = [tensor[self.kept] for tensor in tensors(data)]
        self.equations = data.A[: data.zeros].toarray()[:, self.kept]
        self.places: list[tuple[np.ndarray, np.ndarray]] = []
        self.starts: list[np.ndarray] = []
        for span, size in zip(pattern.spans, program.sizes, strict=True):
            order = scipy.linalg.qr(span.T, pivoting=True)[2] if span.shape[1] else np.arange(size)
            fixed, free = order[: span.shape[1]], np.sort(order[span.shape[1] :])
            self.places.append((fixed, free))
            start = np.linalg.solve(span[fixed].T, span.T).T if span.shape[1] else span
            start[fixed] = np.eye(span.shape[1])
            self.starts.append(start)
        ranks = [len(fixed) for fixed, _ in self.places]
        self.sizes = [(len(free) * r, r * (r + 1) // 2) for r, (_, free) in zip(ranks, self.places, strict=True)]
        self.unknowns = len(self.kept) + data.zeros + sum(map(sum, self.sizes))

    def start(self, y: np.ndarray, z: np.ndarray) -> _State:
        weights = []
        for rows, size, (fixed, _) in zip(self.data.triangles, self.data.sizes, self.places, strict=True):
            weights.append(unstack(z[rows], size)[np.ix_(fixed, fixed)])  # rows of the identity: P is a part of G
        return _State(
            y=[_exact(y[i]) for i in self.kept],
            values=[_exact(v) for v in z[: self.data.zeros]],
            spans=tuple(_matrix(span) for span in self.starts),
            weights=tuple(_matrix(weight) for weight in weights),
        )

    def solve(self, state: _State, goal: float, cut: float) -> Optimum | None:
        """Newton's method; the directions in which the optimum is not unique are left alone."""
        errors = [np.inf]
        inverse = np.zeros((0, 0))
        for step in range(STEPS):
            residual = self.residual(state)
            error = max((abs(number(r)) for r in residual), default=0.0)
            if error <= goal:
                return self.optimum(state, error)
            if not error < 1.0 or (step > FRESH and error > 0.2 * errors[-2]):
                return None
            errors.append(error)
            if step < FRESH:
                inverse = np.linalg.pinv(self.jacobian(state), rcond=cut)
            scaled = np.array([number(r / _exact(error)) for r in residual])
            state = self.moved(state, -(inverse @ scaled), _exact(error))
        return None

    def multipliers(self, state: _State) -> list[fmpq]:
        y = [ZERO] * len(self.program.variables)
        for i, value in zip(self.kept, state.y, strict=True):
            y[i] = value
        return y

    def optimum(self, state: _State, error: float) -> Optimum:
        ranges = [tuple(tuple(row) for row in v.transpose().tolist()) if v.ncols() else () for v in state.spans]
        return Optimum(tuple(self.multipliers(state)), tuple(ranges), error)

    def residual(self, state: _State) -> list[fmpq]:
        y = self.multipliers(state)
        found = self.program.defects(y)
        grams = []
        for entries, size, v, p in zip(
            self.program.matrices(y), self.program.sizes, state.spans, state.weights, strict=True
        ):
            matrix = fmpq_mat(size, size)
            for (i, j), c in entries.items():
                matrix[i, j] = matrix[j, i] = c
            if v.ncols():
                found += [c for row in (matrix * v).tolist() for c in row]
                grams.append((v * p * v.transpose()).tolist())
            else:
                grams.append(None)
        for i in self.kept:
            price = self.program.costs[i]
            for v, c in self.program.rows[i].items():
                price += c * state.values[v]
            for (block, a, b), c in self.program.columns[i].items():
                gram = grams[block]
                if gram is not None:
                    price -= c * gram[a][b] * (1 if a == b else 2)
            found.append(price)
        return found

    def jacobian(self, state: _State) -> np.ndarray:
        """Columns: y, F, then for each block the free rows of V and the upper triangle of P."""
        y = np.array([number(v) for v in self.multipliers(state)])
        slack = self.data.b - self.data.A @ y
        n, m = len(self.kept), self.data.zeros
        heights = [size * len(fixed) for size, (fixed, _) in zip(self.data.sizes, self.places, strict=True)]
        full = np.zeros((m + sum(heights) + n, self.unknowns))
        full[:m, :n] = self.equations
        prices = m + sum(heights)
        full[prices:, n : n + m] = self.equations.T
        row, column = m, n + m
        for k, (fixed, free) in enumerate(self.places):
            size, r = self.data.sizes[k], len(fixed)
            if r:
                v, p, tensor = _floats(state.spans[k]), _floats(state.weights[k]), self.tensors[k]
                s = unstack(slack[self.data.triangles[k]], size)
                full[row : row + size * r, :n] = np.einsum("yij,jr->iry", tensor, v).reshape(size * r, n)
                inner = np.einsum("yij,jr->yir", tensor, v @ p)
                for f, i in enumerate(free):
                    for c in range(r):
                        place = column + f * r + c
                        full[row + c : row + size * r : r, place] = s[:, i]
                        full[prices:, place] = -2 * inner[:, i, c]
                column += len(free) * r
                turned = np.einsum("ia,yij,jb->yab", v, tensor, v)
                for a in range(r):
                    for b in range(a, r):
                        full[prices:, column] = -turned[:, a, b] * (1 if a == b else 2)
                        column += 1
            row += heights[k]
        return full

    def moved(self, state: _State, step: np.ndarray, unit: fmpq) -> _State:
        moves = iter([_exact(c) * unit for c in step])
        y = [value + next(moves) for value in state.y]
        values = [value + next(moves) for value in state.values]
        spans, weights = [], []
        for (fixed, free), v, p in zip(self.places, state.spans, state.weights, strict=True):
            r = len(fixed)
            new, weight = fmpq_mat(v), fmpq_mat(p)
            if r:
                for i in free:
                    for c in range(r):
                        new[int(i), c] = v[int(i), c] + next(moves)
                for a in range(r):
                    for b in range(a, r):
                        weight[a, b] = weight[b, a] = p[a, b] + next(moves)
            spans.append(new)
            weights.append(weight)
        return replace(state, y=y, values=values, spans=tuple(spans), weights=tuple(weights))


def _exact(value: float) -> fmpq:
    return fmpq(*float(value).as_integer_ratio())


def _matrix(array: np.ndarray) -> fmpq_mat:
    rows, columns = array.shape
    return fmpq_mat(rows, columns, [_exact(c) for c in array.ravel()])


def _floats(matrix: fmpq_mat) -> np.ndarray:
    rows: Sequence[Sequence[fmpq]] = matrix.tolist()
    return np.array([[number(c) for c in row] for row in rows]).reshape(matrix.nrows(), matrix.ncols())
