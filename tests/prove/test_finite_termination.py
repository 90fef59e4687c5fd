"""Finite termination of the broximal point method: what is proved, false variants, and runs in plain fractions."""

from __future__ import annotations

from fractions import Fraction as Q
from math import ceil, log
from typing import Any

import pytest

from certify.analysis.conclude import NoProgress, conclude
from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.bounded_domain import BoundedDomain
from certify.assumptions.growth_at_radius import GrowthAtRadius
from certify.assumptions.sharp_growth import SharpGrowth
from certify.language import GAP, FiniteContraction, FiniteDecrease, Goal, Theorem, norm, pose, theorem
from certify.methods.bpm import BroximalPoint
from certify.prove.prover import Proved, prove

ANY = ("any",)


def gaps(f: Any, x: Any, y: Any) -> dict[str, Any]:
    return {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}


class FalseBroximalPoint(BroximalPoint):
    """Finite termination with wrong constants."""

    name = "false-bpm"

    @theorem(BallConvex, GrowthAtRadius, measure=GAP, norms=ANY)
    def growth_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """On |y| with ν = t every step gains t, not 2t."""
        return FiniteDecrease(**gaps(f, x, y), amount=2 * f.nu)

    @theorem(BallConvex, BoundedDomain, GrowthAtRadius, measure=GAP, norms=ANY)
    def rate_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """On |y| with D = 4t the first step keeps 3/4 of the gap."""
        excess = norm(x - f.minimizer) / self.radius
        return FiniteContraction(**gaps(f, x, y), rate=1 - 2 * self.radius / f.D, least=f.nu, excess=excess)

    @theorem(BallConvex, BoundedDomain, GrowthAtRadius, measure=GAP, norms=ANY)
    def least_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """On |y| with ν = t the gap before the last step may be little more than t."""
        excess = norm(x - f.minimizer) / self.radius
        return FiniteContraction(**gaps(f, x, y), rate=1 - self.radius / f.D, least=2 * f.nu, excess=excess)

    @theorem(BallConvex, BoundedDomain, SharpGrowth, measure=GAP, norms=ANY)
    def least_unknown(self, f: Any, x: Any, y: Any) -> Goal:
        """A sharp minimum, and a gap of more than sD before the last step: it is about st."""
        excess = norm(x - f.minimizer) / self.radius
        return FiniteContraction(**gaps(f, x, y), rate=1 - self.radius / f.D, least=f.s * f.D, excess=excess)

    @theorem(BallConvex, BoundedDomain, GrowthAtRadius, measure=GAP, norms=ANY)
    def no_excess(self, f: Any, x: Any, y: Any) -> Goal:
        """True, but V ≥ ν alone allows one more step than the lemma counts."""
        return FiniteContraction(**gaps(f, x, y), rate=1 - self.radius / f.D, least=f.nu, excess=1)


def proof(method: type[BroximalPoint], found: Theorem) -> Proved:
    return prove(pose(method, found.assumptions, found, norm="any"), seconds=2.0)


@pytest.mark.parametrize("name", ["growth-doubled", "rate-doubled", "least-doubled", "least-unknown"])
def test_nothing_false_is_proved(name: str) -> None:
    assert not proof(FalseBroximalPoint, FalseBroximalPoint.theorems()[name]).proved


def test_a_gap_that_is_not_strictly_larger_gives_no_count() -> None:
    with pytest.raises(NoProgress):
        conclude(proof(FalseBroximalPoint, FalseBroximalPoint.theorems()["no-excess"]))


@pytest.mark.parametrize("name", ["gap-growth", "gap-growth-bounded"])
def test_finite_termination_is_proved(name: str) -> None:
    found = proof(BroximalPoint, BroximalPoint.theorems()[name])
    assert found.proved
    bound = conclude(found).bound
    assert bound is not None
    assert bound.text.startswith("x_N is optimal for N ≥ ")
    assert "as long as" not in bound.text


@pytest.mark.parametrize("start", [Q(7, 2), Q(4), Q(9, 2)])
def test_the_count_is_attained_by_the_absolute_value(start: Q) -> None:
    """|y|, t = 1, ν = 1: ⌈Δ₀/ν⌉ steps are needed."""
    x, steps = start, 0
    while x:
        x, steps = max(x - 1, Q(0)), steps + 1
    assert steps == ceil(start / 1)


def test_the_logarithmic_count_is_shorter_where_the_start_is_high() -> None:
    """½y² from 10 with t = 1, D = 10: ν = ½ and Δ₀ = 50, so 45 steps and not 100; 10 are needed."""
    gap, ν, D, t = 50, Q(1, 2), 10, 1
    assert 1 + ceil(log(gap / ν) / -log(1 - t / D)) == 45
    assert ceil(gap / ν) == 100
