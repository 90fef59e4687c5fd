"""Layer-wise steps on convex functions and under the PL condition: true constants, and none that is a little better."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.conclude import conclude
from certify.assumptions.layerwise_convex import LayerwiseConvex
from certify.assumptions.layerwise_dominated import LayerwiseDominated
from certify.assumptions.layerwise_lipschitz import LayerwiseLipschitz
from certify.language import GAP, DoesNotApply, Goal, QuadraticDecrease, norm, pose, theorem
from certify.methods._layerwise import HALF, LAYERS, FixedNear, Scaled, ScaledLeast
from certify.methods.gluon import Gluon
from certify.prove.prover import prove
from certify.simulate.layered import run_layers

TRUE = ("fixed-long", "fixed-lipschitz", "fixed-convex", "scaled-long", "scaled-convex", "scaled-pl")


def quadratic(method: Any, f: Any, x: Any, y: Any, **options: Any) -> Goal:
    given = {"offset": f.total(f.D**2 / method.gamma), "weight": HALF} | options
    quantity, steps = f.total(f.D * norm(f.gradient(x))), (method.gamma * f.L <= 1,)
    ends = {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}
    return QuadraticDecrease(quantity=quantity, given=steps, **ends, **given)


class FalseScaled(Scaled):
    """Wrong constants in the decrease for convex functions."""

    @theorem(LayerwiseLipschitz, LayerwiseConvex, measure=GAP, norms=LAYERS)
    def whole_square(self, f: Any, x: Any, y: Any) -> Goal:
        """The weight 1 instead of ½."""
        return quadratic(self, f, x, y, weight=1)

    @theorem(LayerwiseLipschitz, LayerwiseConvex, measure=GAP, norms=LAYERS)
    def mean_distance(self, f: Any, x: Any, y: Any) -> Goal:
        """The mean of D²/γ over the layers instead of the sum: a factor p too good."""
        return quadratic(self, f, x, y, offset=f.total(f.D**2 / self.gamma) / f.total(1))


class FalseScaledLeast(ScaledLeast):
    """Twice the gain, and the largest step size instead of the smallest."""

    @theorem(LayerwiseLipschitz, LayerwiseDominated, measure=GAP, norms=LAYERS)
    def double_gain(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − 2μθ."""
        goal = self.scaled_pl.goal(self, f, x, y)
        return replace(goal, rate=1 - 2 * f.mu * self.least, given=(*goal.given, 2 * f.mu * self.least <= 1))

    @theorem(LayerwiseLipschitz, LayerwiseDominated, measure=GAP, norms=LAYERS)
    def largest_step(self, f: Any, x: Any, y: Any) -> Goal:
        """θ ≥ γᵢ."""
        goal = self.scaled_pl.goal(self, f, x, y)
        return replace(goal, given=(self.least >= self.gamma, self.gamma * f.L <= 1, f.mu * self.least <= 1))


class FalseFixedNear(FixedNear):
    """Balls that do not reach as far as the bound says, and half of the error."""

    @theorem(LayerwiseLipschitz, LayerwiseConvex, measure=GAP, norms=LAYERS)
    def too_short(self, f: Any, x: Any, y: Any) -> Goal:
        """tᵢ ≥ 0.99 θDᵢ."""
        goal = self.fixed_convex.goal(self, f, x, y)
        return replace(goal, given=(self.share * f.D * Fraction(99, 100) <= self.t,))

    @theorem(LayerwiseLipschitz, LayerwiseConvex, measure=GAP, norms=LAYERS)
    def quarter_error(self, f: Any, x: Any, y: Any) -> Goal:
        """¼Σ Lᵢtᵢ²."""
        goal = self.fixed_convex.goal(self, f, x, y)
        return replace(goal, error=goal.error / 2)


class Backwards(Scaled):
    """A decrease from the later point to the earlier one."""

    @theorem(LayerwiseLipschitz, LayerwiseConvex, measure=GAP, norms=LAYERS)
    def backwards(self, f: Any, x: Any, y: Any) -> Goal:
        """before and after change places."""
        goal = quadratic(self, f, x, y)
        return replace(goal, before=f.value(y) - f.minimum, after=f.value(x) - f.minimum)


FALSE = [
    (kind, name)
    for kind in (FalseScaled, FalseScaledLeast, FalseFixedNear)
    for name, own in kind.theorems().items()
    if own.goal.__qualname__.startswith(kind.__name__)
]


def posed(method: Any, name: str) -> Any:
    own = method.theorems()[name]
    return pose(method, own.assumptions, own)


@pytest.mark.parametrize("name", TRUE)
def test_they_are_proved_and_attained(name: str) -> None:
    assert prove(posed(Gluon, name), seconds=10).proved
    own = Gluon.theorems()[name]
    found = run_layers(Gluon, own.assumptions, own, runs=100, steps=3, norms=("linf",))
    assert found is not None
    assert found.violations == 0
    assert found.worst_ratio is not None
    assert found.worst_ratio >= 0.95


@pytest.mark.parametrize(("method", "name"), FALSE, ids=[n for _, n in FALSE])
def test_a_little_better_is_not_proved(method: Any, name: str) -> None:
    assert not prove(posed(method, name), seconds=1).proved


def test_a_decrease_goes_forwards() -> None:
    with pytest.raises(DoesNotApply, match="before and after a step"):
        posed(Backwards, "backwards")


def test_convex_functions_after_n_steps() -> None:
    """In one layer with γ = 1/L: 2LD²Δ₀/(2LD² + NΔ₀), which is 2LD²/(N + 4) for Δ₀ = LD²/2."""
    bound = conclude(prove(posed(Gluon, "scaled-convex"), seconds=10)).bound
    assert bound is not None
    assert bound.text == "f(x_N) − f⋆ ≤ 2Δ₀(ΣDᵢ²/γᵢ)/(2ΣDᵢ²/γᵢ + NΔ₀)"
