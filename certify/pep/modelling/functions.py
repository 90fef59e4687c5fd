"""Functions of a worst-case problem and their oracles: what is known of f are its values and (sub)gradients at points.

The oracles have the names that a method's `step` uses everywhere (value, gradient, subgradient, prox, …). Functions add
up: ``f + h``, ``2 * f`` and ``(f1 + f2) / 2`` are again functions with the same oracles.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from flint import fmpq

from certify.assumptions.convex import Convex
from certify.assumptions.indicator import Indicator
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_weakly_convex import SmoothWeaklyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.weakly_convex import WeaklyConvex
from certify.language import Assumption, Evaluation
from certify.language.oracles import MINIMIZER
from certify.pep.engine.problem import ONE, ZERO
from certify.pep.modelling.ball_prox import ball_prox
from certify.pep.modelling.expressions import Expression, Point, Space
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.rationals import Number, rational
from certify.pep.modelling.records import Condition, Records
from certify.pep.modelling.searches import InexactProx, epsilon_subgradient, inexact_prox
from certify.pep.modelling.sums import Calculus


class Function(Records, Calculus):
    """A function of the classes `assumptions`. Its constants are attributes: ``f.L``, ``f.mu``."""

    def __init__(self, model: Ledger, assumptions: tuple[Assumption, ...], name: str, space: Space) -> None:
        super().__init__(model, assumptions, name, space)
        self.terms = {self: ONE}
        self._found: dict[Point, Evaluation] = {}
        self._minimum: Expression | None = None
        self._minimizer: Point | None = None

    @cached_property
    def convex(self) -> bool:
        """Whether the assumptions say that f is convex."""
        least = self.curvature[0]
        return least is not None and least >= 0

    @cached_property
    def differentiable(self) -> bool:
        """Whether one of the assumptions makes f differentiable."""
        return any(a.differentiable for a in self.assumptions)

    @cached_property
    def curvature(self) -> tuple[fmpq | None, fmpq | None]:
        """Bounds m ≤ M of the curvature: f − (m/2)‖·‖² and (M/2)‖·‖² − f are convex. None where there is no bound."""
        lower: list[fmpq] = []
        upper: list[fmpq] = []
        for assumption in self.assumptions:
            kinds, constant = assumption.closure(), {s: rational(v) for s, v in assumption.values.items()}
            if StronglyConvex in kinds or isinstance(assumption, Quadratic):
                lower.append(constant["mu"])
            if Convex in kinds:
                lower.append(ZERO)
            if WeaklyConvex in kinds:
                lower.append(-constant["rho"])
            if Smooth in kinds:
                lower.append(-constant["L"])
            if Smooth in kinds or isinstance(assumption, Quadratic | SmoothWeaklyConvex):
                upper.append(constant["L"])
        return max(lower, default=None), min(upper, default=None)

    # -- oracles ---------------------------------------------------------------------------------------

    def value(self, x: Point) -> Expression:
        """f(x)."""
        return self.at(x).value

    def subgradient(self, x: Point, *, fresh: bool = False) -> Point:
        """Some g ∈ ∂f(x): the one recorded at x if there is one, unless a `fresh` one is wanted."""
        evaluation = self.at(x)
        if evaluation.subgradient is None:
            evaluation.subgradient = self.fresh_gradient(evaluation.label)
        elif fresh and not self.differentiable:
            return self.known(x, None, self.fresh_gradient()).gradient
        return evaluation.subgradient

    gradient = subgradient

    def brox(self, x: Point, radius: Number, *, multiplier: Number | None = None) -> Point:
        """brox_t f(x) = argmin{f(z) : ‖z − x‖ ≤ t}, at a step that has not yet reached a minimiser.

        Then ‖x − u‖ = t, and c (x − u) ∈ ∂f(u) with c > 0. Given the `multiplier` c that is exact; else it is relaxed,
        see `certify.pep.modelling.ball_prox`.
        """
        return ball_prox(self, x, radius, multiplier)

    def epsilon_subgradient(self, x: Point, epsilon: Number) -> Point:
        """Some g with f(z) ≥ f(x) + ⟨g, z − x⟩ − ε for all z; see `certify.pep.modelling.searches`."""
        return epsilon_subgradient(self, x, epsilon)

    def inexact_prox(self, x: Point, step: Number, *, criterion: str = "residual") -> InexactProx:
        """An approximation of prox_{γf}(x), with an error to be bounded; see `certify.pep.modelling.searches`."""
        return inexact_prox(self, x, step, criterion)

    @property
    def bounded_below(self) -> bool:
        """Whether f⋆ was used."""
        return self._minimum is not None

    @property
    def minimum(self) -> Expression:
        """f⋆ = inf f; using it asserts that f is bounded below.

        If f is convex and nothing else, its infimum may be supposed to be attained: f is a limit of such functions.
        """
        if self._minimum is None:
            self._minimum = self.model.number(f"{self.name}{MINIMIZER}")
            if all(Convex in a.closure() or isinstance(a, Quadratic) for a in self.assumptions) and self.convex:
                return self.at(self.minimizer).value
        return self._minimum

    @property
    def minimizer(self) -> Point:
        """x⋆, a minimiser of f; using it asserts that there is one."""
        if self._minimizer is None:
            if self._minimum is None:
                self._minimum = self.model.number(f"{self.name}{MINIMIZER}")
            self._minimizer = self.model.point(f"x{MINIMIZER}", space=self.space)
            self.known(self._minimizer, self._minimum, self.model.zero(self.space), label=MINIMIZER)
        return self._minimizer

    # -- records ---------------------------------------------------------------------------------------

    def at(self, x: Point) -> Evaluation:
        """The record of f at a point, made when first needed."""
        if isinstance(x, Point) and x in self._found:
            return self._found[x]
        return self.known(x, None, None)

    def known(self, x: Point, value: Expression | None, gradient: Point | None, *, label: str = "") -> Evaluation:
        """Record that f(x) is `value` and that `gradient` ∈ ∂f(x), where given: how new oracles are built."""
        self._belongs(x, *(() if gradient is None else (gradient,)))
        before = self._found.get(x)
        if before is not None and value is None:
            if before.subgradient is None:
                before.subgradient = gradient
            if gradient is None or before.subgradient is gradient:
                return before
            value = before.value
        label = self._label(label or self.model.label_of(x))
        if value is None:
            value = self.model.number(f"{self.name}{label}")
        evaluation = self._record(Evaluation(x, label, value, gradient))
        self._found.setdefault(x, evaluation)
        return evaluation

    def knows(self, x: Point) -> bool:
        """Whether f was evaluated at x."""
        return x in self._found

    def fresh_gradient(self, label: str = "") -> Point:
        """A new vector to be recorded as a (sub)gradient of f."""
        return self.model.point(f"{self.name}'{label or self._label(None)}", space=self.space)

    def complete(self) -> None:
        """A (sub)gradient wherever only a value was asked for; an indicator function has 0, which says nothing."""
        if any(Indicator in a.closure() for a in self.assumptions):
            return
        for evaluation in self.evaluations:
            if evaluation.subgradient is None:
                evaluation.subgradient = self.fresh_gradient(evaluation.label)

    def conditions(self, *, paired: bool = True) -> Iterator[Condition]:
        """The conditions of all assumptions at all points recorded, with names; those of pairs only if `paired`.

        A (sub)gradient is made wherever only a value was asked for. A convex function may have none at the edge of its
        domain, but it is a limit of functions that do; without them f(average) ≤ average of f would be lost.
        """
        self.complete()
        yield from super().conditions(paired=paired)
        if self._minimum is not None and not self._minimum_is_implied():
            for x in self.evaluations:
                if x.point is not self._minimizer:
                    yield f"{self.name}:minimum[{x.label}]", x.value >= self._minimum

    def relaxations(self) -> Iterator[str]:
        """Why the conditions may hold although no function satisfies the assumptions, in words."""
        yield from super().relaxations()
        for assumption in self.assumptions:
            if not assumption.valued and self.model.mentions(k for e in self.evaluations for k in e.value.terms if k):
                yield f"the conditions for {assumption.name} say nothing of the values of {self.name}, which are used"

    def _minimum_is_implied(self) -> bool:
        """Whether f ≥ f⋆ follows from the tangent at x⋆, or from smoothness."""
        attained = self._minimizer is not None
        return any(Smooth in a.closure() or (attained and Convex in a.closure()) for a in self.assumptions)
