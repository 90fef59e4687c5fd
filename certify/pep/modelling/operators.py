"""Operators of a worst-case problem: what is known of A are pairs (x, u) with u ∈ A(x). Operators are not functions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations

from certify.language import Assumption, Evaluation
from certify.pep.modelling.expressions import Point, Relation, Space
from certify.pep.modelling.functions import Condition, _relation
from certify.pep.modelling.model import Model
from certify.pep.modelling.rationals import Number, rational


class Operator:
    """An operator of the classes `assumptions`; ``A(x)`` is an element of A at x."""

    def __init__(self, model: Model, assumptions: tuple[Assumption, ...], name: str, space: Space) -> None:
        self.model = model
        self.assumptions = assumptions
        self.name = name
        self.space = space
        self.evaluations: list[Evaluation] = []
        self._constants = {s: v for a in assumptions for s, v in a.values.items()}

    def __getattr__(self, name: str) -> Fraction:
        constants = self.__dict__.get("_constants", {})
        if name in constants:
            return constants[name]
        raise AttributeError(f"the assumptions give {self.__dict__.get('name', 'A')} no constant {name!r}")

    def __call__(self, x: Point) -> Point:
        """u ∈ A(x), the one recorded at x if there is one."""
        for evaluation in self.evaluations:
            if evaluation.point == x:
                return evaluation.output
        label = self._label(self.model.label_of(x))
        return self.known(x, self.model.point(f"{self.name}{label}", space=self.space), label=label).output

    def resolvent(self, x: Point, step: Number) -> Point:
        """J_{γA}(x) = (I + γA)⁻¹ x: u = x − γ a with a ∈ A(u)."""
        label = self._label(None)
        output = self.model.point(f"{self.name}{label}", space=self.space)
        point = x - output * rational(step)
        self.known(point, output, label=label)
        return point

    @property
    def zero(self) -> Point:
        """x⋆ with 0 ∈ A(x⋆); using it asserts that there is one."""
        for evaluation in self.evaluations:
            if evaluation.label == "⋆":
                return evaluation.point
        return self.known(self.model.point("x⋆", space=self.space), Point(self.space, {}), label="⋆").point

    @property
    def fixed_point(self) -> Point:
        """x⋆ with x⋆ ∈ A(x⋆); using it asserts that there is one."""
        for evaluation in self.evaluations:
            if evaluation.label == "⋆":
                return evaluation.point
        point = self.model.point("x⋆", space=self.space)
        return self.known(point, point, label="⋆").point

    def known(self, x: Point, output: Point, *, label: str = "") -> Evaluation:
        """Record that `output` ∈ A(x): how new oracles are built."""
        evaluation = Evaluation(x, self._label(label or None), self.model.constant(0), output)
        self.evaluations.append(evaluation)
        return evaluation

    def conditions(self) -> Iterator[Condition]:
        """The interpolation conditions of all assumptions at all pairs recorded, with names."""
        for assumption in self.assumptions:
            named = f"{self.name}:{assumption.name}"
            seen: list[Relation] = []
            for x, y in permutations(self.evaluations, 2):
                relation = assumption.between(x, y)
                if relation is not None and all(r.slack.terms != relation.slack.terms for r in seen[-1:]):
                    yield f"{named}[{y.label}←{x.label}]", _relation(relation)
            for i, relation in enumerate(assumption.together(self.evaluations, self)):
                yield f"{named}.{i + 1}", _relation(relation)

    def relaxations(self) -> Iterator[str]:
        """Why the conditions may hold although no operator interpolates, in words."""
        if len(self.assumptions) > 1:
            yield f"{self.name} satisfies {len(self.assumptions)} assumptions at once"
        for assumption in self.assumptions:
            if not assumption.interpolating:
                yield f"no interpolation conditions are known for {assumption.name}"

    def _label(self, wanted: str | None) -> str:
        taken = {evaluation.label for evaluation in self.evaluations}
        label = wanted or str(len(taken - {"⋆"}))
        while label in taken:
            label += "'"
        return label
