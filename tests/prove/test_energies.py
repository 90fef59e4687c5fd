"""Energies of accelerated and proximal methods: what is proved for all N, what it means for claims, what is not."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.conclude import conclude
from certify.claims.reading import claim
from certify.claims.theorems import Search, by_theorem
from certify.language import DoesNotApply, Energy, Goal, pose
from certify.methods.fgm import FastGradient
from certify.methods.heavy_ball import HeavyBall
from certify.methods.nag import ConstantMomentum
from certify.methods.ogm import OptimizedGradient
from certify.methods.pgm import ProximalGradient
from certify.prove.prover import prove


def changed(method: Any, name: str, **fields: Any) -> Any:
    true = method.theorems()[name]
    return replace(true, goal=lambda *args, **index: replace(true.goal(*args, **index), **fields))


BOUNDS = [
    (FastGradient, "gap", "f(x_N) − f⋆ ≤ 2LR²/(1 + N)²"),
    (OptimizedGradient, "gap", "f(x_N) − f⋆ ≤ 2LR²/(1 + √(3 + 4N + 2N²))²"),
    (HeavyBall, "gap-pl", "f(x_N) − f⋆ ≤ ρᴺ·Δ₀"),
    (ConstantMomentum, "gap", "f(x_N) − f⋆ ≤ ρᴺ·(2Δ₀ + μR²)/2"),
    (ProximalGradient, "gap", "f(x_N) − f⋆ ≤ R²/(2Nγ)"),
]


@pytest.mark.parametrize(("method", "name", "bound"), BOUNDS)
def test_bounds_after_any_number_of_steps(method, name, bound):
    statement = method.theorems()[name]
    found = prove(pose(method, statement.assumptions, statement))
    assert found.proved, found.tried
    ends = conclude(found)
    assert ends.bound is not None
    assert ends.bound.text == bound


def test_a_scale_that_grows_faster_is_not_proved():
    statement = changed(FastGradient, "gap", scale=lambda N: (N + 2) ** 2)
    assert not prove(pose(FastGradient, statement.assumptions, statement), seconds=1).proved


class Hasty(OptimizedGradient):
    """z moves too far."""

    name = "hasty"

    def step(self, state: Any, f: Any) -> Any:
        new = super().step(state, f)
        return new._replace(z=new.z + Fraction(1, 10) * (new.z - state.z))


def test_the_optimised_gradient_method_has_no_other_steps():
    statement = OptimizedGradient.theorems()["gap"]
    found = prove(pose(Hasty, statement.assumptions, statement), seconds=1)
    assert [p.role for p in found.parts if not p.proved] == ["lemma[2]"]


def test_more_momentum_of_the_heavy_ball_is_not_proved():
    true = HeavyBall.theorems()["gap-pl"]

    def goal(own: Any, f: Any, before: Any, after: Any) -> Goal:
        γ, β = own.step_size, own.momentum
        return replace(true.goal(own, f, before, after), given=(γ * f.L <= 1, β**2 <= 1 - γ * f.mu))

    statement = replace(true, goal=goal)
    assert not prove(pose(HeavyBall, statement.assumptions, statement), seconds=1).proved


def test_the_quantity_must_be_the_measure_after_the_step():
    def before(goal: Goal, f: Any, state: Any) -> Goal:
        assert isinstance(goal, Energy)
        return replace(goal, quantity=f.value(state.x) - f.minimum)

    true = FastGradient.theorems()["gap"]
    statement = replace(true, goal=lambda own, f, s, t, **index: before(true.goal(own, f, s, t, **index), f, s))
    with pytest.raises(DoesNotApply, match="after its step"):
        pose(FastGradient, statement.assumptions, statement)


FISTA = {"method": "fista", "assumptions": {"f": "smooth-convex", "h": "convex"}, "set": {"gamma": "1/L"}}
CLAIMS = [
    (FISTA | {"claim": "f(x_N) - f* <= 2 L R^2/(N + 1)^2"}, True),
    (FISTA | {"claim": "f(x_N) - f* <= 2 L R^2/(N + 2)^2"}, False),
    (FISTA | {"set": {"gamma": "3/(2 L)"}, "claim": "f(x_N) - f* <= 4 L R^2/(3 (N + 1)^2)"}, False),
    ({"method": "frank-wolfe", "assumptions": {"f": "smooth-convex", "c": "bounded-indicator"},
      "claim": "f(x_N) - f* <= 2 L D^2/(N + 2)"}, True),
    ({"method": "frank-wolfe", "assumptions": {"f": "smooth-convex", "c": "bounded-indicator"},
      "claim": "f(x_N) - f* <= L D^2/(N + 2)"}, False),
    ({"method": "nag", "assumptions": "smooth-strongly-convex",
      "claim": "f(x_N) - f* <= (1 - sqrt(mu/L))^N (f(x_0) - f* + (mu/2) R^2)"}, True),
    ({"method": "nag", "assumptions": "smooth-strongly-convex", "steps": "N >= 0",
      "claim": "f(x_N) - f* <= (1 - sqrt(mu/L))^N (f(x_0) - f* + (mu/2) R^2)"}, False),
    ({"method": "ogm", "assumptions": "smooth-convex",
      "claim": "f(x_N) - f* <= L R^2/((N + 1)(N + 1 + sqrt(2)))"}, True),
    ({"method": "gd", "assumptions": "smooth-strongly-convex", "set": {"gamma": "2/(mu + L)"},
      "claim": "f(x_N) - f* <= (L/2) exp(-4 N/(kappa + 1)) R^2"}, True),
]  # fmt: skip


@pytest.mark.parametrize(("entry", "follows"), CLAIMS)
def test_claims_follow_or_not(entry, follows):
    """What is not proved here need not be false: N = 0 is true of Nesterov's method, but not by this theorem."""
    assert (by_theorem(claim(entry), 10, Search()) is not None) == follows
