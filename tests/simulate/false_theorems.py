"""Theorems made false on purpose: a few in a hundred too good, or claimed for more than they hold for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from certify.analysis.catalogue import load_method
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Contraction,
    Goal,
    Method,
    Monotone,
    NonNegative,
    Positive,
    Telescoping,
    Theorem,
    norm2,
    theorem,
)
from certify.methods.gd import GradientDescent


@dataclass(frozen=True)
class Seed:
    """A theorem with one thing changed.

    `change` is ``part`` (a number of the goal: rate, weights, error, amount …), ``constant`` (L, mu, M … wherever the
    goal has it) or ``range`` (the same in the conditions only); `what` is its name, `factor` what it is multiplied by.
    """

    method: str
    theorem: str
    change: str
    what: str
    factor: Fraction

    def __str__(self) -> str:
        return f"{self.method}-{self.theorem}-{self.change}-{self.what}-{float(self.factor):g}"

    def made(self) -> tuple[type[Method], Theorem]:
        """The method and the false theorem."""
        kind = load_method(self.method)
        true = kind.theorems()[self.theorem]
        return kind, replace(true, goal=_CHANGES[self.change](true.goal, self.what, self.factor))


class Pretending:
    """A function that names other constants than it has."""

    def __init__(self, function: Any, constants: Mapping[str, Any]) -> None:
        self.__dict__.update(_function=function, _constants=constants)

    def __getattr__(self, name: str) -> Any:
        return self._constants[name] if name in self._constants else getattr(self._function, name)


def _pretending(f: Any, what: str, factor: Fraction) -> Pretending:
    return Pretending(f, {what: getattr(f, what) * factor})


def _part(goal: Any, what: str, factor: Fraction) -> Any:
    def changed(*arguments: Any, **keywords: Any) -> Any:
        found = goal(*arguments, **keywords)
        value = getattr(found, what)
        value = tuple(v * factor for v in value) if isinstance(value, tuple) else value * factor
        return replace(found, **{what: value})

    return changed


def _constant(goal: Any, what: str, factor: Fraction) -> Any:
    def changed(method: Any, f: Any, *arguments: Any, **keywords: Any) -> Any:
        return goal(method, _pretending(f, what, factor), *arguments, **keywords)

    return changed


def _range(goal: Any, what: str, factor: Fraction) -> Any:
    def changed(method: Any, f: Any, *arguments: Any, **keywords: Any) -> Any:
        found = goal(method, f, *arguments, **keywords)
        other = goal(method, _pretending(f, what, factor), *arguments, **keywords)
        return replace(found, given=other.given)

    return changed


_CHANGES: Mapping[str, Any] = {"part": _part, "constant": _constant, "range": _range}


class Narrow(GradientDescent):
    """Gradient descent with theorems that are false for a few of the steps that they allow only."""

    name = "narrow"

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def long(self, f: Any, x: Any, y: Any) -> Goal:
        """The contraction (1 − γμ)² for γ ≤ 41/(20(L + μ)) instead of 2/(L + μ)."""
        γ, before, after = self.step_size, norm2(x - f.minimizer), norm2(y - f.minimizer)
        given = (Fraction(41, 20) / γ >= f.L + f.mu,)
        return Contraction(before=before, after=after, rate=(1 - γ * f.mu) ** 2, given=given)

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def middle(self, f: Any, x: Any, y: Any) -> Goal:
        """The contraction (1 − γμ)² for 1.99 ≤ γ(L + μ) ≤ 2.02, with L ≥ 20μ."""
        γ, before, after = self.step_size, norm2(x - f.minimizer), norm2(y - f.minimizer)
        s = γ * (f.L + f.mu)
        given = (s >= Fraction(199, 100), s <= Fraction(202, 100), 20 * f.mu <= f.L)
        return Contraction(before=before, after=after, rate=(1 - γ * f.mu) ** 2, given=given)

    @theorem(Smooth, measure=GRADIENT)
    def weight(self, f: Any, x: Any, y: Any) -> Goal:
        """γ(1 − γL/2) + γ(γL − 97/100)(1 − γL)/5, which is too much for 97/100 < γL < 1."""
        γ, h, before, after = self.step_size, self.step_size * f.L, f.value(x) - f.minimum, f.value(y) - f.minimum
        weight = γ * (1 - h / 2) + γ * (h - Fraction(97, 100)) * (1 - h) / 5
        quantities = (norm2(f.gradient(x)),)
        return Telescoping(quantities=quantities, weights=(weight,), before=before, after=after, given=(h <= 1,))

    @theorem(SmoothConvex, measure=GAP)
    def kink(self, f: Any, x: Any, y: Any) -> Goal:
        """γ(f(x⁺) − f⋆)·301/100 ≤ ‖x − x⋆‖² − ‖x⁺ − x⋆‖² for γL ≤ 1, with 301 for 200."""
        γ, gap = self.step_size, f.value(y) - f.minimum
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        given = (1 / γ >= f.L, γ * f.L >= Fraction(9, 10))
        weights = (Fraction(301, 100) * γ,)
        return Telescoping(quantities=(gap,), weights=weights, before=before, after=after, given=given)


class Momentum(Method):
    """x_{k+1} = x_k + v_{k+1}, v_{k+1} = βv_k − γ∇f(x_k), with theorems that the first step does not contradict."""

    name = "false-momentum"
    step_size = Positive("gamma", "step size")
    momentum = NonNegative("beta", "momentum")

    def start(self, x: Any, f: Any) -> tuple[Any, Any]:
        """v₀ = 0."""
        return x, 0 * x

    def step(self, state: tuple[Any, Any], f: Any) -> tuple[Any, Any]:
        """A step with momentum."""
        x, v = state
        v = self.momentum * v - self.step_size * f.gradient(x)
        return x + v, v

    def output(self, state: tuple[Any, Any]) -> Any:
        """x_k."""
        return state[0]

    @theorem(SmoothConvex, measure=GAP)
    def falls(self, f: Any, before: Any, after: Any) -> Goal:
        """Values never increase for γL ≤ 1/2 and β ≤ 1/2."""
        a, b = (f.value(s[0]) - f.minimum for s in (before, after))
        given = (self.step_size * f.L <= Fraction(1, 2), self.momentum <= Fraction(1, 2))
        return Monotone(before=a, after=b, given=given)

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def contracts(self, f: Any, before: Any, after: Any) -> Goal:
        """Distances fall by the factor (1 − γμ)² for γL ≤ 1, whatever β ≤ 1/10 is."""
        γ, a, b = self.step_size, norm2(before[0] - f.minimizer), norm2(after[0] - f.minimizer)
        given = (γ * f.L <= 1, self.momentum <= Fraction(1, 10), 10 * f.mu <= f.L)
        return Contraction(before=a, after=b, rate=(1 - γ * f.mu) ** 2, given=given)

    @theorem(SmoothConvex, measure=GAP)
    def energy(self, f: Any, before: Any, after: Any) -> Goal:
        """f(x) − f⋆ + ‖v‖²/(2γ) never increases for γL ≤ 2(1 − β)·103/100, instead of 2(1 − β) or so."""

        def left(state: Any) -> Any:
            return f.value(state[0]) - f.minimum + norm2(state[1]) / (2 * self.step_size)

        given = (self.step_size * f.L <= Fraction(206, 100) * (1 - self.momentum), self.momentum <= Fraction(1, 2))
        return Monotone(before=left(before), after=left(after), given=given)
