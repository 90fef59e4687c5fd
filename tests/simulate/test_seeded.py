"""Seeded false theorems: each is refuted exactly within the time that ``certify METHOD`` gives to the search."""

from fractions import Fraction
from math import inf
from typing import Any

import pytest

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.variance import Variance
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Contraction,
    FiniteDecrease,
    Goal,
    Method,
    Monotone,
    Potential,
    Telescoping,
    norm,
    norm2,
    theorem,
)
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.sgd import StochasticGradient
from certify.methods.subgradient import Subgradient
from certify.simulate.claims import Claim
from certify.simulate.counterexample import Trial, examine
from certify.simulate.exact import quadratic
from certify.simulate.refute import refute

SECONDS = 10.0
"""What an analysis allows (`certify.analysis.analyse`)."""


class Descent(GradientDescent):
    """Gradient descent with false theorems."""

    name = "false-gd"

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def constant(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """A gap of LR²/(4NγL + 3) instead of 4NγL + 2."""
        γ, L, N = self.step_size, f.L, k + 1 + m
        h = γ * L

        def Φ(k: Any, x: Any) -> Any:
            a = k / (2 * N + 1 - k)
            energy = f.value(x) - f.minimum + γ / 2 * norm2(f.gradient(x))
            return a * energy + (1 - a) * L * norm2(x - f.minimizer) / (2 * (1 + (2 * N - k) * h))

        initial = L * norm2(x - f.minimizer) / (4 * N * h + 3)
        measure = f.value(x) - f.minimum
        return Potential(phi=Φ, x=x, y=y, clock=k, left=m, measure=measure, initial=initial, given=(1 / γ >= L,))

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def range(self, f: Any, x: Any, y: Any) -> Goal:
        """The contraction (1 − γμ)² for all γ ≤ 2/L instead of 2/(L + μ)."""
        before, after, γ = norm2(x - f.minimizer), norm2(y - f.minimizer), self.step_size
        return Contraction(before=before, after=after, rate=(1 - γ * f.mu) ** 2, given=(2 / γ >= f.L,))

    @theorem(SmoothConvex, measure=DISTANCE)
    def assumption(self, f: Any, x: Any, y: Any) -> Goal:
        """Distances fall linearly without strong convexity."""
        before, after, γ = norm2(x - f.minimizer), norm2(y - f.minimizer), self.step_size
        return Contraction(before=before, after=after, rate=1 - γ * f.L / 100, given=(1 / γ >= f.L,))

    @theorem(PolyakLojasiewicz, measure=GAP)
    def gap_pl(self, f: Any, x: Any, y: Any) -> Goal:
        """The contraction 1 − 2μγ(2 − γL)."""
        γ, before, after = self.step_size, f.value(x) - f.minimum, f.value(y) - f.minimum
        return Contraction(before=before, after=after, rate=1 - 2 * f.mu * γ * (2 - γ * f.L), given=(1 / γ >= f.L,))

    @theorem(Smooth, measure=GRADIENT)
    def gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """A little more than γ(1 − γL/2): γ(1 − 49γL/100)."""
        γ, before, after = self.step_size, f.value(x) - f.minimum, f.value(y) - f.minimum
        weight = γ * (1 - 49 * γ * f.L / 100)
        return Telescoping(quantities=(norm2(f.gradient(x)),), weights=(weight,), before=before, after=after)

    @theorem(Smooth, measure=GRADIENT)
    def gradients_fall(self, f: Any, x: Any, y: Any) -> Goal:
        """Gradient norms never increase, without convexity."""
        return Monotone(before=norm2(f.gradient(x)), after=norm2(f.gradient(y)), given=(1 / self.step_size >= f.L,))


class Proximal(ProximalPoint):
    """The proximal point method with false theorems."""

    name = "false-ppm"

    @theorem(StronglyConvex, measure=DISTANCE)
    def exponent(self, f: Any, x: Any, y: Any) -> Goal:
        """The contraction (1 + γμ)⁻³ instead of (1 + γμ)⁻²."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return Contraction(before=before, after=after, rate=1 / (1 + self.step_size * f.mu) ** 3)

    @theorem(Convex, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """The decrease 2γ(f(x⁺) − f⋆) plus 2‖x − x⁺‖² instead of once."""
        γ, gap = self.step_size, f.value(y) - f.minimum
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return Telescoping(quantities=(gap,), weights=(2 * γ,), before=before, after=after, error=-2 * norm2(x - y))


class Ball(BroximalPoint):
    """The broximal point method with false theorems."""

    name = "false-bpm"

    @theorem(BallConvex, measure=DISTANCE)
    def amount(self, f: Any, x: Any, y: Any) -> Goal:
        """The decrease 11t²/10 instead of t²."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return FiniteDecrease(before=before, after=after, amount=11 * self.radius**2 / 10)

    @theorem(BallConvex, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """The rate 1 − 2t/(2d − t) instead of 1 − t/d."""
        d, t = norm(x - f.minimizer), self.radius
        before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
        return Contraction(before=before, after=after, rate=1 - 2 * t / (2 * d - t), given=(d >= t,))


class Stochastic(StochasticGradient):
    """Stochastic gradient descent with false theorems."""

    name = "false-sgd"

    @theorem(SmoothConvex, Variance, measure=GAP)
    def noise(self, f: Any, x: Any, y: Any) -> Goal:
        """The error γ²σ² without the factor 1 + γL."""
        γ, before, after = self.step_size, norm2(x - f.minimizer), norm2(y - f.minimizer)
        gap, error = f.value(y) - f.minimum, γ**2 * f.sigma**2
        given = (γ * f.L <= 1,)
        return Telescoping(quantities=(gap,), weights=(2 * γ,), before=before, after=after, error=error, given=given)

    @theorem(PolyakLojasiewicz, Variance, measure=GAP)
    def half(self, f: Any, x: Any, y: Any) -> Goal:
        """The error Lγ²σ²/4 instead of Lγ²σ²/2."""
        γ, before, after = self.step_size, f.value(x) - f.minimum, f.value(y) - f.minimum
        rate, error = 1 - γ * f.mu * (2 - γ * f.L), f.L * γ**2 * f.sigma**2 / 4
        return Contraction(before=before, after=after, rate=rate, error=error, given=(γ * f.L < 2,))


class Slope(Subgradient):
    """The subgradient method with a false theorem."""

    name = "false-subgradient"

    @theorem(LipschitzConvex, measure=GAP)
    def error(self, f: Any, x: Any, y: Any) -> Goal:
        """The error 9γ²M²/10 instead of γ²M²."""
        γ, before, after = self.step_size, norm2(x - f.minimizer), norm2(y - f.minimizer)
        gap, error = f.value(x) - f.minimum, 9 * γ**2 * f.M**2 / 10
        return Telescoping(quantities=(gap,), weights=(2 * γ,), before=before, after=after, error=error)


class Narrow(GradientDescent):
    """Gradient descent with a theorem that fails in a small part of its range only."""

    name = "narrow"

    @theorem(Smooth, measure=GRADIENT)
    def weight(self, f: Any, x: Any, y: Any) -> Goal:
        """γ(1 − γL/2) + γ(γL − 97/100)(1 − γL)/5, which is too much for 97/100 < γL < 1."""
        γ, h, before, after = self.step_size, self.step_size * f.L, f.value(x) - f.minimum, f.value(y) - f.minimum
        weight = γ * (1 - h / 2) + γ * (h - Fraction(97, 100)) * (1 - h) / 5
        quantities = (norm2(f.gradient(x)),)
        return Telescoping(quantities=quantities, weights=(weight,), before=before, after=after, given=(h <= 1,))


METHODS: tuple[type[Method], ...] = (Descent, Proximal, Ball, Stochastic, Slope)
SEEDED = [
    (m, name) for m in METHODS for name, t in m.theorems().items() if t.goal.__qualname__.startswith(f"{m.__name__}.")
]


def test_there_are_more_than_a_dozen():
    assert len(SEEDED) >= 13


@pytest.mark.parametrize(("method", "name"), SEEDED, ids=lambda v: getattr(v, "name", v))
def test_a_false_theorem_is_refuted_within_the_default_time(method, name):
    statement = method.theorems()[name]
    found = refute(method, statement.assumptions, statement, [], seconds=SECONDS)
    assert found is not None
    assert found.replay()
    assert sum(map(len, found.parameters.values())) < 30


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_near_misses_are_driven_towards_a_contradiction(seed):
    """Simple numbers never lie in the small part; numbers that are moved towards it do."""
    statement = Narrow.theorems()["weight"]
    found = refute(Narrow, statement.assumptions, statement, [], seconds=3 * SECONDS, seed=seed)
    assert found is not None
    assert found.replay()
    h = Fraction(found.parameters["gamma"]) * Fraction(found.parameters["L"])
    assert Fraction(97, 100) < h < 1


def test_how_near_a_trial_comes():
    """The flattest quadratic comes nearest to the rate under PL; what is outside the class does not count."""
    statement = GradientDescent.theorems()["gap-pl"]
    claim = Claim(GradientDescent, statement.assumptions, statement)
    values = {"L": Fraction(1), "mu": Fraction(1, 2), "gamma": Fraction(1, 2)}
    far, failure = examine(claim, Trial(quadratic(1), values, Fraction(1), Fraction(0)), -1.0)
    assert failure is None
    near, _ = examine(claim, Trial(quadratic(Fraction(1, 2)), values, Fraction(1), Fraction(0)), -1.0)
    assert -1 < far < near < 0
    assert examine(claim, Trial(quadratic(2), values, Fraction(1), Fraction(0)), -1.0) == (-inf, None)
    assert examine(claim, Trial(quadratic(1), values, Fraction(1), Fraction(0)), 0.0) == (-inf, None)
