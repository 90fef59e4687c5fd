"""The inequalities between pairs of points: written down for chosen pairs only, and evaluated for all pairs at once.

A proof needs few of the n(n − 1) inequalities of a class. Which ones a solution violates is decided with a *stencil*:
the inequality between two abstract points x, y, whose coefficients are the same for every pair.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from flint import fmpq

from certify.language import Assumption, Evaluation
from certify.language.oracles import MINIMIZER
from certify.pep.engine.conic import number
from certify.pep.engine.problem import Key, Row, Terms
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
        """Neighbours in the order of evaluation and pairs with the minimiser, both ways round."""
        own = set(self._neighbours())
        return (pair for pair in self.index if pair in own or pair[::-1] in own)

    def tangents(self) -> Iterator[Pair]:
        """The backbone with tangents at the newer of two iterates, or at the iterate below f⋆, and not the reverse.

        Most proofs of a function value's rate consist of these.
        """
        own = set(self._neighbours())
        return (pair for pair in self.index if pair in own or (self.assumption.symmetric and pair[::-1] in own))

    def _neighbours(self) -> Iterator[Pair]:
        """(newer, older) and (iterate, minimiser); the first of a pair is where the tangent is."""
        chain = [i for i, p in enumerate(self.points) if p.label != MINIMIZER]
        yield from ((b, a) for a, b in pairwise(chain))
        yield from ((b, a) for a, p in enumerate(self.points) if p.label == MINIMIZER for b in chain)

    def row(self, pair: Pair) -> Row | None:
        """The inequality of a pair; None if it is trivial."""
        x, y = self.points[pair[0]], self.points[pair[1]]
        terms = self._instances(*pair) if self._instances else as_relation(self.assumption.between(x, y)).slack.terms
        return Row(f"{self.name}[{y.label}←{x.label}]", terms) if terms else None

    def violated(self, gram: np.ndarray, values: np.ndarray, beyond: float) -> Iterable[tuple[float, Pair]]:
        """The pairs whose slack at this Gram matrix and these function values is below −`beyond`."""
        if not self.index:
            return []
        slack = self._slacks(gram, values)
        rows, columns = np.array(self.index).T
        found = slack[rows, columns]
        return [(float(found[k]), self.index[k]) for k in np.flatnonzero(found < -beyond)]

    @cached_property
    def stencil(self) -> dict[Key, float]:
        """Coefficients of the inequality between abstract x and y: 0–3 stand for x, g_x, y, g_y; 0, 1 for f_x, f_y."""
        return {k: number(c) for k, c in self._exact[0].items()}

    @cached_property
    def _exact(self) -> tuple[Terms, bool]:
        """The stencil in exact numbers, and whether it is that of every pair, whatever the points are called."""
        scratch = Ledger()
        x, u, y, v = (scratch.point(name) for name in ("x", "g", "y", "h"))
        values = scratch.number("fx"), scratch.number("fy")
        try:
            relation, uniform = (
                self.assumption.between(_Nameless(x, "", values[0], u), _Nameless(y, "", values[1], v)),
                True,
            )
        except _Asked:
            ends = Evaluation(x, "x", values[0], u), Evaluation(y, "y", values[1], v)
            relation, uniform = self.assumption.between(*ends), False
        return {} if relation is None else as_relation(relation).slack.terms, uniform

    @cached_property
    def _instances(self) -> _Instances | None:
        terms, uniform = self._exact
        return _Instances(terms, self.points) if uniform else None

    @property
    def _needs_both(self) -> bool:
        return any(3 in key for key in self.stencil if len(key) == 2)

    def _slacks(self, gram: np.ndarray, values: np.ndarray) -> np.ndarray:
        """The slack of every pair (row x, column y)."""
        size, n = len(gram), len(self.points)
        coordinates = np.zeros((2, n, size))
        levels = np.zeros(n)
        for i, p in enumerate(self.points):
            for k, c in p.point.floats.items():
                coordinates[0, i, k] = c
            for k, c in p.subgradient.floats.items() if p.subgradient is not None else ():
                coordinates[1, i, k] = c
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


class _Instances:
    """The same inequality between many points: what belongs to one of the two points is computed once for it."""

    def __init__(self, stencil: Terms, points: tuple[Evaluation, ...]) -> None:
        self.points = points
        self.own: dict[tuple[int, bool], dict[Key, fmpq]] = {}
        """The terms of x alone (0) and those of y alone (1); function values come first, as a person writes them."""
        self.mixed: dict[int, dict[int, fmpq]] = {}
        """Coefficients of ⟨x or g_x, y or g_y⟩; with `turned` those of y come first, because fewer of them occur."""
        across = [(key[0], key[1] - 2) for key in stencil if len(key) == 2 and key[0] < 2 <= key[1]]
        self.turned = len({b for _, b in across}) < len({a for a, _ in across})
        for key, c in stencil.items():
            if len(key) == 2 and key[0] < 2 <= key[1]:
                a, b = (key[1] - 2, key[0]) if self.turned else (key[0], key[1] - 2)
                self.mixed.setdefault(a, {})[b] = c
            elif len(key) == 2:
                side = key[0] // 2
                self.own.setdefault((side, True), {})[key[0] - 2 * side, key[1] - 2 * side] = c
            else:
                self.own.setdefault((key[0] if key else 0, False), {})[key] = c
        self.order = sorted(self.own, key=lambda part: part[1])
        self.parts: dict[tuple[tuple[int, bool], int], Terms] = {}
        self.partners: dict[int, list[tuple[int, Mapping[int, fmpq]]]] = {}

    def __call__(self, i: int, j: int) -> dict[Key, fmpq]:
        """The inequality between points i and j."""
        total: dict[Key, fmpq] = {}
        for part in self.order:
            for key, c in self._part(part, j if part[0] else i).items():
                total[key] = total[key] + c if key in total else c
        if self.turned:
            i, j = j, i
        for a, partner in self._partner(j):
            for k, p in self._vector(i, a).items():
                for l, q in partner.items():
                    key = (k, l) if k <= l else (l, k)
                    total[key] = total[key] + p * q if key in total else p * q
        return {key: c for key, c in total.items() if c}

    def _vector(self, i: int, which: int) -> Mapping[int, fmpq]:
        """The coordinates of point i or of its gradient."""
        point = self.points[i].gradient if which else self.points[i].point
        return point.coefficients

    def _part(self, part: tuple[int, bool], i: int) -> Terms:
        """What the inequality has of point i alone."""
        if (part, i) not in self.parts:
            total: dict[Key, fmpq] = {}
            for key, c in self.own[part].items():
                if not key:
                    found: Mapping[Key, fmpq] = {(): c}
                elif len(key) == 1:
                    found = {k: c * v for k, v in self.points[i].value.terms.items()}
                else:
                    found = _product(self._vector(i, key[0]), self._vector(i, key[1]), c)
                for k, v in found.items():
                    total[k] = total[k] + v if k in total else v
            self.parts[part, i] = total
        return self.parts[part, i]

    def _partner(self, j: int) -> list[tuple[int, Mapping[int, fmpq]]]:
        """What x and g_x are multiplied with when y is point j (with `turned` the other way round)."""
        if j not in self.partners:
            found: list[tuple[int, Mapping[int, fmpq]]] = []
            for a, mixture in self.mixed.items():
                total: dict[int, fmpq] = {}
                for b, c in mixture.items():
                    for k, q in self._vector(j, b).items():
                        total[k] = total[k] + c * q if k in total else c * q
                found.append((a, {k: q for k, q in total.items() if q}))
            self.partners[j] = found
        return self.partners[j]


def _product(u: Mapping[int, fmpq], v: Mapping[int, fmpq], factor: fmpq) -> dict[Key, fmpq]:
    """factor·⟨u, v⟩ over the basis."""
    total: dict[Key, fmpq] = {}
    for i, a in u.items():
        scaled = factor * a
        for j, b in v.items():
            key = (i, j) if i <= j else (j, i)
            total[key] = total[key] + scaled * b if key in total else scaled * b
    return total


class _Asked(Exception):
    """An inequality depends on the name of a point."""


class _Nameless(Evaluation):
    """An abstract point, whose label nobody may look at."""

    def __getattribute__(self, name: str) -> Any:
        if name == "label":
            raise _Asked
        return super().__getattribute__(name)
