"""Exact rescaling by powers of two: units of vectors, relations, equations and objective in which numbers are near 1.

Interior-point solvers scale rows and columns, but not the rows of one semidefinite cone against each other: with
L = 10⁶ and R = 10⁻³ they fail. A congruence D S D with a diagonal D, which they cannot apply, mends that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from flint import fmpq

from certify.pep.engine.conic import Answer, Conic, conic
from certify.pep.engine.program import Program

FAR = 12.0
"""Data between 2⁻¹² and 2¹² are left as they are."""
SWEEPS = 30
ROUNDED = 2.0**-36
"""A coefficient below this part of the largest in its row, and of the largest in its column, is a trace of rounded
parameters (such as a and 1 − a rounded on their own) and says nothing about units."""
NOISE = 1e-10
"""What a solver calls 0, relative to its largest numbers."""
SPREAD = 8
"""Exponents below this are not worth another solve."""


@dataclass(frozen=True)
class Balance:
    """A rescaled program, its conic data, and the exponents that lead back: y = y′·2^columns, value = value′·2^unit."""

    program: Program
    data: Conic
    columns: np.ndarray
    rows: np.ndarray
    """Of every conic row: slack = slack′·2^−rows."""
    unit: int
    prices: int
    """Of every conic row: price = price′·2^(rows + prices); the right-hand side's own unit does not enter."""

    def lift(self, y: Sequence[fmpq]) -> list[fmpq]:
        """Multipliers of the program as it was."""
        return [value * fmpq(2) ** int(e) if value else value for value, e in zip(y, self.columns, strict=True)]

    def restore(self, answer: Answer) -> Answer:
        """A solver's answer in the units of the program as it was."""
        if answer.x is None or answer.z is None or answer.value is None:
            return answer
        return replace(
            answer,
            x=np.ldexp(answer.x, self.columns),
            z=np.ldexp(answer.z, self.rows + self.prices),
            value=float(np.ldexp(answer.value, self.unit)),
        )


def balance(program: Program, data: Conic) -> Balance | None:
    """The program in better units, or None if they are good enough."""
    least, largest = data.sizes_of_data
    if largest <= 2.0**FAR and least >= 2.0**-FAR:
        return None
    sizes = np.abs(np.concatenate([data.A.data[_telling(data)], data.b, data.q]))
    sizes = sizes[sizes > 0]
    if not len(sizes) or (sizes.max() <= 2.0**FAR and sizes.min() >= 2.0**-FAR):
        return None
    return _scaled(program, data, *_exponents(data))


def adapted(program: Program, data: Conic, answer: Answer) -> Balance | None:
    """The program in units in which an answer's Gram matrix and function values are near 1, and so is the objective.

    Iterates that converge fast span many orders of magnitude, all with the same absolute error. None if they do not,
    or if there is no answer.
    """
    if answer.z is None:
        return None
    prices = np.abs(answer.z)
    largest = max(float(np.max(prices, initial=0.0)), 1e-300)
    first, second = _sides(data)
    squares = prices[data.zeros + data.orthant :][first == second]
    d = np.rint(0.5 * np.log2(np.maximum(squares, NOISE * largest))).astype(int)
    ρ = np.rint(np.log2(np.maximum(prices[: data.zeros], NOISE * largest))).astype(int)
    units = np.zeros(len(data.b), dtype=int)
    units[: data.zeros] = ρ
    units[data.zeros + data.orthant :] = d[first] + d[second]
    sizes = np.abs(data.A.data) * np.exp2(units[data.A.indices])
    sizes[(data.A.indices >= data.zeros) & (data.A.indices < data.zeros + data.orthant)] = 0.0
    tops = np.abs(data.q)
    np.maximum.at(tops, np.repeat(np.arange(len(tops)), np.diff(data.A.indptr)), sizes)
    e = -np.rint(np.log2(np.where(tops > 0, tops, 1.0))).astype(int)
    top = float(np.max(np.abs(data.b) * np.exp2(units), initial=0.0))
    if top < largest * NOISE**2 or max(np.abs(d).max(initial=0), np.abs(ρ).max(initial=0)) < SPREAD:
        return None
    return _scaled(program, data, d, ρ, e, 0, -round(np.log2(top)))


def _scaled(program: Program, data: Conic, d: np.ndarray, ρ: np.ndarray, e: np.ndarray, σ: int, κ: int) -> Balance:
    """The program with these exponents of vectors, equations, variables, objective and right-hand side."""
    starts = np.cumsum([0, *program.sizes])

    def shift(block: int, i: int, j: int) -> int:
        return int(d[starts[block] + i] + d[starts[block] + j])

    def times(c: fmpq, exponent: int) -> fmpq:
        return c * fmpq(2) ** exponent

    scaled = replace(
        program,
        constant=times(program.constant, κ + σ),
        costs=tuple(times(c, σ + int(k)) for c, k in zip(program.costs, e, strict=True)),
        offsets=tuple(times(c, κ + int(r)) for c, r in zip(program.offsets, ρ, strict=True)),
        rows=tuple(
            {r: times(c, int(ρ[r] + k)) for r, c in row.items()} for row, k in zip(program.rows, e, strict=True)
        ),
        base={place: times(c, κ + shift(*place)) for place, c in program.base.items()},
        columns=tuple(
            {place: times(c, int(k) + shift(*place)) for place, c in column.items()}
            for column, k in zip(program.columns, e, strict=True)
        ),
    )
    first, second = _sides(data)
    rows = np.zeros(len(data.b), dtype=int)
    rows[: data.zeros] = ρ
    rows[data.zeros : data.zeros + data.orthant] = -e[list(program.signed)]
    rows[data.zeros + data.orthant :] = d[first] + d[second]
    return Balance(scaled, conic(scaled), e - κ, rows, -(σ + κ), -σ)


def _telling(data: Conic) -> np.ndarray:
    """Which entries of A are no traces of rounding."""
    sizes = np.abs(data.A.data)
    columns = np.repeat(np.arange(data.A.shape[1]), np.diff(data.A.indptr))
    widest, tallest = np.zeros(data.A.shape[0]), np.zeros(data.A.shape[1])
    np.maximum.at(widest, data.A.indices, sizes)
    np.maximum.at(tallest, columns, sizes)
    return sizes > ROUNDED * np.minimum(widest[data.A.indices], tallest[columns])


def _sides(data: Conic) -> tuple[np.ndarray, np.ndarray]:
    """For each row of the matrix blocks its two vectors, counted through all blocks."""
    start, first, second = 0, [], []
    for size in data.sizes:
        columns, lines = np.tril_indices(size)
        first.append(start + lines)
        second.append(start + columns)
        start += size
    return (np.concatenate(first), np.concatenate(second)) if first else (np.zeros(0, int), np.zeros(0, int))


def _exponents(data: Conic) -> tuple[np.ndarray, np.ndarray, np.ndarray, int, int]:
    """Exponents of vectors, equations, variables, objective and right-hand side: the mean logarithm of all is 0."""
    count, end = sum(data.sizes), data.zeros + data.orthant
    first, second = _sides(data)
    entries = data.A.tocoo()
    keep = _telling(data) & ((entries.row < data.zeros) | (entries.row >= end))
    b = np.flatnonzero(data.b)
    q = np.flatnonzero(data.q)
    n = len(data.q)
    # unknowns: vectors, equations, the objective | variables, the right-hand side
    row = np.concatenate([entries.row[keep], b, np.full(len(q), -1)])
    column = np.concatenate([entries.col[keep], np.full(len(b), n), q])
    size = np.log2(np.abs(np.concatenate([entries.data[keep], data.b[b], data.q[q]])))
    one = np.where(
        row >= end, first[np.maximum(row - end, 0)] if len(first) else 0, count + np.where(row < 0, data.zeros, row)
    )
    two = np.where(row >= end, second[np.maximum(row - end, 0)] if len(second) else 0, one)
    half = np.where(row >= end, 1.0, 0.5)  # an equation's own exponent counts once, not twice
    left, right = np.zeros(count + data.zeros + 1), np.zeros(n + 1)
    uses = np.bincount(one, minlength=len(left)) + np.bincount(two, minlength=len(left))
    columns = np.maximum(np.bincount(column, minlength=n + 1), 1)
    for _ in range(SWEEPS):
        total = size + half * (left[one] + left[two]) + right[column]
        right -= np.bincount(column, total, minlength=n + 1) / columns
        total = size + half * (left[one] + left[two]) + right[column]
        excess = np.bincount(one, total, minlength=len(left)) + np.bincount(two, total, minlength=len(left))
        left -= 0.5 * excess / np.maximum(uses, 1)
    left, right = np.rint(left).astype(int), np.rint(right).astype(int)
    return left[:count], left[count:-1], right[:n], int(left[-1]), int(right[n])
