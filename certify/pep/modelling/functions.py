"""Functions of a worst-case problem and their oracles: what is known of f are its values and (sub)gradients at points.

The oracles have the names that a method's `step` uses everywhere (value, gradient, subgradient, prox, …).
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import permutations
from typing import Any

from certify.language import Assumption, Evaluation
from certify.language.oracles import MINIMIZER
from certify.pep.modelling.expressions import Expression, Point, Relation, Semidefinite, Space
from certify.pep.modelling.model import Model
from certify.pep.modelling.rationals import Number, rational

Condition = tuple[str, Relation | Semidefinite]


class Function:
    """A function of the classes `assumptions`. Its constants are attributes: ``f.L``, ``f.mu``."""

    def __init__(self, model: Model, assumptions: tuple[Assumption, ...], name: str, space: Space) -> None:
        self.model = model
        self.assumptions = assumptions
        self.name = name
        self.space = space
        self.evaluations: list[Evaluation] = []
        self._found: dict[Point, Evaluation] = {}
        self._minimum: Expression | None = None
        self._minimizer: Point | None = None
        self._constants = {s: v for a in assumptions for s, v in a.values.items()}

    def __getattr__(self, name: str) -> Fraction:
        constants = self.__dict__.get("_constants", {})
        if name in constants:
            return constants[name]
        raise AttributeError(f"the assumptions give {self.__dict__.get('name', 'f')} no constant {name!r}")

    # -- oracles ---------------------------------------------------------------------------------------

    def __call__(self, x: Point) -> Expression:
        """f(x)."""
        return self.at(x).value

    def value(self, x: Point) -> Expression:
        """f(x)."""
        return self.at(x).value

    def subgradient(self, x: Point, *, fresh: bool = False) -> Point:
        """Some g ∈ ∂f(x): the one recorded at x if there is one, unless a `fresh` one is wanted."""
        evaluation = self.at(x)
        if evaluation.subgradient is None:
            evaluation.subgradient = self._gradient(evaluation.label)
        elif fresh and not self.differentiable:
            evaluation = Evaluation(x, self._label(None), evaluation.value)
            evaluation.subgradient = self._gradient(evaluation.label)
            self.evaluations.append(evaluation)
        return evaluation.subgradient

    gradient = subgradient

    @property
    def differentiable(self) -> bool:
        """Whether one of the assumptions makes f differentiable."""
        return any(a.differentiable for a in self.assumptions)

    @property
    def minimum(self) -> Expression:
        """f⋆ = inf f; using it asserts that f is bounded below."""
        if self._minimum is None:
            self._minimum = self.model.number(f"{self.name}{MINIMIZER}")
        return self._minimum

    @property
    def minimizer(self) -> Point:
        """x⋆, a minimiser of f; using it asserts that there is one."""
        if self._minimizer is None:
            self._minimizer = self.model.point(f"x{MINIMIZER}", space=self.space)
            self.known(self._minimizer, self.minimum, Point(self.space, {}), label=MINIMIZER)
        return self._minimizer

    def stationary_point(self) -> Point:
        """A point where 0 is a (sub)gradient; for a convex function the same as the minimiser."""
        point = self.model.point("", space=self.space)
        self.known(point, self.model.number(), Point(self.space, {}))
        return point

    def prox(self, x: Point, step: Number) -> Point:
        """prox_{γf}(x) = argmin f(z) + ‖z − x‖²/(2γ): u = x − γ g with g ∈ ∂f(u)."""
        label = self._label(None)
        gradient = self._gradient(label)
        point = x - gradient * rational(step)
        self.known(point, self.model.number(f"{self.name}{label}"), gradient, label=label)
        return point

    # -- records ---------------------------------------------------------------------------------------

    def at(self, x: Point) -> Evaluation:
        """The record of f at a point, made when first needed."""
        if x.space is not self.space:
            raise TypeError(f"{self.name} was called at a point of another space or model")
        if x in self._found:
            return self._found[x]
        label = self._label(self.model.label_of(x))
        return self.known(x, self.model.number(f"{self.name}{label}"), None, label=label)

    def known(self, x: Point, value: Expression, gradient: Point | None, *, label: str = "") -> Evaluation:
        """Record that f(x) is `value` and (if given) that `gradient` ∈ ∂f(x): how new oracles are built."""
        evaluation = Evaluation(x, self._label(label or None), value, gradient)
        self.evaluations.append(evaluation)
        self._found.setdefault(x, evaluation)
        return evaluation

    def conditions(self) -> Iterator[Condition]:
        """The interpolation conditions of all assumptions at all points recorded, with names."""
        if any(a.differentiable for a in self.assumptions):
            for evaluation in self.evaluations:
                if evaluation.subgradient is None:
                    evaluation.subgradient = self._gradient(evaluation.label)
        for assumption in self.assumptions:
            named = f"{self.name}:{assumption.name}"
            for x, y in permutations(self.evaluations, 2):
                if x.subgradient is not None and (relation := assumption.between(x, y)) is not None:
                    yield f"{named}[{y.label}←{x.label}]", _relation(relation)
            for x in self.evaluations:
                if x.subgradient is not None and (found := assumption.at(x, self)) is not None:
                    for i, relation in enumerate(found if isinstance(found, tuple) else (found,)):
                        yield f"{named}.{i + 1}[{x.label}]", _relation(relation)
            for i, relation in enumerate(assumption.together(self.evaluations, self)):
                yield f"{named}.{i + 1}", _relation(relation)
        if self._minimum is not None:
            for x in self.evaluations:
                if x.label != MINIMIZER:
                    yield f"{self.name}:minimum[{x.label}]", x.value >= self._minimum

    def relaxations(self) -> Iterator[str]:
        """Why the conditions may hold although no function interpolates, in words."""
        if len(self.assumptions) > 1:
            yield f"{self.name} satisfies {len(self.assumptions)} assumptions at once"
        for assumption in self.assumptions:
            if not assumption.interpolating:
                yield f"no interpolation conditions are known for {assumption.name}"

    def _gradient(self, label: str) -> Point:
        return self.model.point(f"{self.name}'{label}", space=self.space)

    def _label(self, wanted: str | None) -> str:
        taken = {evaluation.label for evaluation in self.evaluations}
        label = wanted or str(len(taken - {MINIMIZER}))
        while label in taken:
            label += "'"
        return label


def _relation(relation: Any) -> Relation | Semidefinite:
    if not isinstance(relation, Relation | Semidefinite):
        raise TypeError("an assumption's inequality is not linear in inner products and function values")
    return relation
