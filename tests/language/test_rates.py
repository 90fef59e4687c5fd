"""Rate rows, methods with a state, irrational coefficients: what a declaration says, without any solver."""

from fractions import Fraction
from typing import Any, NamedTuple

import pytest
import torch

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    BEST_GAP,
    DISTANCE,
    GAP,
    STEP,
    Contraction,
    Count,
    DoesNotApply,
    Goal,
    Horizon,
    Method,
    Run,
    Scalar,
    at_average,
    best,
    mean,
    measure,
    norm2,
    pose,
    rate,
    root,
    rounded,
    theorem,
)
from certify.language.measures import MEASURES, REGRET, SUBGRADIENT
from certify.language.roundings import roundings


class Parabola:
    """f(x) = x²/2 on the line, with exact numbers."""

    minimizer = Fraction(0)

    def value(self, x):
        return x * x / 2

    def gradient(self, x):
        return x


class State(NamedTuple):
    x: Any
    y: Any
    k: int


class Momentum(Method):
    """y = x⁺ + k/(k + 3) (x⁺ − x)."""

    name = "momentum"
    steps = Horizon("N", "number of steps")
    blocks = Count("n", "number of blocks")

    def start(self, x: Any, f: Any) -> State:
        return State(x, x, 0)

    def step(self, state: State, f: Any) -> State:
        x = state.y - f.gradient(state.y) / 2
        return State(x, x + Fraction(state.k, state.k + 3) * (x - state.x), state.k + 1)

    def output(self, state: State) -> Any:
        return state.x

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, tight=True, source="nobody", at=[{"L": 1, "N": 3}])
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/N²."""
        return Fraction(f.L, N**2)

    @rate(
        SmoothConvex, measure=BEST_GAP, initial=DISTANCE, holds=lambda self, f, N, bound: (f.L > 1, N > 1), whole=True
    )
    def shifted(self, f: Any, N: int, bound: Any) -> Any:
        """min f(x_k) − f⋆ ≤ R² + L for L > 1 and N > 1."""
        return bound + f.L

    @theorem(SmoothConvex, measure=GAP)
    def step_gap(self, f: Any, x: Any, y: Any) -> Goal:
        """Not a statement about this method's state."""
        return Contraction(before=f.value(x) - f.minimum, after=f.value(y) - f.minimum)


def run_of(method: Method, steps: int) -> Run:
    f, states = Parabola(), [method.start(Fraction(1), Parabola())]
    for _ in range(steps):
        states.append(method.step(states[-1], f))
    return Run(method, (f,), tuple(states), f.minimizer)


def test_a_state_is_carried_and_looked_at():
    run = run_of(Momentum(), 2)
    assert run.points == (1, Fraction(1, 2), Fraction(1, 4))
    assert [s.k for s in run.states] == [0, 1, 2]
    assert (DISTANCE.of(run, 2), GAP.of(run, 1)) == ((Fraction(1, 16),), (Fraction(1, 8),))
    assert STEP.of(run, 1) == (Fraction(1, 4),)
    with pytest.raises(ValueError, match="x₀ has none"):
        STEP.of(run, 0)


def test_measures_combine():
    run = run_of(Momentum(), 2)
    assert best(GAP, before=1).of(run, 2) == (Fraction(1, 2), Fraction(1, 8))
    assert mean(DISTANCE, first=1).of(run, 2) == ((Fraction(1, 4) + Fraction(1, 16)) / 2,)
    assert at_average(GAP, first=1).of(run, 2) == (Fraction(9, 128),)
    assert measure("mine", "‖{x}‖²", lambda run, k: norm2(run.points[k])).of(run, 0) == (1,)
    assert best(GAP).describe("x_N") == "min over k = 0, …, N of f(x_k) − f⋆"
    with pytest.raises(ValueError, match="has no mean"):
        mean(best(GAP)).of(run, 1)


def test_rates_are_rows():
    rates = Momentum.rates()
    row = rates["gap-rate"]
    assert list(rates) == ["gap-rate", "shifted"]
    assert (row.statement, row.tight, row.at) == ("f(x_N) − f⋆ ≤ L R²/N².", True, ({"L": 1, "N": 3},))
    assert row.applies([[SmoothStronglyConvex]])
    assert not row.applies([[Convex]])
    assert not row.applies([[SmoothConvex], [Convex]])
    assert row.claimed(Momentum(), [{"L": Fraction(2)}], 2, 3) == Fraction(3, 2)
    assert rates["shifted"].claimed(Momentum(), [{"L": 2}], 2, 5) == 7
    assert rates["shifted"].claimed(Momentum(), [{"L": 2}], 1, 5) is None


def test_one_step_theorems_are_refused_for_states():
    assert not Momentum.stateless()
    assert Momentum.horizon() == "N"
    with pytest.raises(DoesNotApply, match="momentum is none"):
        pose(Momentum, [SmoothConvex], Momentum.theorems()["step-gap"])


@pytest.mark.parametrize("q", [2, Fraction(1, 3), Fraction(10**40, 7), Fraction(7, 10**40), 10**39 + 1])
def test_roots_are_near_and_short(q):
    with roundings() as count:
        value = root(q)
    assert count == [1]
    assert abs(value * value / q - 1) < Fraction(2) ** -62
    assert value.numerator.bit_length() <= 66
    assert value.denominator & (value.denominator - 1) == 0


def test_exact_roots_and_short_numbers_stay():
    with roundings() as count:
        assert root(Fraction(9, 4)) == Fraction(3, 2)
        assert root(0) == 0
        assert rounded(Fraction(1, 3)) == Fraction(1, 3)
    assert count == [0]
    with roundings() as count:
        assert abs(rounded(Fraction(10**30 + 1, 3**60)) * Fraction(3**60, 10**30 + 1) - 1) < Fraction(2) ** -63
    assert count == [1]


def test_roots_of_tensors_and_symbols():
    assert root(torch.tensor(4.0)).item() == rounded(2.0) == root(4.0) == 2.0
    assert root(Scalar.constant(4)) == 2
    assert root(Scalar.variable("k") + 1).variables == {"√(1+k)"}
    with pytest.raises(TypeError, match="polynomials only"):
        root(1 / Scalar.variable("L"))
    with pytest.raises(ValueError, match="negative"):
        root(-1)


@pytest.mark.parametrize("measure", [*MEASURES.values(), REGRET, SUBGRADIENT], ids=lambda m: m.name)
def test_measures_are_written_without_the_braces_of_a_template(measure):
    for template in (measure.text, measure.latex, measure.said or ""):
        written = template.replace("{x}", "X").replace("{y}", "Y")
        assert "{{" not in written
        assert "}}" not in written
