"""What functions and sums of functions have in common: oracles and arithmetic; and the sums themselves."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from flint import fmpq

from certify.language import Assumption, Evaluation, norm2
from certify.language.oracles import MINIMIZER
from certify.pep.modelling.expressions import Expression, MixedModels, Point, Space, equal
from certify.pep.modelling.interfaces import OneFunction
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.rationals import Number, rational
from certify.pep.modelling.records import Condition
from certify.pep.modelling.searches import inexact_gradient, polyak_gradient, span_search


class Calculus:
    """Oracles and arithmetic of a linear combination Σ cᵢ fᵢ of functions, or of one function (1 · f).

    Of a subgradient of a sum it is supposed that it is the sum of subgradients. That holds where the sum rule does, for
    example if the relative interiors of the domains meet (Rockafellar, Convex Analysis (1970), Theorem 23.8).
    """

    model: Ledger
    space: Space
    name: str
    terms: dict[OneFunction, fmpq]

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
        """prox_{γf}(x) = argmin f(z) + ‖z − x‖²/(2γ): u = x − γ g with g ∈ ∂f(u).

        If f + ‖·‖²/(2γ) is not known to be convex, it is relaxed that u minimises: u is supposed to be stationary.
        """
        gamma, least = rational(step), self.least_curvature
        if gamma < 0:
            raise ValueError(f"the step of a proximal point must not be negative, as {gamma} is")
        if least is None or 1 + gamma * least < 0:
            self.model.relax(f"that a proximal point of {self.name} minimises is relaxed: it is stationary")
        slopes = [(f, c, f.fresh_gradient()) for f, c in self.terms.items()]
        total = sum((c * g for _, c, g in slopes), self.model.zero(self.space))
        point = x - total * gamma
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

    # -- further oracles, see `certify.pep.modelling.searches` ----------------------------------------------

    def span_search(self, x: Point, *directions: Point) -> Point:
        """A minimiser of f over x + span(directions): exact line search, for one direction."""
        return span_search(self, x, *directions)

    def inexact_gradient(self, x: Point, *, absolute: Number | None = None, relative: Number | None = None) -> Point:
        """Some d with ‖d − ∇f(x)‖ ≤ ε, or ≤ ε‖∇f(x)‖."""
        return inexact_gradient(self, x, absolute=absolute, relative=relative)

    def polyak_gradient(self, x: Point, ratio: Number) -> Point:
        """∇f(x) at a point x where ‖∇f(x)‖² = ratio · (f(x) − f⋆)."""
        return polyak_gradient(self, x, ratio)

    def stationary_point(self) -> Point:
        """A point where 0 is a (sub)gradient; for a convex function a minimiser."""
        return self.shifted_minimizer(self.model.zero(self.space))

    @property
    def convex(self) -> bool:
        """Whether the assumptions say that f is convex."""
        return all(c > 0 and f.convex for f, c in self.terms.items())

    @property
    def least_curvature(self) -> fmpq | None:
        """A number m for which f − (m/2)‖·‖² is convex, if one is known."""
        total = fmpq(0)
        for f, c in self.terms.items():
            bound = f.curvature[c < 0]
            if bound is None:
                return None
            total += c * bound
        return total

    @property
    def minimizer(self) -> Point:
        """x⋆, a minimiser of f; using it asserts that there is one."""
        raise NotImplementedError

    @property
    def minimum(self) -> Expression:
        """f⋆ = inf f; using it asserts that f is bounded below."""
        raise NotImplementedError

    @property
    def subdifferential(self) -> Any:
        """∂f as an operator, for inclusions: ``(A + f.subdifferential).zero`` is a point z with 0 ∈ A(z) + ∂f(z)."""
        from certify.pep.modelling.subdifferential import subdifferential

        return subdifferential(self)

    # -- arithmetic ------------------------------------------------------------------------------------

    def __add__(self, other: Calculus) -> Sum:
        if not isinstance(other, Calculus):
            hint = " (for an inclusion write A + f.subdifferential)" if hasattr(other, "into") else ""
            raise TypeError(f"a function and {other!r} cannot be added{hint}")
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


class Sum(Calculus):
    """Σ cᵢ fᵢ. Equal sums are one function: they share minimiser and minimum."""

    def __init__(self, model: Ledger, space: Space, terms: dict[OneFunction, fmpq]) -> None:
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
    """The infimum of a sum: a minimiser, and (if the sum is not convex) that no recorded value lies below it.

    If the sum has curvature at most L > 0 then F(x) ≥ F⋆ + ‖∇F(x)‖²/(2L), where a gradient step of length 1/L ends.
    """

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

    def named(self) -> Iterator[tuple[str, Assumption]]:
        """No assumptions, hence no conditions between pairs of points."""
        return iter(())

    def conditions(self, *, paired: bool = True) -> Iterator[Condition]:
        """F ≥ F⋆ at all points where all terms were evaluated."""
        if "minimum" in self.__dict__:
            first, *others = self.sum.terms
            for x in list(first.evaluations):
                if all(f.knows(x.point) for f in others):
                    bound = self.minimum
                    if self._curvature is not None:
                        bound = bound + norm2(self.sum.gradient(x.point)) / (2 * self._curvature)
                    yield f"{self.name}:minimum[{x.label}]", self.sum.value(x.point) >= bound

    @cached_property
    def _curvature(self) -> fmpq | None:
        """A positive upper bound of the curvature of F, if there is one."""
        total = fmpq(0)
        for f, c in self.sum.terms.items():
            bound = f.curvature[c > 0]
            if bound is None:
                return None
            total += c * bound
        return total if total > 0 else None

    def relaxations(self) -> Iterator[str]:
        """None of its own."""
        return iter(())

    def narrowing(self) -> None:
        """Nothing is to be narrowed."""
        return None
