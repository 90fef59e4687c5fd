"""The solver's door: the exact dual program becomes floating-point conic data once, here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from flint import fmpq

from certify.pep.engine.program import Program

ROOT2 = float(np.sqrt(2.0))


@dataclass(frozen=True)
class Conic:
    """minimise q·x subject to A x + s = b with s in (zeros, nonnegative orthant, PSD triangles in this order).

    A triangle is stacked by columns, off-diagonal entries times √2.
    """

    q: np.ndarray
    A: sp.csc_matrix
    b: np.ndarray
    zeros: int
    orthant: int
    sizes: tuple[int, ...]
    prox: float = 0.0
    """Adds prox/2·|x|² to the objective."""

    @cached_property
    def sizes_of_data(self) -> tuple[float, float]:
        """The smallest and the largest of all numbers but 0; (1, 1) if there are none."""
        sizes = np.abs(np.concatenate([self.A.data, self.b, self.q]))
        sizes = sizes[sizes > 0]
        return (float(sizes.min()), float(sizes.max())) if len(sizes) else (1.0, 1.0)

    @property
    def triangles(self) -> list[slice]:
        """The rows of each matrix block."""
        start, found = self.zeros + self.orthant, []
        for size in self.sizes:
            found.append(slice(start, start + size * (size + 1) // 2))
            start = found[-1].stop
        return found


@dataclass(frozen=True)
class Answer:
    """A solver's word: `x` are the multipliers, `z` the conic dual (slacks, function values, Gram blocks)."""

    solver: str
    status: str
    value: float | None
    seconds: float
    x: np.ndarray | None = None
    z: np.ndarray | None = None

    @property
    def usable(self) -> bool:
        """Whether there is a point to work with."""
        return self.x is not None and bool(np.all(np.isfinite(self.x)))


def number(value: fmpq) -> float:
    """The nearest double (numerators and denominators may be too long for one)."""
    return float(value)


def conic(program: Program) -> Conic:
    """The floating-point data of a dual program."""
    zeros, orthant = len(program.offsets), len(program.signed)
    starts, start = [], zeros + orthant
    for size in program.sizes:
        starts.append(start)
        start += size * (size + 1) // 2
    sign = zeros
    rows: list[int] = []
    data: list[float] = []
    ends = [0]
    for variable, row, column in zip(program.variables, program.rows, program.columns, strict=True):
        rows += row
        data += map(float, row.values())
        if variable.sign:
            rows.append(sign)
            data.append(-1.0)
            sign += 1
        for (block, i, j), c in column.items():
            rows.append(starts[block] + j * (j + 1) // 2 + i)
            data.append(-float(c) if i == j else -ROOT2 * float(c))
        ends.append(len(rows))
    A = sp.csc_matrix((data, np.array(rows, np.int32), np.array(ends, np.int32)), shape=(start, len(ends) - 1))
    A.sort_indices()
    b = np.zeros(start)
    b[:zeros] = [-number(c) for c in program.offsets]
    for (block, i, j), c in program.base.items():
        b[starts[block] + j * (j + 1) // 2 + i] = number(c) if i == j else ROOT2 * number(c)
    return Conic(
        q=np.array(list(map(float, program.costs))),
        A=A,
        b=b,
        zeros=zeros,
        orthant=orthant,
        sizes=program.sizes,
    )


def unstack(vector: np.ndarray, size: int) -> np.ndarray:
    """The symmetric matrix of a stacked triangle."""
    places, scales = _places(size)
    return vector[places] * scales


@lru_cache(maxsize=64)
def _places(size: int) -> tuple[np.ndarray, np.ndarray]:
    """Where the entries of a matrix stand in its stacked triangle, and their factors."""
    i = np.arange(size)
    low, high = np.minimum.outer(i, i), np.maximum.outer(i, i)
    return high * (high + 1) // 2 + low, np.where(low == high, 1.0, 1 / ROOT2)


def clean(value: Any) -> float | None:
    """A finite float or None."""
    return float(value) if value is not None and np.isfinite(value) else None


def primal(program: Program, data: Conic, answer: Answer) -> tuple[np.ndarray, np.ndarray]:
    """The solver's Gram matrix and function values, in the order of the problem (zero where divided out)."""
    problem = program.problem
    gram, values = np.zeros((len(problem.vectors),) * 2), np.zeros(len(problem.values))
    if answer.z is None:
        return gram, values
    values[list(program.values)] = answer.z[: len(program.values)]
    for rows, size, vectors in zip(data.triangles, data.sizes, program.vectors, strict=True):
        if vectors:
            gram[np.ix_(vectors, vectors)] = unstack(answer.z[rows], size)
    return gram, values
