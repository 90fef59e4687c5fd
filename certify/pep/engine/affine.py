"""The equations of a worst-case problem solved exactly, so that rounding the free coordinates keeps all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import scipy.sparse as sp
from flint import fmpq

from certify.pep.engine.conic import number
from certify.pep.engine.interior import Primal
from certify.pep.engine.problem import ONE, ZERO


@dataclass
class Affine:
    """The exact solution set of the equations: some coordinates of u as affine forms of the others.

    `pivots[k]` is (constant, coefficients): u_k = constant + Σ coefficients[l]·u_l over free l.
    """

    size: int
    pivots: dict[int, tuple[fmpq, dict[int, fmpq]]]

    @classmethod
    def of(cls, primal: Primal) -> Affine | None:
        """By exact elimination, sparsest equation first; None if the equations contradict each other."""
        program, places = primal.program, primal.places
        rows: list[tuple[fmpq, dict[int, fmpq]]] = []
        for y, variable in enumerate(program.variables):
            if variable.kind == "equation":
                row = {places[v,]: c for v, c in program.rows[y].items()}
                for (b, i, j), c in program.columns[y].items():
                    row[places[b, i, j]] = -c if i == j else -2 * c
                rows.append((program.costs[y], row))
        pivots: dict[int, tuple[fmpq, dict[int, fmpq]]] = {}
        for constant, row in sorted(rows, key=lambda item: len(item[1])):
            constant, row = _substitute(constant, row, pivots)
            if not row:
                if constant:
                    return None
                continue
            pivot = min(row, key=lambda k: (_height(row[k]), -k))
            factor = -ONE / row.pop(pivot)
            solved = (constant * factor, {k: c * factor for k, c in row.items()})
            for k, other in pivots.items():
                if pivot in other[1]:
                    pivots[k] = _substitute(*other, {pivot: solved})
            pivots[pivot] = solved
        return cls(len(primal.stacked), pivots)

    def directions(self) -> sp.csr_matrix:
        """The directions that keep all equations, as columns: one for every free coordinate."""
        free = [k for k in range(self.size) if k not in self.pivots]
        column = {k: n for n, k in enumerate(free)}
        entries = [(k, n, 1.0) for k, n in column.items()]
        entries += [(k, column[l], number(c)) for k, (_, row) in self.pivots.items() for l, c in row.items()]
        rows, cols, data = zip(*entries, strict=True) if entries else ((), (), ())
        return sp.csr_matrix((data, (rows, cols)), shape=(self.size, len(free)))

    def settle(self, u: np.ndarray) -> np.ndarray:
        """u with the dependent coordinates recomputed."""
        settled = u.copy()
        for k, (constant, row) in self.pivots.items():
            settled[k] = number(constant) + sum(number(c) * u[l] for l, c in row.items())
        return settled

    def round(self, u: np.ndarray, bits: int) -> list[fmpq]:
        """The free coordinates rounded to multiples of 2^−bits, the others computed exactly."""
        unit = 1 << bits
        exact = [fmpq(round(Fraction(float(x)) * unit), unit) for x in u]
        for k, (constant, row) in self.pivots.items():
            exact[k] = constant + sum((c * exact[l] for l, c in row.items()), ZERO)
        return exact


def _substitute(
    constant: fmpq, row: Mapping[int, fmpq], pivots: Mapping[int, tuple[fmpq, dict[int, fmpq]]]
) -> tuple[fmpq, dict[int, fmpq]]:
    """A row in terms of free coordinates."""
    found: dict[int, fmpq] = {}
    for k, c in row.items():
        if k in pivots:
            constant += c * pivots[k][0]
            for l, a in pivots[k][1].items():
                found[l] = found.get(l, ZERO) + c * a
        else:
            found[k] = found.get(k, ZERO) + c
    return constant, {k: c for k, c in found.items() if c}


def _height(value: fmpq) -> int:
    """How long a number is; 0 for ±1."""
    return abs(int(value.p)).bit_length() + int(value.q).bit_length() - 2
