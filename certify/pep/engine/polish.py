"""From a solver's final point to one inside all conditions: a few steps of a primal-dual interior-point method.

Solvers stop when the conditions hold to about 1e-9, with active slacks of the same size. Newton's method on

    h(u) = s,   λᵢ sᵢ = μ,   S = μ G⁻¹,   ∇objective + Σ λᵢ ∇hᵢ + S + … = 0

with Nesterov–Todd scaling removes the residual of h(u) = s in one full step while μ falls; after a few steps the point
lies inside. Everything is dense over the coordinates that the equations leave free.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import Any

import numpy as np
import scipy.sparse as sp

from certify.pep.engine.conic import unstack
from certify.pep.engine.interior import Primal

lapack: Any = import_module("scipy.linalg.lapack")  # compiled, without types
LARGEST = 1500
"""With more free coordinates a dense step costs seconds."""
STEPS = 60
TOWARDS = 0.3
"""The part of μ that a step aims at."""
WIDE = 0.1
"""The size of slacks at a cold start, relative to the point and the right-hand sides."""
PRODUCTS = 8
"""With more products of two entries of a row, for every entry of the Hessian, sparse matrices are multiplied."""
BACK = 0.95
"""The part of the way to the boundary that a step may go."""


@dataclass
class _Block:
    """A matrix that is ⪰ 0: its entries as forms over the free coordinates, its slack and its multiplier."""

    size: int
    jacobian: sp.csr_matrix
    slack: np.ndarray
    dual: np.ndarray
    upper: tuple[np.ndarray, np.ndarray] = field(init=False)

    def __post_init__(self) -> None:
        columns, rows = np.tril_indices(self.size)
        self.upper = (rows, columns)
        self.weights = np.where(rows == columns, 1.0, 2.0)
        self.products = 0.5 * self.weights[:, None] * self.weights[None, :]
        self.places = _places(self.jacobian)
        self.transposed = sp.csr_matrix(self.jacobian.T)

    def matrix(self, entries: np.ndarray) -> np.ndarray:
        """The symmetric matrix with this upper triangle."""
        full = np.zeros((self.size, self.size))
        full[self.upper] = entries
        full.T[self.upper] = entries
        return full

    def prepare(self, mu: float) -> tuple[np.ndarray, np.ndarray]:
        """The Hessian of the scaled quadratic over the coordinates and the triangle of μ G⁻¹ as a gradient."""
        left = self.roots = np.linalg.cholesky(self.slack)
        right = self.dual_roots = np.linalg.cholesky(self.dual)
        u, values, _ = np.linalg.svd(right.T @ left)
        scale = right @ u / np.sqrt(values)  # W⁻¹ = scale scaleᵀ with W S W = G
        self.inverse = scale @ scale.T
        self.barrier = mu * _solved(left, np.eye(self.size))
        i, j = self.upper
        v = self.inverse
        crossed = v[i].take(j, axis=1)
        quadratic = v[i].take(i, axis=1)
        quadratic *= v[j].take(j, axis=1)
        quadratic += crossed * crossed.T
        quadratic *= self.products
        return quadratic, self.weights * self.barrier[self.upper]

    def add(self, hessian: np.ndarray, quadratic: np.ndarray) -> None:
        """hessian += Jᵀ·quadratic·J."""
        if self.places is None:
            hessian += self.transposed @ (self.transposed @ quadratic).T
        else:
            hessian[self.places, self.places] += quadratic


def polish(
    primal: Primal, start: np.ndarray, multipliers: np.ndarray, free: sp.csr_matrix, tolerance: float
) -> list[np.ndarray]:
    """Points inside all conditions, the best first: near the optimum (relative `tolerance`) if possible.

    The last one lies inside by more than the errors of double precision, if there is such a point.

    **Arguments**: `start`, a point that satisfies the equations; `multipliers` of the dual program near its optimum;
    `free`, the directions that keep the equations, as columns.
    """
    if free.shape[1] > LARGEST or not free.shape[1]:
        return []
    points: list[np.ndarray] = []
    with np.errstate(all="ignore"):
        for cold in (False, True):
            try:
                newton = _Newton(primal, start, multipliers, free)
                if cold:
                    newton.widen()
                found, done = newton.run(tolerance)
            except (np.linalg.LinAlgError, ValueError):
                continue
            points += found
            if done:
                break
    return sorted(points, key=primal.value, reverse=True)


class _Newton:
    """The iteration; `u` are all coordinates, steps are over the free ones."""

    def __init__(self, primal: Primal, start: np.ndarray, multipliers: np.ndarray, free: sp.csr_matrix) -> None:
        self.primal, self.free, self.u = primal, free, start
        data, forms = primal.data, primal.forms
        self.gradient = np.asarray(free.T @ primal.objective).ravel()
        self.jacobian = sp.csr_matrix(forms[primal.signed] @ free)
        self.transposed = sp.csr_matrix(self.jacobian.T)
        self.squares = _Squares(self.jacobian)
        values = data.q + forms @ start
        self.slack = values[primal.signed]
        self.dual = multipliers[primal.signed].copy()
        stacked = data.b - data.A @ multipliers
        gram, matrices = iter(primal.gram(start)), iter(primal.matrices(values))
        self.blocks: list[_Block] = []
        for b, (size, rows) in enumerate(zip(data.sizes, data.triangles, strict=True)):
            dual = unstack(stacked[rows], size)
            if b in primal.blocks:
                jacobian = free[primal.slices[primal.blocks.index(b)]]
                slack = next(gram)
            else:
                jacobian = self._matrix(b, size) @ free
                slack = next(matrices)
            self.blocks.append(_Block(size, sp.csr_matrix(jacobian), slack, dual))
        self.order = len(self.slack) + sum(block.size for block in self.blocks)
        self._floor()

    def _matrix(self, block: int, size: int) -> sp.csr_matrix:
        """The entries of a matrix relation as forms over u, in the order of the triangle."""
        chosen = [0] * (size * (size + 1) // 2)
        for y, column in enumerate(self.primal.program.columns):
            for b, i, j in column:
                if b == block:
                    chosen[j * (j + 1) // 2 + i] = y
        columns, rows = np.tril_indices(size)
        halves = sp.diags(np.where(rows == columns, 1.0, 0.5))
        return sp.csr_matrix(halves @ self.primal.forms[chosen])

    def _floor(self) -> None:
        """Move what a solver left on or behind the boundary a little inside."""
        positive = np.abs(self.slack * self.dual)
        self.mu = max(float(np.median(positive)) if positive.size else 0.0, 1e-14)
        tiny = np.sqrt(self.mu)
        for _ in range(2):
            self.slack = np.maximum(self.slack, np.minimum(tiny, 0.1 * self.mu / np.maximum(self.dual, 1e-300)))
            self.dual = np.maximum(self.dual, np.minimum(tiny, 0.1 * self.mu / np.maximum(self.slack, 1e-300)))
        for block in self.blocks:
            block.slack, block.dual = self._pair(block.slack, block.dual)

    def _pair(self, slack: np.ndarray, dual: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Both positive definite: eigenvalues at least a part of what the centre would have."""
        for _ in range(2):
            slack, dual = _lift(slack, dual, self.mu), _lift(dual, slack, self.mu)
        return slack, dual

    def widen(self) -> None:
        """Slacks and multipliers far from the boundary, for a start whose multipliers are of no use."""
        sizes = [float(np.abs(v).max(initial=0.0)) for v in (self.primal.data.q, self.u)]  # right-hand sides, point
        floor = WIDE * max(min(sizes) or max(sizes), 1e-300)
        self.mu = floor * WIDE * max(float(np.abs(self.dual).max(initial=0.0)), WIDE)
        self.slack = np.maximum(self.slack, floor)
        self.dual = self.mu / self.slack
        for block in self.blocks:
            values, vectors = np.linalg.eigh(block.slack)
            values = np.maximum(values, floor)
            block.slack = (vectors * values) @ vectors.T
            block.dual = (vectors * (self.mu / values)) @ vectors.T

    def run(self, tolerance: float) -> tuple[list[np.ndarray], bool]:
        """The best point inside, the best one safely inside, and whether the gap is small enough."""
        best: dict[bool, np.ndarray] = {}
        stalled, done = 0, False
        for _ in range(STEPS):
            try:
                moved = self._step(self._target(tolerance))
            except (np.linalg.LinAlgError, ValueError):
                break
            value, room = self.primal.value(self.u), self.primal.margins(self.u).least
            for safely in (False, True):
                if room > (self.primal.roundoff(self.u) if safely else 0.0):
                    if safely not in best or value > self.primal.value(best[safely]):
                        best[safely] = self.u
                    done = done or self._mu() * self.order <= tolerance * abs(value)
            stalled = stalled + 1 if moved < 0.01 else 0
            if done or stalled > 5:
                break
        return list({id(u): u for u in best.values()}.values()), done

    def _target(self, tolerance: float) -> float:
        """A smaller μ while the gap is too large; the same μ where only the conditions are left to be met."""
        mu = self._mu()
        small = tolerance * abs(self.primal.value(self.u)) / (2 * self.order)
        return min(mu, max(TOWARDS * mu, small))

    def _mu(self) -> float:
        total = float(self.slack @ self.dual) + sum(float((b.slack * b.dual).sum()) for b in self.blocks)
        return total / self.order

    def _step(self, mu: float) -> float:
        """One Newton step towards the centre for μ; its length."""
        jacobian, slack, dual = self.jacobian, self.slack, self.dual
        values = self.primal.data.q + self.primal.forms @ self.u
        residual = values[self.primal.signed] - slack
        weights = dual / slack
        hessian = self.squares(weights)
        right = self.gradient + self.transposed @ ((mu - dual * residual) / slack)
        errors = self._errors(values)
        for block, error in zip(self.blocks, errors, strict=True):
            quadratic, barrier = block.prepare(mu)
            block.add(hessian, quadratic)
            right += block.transposed @ (barrier - quadratic @ error[block.upper])
        scale = 1 / np.sqrt(np.maximum(np.diag(hessian), 1e-300))
        scaled = hessian * scale[:, None] * scale[None, :]
        factor = _factor(scaled)
        move = _solved(factor, right * scale)
        move += _solved(factor, right * scale - scaled @ move)
        move *= scale

        d_slack = jacobian @ move + residual
        d_dual = (mu - dual * slack - dual * d_slack) / slack
        changes = []
        for block, error in zip(self.blocks, errors, strict=True):
            d_block = block.matrix(block.jacobian @ move) + error
            changes.append((d_block, block.barrier - block.dual - block.inverse @ d_block @ block.inverse))
        pairs = list(zip(self.blocks, changes, strict=True))
        step = min(1.0, BACK * min(_longest(slack, d_slack), *(_room(b.roots, c[0]) for b, c in pairs), np.inf))
        other = min(1.0, BACK * min(_longest(dual, d_dual), *(_room(b.dual_roots, c[1]) for b, c in pairs), np.inf))
        self.u = self.u + step * (self.free @ move)
        self.slack = slack + step * d_slack
        self.dual = dual + other * d_dual
        for block, (d_block, d_multiplier) in zip(self.blocks, changes, strict=True):
            block.slack = block.slack + step * d_block
            block.dual = block.dual + other * (d_multiplier + d_multiplier.T) / 2
        return step

    def _errors(self, values: np.ndarray) -> list[np.ndarray]:
        """True matrix minus slack matrix for every block."""
        gram, matrices = iter(self.primal.gram(self.u)), iter(self.primal.matrices(values))
        return [next(gram if b in self.primal.blocks else matrices) - k.slack for b, k in enumerate(self.blocks)]


class _Squares:
    """Jᵀ·diag(w)·J for many w: which products of entries go where is found once, if there are not too many."""

    def __init__(self, jacobian: sp.csr_matrix) -> None:
        self.jacobian, self.size = jacobian, jacobian.shape[1]
        lengths = np.diff(jacobian.indptr)
        self.few = int((lengths.astype(np.int64) ** 2).sum()) <= max(PRODUCTS * self.size**2, 1)
        if self.few:
            first = np.repeat(np.arange(jacobian.nnz), np.repeat(lengths, lengths))
            starts = np.repeat(np.repeat(jacobian.indptr[:-1], lengths), np.repeat(lengths, lengths))
            turns = np.repeat(np.cumsum(np.repeat(lengths, lengths)) - np.repeat(lengths, lengths), 1)
            second = starts + np.arange(len(first)) - np.repeat(turns, np.repeat(lengths, lengths))
            self.line = np.repeat(np.arange(len(lengths)), lengths**2)
            self.place = jacobian.indices[first] * np.int64(self.size) + jacobian.indices[second]
            self.product = jacobian.data[first] * jacobian.data[second]

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        """The full symmetric matrix."""
        if self.few:
            entries = np.bincount(self.place, self.product * weights[self.line], minlength=self.size**2)
            return entries.astype(float, copy=False).reshape(self.size, self.size)  # of nothing it counts integers
        return (self.jacobian.T @ sp.diags(weights) @ self.jacobian).toarray()


def _places(jacobian: sp.csr_matrix) -> slice | None:
    """Where the rows of a Jacobian stand in an identity matrix, if that is what it is a part of."""
    rows = jacobian.shape[0]
    if not rows or jacobian.nnz != rows or not (np.diff(jacobian.indptr) == 1).all() or not (jacobian.data == 1).all():
        return None
    start = int(jacobian.indices[0])
    return slice(start, start + rows) if (jacobian.indices == start + np.arange(rows)).all() else None


def _factor(matrix: np.ndarray) -> np.ndarray:
    """A lower Cholesky factor of a matrix with unit diagonal that may be singular up to rounding errors."""
    for shift in (1e-14, 1e-12, 1e-10):
        shifted = matrix.copy()
        np.einsum("ii->i", shifted)[:] += shift
        try:
            return np.linalg.cholesky(shifted)
        except np.linalg.LinAlgError:
            continue
    raise np.linalg.LinAlgError("the Hessian is indefinite")


def _solved(factor: np.ndarray, right: np.ndarray) -> np.ndarray:
    """(LLᵀ)⁻¹·right for a lower factor; LAPACK directly, for SciPy's own function takes longer than small matrices."""
    found, failed = lapack.dpotrs(factor, right, lower=1)
    if failed:
        raise np.linalg.LinAlgError("a triangular factor is singular")
    return found


def _room(factor: np.ndarray, change: np.ndarray) -> float:
    """The largest step along which LLᵀ + step·change stays ⪰ 0."""
    half, failed = lapack.dtrtrs(factor, change, lower=1)
    inner, failed_too = lapack.dtrtrs(factor, half.T, lower=1)
    if failed or failed_too:
        raise np.linalg.LinAlgError("a triangular factor is singular")
    least = float(np.linalg.eigvalsh((inner + inner.T) / 2)[0])
    return np.inf if least >= 0 else -1.0 / least


def _longest(values: np.ndarray, change: np.ndarray) -> float:
    falling = change < 0
    return float((-values[falling] / change[falling]).min()) if falling.any() else np.inf


def _lift(matrix: np.ndarray, other: np.ndarray, mu: float) -> np.ndarray:
    """The matrix with its eigenvalues raised to a tenth of what μ asks for against `other`."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    against = np.maximum(np.einsum("ik,ij,jk->k", vectors, other, vectors), 1e-300)
    values = np.maximum(values, np.minimum(np.sqrt(mu), 0.1 * mu / against))
    return (vectors * values) @ vectors.T
