"""Floating-point points of the dual with a known place: deep inside the feasible set, and very near the optimum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from math import lcm

import numpy as np
import scipy.sparse as sp
from flint import fmpq, fmpz_mat

from certify.pep.engine import solvers
from certify.pep.engine.conic import ROOT2, Answer, Conic, number, unstack
from certify.pep.engine.program import Program
from certify.pep.engine.repair import basis, repaired

DEEP = 10.0
"""No point needs to be further inside than this."""
LEVELS = (1e-4, 1e-6, 1e-8, 1e-10, 1e-12)
ROUGH = 1e-5
"""What an inaccurate correction may violate, in units of the correction."""
LARGEST = 5e5
"""Matrices with more entries than this, for all variables together, are not turned into an eigenbasis: it is dense, and
a correction would take many seconds."""
PROXES = (1e-12, 1e-10, 1e-8, 1e-6, 1e-4)


def fat_point(program: Program, data: Conic, value: float) -> np.ndarray | None:
    """The point deepest inside at a cost ≤ 2·optimum: maximise t ≤ 10 with S ⪰ tI, Z ⪰ tI, λ ≥ t.

    None if t ≈ 0, that is if the dual has no strictly feasible point (some condition is an equation in disguise).
    """
    n = len(data.q)
    room = value - number(program.constant) + max(abs(value), 1e-6)
    column = np.zeros(len(data.b))
    column[data.zeros : data.zeros + data.orthant] = 1.0
    for rows, size in zip(data.triangles, data.sizes, strict=True):
        k = np.arange(size)
        column[rows.start + k * (k + 3) // 2] = 1.0
    end = data.zeros + data.orthant
    wide = sp.hstack([data.A, sp.csc_matrix(column[:, None])], format="csr")
    unit = max(abs(room), 1e-9)
    extra = sp.csr_matrix(np.vstack([np.append(data.q / unit, 0.0), np.append(np.zeros(n), 1.0)]))
    fat = Conic(
        q=np.append(np.zeros(n), -1.0),
        A=sp.csc_matrix(sp.vstack([wide[:end], extra, wide[end:]])),
        b=np.concatenate([data.b[:end], [room / unit, DEEP], data.b[end:]]),
        zeros=data.zeros,
        orthant=data.orthant + 2,
        sizes=data.sizes,
    )
    answer = solvers.call(fat)
    if answer.x is None or answer.x[-1] < 1e-9:
        return None
    return answer.x[:-1]


def zoom(program: Program, data: Conic, y: np.ndarray) -> Iterator[tuple[np.ndarray, float]]:
    """Points ever nearer to the optimum, with an estimate of it (without the constant): levels of corrections.

    Around an exact rational point S₀ is known exactly. In the basis of its eigenvectors, scaled so that the nearly
    null block is O(1), the correction u of λ = λ₀ + s·u solves a well-scaled problem in double precision.
    """
    exact = _exact(program, y)
    if exact is None or len(y) * sum(n * n for n in program.sizes) > LARGEST:
        return
    own = tensors(data)
    best = float(data.q @ y)
    for level in LEVELS:
        for _ in range(3):
            moved = _correct(program, data, exact, own, level)
            if moved is None:
                break
            floats, exact, optimum = moved
            yield floats, optimum
            cost = float(data.q @ floats)
            stalled = abs(cost - best) <= 0.1 * level * max(abs(cost), 1e-9)
            best = cost
            if stalled:
                break


def _exact(program: Program, y: np.ndarray) -> list[fmpq] | None:
    """A dyadic copy of y that satisfies the equations exactly (signs and matrices may be slightly wrong)."""
    points = [fmpq(*float(v).as_integer_ratio()) for v in y]
    free = replace_signs(program)
    return repaired(free, points, basis(program, y))


def replace_signs(program: Program) -> Program:
    """The program without sign conditions."""
    return replace(program, variables=tuple(v._replace(sign=False) for v in program.variables))


def tensors(data: Conic) -> list[np.ndarray]:
    """For every block the matrices of all variables, (variables, n, n), of S(y) = base + Σ y·A."""
    found = []
    for rows, size in zip(data.triangles, data.sizes, strict=True):
        stacked = -data.A[rows].toarray().T
        columns, lines = np.tril_indices(size)
        stacked = stacked / np.where(columns == lines, 1.0, ROOT2)
        tensor = np.zeros((stacked.shape[0], size, size))
        tensor[:, lines, columns] = stacked
        tensor[:, columns, lines] = stacked
        found.append(tensor)
    return found


def _correct(
    program: Program, data: Conic, center: list[fmpq], own: list[np.ndarray], level: float
) -> tuple[np.ndarray, list[fmpq], float] | None:
    """One correction around an exact point: the new point in doubles and exactly, and an estimate of the optimum."""
    floats = np.array([number(v) for v in center])
    size = level * max(float(np.max(np.abs(floats), initial=0.0)), 1e-9)
    parts, rights = [], []
    equations = data.A[: data.zeros]
    parts.append(equations * size)
    rights.append(np.zeros(data.zeros))
    signed = list(program.signed)
    scale = 1.0 / np.maximum(np.abs(floats[signed]), size)
    parts.append(sp.csr_matrix((-size * scale, (range(len(signed)), signed)), shape=(len(signed), len(floats))))
    rights.append(floats[signed] * scale)
    for block, (matrix, n) in enumerate(zip(program.matrices(center), program.sizes, strict=True)):
        dense = np.zeros((n, n))
        for (i, j), c in matrix.items():
            dense[i, j] = dense[j, i] = number(c)
        vectors = np.linalg.eigh(dense)[1]
        near = _congruence(matrix, vectors)
        spread = level * max(float(np.max(np.abs(np.diag(near)), initial=0.0)), 1e-300)
        d = 1.0 / np.sqrt(np.maximum(np.abs(np.diag(near)), spread))
        turn = vectors * d
        columns, lines = np.tril_indices(n)
        weight = np.where(columns == lines, 1.0, ROOT2)
        moved = np.einsum("ai,yab,bj->yij", turn, own[block], turn, optimize=True)
        parts.append(sp.csr_matrix(-size * (moved[:, lines, columns] * weight).T))
        rights.append((near * d[:, None] * d)[lines, columns] * weight)
    unit = size * max(float(np.max(np.abs(data.q), initial=0.0)), 1e-300)
    base = Conic(
        q=size * data.q / unit,
        A=sp.csc_matrix(sp.vstack(parts)),
        b=np.concatenate(rights),
        zeros=data.zeros,
        orthant=data.orthant,
        sizes=data.sizes,
    )
    for prox in PROXES:
        answer = solvers.call(replace(base, prox=prox), tol_feas=1e-10, tol_gap_rel=1e-9, tol_gap_abs=1e-9)
        if answer.x is not None and answer.z is not None and (answer.status == "optimal" or _nearly(base, answer)):
            break
    else:
        return None
    slack = float(answer.z @ (base.b - base.A @ answer.x)) + prox * float(answer.x @ answer.x)
    optimum = float(data.q @ floats) + unit * (float(base.q @ answer.x) - slack)
    step = [fmpq(*float(size * v).as_integer_ratio()) for v in answer.x]
    exact = repaired(replace_signs(program), [c + s for c, s in zip(center, step, strict=True)], basis(program, floats))
    return None if exact is None else (np.array([number(v) for v in exact]), exact, optimum)


def _nearly(data: Conic, answer: Answer) -> bool:
    """Whether an inaccurate answer is good enough for a correction: the point that it leads to is checked anyhow."""
    if answer.x is None or answer.z is None:
        return False
    slack = data.b - data.A @ answer.x
    signs = slack[data.zeros : data.zeros + data.orthant]
    lows = [float(np.min(signs, initial=0.0)), -float(np.max(np.abs(slack[: data.zeros]), initial=0.0))]
    lows += [
        float(np.linalg.eigvalsh(unstack(slack[rows], size))[0])
        for rows, size in zip(data.triangles, data.sizes, strict=True)
        if size
    ]
    size = 1.0 + float(np.max(np.abs(answer.z), initial=0.0))
    stationary = data.q + data.prox * answer.x + data.A.T @ answer.z
    gap = data.q @ answer.x + data.prox * (answer.x @ answer.x) + data.b @ answer.z
    found = (
        -min(lows),
        float(np.max(np.abs(stationary))) / size,
        abs(float(gap)) / (1.0 + abs(float(data.q @ answer.x))),
    )
    return max(found) <= ROUGH


def _congruence(matrix: dict[tuple[int, int], fmpq], vectors: np.ndarray) -> np.ndarray:
    """PᵀSP computed exactly for P rounded to 52 bits, then rounded."""
    n = len(vectors)
    common = lcm(*(int(c.q) for c in matrix.values()))
    rows = [[0] * n for _ in range(n)]
    for (i, j), c in matrix.items():
        rows[i][j] = rows[j][i] = int(c.p) * (common // int(c.q))
    p = fmpz_mat([[int(c) for c in row] for row in np.rint(np.ldexp(vectors, 52)).tolist()])
    turned = (p.transpose() * fmpz_mat(rows) * p).tolist()
    unit = common << 104
    return np.array([[int(c) / unit for c in row] for row in turned])
