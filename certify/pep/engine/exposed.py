"""Facial reduction by a guess: a dual without a strictly feasible point is confined to the face that a solver shows.

If max t with S ⪰ tI, Z ⪰ tI, λ ≥ t is 0, the prices of these conditions are a matrix W ⪰ 0 and numbers w ≥ 0 with
⟨S(y), W⟩ + Σ w·λ = 0 for every feasible y. So λ = 0 where w > 0, and S·a = 0 for a in the range of W. Nothing has to be
proved: a wrong guess makes the feasible set smaller, and what is found in it is checked exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse as sp
from flint import fmpq

from certify.pep.engine import solvers
from certify.pep.engine.conic import Conic, unstack
from certify.pep.engine.program import Program

SHARP: dict[str, Any] = {"tol_feas": 1e-12, "tol_gap_abs": 1e-12, "tol_gap_rel": 1e-12, "max_iter": 80}
INSIDE = 1e-6
"""From this depth on there is a strictly feasible point."""
LARGE = 1e-4
"""Prices above this part of the largest are positive."""
NEAR = 2e-3
CHANCE = 0.02
BITS = 18
"""Of the largest denominators."""


@dataclass(frozen=True)
class Face:
    """Multipliers that vanish, and for each block vectors a (rows) with S·a = 0, in reduced row echelon form."""

    zeros: tuple[int, ...]
    kernels: tuple[tuple[tuple[fmpq, ...], ...], ...]


def exposed(program: Program, data: Conic) -> Face | None:
    """The face that contains the feasible set, as far as one solve shows it; None if there is an interior."""
    end = data.zeros + data.orthant
    column = np.zeros(len(data.b))
    column[data.zeros : end] = 1.0
    for rows, size in zip(data.triangles, data.sizes, strict=True):
        k = np.arange(size)
        column[rows.start + k * (k + 3) // 2] = 1.0
    n = len(data.q)
    wide = sp.hstack([data.A, sp.csc_matrix(column[:, None])], format="csr")
    last = sp.csr_matrix(([1.0], ([0], [n])), shape=(1, n + 1))
    answer = solvers.call(
        Conic(
            q=np.append(np.zeros(n), -1.0),
            A=sp.csc_matrix(sp.vstack([wide[:end], last, wide[end:]])),
            b=np.concatenate([data.b[:end], [1.0], data.b[end:]]),
            zeros=data.zeros,
            orthant=data.orthant + 1,
            sizes=data.sizes,
        ),
        **SHARP,
    )
    if answer.x is None or answer.z is None or answer.x[-1] > INSIDE:
        return None
    prices = np.delete(answer.z, end)
    matrices = [unstack(prices[rows], size) for rows, size in zip(data.triangles, data.sizes, strict=True)]
    spectra = [np.linalg.eigh(m) if len(m) else (np.zeros(0), np.zeros((0, 0))) for m in matrices]
    signs = prices[data.zeros : end]
    largest = max([float(np.max(signs, initial=0.0)), *(float(values[-1]) for values, _ in spectra if len(values))])
    zeros = tuple(program.signed[i] for i in np.flatnonzero(signs > LARGE * largest))
    kernels = tuple(rational_range(vectors[:, values > LARGE * largest]) for values, vectors in spectra)
    return Face(zeros, kernels) if zeros or any(kernels) else None


def rational_range(vectors: np.ndarray, near: float = NEAR) -> tuple[tuple[fmpq, ...], ...]:
    """The rational basis, with unit vectors at well chosen places, of the space that the columns span.

    Only those basis vectors are given whose numbers are recognised.
    """
    rank = vectors.shape[1]
    if not rank:
        return ()
    _, _, order = scipy.linalg.qr(vectors.T, pivoting=True)
    basis = np.linalg.solve(vectors[order[:rank]].T, vectors.T)
    found = [[_recognised(float(v), near) for v in row] for row in basis]
    return tuple(tuple(q for q in row if q is not None) for row in found if None not in row)


def _recognised(value: float, near: float) -> fmpq | None:
    """The simplest rational that is nearer to the number than chance would have it, or None."""
    for bits in range(BITS):
        bound = 2**bits
        simple = Fraction(value).limit_denominator(bound)
        if abs(float(simple) - value) <= min(near, CHANCE / bound**2):
            return fmpq(simple.numerator, simple.denominator)
    return None


def pivots(rows: Sequence[Sequence[fmpq]]) -> list[int]:
    """For each vector a place where it is not 0 and where those after it are 0 or have been cleared."""
    found: list[int] = []
    work = [list(row) for row in rows]
    for k, row in enumerate(work):
        place = next((i for i, c in enumerate(row) if c), None)
        if place is None:
            continue
        found.append(place)
        for other in work[k + 1 :]:
            if other[place]:
                factor = other[place] / row[place]
                for i, c in enumerate(row):
                    other[i] -= factor * c
    return found
