"""Declarations that once led to false results: names that meant two things, and numbers that were not looked at."""

from typing import Any, NamedTuple

import pytest

from certify.analysis.conclude import NoProgress, conclude
from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.variance import Variance
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Assumption,
    Contraction,
    DoesNotApply,
    DominatedDecrease,
    Draw,
    Evaluation,
    Goal,
    Inequality,
    Measure,
    Method,
    NonNegative,
    OutOfDomain,
    Positive,
    ProductDecrease,
    SaturatingDecrease,
    Share,
    SymbolicFunction,
    Telescoping,
    Trace,
    UnknownSign,
    norm,
    norm2,
    pose,
    theorem,
)
from certify.language.layer_sums import largest, length
from certify.methods._layerwise import SUM, Fixed, LinearMinimisation
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.rmsprop import RMSProp
from certify.methods.sgd import StochasticGradient
from certify.prove.prover import prove

NORM = Measure("length", "‖{x} − x⋆‖", "", lambda f, points: (norm(x - f.minimizer) for x in points))
DIFFERENCE = Measure("difference", "", "", lambda f, points: (f.value(x) - f.minimum - norm2(x) for x in points))


def _posed(kind: type[Method], name: str) -> Any:
    statement = kind.theorems()[name]
    return pose(kind, statement.assumptions, statement)


def _gaps(f: Any, x: Any, y: Any) -> dict[str, Any]:
    return {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}


class Steps(Assumption):
    """‖x − ∇f(x)/L − x⋆‖ ≤ q‖x − x⋆‖, and M is any number."""

    name = "steps"
    differentiable = True
    L = Positive("L")
    M = Positive("M")
    q = Share("q")

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """Steps of length 1/L, not 1/M."""
        return norm(x.point - f.minimizer - x.gradient / self.L) <= self.q * norm(x.point - f.minimizer)


class OtherSteps(Method):
    """Steps of another length than the assumption speaks of."""

    name = "other-steps"

    def step(self, x: Any, f: Any) -> Any:
        """Length 1/M."""
        return x - f.gradient(x) / f.M

    @theorem(Steps, measure=NORM)
    def length(self, f: Any, x: Any, y: Any) -> Goal:
        """What holds for 1/L."""
        return Contraction(before=norm(x - f.minimizer), after=norm(y - f.minimizer), rate=f.q)


def test_norms_of_two_vectors_are_two_quantities() -> None:
    assert not prove(_posed(OtherSteps, "length"), seconds=3).proved


@pytest.mark.parametrize("change", [lambda a, b: (a, b), lambda a, b: (a, a**2), lambda a, b: (1 / a, 1 / b)])
def test_names_of_norms_tell_coefficients_apart(change: Any) -> None:
    trace = Trace()
    x, g = trace.vector("x"), trace.vector("g")
    first, second = change(trace.scalar("a", sign="positive"), trace.scalar("b", sign="positive"))
    assert trace.geometry.norm(x - first * g) != trace.geometry.norm(x - second * g)


class UnitNoise(Assumption):
    """E‖g‖² ≤ 1."""

    name = "unit-noise"
    subject = "noise"

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Inequality:
        """A number that is written as an int."""
        return f.mean(norm2(draw.output)) <= 1


class Unguarded(StochasticGradient):
    """Numbers that must not be negative, written as integers."""

    name = "unguarded"

    @theorem(StronglyConvex, UnitNoise, measure=DISTANCE)
    def negative_rate(self, f: Any, x: Any, y: Any) -> Goal:
        """Errors add up only if q = 1 − 2γμ ≥ 0: a₀ = a₁ = 0 and a₂ = 1 obey a⁺ ≤ qa + 1, but a₂ > 1 + q if q < 0."""
        γ = self.step_size
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=1 - 2 * γ * f.mu,
            error=1,
            given=(γ <= 1,),
        )


class Outwards(Method):
    """x⁺ − x⋆ = 3(x − x⋆): no bound on the gap holds."""

    name = "outwards"

    def step(self, x: Any, f: Any) -> Any:
        """Away from the minimiser."""
        return x + 2 * (x - f.minimizer)

    @theorem(SmoothStronglyConvex, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """8μ/L times the gap is at most 4μ‖x − x⋆‖² = V − V⁺ for V = −½μ‖x − x⋆‖², and −gap ≤ V."""
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(8 * f.mu / f.L,),
            before=-f.mu / 2 * norm2(x - f.minimizer),
            after=-f.mu / 2 * norm2(y - f.minimizer),
            final_weight=-1,
        )


@pytest.mark.parametrize(("kind", "name"), [(Unguarded, "negative-rate"), (Outwards, "gap")])
def test_integers_are_looked_at(kind: type[Method], name: str) -> None:
    found = prove(_posed(kind, name), seconds=5)
    assert not found.proved
    assert next(part for part in found.parts if part.role == "step").proved


class NegativeMeasure(GradientDescent):
    """A measure that may be negative."""

    name = "negative-measure"

    @theorem(Smooth, measure=DIFFERENCE)
    def difference(self, f: Any, x: Any, y: Any) -> Goal:
        """Factors between steps say nothing of a₂ ≤ q a₁ for q < 0 ≤ −a₁."""
        before, after = DIFFERENCE.along(f, (x, y))
        return Contraction(before=before, after=after, rate=1 - self.step_size)


def test_measures_of_ones_own_must_be_proved_nonnegative() -> None:
    roles = _posed(NegativeMeasure, "difference").claims()
    assert "end[0]" in roles
    assert "end[0]" not in _posed(GradientDescent, "gap-pl").claims()


class ClockForParameter(Method):
    """A parameter with the name of the clock."""

    name = "clock-for-parameter"
    other = NonNegative("k")

    def step(self, x: Any, f: Any, *, k: Any) -> Any:
        """Shorter and shorter."""
        return x - f.gradient(x) / (f.L * (k + 1))

    @theorem(Smooth, measure=GRADIENT, indexed=True)
    def gradient(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """A weight that falls, called constant."""
        return Telescoping(quantities=(norm2(f.gradient(x)),), weights=(1 / (2 * f.L * (k + 1)),), **_gaps(f, x, y))


class TangentForParameter(GradientDescent):
    """A parameter with the name of a tangent's slope."""

    name = "tangent-for-parameter"
    slope = Positive("theta")

    @theorem(Smooth, measure=NORM)
    def gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """For one slope only."""
        return SaturatingDecrease(**_gaps(f, x, y), quantity=norm(x - f.minimizer), offset=f.L, slope=f.L)


class CountForParameter(Fixed):
    """A parameter with the name of the number of layers."""

    name = "count-for-parameter"
    layers = Positive("p")


class StepsForParameter(StochasticGradient):
    """A parameter with the name of the number of steps."""

    name = "steps-for-parameter"
    functions_drawn = Positive("N")


@pytest.mark.parametrize(("kind", "name"), [
    (ClockForParameter, "gradient"),
    (TangentForParameter, "gradient"),
    (CountForParameter, "fixed"),
    (StepsForParameter, "gap"),
])  # fmt: skip
def test_a_parameter_has_no_name_that_means_something_else(kind: type[Method], name: str) -> None:
    with pytest.raises(DoesNotApply, match=r"the parameter '.*' has the name of a quantity"):
        _posed(kind, name)


class ImpossibleOracle(LinearMinimisation):
    """⟨g, o⟩ ≤ −2‖g‖* and ‖o‖ ≤ 1."""

    name = "impossible-oracle"

    def step(self, x: Any, f: Any) -> Any:
        """No such direction exists, so that everything would follow."""
        return x + f.lmo(f.gradient(x), 2, 1)

    @theorem(LayerwiseSmooth, measure=SUM, norms=("layers",))
    def gradients(self, f: Any, x: Any, y: Any) -> Goal:
        """Anything."""
        return Telescoping(quantities=(f.total(norm(f.gradient(x))),), weights=(99,), **_gaps(f, x, y))


def test_oracles_that_cannot_exist_are_refused() -> None:
    with pytest.raises(OutOfDomain, match="no direction of norm 1"):
        _posed(ImpossibleOracle, "gradients")


@pytest.mark.parametrize("of_layers", [largest, length])
def test_largest_values_and_lengths_of_quotients_are_refused(of_layers: Any) -> None:
    """Those of 1/t and 1/L0 were one quantity."""
    trace = Trace("layers")
    trace.layered.add("t")
    with pytest.raises(UnknownSign, match="of a quotient"):
        of_layers(trace, 1 / trace.scalar("t", sign="positive"))


class NegativeModulus(GradientDescent):
    """‖∇f(x)‖² ≥ −2(f(x) − f⋆)."""

    name = "negative-modulus"

    @theorem(Smooth, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """True, and no bound on the gap: "N ≥ a negative number" would promise one at once."""
        γ = self.step_size
        return DominatedDecrease(
            **_gaps(f, x, y),
            quantity=norm(f.gradient(x)),
            offset=2 / γ,
            slope=0 * γ,
            modulus=0 * γ - 1,
            given=(γ * f.L <= 1,),
        )


def test_a_modulus_is_not_negative() -> None:
    found = prove(_posed(NegativeModulus, "gap"), seconds=3)
    assert next(part for part in found.parts if part.role == "step").proved
    assert not found.proved


class LateStart(GradientDescent):
    """A potential with the clock in it, and a weight of nothing."""

    name = "late-start"

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def clock(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """V₀ has k = 0: the bound must not depend on k."""
        distances = norm2(x - f.minimizer), norm2(y - f.minimizer)
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(y) - f.minimum,),
            weights=(2 * γ,),
            before=distances[0] + 1 / (k + 1),
            after=distances[1] + 1 / (k + 2),
            given=(γ * f.L <= 1,),
        )

    @theorem(Smooth, measure=Measure("g", "", "", lambda f, points: (norm(f.gradient(x)) for x in points)))
    def nothing(self, f: Any, x: Any, y: Any) -> Goal:
        """Zero times anything is at most the decrease."""
        γ, q = self.step_size, norm(f.gradient(x))
        return SaturatingDecrease(
            **_gaps(f, x, y), quantity=q, offset=f.L, slope=0 * f.L, weight=0 * γ, given=(γ * f.L <= 1,)
        )


def test_the_bound_after_n_steps_starts_at_the_start() -> None:
    found = prove(_posed(LateStart, "clock"))
    assert found.proved
    ends = conclude(found)
    assert ends.bound is not None
    assert "k)" not in ends.bound.text.replace("x_k)", "")
    assert ends.bound.text.endswith("(1 + R²)/(2Nγ)")


def test_a_decrease_by_nothing_is_no_progress() -> None:
    found = prove(_posed(LateStart, "nothing"), seconds=5)
    assert found.proved
    with pytest.raises(NoProgress):
        conclude(found)


@pytest.mark.slow
def test_an_accuracy_is_not_called_like_a_parameter() -> None:
    """ε is the offset of RMSProp, so that the accuracy is δ."""
    ends = conclude(prove(_posed(RMSProp, "gradient")))
    assert ends.complexity is not None
    assert "to come within δ of the floor" in ends.complexity.text
    assert "δγ" in ends.complexity.text


def test_a_best_step_outside_the_range_is_not_promised() -> None:
    """γ = R/(σ√N) exceeds 1/L for small σ."""
    ends = conclude(prove(_posed(StochasticGradient, "gap-variance-before")))
    assert ends.optimal is not None
    assert ends.optimal.text.endswith(", if γ ≤ 1/L")
    assert ends.step_size is not None
    inside = conclude(prove(_posed(StochasticGradient, "gap-sampled"))).optimal
    assert inside is not None
    assert inside.text == "γ = R/(LR + √(N)σ) gives LR²/(2N) + Rσ/√(N)"
    plain = conclude(prove(_posed(GradientDescent, "descent")))
    assert plain.optimal is not None
    assert plain.optimal.text == "γ = 1/L gives 2Δ₀L/N"


class Sum(NamedTuple):
    """x_k and b_k."""

    x: Any
    b: Any


class RandomCondition(StochasticGradient):
    """b⁺ = b + ‖g‖² is random."""

    name = "random-condition"

    def start(self, x: Any, f: Any) -> Sum:
        """b₀ = 0."""
        return Sum(x, 0 * self.step_size)

    def step(self, state: Sum, f: Any) -> Sum:
        """A step of SGD."""
        g = f.stochastic_gradient(state.x)
        return Sum(state.x - self.step_size * g, state.b + norm2(g))

    def output(self, state: Sum) -> Any:
        """x_k."""
        return state.x

    @theorem(Smooth, Variance, measure=GRADIENT)
    def memory(self, f: Any, s: Sum, t: Sum) -> Goal:
        """Means over runs in which b is small are not means."""
        γ = self.step_size
        return Telescoping(
            quantities=(norm2(f.gradient(s.x)),),
            weights=(γ / 2,),
            **_gaps(f, s.x, t.x),
            error=f.L * γ**2 * f.sigma**2 / 2,
            given=(γ * f.L <= 1, s.b <= 1),
        )


def test_a_condition_on_random_memory_is_refused() -> None:
    with pytest.raises(DoesNotApply, match="conditions on random points"):
        _posed(RandomCondition, "memory")


class Forgetful(BroximalPoint):
    """Decreases by t/distance where nothing is said of how the distance grows, or with another distance than R."""

    @theorem(BallConvex, measure=GAP, norms=("any",))
    def forgotten(self, f: Any, x: Any, y: Any) -> Goal:
        """The next distance is said to be 0."""
        d = norm(x - f.minimizer)
        return ProductDecrease(
            **_gaps(f, x, y), step=self.radius, distance=d, next_distance=0 * d, given=(d >= self.radius,)
        )

    @theorem(BallConvex, measure=GAP, norms=("any",))
    def other(self, f: Any, x: Any, y: Any) -> Goal:
        """Twice the distance, and the bound of once the distance."""
        d, e = (2 * norm(z - f.minimizer) for z in (x, y))
        return ProductDecrease(**_gaps(f, x, y), step=2 * self.radius, distance=d, next_distance=e)


@pytest.mark.parametrize("name", ["forgotten", "other"])
def test_distances_that_grow_are_those_to_the_minimiser(name: str) -> None:
    own = Forgetful.theorems()[name]
    with pytest.raises(DoesNotApply, match="compared with"):
        pose(Forgetful, own.assumptions, own, norm="any")


def test_a_distance_with_steps_on_top_starts_with_them() -> None:
    own = BroximalPoint.theorems()["gap-next-any-norm"]
    bound = conclude(prove(pose(BroximalPoint, own.assumptions, own, norm="any"))).bound
    assert bound is not None
    assert bound.text == "f(x_N) − f⋆ ≤ Δ₀(R + t)/(R + t + Nt)"
