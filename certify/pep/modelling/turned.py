"""Operators that are a multiple of a rotation: what conditions on pairs of points, which are necessary only, become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from math import isfinite
from typing import Any

import flint
from flint import fmpq

from certify.language import Evaluation, inner, norm2
from certify.pep.engine.problem import ZERO
from certify.pep.modelling.expressions import Point, Relation, equal
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.narrowing import At, Numbers, fine, simple
from certify.pep.modelling.records import as_relation

EDGE = 8
"""How many parts an edge of a set of numbers is cut into."""


@dataclass(frozen=True)
class Turned:
    """An operator A(x) = A(x₀) + M(x − x₀), M = aI + √(q − a²)J with J orthogonal and skew; the numbers are a and q.

    ‖Mv‖² = q‖v‖² and ⟨Mv, v⟩ = a‖v‖² for all v, so A satisfies a condition c₁‖x − y‖² + c₂⟨x − y, A(x) − A(y)⟩ +
    c₃‖A(x) − A(y)‖² ≥ 0 on pairs of points as soon as c₁ + c₂a + c₃q ≥ 0. Vectors dᵢ, eᵢ satisfy eᵢ = M dᵢ in a space
    that is large enough if and only if ⟨eᵢ, eⱼ⟩ = q⟨dᵢ, dⱼ⟩ and ⟨eᵢ, dⱼ⟩ + ⟨dᵢ, eⱼ⟩ = 2a⟨dᵢ, dⱼ⟩ for all i and j: then
    wᵢ = (eᵢ − a dᵢ)/√(q − a²) have the inner products of the dᵢ, and ⟨wᵢ, dⱼ⟩ is skew.
    """

    name: str
    settled: tuple[str, ...]
    conditions: tuple[Numbers, ...]
    """c₁, c₂, c₃ of every condition."""
    evaluations: tuple[Evaluation, ...]

    def guesses(self, at: At) -> Sequence[Numbers]:
        """The numbers that fit a solution, and the corners of the domain."""
        moves, turns = self._differences()
        size = sum(at(norm2(d)) for d in moves)
        if not isfinite(size) or size <= 0:
            return self._corners()
        a = sum(at(inner(d, e)) for d, e in zip(moves, turns, strict=True)) / size
        q = sum(at(norm2(e)) for e in turns) / size
        fitting = [(simple(a), simple(q)), (fine(a), fine(q))] if isfinite(a) and isfinite(q) else []
        return [*filter(self.allowed, fitting), *self._corners()]

    def more(self) -> Sequence[Numbers]:
        """Points on the segments between the corners."""
        return [
            (a + (c - a) * k / EDGE, q + (r - q) * k / EDGE)
            for (a, q), (c, r) in combinations(self._corners(), 2)
            for k in range(1, EDGE)
        ]

    def allowed(self, numbers: Sequence[fmpq]) -> bool:
        """Whether M satisfies all conditions."""
        if len(numbers) != 2 or numbers[1] < numbers[0] ** 2:
            return False
        return all(c + d * numbers[0] + e * numbers[1] >= 0 for c, d, e in self.conditions)

    def equations(self, numbers: Sequence[fmpq]) -> Iterator[tuple[str, Relation]]:
        """Those of the inner products."""
        a, q = numbers
        pairs = list(zip(*self._differences(), strict=True))
        for (i, (d, e)), (j, (c, b)) in combinations_with_replacement(enumerate(pairs), 2):
            yield f"{self.name}:length[{i},{j}]", equal(inner(e, b), inner(d, c) * q)
            yield f"{self.name}:turn[{i},{j}]", equal(inner(e, c) + inner(d, b), inner(d, c) * (2 * a))

    def _differences(self) -> tuple[list[Point], list[Point]]:
        base, *others = self.evaluations
        return [x.point - base.point for x in others], [x.output - base.output for x in others]

    def _corners(self) -> list[Numbers]:
        """Where two conditions, or one of them and q = a², hold with equality."""
        found = [(ZERO, ZERO)]
        for (c, d, e), (f, g, h) in combinations(self.conditions, 2):
            if determinant := d * h - e * g:
                found.append(((e * f - c * h) / determinant, (c * g - d * f) / determinant))
        for c, d, e in self.conditions:
            roots = [-c / d] if not e and d else _roots(c, d, e) if e else []
            found += [(a, a * a) for a in roots]
        return [numbers for numbers in dict.fromkeys(found) if self.allowed(numbers)]


def turned(name: str, evaluations: Sequence[Evaluation], named: Sequence[tuple[str, Any]]) -> Turned | None:
    """The narrowing of an operator whose assumptions are conditions on pairs of points; None if they are not."""
    found = [_of_pairs(assumption) if assumption.pairwise else None for _, assumption in named]
    if not evaluations or any(own is None for own in found):
        return None
    conditions = tuple(c for own in found for c in own or ())
    return Turned(name, tuple(label for label, _ in named), conditions, tuple(evaluations))


def _of_pairs(assumption: Any) -> list[Numbers] | None:
    """c₁, c₂, c₃ of the conditions on a pair of points; None if one of them is of another form."""
    scratch = Ledger()
    x, u, y, v = (scratch.point() for _ in range(4))
    zero = scratch.constant(0)
    pair = Evaluation(x, "x", zero, u), Evaluation(y, "y", zero, v)
    relations = [
        assumption.between(*pair),
        *(r[1] if isinstance(r, tuple) else r for r in assumption.together(pair, None)),
    ]
    found = []
    for relation in map(as_relation, (r for r in relations if r is not None)):
        terms = relation.slack.terms
        c, d, e = (terms.get(key, ZERO) for key in ((0, 0), (0, 1), (1, 1)))
        own = norm2(x - y) * c + inner(x - y, u - v) * d + norm2(u - v) * e
        if own.terms != terms or relation.equation:
            return None
        found.append((c, d, e))
    return found


def _roots(c: fmpq, d: fmpq, e: fmpq) -> list[fmpq]:
    """The rational roots of c + d a + e a²."""
    square = d * d - 4 * e * c
    if square < 0:
        return []
    p, q = flint.fmpz(square.p), flint.fmpz(square.q)
    root = fmpq(p.isqrt(), q.isqrt())
    return [(-d + root) / (2 * e), (-d - root) / (2 * e)] if root * root == square else []
