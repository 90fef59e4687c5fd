"""A proved step is not yet a theorem: where the numbers of a recursion are wrong, nothing is concluded from it.

The steps below are all true, and the prover finds them; the bound after N steps that would follow is false.
"""

from fractions import Fraction as Q
from typing import Any

import pytest

from certify.analysis.conclude import conclude
from certify.analysis.ranges import NoProgress
from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Contraction,
    FiniteDecrease,
    Goal,
    Method,
    Potential,
    Scalar,
    Telescoping,
    norm,
    norm2,
    pose,
    theorem,
)
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.prove.prover import Proved, prove


class TrueSteps(GradientDescent):
    """Gradient descent with true steps from which nothing may be concluded, or only in a range."""

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def no_contraction(self, f: Any, x: Any, y: Any) -> Goal:
        """The distance does not grow: a rate of 1."""
        return Contraction(**_distances(f, x, y), rate=1, given=(2 / self.step_size >= f.L,))

    @theorem(Smooth, measure=GRADIENT)
    def negative_weight(self, f: Any, x: Any, y: Any) -> Goal:
        """A sum of negative numbers is at most 0."""
        return Telescoping(**_sum(f, x, y), weights=(-1,), given=(1 / self.step_size >= f.L,))

    @theorem(Smooth, measure=GRADIENT)
    def zero_weight(self, f: Any, x: Any, y: Any) -> Goal:
        """A sum of zeros is at most 0."""
        return Telescoping(**_sum(f, x, y), weights=(0,), given=(1 / self.step_size >= f.L,))

    @theorem(SmoothConvex, measure=DISTANCE)
    def no_decrease(self, f: Any, x: Any, y: Any) -> Goal:
        """The distance falls by at least 0."""
        return FiniteDecrease(**_distances(f, x, y), amount=0, given=(1 / self.step_size >= f.L,))

    @theorem(SmoothConvex, measure=DISTANCE, indexed=True)
    def negative_scale(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """−‖x − x⋆‖² is at most every potential that is not negative."""
        start, given = norm2(x - f.minimizer), (1 / self.step_size >= f.L,)
        return Potential(
            phi=lambda s, z: norm2(z - f.minimizer),
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=start,
            initial=start,
            scale=-1,
            given=given,
        )

    @theorem(SmoothConvex, measure=GRADIENT)
    def several_weights(self, f: Any, x: Any, y: Any) -> Goal:
        """The best weight of the last gradient: γ if γL ≤ 3/2 and less for longer steps."""
        return Telescoping(
            quantities=(norm2(f.gradient(y)),), before=f.value(x) - f.minimum, after=f.value(y) - f.minimum
        )

    @theorem(Smooth, measure=GRADIENT)
    def in_a_range(self, f: Any, x: Any, y: Any) -> Goal:
        """The descent lemma without the range of the step in which its weight is positive."""
        γ = self.step_size
        return Telescoping(
            quantities=(norm2(f.gradient(x)),),
            weights=(γ * (2 - γ * f.L) / 2,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
        )


class TrueBallSteps(BroximalPoint):
    """The broximal point method with rates and weights that hold for one step each."""

    @theorem(StronglyConvex, measure=GAP)
    def varying_rate(self, f: Any, x: Any, y: Any) -> Goal:
        """The best rate is c²/(c + μ)² with the c of this step."""
        support = ((norm2(y - f.minimizer), norm2(x - f.minimizer)),)
        return Contraction(before=f.value(x) - f.minimum, after=f.value(y) - f.minimum, support=support)

    @theorem(BallConvex, measure=GAP)
    def varying_declared_rate(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − t/‖x − x⋆‖ without a bound on it."""
        t, d = self.radius, norm(x - f.minimizer)
        return Contraction(before=f.value(x) - f.minimum, after=f.value(y) - f.minimum, rate=1 - t / d, given=(d >= t,))

    @theorem(BallConvex, measure=GAP)
    def varying_weight(self, f: Any, x: Any, y: Any) -> Goal:
        """2t/‖g‖ times the gap, with the g of this step."""
        return Telescoping(
            quantities=(f.value(y) - f.minimum,),
            weights=(2 * self.radius / norm(f.subgradient(y)),),
            **_distances(f, x, y),
        )


def _distances(f: Any, x: Any, y: Any) -> dict[str, Any]:
    return {"before": norm2(x - f.minimizer), "after": norm2(y - f.minimizer)}


def _sum(f: Any, x: Any, y: Any) -> dict[str, Any]:
    gaps = {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}
    return {"quantities": (norm2(f.gradient(x)),), **gaps}


def proof(kind: type[Method], name: str) -> Proved:
    """The proof of the step."""
    statement = kind.theorems()[name]
    found = prove(pose(kind, statement.assumptions, statement))
    assert found.proved
    return found


@pytest.mark.parametrize(("kind", "name", "word"), [
    (TrueSteps, "no-contraction", "rate 1 guarantees no progress"),
    (TrueSteps, "negative-weight", "weight −1 guarantees no progress"),
    (TrueSteps, "zero-weight", "weight 0 guarantees no progress"),
    (TrueSteps, "no-decrease", "decrease 0 guarantees no progress"),
    (TrueSteps, "negative-scale", "scale −1 guarantees no progress"),
    (TrueSteps, "several-weights", "different weights in different ranges"),
    (TrueBallSteps, "varying-rate", "change from step to step"),
    (TrueBallSteps, "varying-declared-rate", "change from step to step"),
    (TrueBallSteps, "varying-weight", "change from step to step"),
])  # fmt: skip
def test_nothing_is_concluded(kind, name, word) -> None:
    with pytest.raises(NoProgress, match=word):
        conclude(proof(kind, name))


def test_several_weights_would_have_been_a_false_bound() -> None:
    """On (L/2)y² with γL = 19/10 and N = 1: ‖∇f(x₁)‖² = 0.81 L²R² > Δ₀/γ."""
    L, γ, x = Q(1), Q(19, 10), Q(1)
    assert (L * (x - γ * L * x)) ** 2 > (L * x**2 / 2) / γ


def test_the_range_of_a_declared_weight_is_found() -> None:
    ends = conclude(proof(TrueSteps, "in-a-range"))
    assert ends.step_size is not None
    assert ends.step_size.text == "0 < γ < 2/L"
    assert ends.strict


@pytest.mark.parametrize(("gamma", "fine"), [("1/L", True), ("3/2/L", True), ("2/L", False), ("3/L", False)])
def test_ties_decide_whether_there_is_progress(gamma, fine) -> None:
    statement = TrueSteps.theorems()["in-a-range"]
    tie = Q(gamma.removesuffix("/L")) / Scalar.variable("L")
    found = prove(pose(TrueSteps, statement.assumptions, statement, {"gamma": tie}))
    assert found.proved
    if fine:
        assert conclude(found).bound is not None
    else:
        with pytest.raises(NoProgress):
            conclude(found)
