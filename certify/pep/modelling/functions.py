"""Functions of a worst-case problem and their oracles: what is known of f are its values and (sub)gradients at points.

The oracles have the names that a method's `step` uses everywhere (value, gradient, subgradient, prox, …). Functions add
up: ``f + h``, ``2 * f`` and ``(f1 + f2) / 2`` are again functions with the same oracles.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from flint import fmpq

from certify.assumptions.convex import Convex
from certify.assumptions.smooth import Smooth
from certify.language import Assumption, Evaluation
from certify.language.oracles import MINIMIZER
from certify.pep.engine.problem import ONE
from certify.pep.modelling.expressions import Expression, MixedModels, Point, Space, equal
from certify.pep.modelling.model import Model
from certify.pep.modelling.rationals import Number, rational
from certify.pep.modelling.records import Condition, Records


class Calculus:
    """Oracles and arithmetic of a linear combination Σ cᵢ fᵢ of functions, or of one function (1 · f).

    Of a subgradient of a sum it is supposed that it is the sum of subgradients. That holds where the sum rule does, for
    example if the relative interiors of the domains meet (Rockafellar, Convex Analysis (1970), Theorem 23.8).
    """

    model: Model
    space: Space
    name: str
    terms: dict[Function, fmpq]

    def __call__(self, x: Point) -> Expression:
        """f(x)."""
        return self.value(x)

    def value(self, x: Point) -> Expression:
        """f(x)."""
        return sum((c * f.at(x).value for f, c in self.terms.items()), self.model.constant(0))

    def subgradient(self, x: Point, *, fresh: bool = False) -> Point:
        """Some g ∈ ∂f(x): the one recorded at x if there is one, unless a `fresh` one is wanted."""
        return sum((c * f.subgradient(x, fresh=fresh) for f, c in self.terms.items()), self.model.zero(self.space))

    gradient = subgradient

    def prox(self, x: Point, step: Number) -> Point:
        """prox_{γf}(x) = argmin f(z) + ‖z − x‖²/(2γ): u = x − γ g with g ∈ ∂f(u)."""
        slopes = [(f, c, f.fresh_gradient()) for f, c in self.terms.items()]
        total = sum((c * g for _, c, g in slopes), self.model.zero(self.space))
        point = x - total * rational(step)
        for f, _, g in slopes:
            f.known(point, None, g)
        return point

    def shifted_minimizer(self, slope: Point, name: str = "") -> Point:
        """A fresh point u with slope ∈ ∂f(u): argmin f(z) − ⟨slope, z⟩, the gradient of f* at the slope."""
        point = self.model.point(name, space=self.space)
        if name:
            self.model.label(point, name.removeprefix("x"))
        self.impose(point, slope)
        return point

    def impose(self, point: Point, slope: Point) -> None:
        """Suppose that slope ∈ ∂f(point)."""
        free = [f for f in self.terms if f.at(point).subgradient is None]
        if not free:
            self.model.suppose(equal(self.subgradient(point), slope), name=f"{self.name}:gradient")
            return
        last = free[-1]
        rest = sum((c * f.subgradient(point) for f, c in self.terms.items() if f is not last), slope * 0)
        last.known(point, None, (slope - rest) / self.terms[last])

    def stationary_point(self) -> Point:
        """A point where 0 is a (sub)gradient; for a convex function a minimiser."""
        return self.shifted_minimizer(self.model.zero(self.space))

    @property
    def convex(self) -> bool:
        """Whether the assumptions say that f is convex."""
        return all(c > 0 and f.convex for f, c in self.terms.items())

    @property
    def minimizer(self) -> Point:
        """x⋆, a minimiser of f; using it asserts that there is one."""
        raise NotImplementedError

    @property
    def minimum(self) -> Expression:
        """f⋆ = inf f; using it asserts that f is bounded below."""
        raise NotImplementedError

    # -- arithmetic ------------------------------------------------------------------------------------

    def __add__(self, other: Calculus) -> Sum:
        if not isinstance(other, Calculus):
            raise TypeError(f"a function and {other!r} cannot be added")
        if other.model is not self.model or other.space is not self.space:
            raise MixedModels("functions of two different spaces or models were added")
        terms = dict(self.terms)
        for f, c in other.terms.items():
            terms[f] = terms[f] + c if f in terms else c
        return Sum(self.model, self.space, {f: c for f, c in terms.items() if c})

    def __neg__(self) -> Sum:
        return self * -1

    def __sub__(self, other: Calculus) -> Sum:
        return self + (-other)

    def __mul__(self, factor: Number) -> Sum:
        if isinstance(factor, Calculus | Expression | Point):
            raise TypeError("a function can be multiplied by a number only")
        number = rational(factor)
        return Sum(self.model, self.space, {f: c * number for f, c in self.terms.items() if number})

    __rmul__ = __mul__

    def __truediv__(self, divisor: Number) -> Sum:
        return self * (1 / rational(divisor))


class Function(Records, Calculus):
    """A function of the classes `assumptions`. Its constants are attributes: ``f.L``, ``f.mu``."""

    def __init__(self, model: Model, assumptions: tuple[Assumption, ...], name: str, space: Space) -> None:
        super().__init__(model, assumptions, name, space)
        self.terms = {self: ONE}
        self._found: dict[Point, Evaluation] = {}
        self._minimum: Expression | None = None
        self._minimizer: Point | None = None

    @cached_property
    def convex(self) -> bool:
        """Whether the assumptions say that f is convex."""
        return bool(self.assumptions) and all(Convex in a.closure() for a in self.assumptions)

    @cached_property
    def differentiable(self) -> bool:
        """Whether one of the assumptions makes f differentiable."""
        return any(a.differentiable for a in self.assumptions)

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
        from certify.pep.modelling.ball_prox import ball_prox

        return ball_prox(self, x, radius, multiplier)

    @property
    def bounded_below(self) -> bool:
        """Whether f⋆ was used."""
        return self._minimum is not None

    @property
    def minimum(self) -> Expression:
        """f⋆ = inf f; using it asserts that f is bounded below.

        For a convex f the infimum may be supposed to be attained: every f is a limit of functions whose infimum is.
        """
        if self._minimum is None:
            self._minimum = self.model.number(f"{self.name}{MINIMIZER}")
            if self.convex:
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
        self._belongs(x)
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

    def fresh_gradient(self, label: str = "") -> Point:
        """A new vector to be recorded as a (sub)gradient of f."""
        return self.model.point(f"{self.name}'{label or self._label(None)}", space=self.space)

    def conditions(self, *, paired: bool = True) -> Iterator[Condition]:
        """The conditions of all assumptions at all points recorded, with names; those of pairs only if `paired`.

        A (sub)gradient is made wherever only a value was asked for. A convex function may have none at the edge of its
        domain, but it is a limit of functions that do; without them f(average) ≤ average of f would be lost.
        """
        for evaluation in self.evaluations:
            if evaluation.subgradient is None:
                evaluation.subgradient = self.fresh_gradient(evaluation.label)
        yield from super().conditions(paired=paired)
        if self._minimum is not None and not self._minimum_is_implied():
            for x in self.evaluations:
                if x.point is not self._minimizer:
                    yield f"{self.name}:minimum[{x.label}]", x.value >= self._minimum

    def _minimum_is_implied(self) -> bool:
        """Whether f ≥ f⋆ follows from the tangent at x⋆, or from smoothness."""
        attained = self._minimizer is not None
        return any(Smooth in a.closure() or (attained and Convex in a.closure()) for a in self.assumptions)


class Sum(Calculus):
    """Σ cᵢ fᵢ. Equal sums are one function: they share minimiser and minimum."""

    def __init__(self, model: Model, space: Space, terms: dict[Function, fmpq]) -> None:
        if not terms:
            raise ValueError("the function 0 has no oracles; leave it out")
        self.model = model
        self.space = space
        self.terms = terms
        self.name = " + ".join(f.name if c == 1 else f"{c}·{f.name}" for f, c in terms.items())

    def __repr__(self) -> str:
        return self.name

    @property
    def minimizer(self) -> Point:
        """x⋆, a minimiser of the sum; using it asserts that there is one."""
        (f, c), *more = self.terms.items()
        if not more and c > 0:
            return f.minimizer
        return self._bounds().minimizer

    @property
    def minimum(self) -> Expression:
        """The infimum of the sum; using it asserts that the sum is bounded below."""
        (f, c), *more = self.terms.items()
        if not more and c > 0:
            return c * f.minimum
        if self.convex:
            return self.value(self.minimizer)
        bounds = self._bounds()
        return bounds.minimum * (self._scale() / bounds.sum._scale())

    def _scale(self) -> fmpq:
        first = next(iter(sorted(self.terms.items(), key=lambda item: item[0].name)))[1]
        return first if first > 0 else -first

    def _bounds(self) -> Infimum:
        """What is known of the infimum, shared by all positive multiples of this sum."""
        key = frozenset((f, c / self._scale()) for f, c in self.terms.items())
        return self.model.shared(key, lambda: Infimum(self))


class Infimum:
    """The infimum of a sum: a minimiser, and (if the sum is not convex) that no recorded value lies below it."""

    evaluations: tuple[Evaluation, ...] = ()

    def __init__(self, of: Sum) -> None:
        self.sum = of
        self.name = f"({of.name})"

    @cached_property
    def minimizer(self) -> Point:
        """A point where the subgradients add up to 0, and (if the sum is not convex) the value is the smallest."""
        point = self.sum.shifted_minimizer(self.sum.model.zero(self.sum.space), f"x{MINIMIZER}")
        if not self.sum.convex:
            self.sum.model.suppose(equal(self.sum.value(point), self.minimum), name=f"{self.name}:minimizer")
        return point

    @cached_property
    def minimum(self) -> Expression:
        """F⋆."""
        self.sum.model.relax(f"that {self.name} is bounded below is supposed at the recorded points only")
        return self.sum.model.number(f"{self.name}{MINIMIZER}")

    def conditions(self, *, paired: bool = True) -> Iterator[Condition]:
        """F ≥ F⋆ at all points where all terms were evaluated."""
        if "minimum" in self.__dict__:
            first, *others = self.sum.terms
            for x in list(first.evaluations):
                if all(x.point in f._found for f in others):
                    yield f"{self.name}:minimum[{x.label}]", self.sum.value(x.point) >= self.minimum

    def relaxations(self) -> Iterator[str]:
        """None of its own."""
        return iter(())
