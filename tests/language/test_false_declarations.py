"""Methods with a mistake in their declaration: what is proved must be about the method that runs, or be refused."""

from typing import Any, NamedTuple

import pytest

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.convex import Convex
from certify.assumptions.second_moment import SecondMoment
from certify.assumptions.smooth import Smooth
from certify.language import (
    GAP,
    GRADIENT,
    Assumption,
    Count,
    DoesNotApply,
    Draw,
    FiniteDecrease,
    Goal,
    Inequality,
    Method,
    NonNegative,
    Positive,
    SymbolicFunction,
    Telescoping,
    Trace,
    UnknownSign,
    norm,
    norm2,
    pose,
    root,
    theorem,
)
from certify.language.layer_sums import largest, length
from certify.language.memory import UnreadableState, generic_state


def _gaps(f: Any, x: Any, y: Any) -> dict[str, Any]:
    return {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}


class Branching(Method):
    """Steps −∇f/L in one branch; the theorem holds for that one only."""

    name = "branching"
    step_size = Positive("gamma")
    momentum = NonNegative("beta")
    inner = Count("n")

    @theorem(Smooth, measure=GRADIENT)
    def gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """What holds for steps of length 1/L."""
        return Telescoping(quantities=(norm2(f.gradient(x)),), weights=(1 / (2 * f.L),), **_gaps(f, x, y))


class Minimum(Branching):
    """Two steps in one."""

    def step(self, x: Any, f: Any) -> Any:
        """The shorter one."""
        return x - min(self.step_size, 1 / f.L) * f.gradient(x)


class Comparison(Branching):
    """A step that depends on how γL compares with 1."""

    def step(self, x: Any, f: Any) -> Any:
        """Uphill for γL ≤ 1."""
        return x - f.gradient(x) / f.L if self.step_size * f.L > 1 else x + f.gradient(x)


class Truth(Branching):
    """A step that depends on whether β is 0."""

    def step(self, x: Any, f: Any) -> Any:
        """Uphill for β = 0."""
        return x - f.gradient(x) / f.L if self.momentum else x + f.gradient(x)


class Stopping(Branching):
    """A step that depends on whether the gradient is 0."""

    def step(self, x: Any, f: Any) -> Any:
        """It would be right here."""
        g = f.gradient(x)
        return x if g == 0 else x - g / f.L


@pytest.mark.parametrize("kind", [Minimum, Comparison, Truth, Stopping])
def test_a_branch_on_symbols_is_refused(kind: type[Method]) -> None:
    with pytest.raises(DoesNotApply, match="one formula for all values"):
        pose(kind, (Smooth,), kind.theorems()["gradient"])


class Loop(Branching):
    """A symbol is no number of repetitions."""

    def step(self, x: Any, f: Any) -> Any:
        """n gradient steps."""
        for _ in range(self.inner):
            x = x - f.gradient(x) / f.L
        return x


class Rounded(Branching):
    """A float is no number of a proof."""

    def step(self, x: Any, f: Any) -> Any:
        """Is that 1/10?"""
        return x - 0.1 * f.gradient(x)


@pytest.mark.parametrize(("kind", "words"), [(Loop, "as an integer"), (Rounded, "float")])
def test_what_symbols_do_not_allow_is_said(kind: type[Method], words: str) -> None:
    with pytest.raises(DoesNotApply, match=f"what they do not allow: .*{words}"):
        pose(kind, (Smooth,), kind.theorems()["gradient"])


class FirstStep(Method):
    """5/L at k = 0, 1/L later."""

    name = "first-step"

    def step(self, x: Any, f: Any, *, k: Any) -> Any:
        """Another length for the first step."""
        return x - (5 if k == 0 else 1) * f.gradient(x) / f.L

    @theorem(Smooth, measure=GRADIENT, indexed=True)
    def gradient(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """What holds for later steps."""
        return Telescoping(quantities=(norm2(f.gradient(x)),), weights=(1 / (2 * f.L),), **_gaps(f, x, y))


def test_a_first_step_of_its_own_is_refused() -> None:
    with pytest.raises(DoesNotApply, match="asks for the value of k"):
        pose(FirstStep, (Smooth,), FirstStep.theorems()["gradient"])


class State(NamedTuple):
    """An iterate and something else."""

    x: Any
    other: Any


class Flagged(Method):
    """A state that says whether this is the first step, in several ways."""

    name = "flagged"
    mark: Any = True

    def start(self, x: Any, f: Any) -> State:
        """The first one."""
        return State(x, self.mark)

    def step(self, state: State, f: Any) -> State:
        """5/L first, 1/L later."""
        length = 5 if state.other == self.mark else 1
        return State(state.x - length * f.gradient(state.x) / f.L, 1)

    def output(self, state: State) -> Any:
        """The iterate."""
        return state.x

    @theorem(Smooth, measure=GRADIENT)
    def gradient(self, f: Any, s: Any, t: Any) -> Goal:
        """What holds for later steps."""
        return Telescoping(quantities=(norm2(f.gradient(s.x)),), weights=(1 / (2 * f.L),), **_gaps(f, s.x, t.x))


@pytest.mark.parametrize("mark", [True, "first", None, 0])
def test_a_state_with_a_flag_is_refused(mark: Any) -> None:
    kind = type("Other", (Flagged,), {"mark": mark})
    with pytest.raises(DoesNotApply, match=r"neither a vector nor a number|one formula"):
        pose(kind, (Smooth,), kind.theorems()["gradient"])


class Advanced(Flagged):
    """Starts at a point that no later state is known to be of the form of."""

    def start(self, x: Any, f: Any) -> State:
        """One step ahead."""
        return State(x - f.gradient(x) / f.L, 0)


class Dependent(Method):
    """Two starts, of which the state holds one and something made of it."""

    name = "dependent"
    starts = ("x", "y")

    def start(self, x: Any, y: Any, f: Any) -> Any:
        """y is forgotten."""
        return (x, 2 * x)

    def solution(self, f: Any) -> Any:
        """One for each."""
        return (f.minimizer, f.minimizer)


def test_states_that_come_later_are_not_those_at_the_start() -> None:
    trace = Trace()
    f = SymbolicFunction(trace, {"L": trace.scalar("L", sign="positive")})
    assert generic_state(Advanced(), [f]).x.coefficients.keys() == {"x⋆", "x0-x⋆"}
    with pytest.raises(UnreadableState, match="must consist of its starting points"):
        generic_state(Dependent(), [SymbolicFunction(Trace())])


class NegativeBall(Method):
    """A ball of radius −t."""

    name = "negative-ball"
    radius = Positive("t")

    def step(self, x: Any, f: Any) -> Any:
        """A sign too many."""
        return f.brox(x, -self.radius)

    @theorem(BallConvex, measure=GAP, norms=("any",))
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """Anything: no point is outside an empty ball."""
        return FiniteDecrease(**_gaps(f, x, y), amount=99 * self.radius)


class PerhapsNoBall(NegativeBall):
    """A ball of radius 0, whose only point needs no slope of 0."""

    radius = NonNegative("t")

    def step(self, x: Any, f: Any) -> Any:
        """t = 0 is allowed."""
        return f.brox(x, self.radius)


@pytest.mark.parametrize("kind", [NegativeBall, PerhapsNoBall])
def test_balls_have_a_positive_radius(kind: type[Method]) -> None:
    with pytest.raises(UnknownSign, match="not known to be positive"):
        pose(kind, (BallConvex,), kind.theorems()["gap"], norm="any")


# -- what depends on a sample is no constant of its mean --------------------------------------------------------


class NormalisedSample(Method):
    """x⁺ = x − γ s/√(1 + ‖s‖²) with E s = ∇f(x): its mean may point uphill."""

    name = "normalised-sample"
    step_size = Positive("gamma")

    def step(self, x: Any, f: Any) -> Any:
        """No descent in the mean: s = 4 with chance 1/4 and −1 else has mean 1/4, and s/√(1 + s²) has −0.29."""
        s = f.stochastic_gradient(x)
        return x - self.step_size * s / root(1 + norm2(s))

    @theorem(Convex, SecondMoment, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ ‖x − x⋆‖² + γ² was proved with the root as a constant."""
        gap, distances = f.value(x) - f.minimum, (norm2(x - f.minimizer), norm2(y - f.minimizer))
        return Telescoping(
            quantities=(gap,), weights=(0 * f.sigma,), error=self.step_size**2, before=distances[0], after=distances[1]
        )


def test_a_root_of_something_random_is_random() -> None:
    problem = pose(NormalisedSample, (Convex, SecondMoment), NormalisedSample.theorems()["gap"])
    with pytest.raises(UnknownSign, match="which is random"):
        problem.conclusion(problem.goal.sides)


class MeanLength(Assumption):
    """E‖s‖ ≤ σ."""

    name = "mean-length"
    subject = "noise"
    sigma = Positive("sigma")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Inequality:
        """Not ‖s‖ ≤ σ for every sample."""
        return f.mean(norm(draw.output)) <= self.sigma


class RandomLength(Method):
    """x⁺ = x − γ‖s‖∇f(x)."""

    name = "random-length"
    step_size = Positive("gamma")

    def step(self, x: Any, f: Any) -> Any:
        """Random through a length only."""
        return x - self.step_size * norm(f.stochastic_gradient(x)) * f.gradient(x)

    @theorem(Convex, MeanLength, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """Only its trace is looked at."""
        return Telescoping(
            quantities=(f.value(y) - f.minimum,),
            weights=(self.step_size,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
        )


def test_a_norm_of_something_random_is_random() -> None:
    trace = pose(RandomLength, (Convex, MeanLength), RandomLength.theorems()["gap"]).trace
    assert "E[|s0|]" in trace.hypotheses["mean-length.1[0]"].polynomial.variables
    assert trace.randomness.of("f1") == frozenset({0})


def test_the_largest_and_the_length_of_something_random_are_random() -> None:
    trace = Trace("layers")
    s = trace.vector("s", dual=True, draws=trace.randomness.draw())
    for value in (largest(trace, norm(s)), length(trace, norm(s)), root(1 + trace.total(norm(s) ** 2))):
        (name,) = value.variables
        assert trace.randomness.of(name) == frozenset({0})
