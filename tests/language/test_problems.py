"""What is refused when a theorem is posed: declarations from which nothing follows, and domains that are empty."""

from typing import Any

import pytest

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    STEP,
    Contraction,
    DoesNotApply,
    Goal,
    Monotone,
    OutOfDomain,
    Scalar,
    Telescoping,
    Trace,
    UnknownSign,
    norm,
    norm2,
    pose,
    theorem,
)
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.subgradient import Subgradient

γ, L, μ = (Scalar.variable(name) for name in ("gamma", "L", "mu"))


class Incoherent(GradientDescent):
    """Theorems whose inequalities are about something else than what they announce."""

    @theorem(SmoothStronglyConvex, measure=GAP)
    def distance_for_gap(self, f: Any, x: Any, y: Any) -> Goal:
        """A contraction of the distance, announced for the gap."""
        return Contraction(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer))

    @theorem(Smooth, measure=GRADIENT)
    def gap_for_gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """A sum of gaps, announced for gradients."""
        gap = f.value(x) - f.minimum
        return Telescoping(quantities=(gap,), weights=(1,), before=gap, after=gap)

    @theorem(SmoothConvex, measure=DISTANCE)
    def norm_for_square(self, f: Any, x: Any, y: Any) -> Goal:
        """A distance, announced for its square."""
        return Monotone(before=norm(x - f.minimizer), after=norm(y - f.minimizer))

    @theorem(Smooth, measure=STEP)
    def gradient_for_step(self, f: Any, x: Any, y: Any) -> Goal:
        """‖∇f(x)‖² in place of ‖x − x⁺‖² = γ²‖∇f(x)‖²."""
        gap = f.value(x) - f.minimum
        return Telescoping(quantities=(norm2(f.gradient(x)),), weights=(1,), before=gap, after=gap)

    @theorem(SmoothConvex, measure=DISTANCE)
    def backwards(self, f: Any, x: Any, y: Any) -> Goal:
        """The step read in the wrong direction."""
        return Contraction(before=norm2(y - f.minimizer), after=norm2(x - f.minimizer))

    @theorem(SmoothConvex, measure=GAP)
    def stationary(self, f: Any, x: Any, y: Any) -> Goal:
        """Before and after are the same point."""
        gap = f.value(y) - f.minimum
        return Monotone(before=gap, after=gap)

    @theorem(SmoothConvex, measure=GAP)
    def unknown_constant(self, f: Any, x: Any, y: Any) -> Goal:
        """μ is no constant of smooth convex functions."""
        gap = f.value(x) - f.minimum
        return Contraction(before=gap, after=f.value(y) - f.minimum, rate=1 - f.mu)


class LastWithoutSupport(Subgradient):
    """The bound for the best iterate, announced for the last."""

    @theorem(LipschitzConvex, measure=GAP)
    def last(self, f: Any, x: Any, y: Any) -> Goal:
        """No support says that the gap falls, and it does not."""
        return self._gap(f, x, y, ())

    @theorem(LipschitzConvex, measure=GAP)
    def last_with_another_support(self, f: Any, x: Any, y: Any) -> Goal:
        """A support about something else."""
        return self._gap(f, x, y, ((norm2(y - f.minimizer), norm2(x - f.minimizer)),))

    def _gap(self, f: Any, x: Any, y: Any, support: Any) -> Goal:
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=γ**2 * f.M**2,
            support=support,
            last=True,
        )


class VaryingRates(BroximalPoint):
    """Rates that vary with a distance, without all that this needs."""

    @theorem(BallConvex, measure=GAP)
    def without_support(self, f: Any, x: Any, y: Any) -> Goal:
        """No support says that the distance falls."""
        return self._rate(f, x, y, norm(x - f.minimizer), ())

    @theorem(BallConvex, measure=GAP)
    def with_another_distance(self, f: Any, x: Any, y: Any) -> Goal:
        """The rate varies with the length of the step."""
        return self._rate(f, x, y, norm(x - y), ((norm2(y - f.minimizer), norm2(x - f.minimizer)),))

    def _rate(self, f: Any, x: Any, y: Any, distance: Any, support: Any) -> Goal:
        t, d = self.radius, norm(x - f.minimizer)
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - t / d,
            uniform=lambda R: 1 - t / R,
            distance=distance,
            support=support,
            given=(d >= t,),
        )


@pytest.mark.parametrize(("kind", "name", "word"), [
    (Incoherent, "distance-for-gap", "not about its measure, gap"),
    (Incoherent, "gap-for-gradient", "not about its measure, gradient"),
    (Incoherent, "norm-for-square", "not about its measure, distance"),
    (Incoherent, "gradient-for-step", "not about its measure, step"),
    (Incoherent, "backwards", "does not compare distance before and after a step"),
    (Incoherent, "stationary", "does not compare gap before and after a step"),
    (LastWithoutSupport, "last", "no support saying that gap never increases"),
    (LastWithoutSupport, "last-with-another-support", "no support saying that gap never increases"),
    (VaryingRates, "without-support", "no support saying that the distance never increases"),
    (VaryingRates, "with-another-distance", "must vary with a distance to x⋆"),
])  # fmt: skip
def test_goals_from_which_nothing_follows_are_not_posed(kind, name, word) -> None:
    statement = kind.theorems()[name]
    with pytest.raises(DoesNotApply, match=word):
        pose(kind, statement.assumptions, statement)


def test_constants_belong_to_assumptions() -> None:
    statement = Incoherent.theorems()["unknown-constant"]
    with pytest.raises(AttributeError, match=r"no constant 'mu' \(they give: L\)"):
        pose(Incoherent, statement.assumptions, statement)


@pytest.mark.parametrize(
    "values",
    [
        {"gamma": 3 / L},
        {"gamma": Scalar.constant(-1)},
        {"gamma": Scalar.constant(0)},
        {"gamma": -L},
        {"gamma": 2 / L + 1},
        {"L": μ / 2},
        {"L": μ},
        {"mu": 2 * L},
        {"gamma": 1 / μ, "L": 3 * μ},
        {"L": Scalar.constant(1), "gamma": 2 + μ},
    ],
)
def test_plainly_empty_domains_are_refused(values) -> None:
    """A theorem about no parameters at all would be proved by any contradiction."""
    statement = GradientDescent.theorems()["gap-pl"]
    with pytest.raises(OutOfDomain, match="does not hold"):
        pose(GradientDescent, statement.assumptions, statement, values)


@pytest.mark.parametrize(
    "values", [{"gamma": 2 / L}, {"gamma": 1 / L}, {"L": 3 * μ}, {"gamma": 2 / (L + μ)}, {"L": 1 + μ}]
)
def test_domains_that_are_not_empty_are_accepted(values) -> None:
    statement = GradientDescent.theorems()["gap-pl"]
    assert pose(GradientDescent, statement.assumptions, statement, values).trace.facts


def test_denominators_must_be_known_to_be_positive() -> None:
    statement = GradientDescent.theorems()["descent"]
    with pytest.raises(UnknownSign, match="not known to be positive"):
        pose(GradientDescent, statement.assumptions, statement, {"gamma": 1 / (L - 1)})


def test_theorems_need_their_assumptions_and_their_geometry() -> None:
    statement = GradientDescent.theorems()["gap"]
    with pytest.raises(DoesNotApply, match="needs the assumption smooth-convex"):
        pose(GradientDescent, (Smooth,), statement)
    with pytest.raises(DoesNotApply, match="euclidean norms only"):
        pose(GradientDescent, (SmoothConvex,), statement, norm="any")


def test_facts_that_contradict_known_signs_are_out_of_the_domain() -> None:
    trace = Trace()
    a, b = trace.scalar("a", sign="positive"), trace.scalar("b", sign="nonnegative")
    trace.assume(a - b, name="a≥b")
    trace.assume(b + 0 * a, name="again")
    for quantity, strict in ((-a, False), (-a - b, False), (-b, True), (-a * b, True), (-a - 1, False)):
        with pytest.raises(OutOfDomain):
            trace.assume(quantity, strict=strict, name="no")
    trace.assume(-b, name="b = 0")  # weakly this is possible
