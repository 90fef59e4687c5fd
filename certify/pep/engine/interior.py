"""Floating-point points of a worst-case problem and how far inside its conditions they lie.

A point is one vector u: the function values that are left, then the upper triangle of each Gram block, column by
column. The conic data of the dual program contain every form as a column, so nothing is assembled twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from certify.pep.engine.conic import ROOT2, Answer, Conic, conic, unstack
from certify.pep.engine.program import Program
from certify.pep.engine.solvers import CLARABEL, call


@dataclass(frozen=True)
class Margins:
    """The values of the inequalities, and the least eigenvalues of the Gram blocks and of the matrices."""

    forms: np.ndarray
    gram: np.ndarray
    matrices: np.ndarray

    @property
    def least(self) -> float:
        """The smallest of all; > 0 for an interior point."""
        parts = (self.forms, self.gram, self.matrices)
        return min((float(part.min()) for part in parts if part.size), default=1.0)


@dataclass(frozen=True)
class Primal:
    """The primal side of conic data."""

    program: Program
    data: Conic

    @classmethod
    def of(cls, program: Program, data: Conic | None = None) -> Primal:
        """The primal side of a program."""
        return cls(program, conic(program) if data is None else data)

    @cached_property
    def blocks(self) -> tuple[int, ...]:
        """Which matrix blocks are Gram matrices."""
        return tuple(b for b, group in enumerate(self.program.vectors) if group)

    @cached_property
    def count(self) -> int:
        """How many function values there are."""
        return self.data.zeros

    @cached_property
    def slices(self) -> list[slice]:
        """The places of the Gram blocks in u."""
        found, start = [], self.count
        for b in self.blocks:
            size = self.program.sizes[b]
            found.append(slice(start, start + size * (size + 1) // 2))
            start = found[-1].stop
        return found

    @cached_property
    def places(self) -> dict[tuple[int, ...], int]:
        """The place in u of every function value ``(v,)`` and Gram entry ``(block, i, j)``."""
        places: dict[tuple[int, ...], int] = {(v,): v for v in range(self.count)}
        for b, part in zip(self.blocks, self.slices, strict=True):
            for j in range(self.program.sizes[b]):
                for i in range(j + 1):
                    places[b, i, j] = part.start + j * (j + 1) // 2 + i
        return places

    @cached_property
    def keys(self) -> list[tuple[int, ...]]:
        """The keys of the coordinates of u, as the problem writes them."""
        keys: list[tuple[int, ...]] = [(v,) for v in self.program.values]
        for b in self.blocks:
            group = self.program.vectors[b]
            keys += [(min(v, w), max(v, w)) for j, w in enumerate(group) for v in group[: j + 1]]
        return keys

    @cached_property
    def stacked(self) -> np.ndarray:
        """The rows of the conic data that belong to u."""
        parts = [np.arange(self.count)] + [np.arange(s.start, s.stop) for s in self._triangles]
        return np.concatenate(parts)

    @cached_property
    def root2(self) -> np.ndarray:
        """√2 for the entries off the diagonal of a Gram block, else 1."""
        scale = np.full(len(self.stacked), ROOT2)
        scale[: self.count] = 1.0
        for b, part in zip(self.blocks, self.slices, strict=True):
            j = np.arange(self.program.sizes[b])
            scale[part.start + j * (j + 1) // 2 + j] = 1.0
        return scale

    @cached_property
    def forms(self) -> sp.csr_matrix:
        """The linear part of the form of every variable of the program, as rows over u."""
        return sp.csr_matrix(self.data.A[self.stacked].T @ sp.diags(self.root2))

    @cached_property
    def objective(self) -> np.ndarray:
        """The linear part of the objective, over u."""
        return -self.data.b[self.stacked] * self.root2

    @cached_property
    def signed(self) -> np.ndarray:
        """The variables of the inequalities."""
        return np.array(self.program.signed, dtype=int)

    @cached_property
    def norms(self) -> np.ndarray:
        """The ℓ1 norm of each form over u."""
        return np.asarray(abs(self.forms).sum(axis=1)).ravel()

    def point(self, z: np.ndarray) -> np.ndarray:
        """The point in the conic dual of a solver's answer."""
        return z[self.stacked] / self.root2

    def value(self, u: np.ndarray) -> float:
        """The objective at u."""
        return float(self.program.constant.p) / float(self.program.constant.q) + float(self.objective @ u)

    def gram(self, u: np.ndarray) -> list[np.ndarray]:
        """The Gram blocks of u."""
        scaled = u * self.root2
        return [unstack(scaled[s], self.program.sizes[b]) for b, s in zip(self.blocks, self.slices, strict=True)]

    def margins(self, u: np.ndarray) -> Margins:
        """How far inside its conditions u lies."""
        values = self.data.q + self.forms @ u
        return Margins(
            forms=values[self.signed],
            gram=np.array([np.linalg.eigvalsh(g)[0] for g in self.gram(u)]),
            matrices=np.array([np.linalg.eigvalsh(m)[0] for m in self.matrices(values)]),
        )

    def roundoff(self, u: np.ndarray) -> float:
        """How wrong the margins of u may be in double precision."""
        size = float((abs(self.forms) @ abs(u)).max(initial=0.0))
        return 4 * float(np.finfo(float).eps) * max(size, float(np.abs(u).max(initial=0.0)))

    def matrices(self, values: np.ndarray) -> list[np.ndarray]:
        """The matrices of the problem from the values of all forms (those off the diagonal come doubled)."""
        found: list[np.ndarray] = []
        if not self.program.problem.matrices:
            return found
        name = None
        for y, variable in enumerate(self.program.variables):
            if variable.kind == "matrix":
                if variable.name != name or variable.place == (0, 0):
                    size = len(next(m for m in self.program.problem.matrices if m.name == variable.name).rows)
                    found.append(np.zeros((size, size)))
                    name = variable.name
                i, j = variable.place
                found[-1][i, j] = found[-1][j, i] = values[y] if i == j else values[y] / 2
        return found

    @property
    def _triangles(self) -> list[slice]:
        triangles = self.data.triangles
        return [triangles[b] for b in self.blocks]


def centre(primal: Primal, size: float, solver: str = CLARABEL) -> tuple[Answer, np.ndarray | None, float]:
    """A point well inside the conditions: maximise t with all forms ≥ t, all matrices ⪰ tI; (answer, point, t/size).

    t ≤ size, traces and function values are bounded by a multiple of `size`, so that there is an optimum. Its
    multipliers (the answer's x, first those of the program) show a face if t = 0.
    """
    data = primal.data
    zeros, orthant, end = data.zeros, data.orthant, data.zeros + data.orthant
    inside = np.zeros(len(data.b))
    inside[zeros:end] = 1.0
    diagonals = []
    for order, rows in zip(data.sizes, data.triangles, strict=True):
        j = np.arange(order)
        diagonals.append(rows.start + j * (j + 1) // 2 + j)
        inside[diagonals[-1]] = 1.0
    gram = [diagonals[b] for b in primal.blocks]
    extra = 1 + len(gram) + 2 * zeros
    in_t = sp.lil_matrix((1, extra))
    in_t[0, 0] = -1.0
    in_psd = sp.lil_matrix((len(data.b) - end, extra))
    for k, rows in enumerate(gram):
        in_t[0, 1 + k] = -len(rows)
        in_psd[rows - end, 1 + k] = -1.0
    identity = sp.identity(zeros)
    in_values = sp.hstack([sp.csr_matrix((zeros, 1 + len(gram))), -identity, identity])
    A = sp.csr_matrix(data.A)
    matrix = sp.bmat(
        [
            [A[:zeros] if zeros else None, in_values if zeros else None],
            [sp.csr_matrix((A.T @ inside)[None, :]), in_t],
            [A[zeros:end] if orthant else None, None],
            [None, -sp.identity(extra)],
            [A[end:] if len(data.b) > end else None, in_psd if len(data.b) > end else None],
        ],
        format="csc",
    )
    b = np.zeros(matrix.shape[0])
    b[zeros] = -1.0
    bound = np.full(extra, BOX)
    bound[0] = 1.0
    problem = Conic(np.concatenate([data.q / size, bound]), matrix, b, zeros + 1, orthant + extra, data.sizes)
    answer = call(problem, solver)
    if answer.z is None or not np.all(np.isfinite(answer.z)):
        return answer, None, 0.0
    t = float(answer.z[zeros])
    stacked = np.concatenate([answer.z[:zeros], np.zeros(orthant), answer.z[zeros + 1 + orthant + extra :]])
    for rows in diagonals:
        stacked[rows] += t
    return answer, size * stacked[primal.stacked] / primal.root2, t


BOX = 10.0
"""How much larger than the optimum the traces and function values of a central point may be."""
