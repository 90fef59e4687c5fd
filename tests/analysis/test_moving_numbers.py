"""Lemmas about sequences need one number for all steps: goals whose numbers move with the iterate conclude nothing."""

from typing import Any

import pytest

from certify.analysis.conclude import NoProgress, conclude
from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.second_moment import SecondMoment
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    Contraction,
    DoesNotApply,
    FiniteContraction,
    Goal,
    norm,
    norm2,
    pose,
    theorem,
)
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.sgd import StochasticGradient
from certify.prove.prover import prove


def _distances(f: Any, x: Any, y: Any) -> dict[str, Any]:
    return {"before": norm2(x - f.minimizer), "after": norm2(y - f.minimizer)}


class NeverThere(GradientDescent):
    """Gradient descent never reaches the minimiser of (μ/2)x²."""

    name = "never-there"

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x − x⋆‖² is larger than its half while x is not optimal, and contracts: so "x_N is optimal for N ≥ …"."""
        γ = self.step_size
        return FiniteContraction(
            **_distances(f, x, y),
            rate=1 - γ * f.mu,
            least=norm2(x - f.minimizer) / 2,
            excess=2,
            given=(1 / γ >= f.L,),
        )


class MovingRate(BroximalPoint):
    """A rate that is called uniform and is the rate at x."""

    name = "moving-rate"

    @theorem(BallConvex, measure=GAP)
    def moving(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − t/‖x − x⋆‖ bounds itself."""
        t, d = self.radius, norm(x - f.minimizer)
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - t / d,
            uniform=lambda R: 1 - t / d + 0 * R,
            distance=d,
            support=((norm2(y - f.minimizer), norm2(x - f.minimizer)),),
            given=(d >= t,),
        )


@pytest.mark.parametrize(("kind", "name"), [(NeverThere, "distance"), (MovingRate, "moving")])
def test_numbers_that_move_with_the_iterate_conclude_nothing(kind: Any, name: str) -> None:
    statement = kind.theorems()[name]
    found = prove(pose(kind, statement.assumptions, statement), seconds=10)
    assert found.proved
    with pytest.raises(NoProgress, match="change from step to step"):
        conclude(found)


class TerminatesInTheMean(StochasticGradient):
    """A mean that falls below m says nothing about one run."""

    name = "terminates-in-the-mean"

    @theorem(StronglyConvex, SecondMoment, measure=DISTANCE)
    def finite(self, f: Any, x: Any, y: Any) -> Goal:
        """No run need ever be optimal."""
        return FiniteContraction(**_distances(f, x, y), rate=1 - self.step_size * f.mu, least=f.sigma**2, excess=2)


def test_a_mean_does_not_terminate() -> None:
    statement = TerminatesInTheMean.theorems()["finite"]
    with pytest.raises(DoesNotApply, match="not one for means"):
        pose(TerminatesInTheMean, statement.assumptions, statement)
