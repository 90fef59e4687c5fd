"""Declarations that miscount steps, or with bounds about other iterates: nothing follows, and that is said."""

from collections.abc import Callable
from fractions import Fraction as Q
from typing import Any

import pytest

from certify.analysis.conclude import NoProgress, conclude
from certify.assumptions.convex import Convex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    Assumption,
    Averaging,
    Contraction,
    DoesNotApply,
    Energy,
    EnergyContraction,
    FiniteContraction,
    FiniteDecrease,
    Goal,
    Measure,
    Method,
    Outcomes,
    Positive,
    Potential,
    Problem,
    Telescoping,
    norm2,
    pose,
    theorem,
)
from certify.methods.fgm import FastGradient
from certify.prove.prover import Proved, prove


def gap(f: Any, x: Any) -> Any:
    return f.value(x) - f.minimum


def far(f: Any, x: Any) -> Any:
    return norm2(x - f.minimizer)


class Proximal(Method):
    """x⁺ = prox_γf(x)."""

    name = "proximal"
    step_size = Positive("gamma")

    def step(self, x: Any, f: Any) -> Any:
        """One step."""
        return f.prox(x, self.step_size)


class Gradient(Method):
    """x⁺ = x − γ∇f(x)."""

    name = "gradient"
    step_size = Positive("gamma")

    def step(self, x: Any, f: Any) -> Any:
        """One step."""
        return x - self.step_size * f.gradient(x)


class Tossed(Gradient):
    """A step or none, without an output."""

    name = "tossed"

    def step(self, x: Any, f: Any) -> Any:
        """A fair coin."""
        return Outcomes(((Q(1, 2), x - self.step_size * f.gradient(x)), (Q(1, 2), x)))


def posed(
    base: type[Method],
    assumption: type[Assumption],
    goal: Callable[..., Goal],
    measure: Measure = GAP,
    steps: int = 1,
    *,
    indexed: bool = True,
) -> Problem:
    """The theorem of this goal."""

    class Declared(base):
        """As its base."""

        @theorem(assumption, measure=measure, indexed=indexed, steps=steps)
        def claim(self, f: Any, *points: Any, **index: Any) -> Goal:
            """What the goal says."""
            return goal(self, f, *points, **index)

    return pose(Declared, [assumption], Declared.theorems()["claim"])


def tight(ahead: int, longer: int) -> Callable[..., Goal]:
    """The potential of ‖x₀ − x⋆‖²/(4γN), with a clock that starts later or a horizon that is farther."""

    def goal(self: Any, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        γ, clock, left = self.step_size, k + ahead, m + longer
        S = clock + 1 + left

        def phi(s: Any, z: Any) -> Any:
            return 4 * S * (γ * s / (2 * S - s) * gap(f, z) + (S - s) / (2 * S - s) ** 2 * far(f, z))

        return Potential(
            phi=phi, x=x, y=y, clock=clock, left=left, measure=gap(f, x), scale=4 * γ * S, initial=far(f, x)
        )

    return goal


def test_the_potential_is_right() -> None:
    found = conclude(prove(posed(Proximal, Convex, tight(0, 0))))
    assert found.bound is not None
    assert found.bound.text == "f(x_N) − f⋆ ≤ R²/(4Nγ)"


@pytest.mark.parametrize(("ahead", "longer"), [(1, 0), (0, 1)])
def test_the_clock_starts_at_zero_and_stops_at_the_horizon(ahead: int, longer: int) -> None:
    """Else ‖x₀ − x⋆‖²/(4γ(N + 1)) would follow, which is false: f(x₁) − f⋆ = R²/(4γ) is attained."""
    with pytest.raises(DoesNotApply, match="its clock must be k"):
        posed(Proximal, Convex, tight(ahead, longer))


def averaged(self: Any, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
    """Errors (k + 1)/L, of which N add up to N(N + 1)/2, not N(N − 1)/2."""
    return Averaging(
        quantity=gap(f, x),
        weight=self.step_size,
        before=far(f, x),
        after=far(f, y),
        error=(k + 1) / f.L,
        clock=k + 1,
        total=lambda n: self.step_size * n,
        spent=lambda n: n * (n - 1) / (2 * f.L),
        given=(self.step_size * f.L <= 1,),
    )


def energised(self: Any, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
    """The same errors."""
    γ = self.step_size
    return Energy(
        before=k * γ * gap(f, x) + far(f, x) / 2,
        after=(k + 1) * γ * gap(f, y) + far(f, y) / 2,
        quantity=gap(f, y),
        error=(k + 1) / f.L,
        clock=k + 1,
        scale=lambda n: γ * (n - 1) + γ / 2,
        spent=lambda n: n * (n - 1) / (2 * f.L),
        given=(γ * f.L <= 1,),
    )


@pytest.mark.parametrize("goal", [averaged, energised])
def test_sums_of_errors_start_at_zero(goal: Callable[..., Goal]) -> None:
    with pytest.raises(DoesNotApply, match="its clock must be k"):
        posed(Gradient, SmoothConvex, goal)


def later_energy(self: Any, f: Any, x: Any, y: Any, z: Any, *, k: Any, m: Any) -> Goal:
    """A bound on f(x_{N+1}), by the name of one on f(x_N)."""
    γ = self.step_size
    return Energy(
        before=2 * k * γ * gap(f, x) + far(f, x),
        after=2 * (k + 1) * γ * gap(f, y) + far(f, y),
        quantity=gap(f, z),
        clock=k,
        scale=lambda n: 2 * γ * (n + 1),
    )


def later_contraction(self: Any, f: Any, x: Any, y: Any, z: Any) -> Goal:
    """From the second point to the third: nothing is said of the first."""
    return Contraction(before=far(f, y), after=far(f, z), rate=1 / (1 + self.step_size * f.mu) ** 2)


def later_last(self: Any, f: Any, x: Any, y: Any, z: Any) -> Goal:
    """The last of N is one step further."""
    return Telescoping(
        quantities=(gap(f, z),),
        weights=(2 * self.step_size,),
        before=far(f, x),
        after=far(f, y),
        support=((gap(f, z), gap(f, y)),),
        last=True,
    )


def test_what_is_measured_is_at_the_first_step_of_a_window() -> None:
    with pytest.raises(DoesNotApply, match="windows of one step"):
        posed(Proximal, Convex, later_energy, steps=2)
    with pytest.raises(DoesNotApply, match="before and after a step"):
        posed(Proximal, StronglyConvex, later_contraction, DISTANCE, steps=2, indexed=False)
    with pytest.raises(DoesNotApply, match="at its first step"):
        posed(Proximal, Convex, later_last, steps=2, indexed=False)


def test_the_rate_of_an_energy_is_named() -> None:
    def goal(self: Any, f: Any, x: Any, y: Any) -> Goal:
        return EnergyContraction(before=far(f, x), after=far(f, y), quantity=far(f, y))

    with pytest.raises(DoesNotApply, match="must be named"):
        posed(Gradient, SmoothStronglyConvex, goal, DISTANCE, indexed=False)


def test_outcomes_need_an_output() -> None:
    def goal(self: Any, f: Any, x: Any, y: Any) -> Goal:
        return Contraction(before=far(f, x), after=far(f, x), rate=1 - self.step_size * f.mu)

    with pytest.raises(DoesNotApply, match="several outcomes"):
        posed(Tossed, SmoothStronglyConvex, goal, DISTANCE, indexed=False)


# -- conditions on iterates ---------------------------------------------------------------------------------------


def ended(self: Any, f: Any, x: Any, y: Any) -> Goal:
    """Gradient steps end while ‖∇f‖² ≥ 1/L: they do not, the condition does."""
    γ = self.step_size
    given = (γ * f.L <= 1, norm2(f.gradient(x)) * f.L >= 1)
    return FiniteDecrease(before=gap(f, x), after=gap(f, y), amount=γ / (2 * f.L), given=given)


def contracted(self: Any, f: Any, x: Any, y: Any) -> Goal:
    """The same for distances."""
    γ = self.step_size
    given = (γ * f.L <= 1, far(f, x) * f.L >= 2)
    more: dict[str, Any] = {"least": 1 / f.L, "excess": 2 + 0 * f.mu, "given": given}
    return FiniteContraction(before=far(f, x), after=far(f, y), rate=1 - γ * f.mu, **more)


@pytest.mark.parametrize(
    ("assumption", "goal", "measure"), [(Smooth, ended, GAP), (SmoothStronglyConvex, contracted, DISTANCE)]
)
def test_a_condition_that_fails_ends_no_run(
    assumption: type[Assumption], goal: Callable[..., Goal], measure: Measure
) -> None:
    proved: Proved = prove(posed(Gradient, assumption, goal, measure, indexed=False), seconds=10)
    assert proved.proved
    with pytest.raises(NoProgress, match="may end before"):
        conclude(proved)


def test_squares_that_the_start_does_not_know_are_left_out() -> None:
    """The invariant f(x_k) ≤ f⋆ + k + 1 is false at the start; the hints are about the step."""

    class Bounded(FastGradient):
        """As its base."""

        @theorem(SmoothConvex, measure=GAP, indexed=True)
        def claim(self, f: Any, before: Any, after: Any, *, k: Any, m: Any) -> Goal:
            """What values would have to be."""
            return Energy(
                before=0 * gap(f, before.x) + norm2(before.y - f.minimizer),
                after=0 * gap(f, after.x) + norm2(after.y - f.minimizer),
                quantity=gap(f, after.x),
                clock=k,
                scale=lambda n: n / f.L,
                invariant=lambda s, k: ((1, s.t), (f.value(s.x), f.minimum + k + 1)),
                squares=(after.y - f.minimizer,),
            )

    problem = pose(Bounded, [SmoothConvex], Bounded.theorems()["claim"])
    assert not prove(problem, seconds=3).proved
