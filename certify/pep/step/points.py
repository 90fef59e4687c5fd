"""Small rational parameter points at which a theorem is claimed: in its domain and at the edges."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import chain, zip_longest

from certify.kernel import Polynomial
from certify.language.goals import Goal, Telescoping
from certify.language.scalar import Scalar
from certify.pep.step.forms import Numbers, number, scalar_form
from certify.pep.step.structure import Structure, admissible

VALUES = tuple(Fraction(v) for v in ("1/2", "3/4", "1", "3/2", "2", "1/4", "5/4", "3", "4"))
CANDIDATES = 60
"""Admissible points to choose from."""
DRAWS = 1_500
"""Random draws at most, so that a narrow domain costs little."""


def points(
    structure: Structure,
    conditions: Sequence[Polynomial],
    goal: Goal,
    seed: int,
) -> Iterator[Numbers]:
    """Distinct admissible points: in turn a random one and the candidate closest to an edge.

    An edge of the domain or the case is where a relation with two or more terms (γL ≤ 1,
    γ(L + μ) ≥ 2, ct ≤ M) becomes an equation; weak relations may hold with equality. A telescoping
    goal says nothing where a weight is not positive, so those points are left out.
    """
    found = list(_candidates(structure, conditions, goal, random.Random(seed)))  # noqa: S311
    relations = [*conditions, *(f.polynomial for f in structure.domain)]
    edges = [p for p in relations if len(p.terms) > 1]
    near = [min(found, key=lambda point, p=p: number(p, point)) for p in edges if found]
    seen: list[Numbers] = []
    for point in chain.from_iterable(zip_longest(found, near)):
        if point is not None and point not in seen:
            seen.append(point)
            yield point


def _candidates(
    structure: Structure,
    conditions: Sequence[Polynomial],
    goal: Goal,
    generator: random.Random,
) -> Iterator[Numbers]:
    strict = {f.polynomial for f in structure.domain if f.strict}
    weak = {f.polynomial for f in structure.domain} - strict
    choices = dict.fromkeys(structure.parameters, VALUES)
    for name in structure.parameters:
        if Polynomial.variable(name) in weak and not name.startswith("|"):
            choices[name] = (Fraction(0), *VALUES)
    found = 0
    for _ in range(DRAWS):
        point = {name: generator.choice(values) for name, values in choices.items()}
        if admissible(structure, conditions, point) and _weighted(goal, point, structure):
            found += 1
            yield point
        if found == CANDIDATES:
            return


def _weighted(goal: Goal, point: Numbers, structure: Structure) -> bool:
    weights = (goal.weights or ()) if isinstance(goal, Telescoping) else ()
    forms = (scalar_form(Scalar.constant(1) * w, point, structure.variables) for w in weights)
    return all(all(value > 0 for value in form.values()) and form for form in forms)
