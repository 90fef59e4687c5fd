"""The inequalities between pairs of points: written down for chosen pairs only, and evaluated for all pairs at once.

A proof needs few of the n(n − 1) inequalities of a class. Which ones a solution violates is decided with a *stencil*:
the inequality between two abstract points x, y, whose coefficients are the same for every pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from certify.language import Assumption, Evaluation
from certify.language.oracles import MINIMIZER
from certify.pep.engine.conic import number
from certify.pep.engine.problem import Row
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.records import as_relation

Pair = tuple[int, int]


@dataclass(frozen=True, eq=False)
class Pairs:
    """All pairs of one assumption of one function or operator; `points` are its evaluations."""

    name: str
    assumption: Assumption
    points: tuple[Evaluation, ...]

    @cached_property
    def index(self) -> tuple[Pair, ...]:
        """All pairs (x, y) for which the assumption says something."""
        n = len(self.points)
        if not self.stencil:
            return ()
        has = [p.subgradient is not None for p in self.points]
        return tuple(
            (i, j)
            for i in range(n)
            for j in range(i + 1 if self.assumption.symmetric else 0, n)
            if i != j and has[i] and (has[j] or not self._needs_both)
        )

    def backbone(self) -> Iterator[Pair]:
        """Neighbours in the order of evaluation and pairs with the minimiser: what most proofs consist of."""
        chain = [i for i, p in enumerate(self.points) if p.label != MINIMIZER]
        star = [i for i, p in enumerate(self.points) if p.label == MINIMIZER]
        near = {(a, b) for i, a in enumerate(chain) for b in chain[i + 1 : i + 2]}
        near |= {(a, b) for a in star for b in chain}
        wanted = near | {(b, a) for a, b in near}
        return (pair for pair in self.index if pair in wanted)

    def row(self, pair: Pair) -> Row | None:
        """The inequality of a pair; None if it is trivial."""
        x, y = self.points[pair[0]], self.points[pair[1]]
        relation = as_relation(self.assumption.between(x, y))
        name = f"{self.name}[{y.label}←{x.label}]"
        return Row(name, relation.slack.terms) if relation.slack.terms else None

    def violated(self, gram: np.ndarray, values: np.ndarray, beyond: float) -> Iterable[tuple[float, Pair]]:
        """The pairs whose slack at this Gram matrix and these function values is below −`beyond`."""
        if not self.index:
            return []
        slack = self._slacks(gram, values)
        rows, columns = np.array(self.index).T
        found = slack[rows, columns]
        return [(float(found[k]), self.index[k]) for k in np.flatnonzero(found < -beyond)]

    @cached_property
    def stencil(self) -> dict[tuple[int, ...], float]:
        """Coefficients of the inequality between abstract x and y: 0–3 stand for x, g_x, y, g_y; 0, 1 for f_x, f_y."""
        scratch = Ledger()
        x, u, y, v = (scratch.point(name) for name in ("x", "g", "y", "h"))
        values = scratch.number("fx"), scratch.number("fy")
        relation = self.assumption.between(Evaluation(x, "x", values[0], u), Evaluation(y, "y", values[1], v))
        return {} if relation is None else {k: number(c) for k, c in as_relation(relation).slack.terms.items()}

    @property
    def _needs_both(self) -> bool:
        return any(3 in key for key in self.stencil if len(key) == 2)

    def _slacks(self, gram: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The slack of every pair (row x, column y)."""
        size, n = len(gram), len(self.points)
        coordinates = np.zeros((2, n, size))
        levels = np.zeros(n)
        for i, p in enumerate(self.points):
            for k, c in p.point.coefficients.items():
                coordinates[0, i, k] = number(c)
            for k, c in p.subgradient.coefficients.items() if p.subgradient is not None else ():
                coordinates[1, i, k] = number(c)
            for key, c in p.value.terms.items():
                levels[i] += number(c) * (values[key[0]] if key else 1.0)
        stacked = coordinates.reshape(2 * n, size)
        products = (stacked @ gram @ stacked.T).reshape(2, n, 2, n).swapaxes(1, 2)
        total = np.zeros((n, n))
        for key, c in self.stencil.items():
            if len(key) == 2:
                (a, of_y), (b, also_y) = ((k % 2, k >= 2) for k in key)
                block = products[a, b]
                if of_y == also_y:
                    diagonal = np.diagonal(block)
                    total += c * (diagonal[None, :] if of_y else diagonal[:, None])
                else:
                    total += c * (block.T if of_y else block)
            elif key:
                total += c * (levels[None, :] if key[0] else levels[:, None])
            else:
                total += c
        return total
