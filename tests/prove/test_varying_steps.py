"""Steps that may be of another size every time: what holds, and what one symbol for all of them would let through."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.conclude import NoProgress, conclude
from certify.assumptions.convex import Convex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    Contraction,
    DoesNotApply,
    Goal,
    Method,
    Potential,
    Scalar,
    Telescoping,
    Theorem,
    norm2,
    pose,
    theorem,
)
from certify.methods._proximal import VaryingProximalPoint
from certify.methods.ppm import ProximalPoint
from certify.prove.prover import prove
from certify.simulate.trajectories import run

NAMES = ["gap-varying", "gap-varying-textbook", "subgradient-varying"]


def posed(kind: type[Method], statement: Theorem, values: Any = None) -> Any:
    return pose(kind, statement.assumptions, statement, values)


@pytest.mark.parametrize(
    ("name", "bound"),
    [
        ("gap-varying", "f(x_N) − f⋆ ≤ R²/(4S), S = γ₀ + … + γ_(N−1)"),
        ("gap-varying-textbook", "f(x_N) − f⋆ ≤ R²/(2S), S = γ₀ + … + γ_(N−1)"),
        ("subgradient-varying", "‖g(x_N)‖² ≤ R²/S², S = γ₀ + … + γ_(N−1)"),
    ],
)
def test_bounds_are_by_the_sum_of_the_steps(name: str, bound: str) -> None:
    found = prove(posed(ProximalPoint, ProximalPoint.theorems()[name]))
    assert found.proved, found.tried
    ends = conclude(found)
    assert ends.bound is not None
    assert ends.bound.text == bound
    assert ends.complexity is None


def test_equal_steps_give_the_known_bound() -> None:
    statement = ProximalPoint.theorems()["gap-varying"]
    ends = conclude(prove(posed(ProximalPoint, statement, {"gamma": Scalar.constant(Fraction(1, 2))})))
    assert ends.bound is not None
    assert ends.bound.text == "f(x_N) − f⋆ ≤ R²/(2N)"


def scaled(name: str, factor: Any) -> Theorem:
    true = ProximalPoint.theorems()[name]

    def goal(*args: Any, **index: Any) -> Goal:
        found: Any = true.goal(*args, **index)
        return replace(found, scale=factor * found.scale)

    return replace(true, goal=goal)


@pytest.mark.parametrize("name", NAMES)
def test_smaller_bounds_are_not_proved_and_runs_exceed_them(name: str) -> None:
    factor = Fraction(21, 10) if name == "gap-varying-textbook" else Fraction(11, 10)
    false = scaled(name, factor)
    assert not prove(posed(ProximalPoint, false), seconds=2).proved


@pytest.mark.parametrize("name", NAMES)
def test_runs_with_changing_steps_keep_the_bounds(name: str) -> None:
    statement = ProximalPoint.theorems()[name]
    found = run(ProximalPoint, (Convex,), statement, [((), posed(ProximalPoint, statement).goal)], runs=300, steps=5)
    assert found is not None
    assert found.violations == 0
    assert found.worst_ratio is not None
    assert found.worst_ratio > 0.99


class Later(VaryingProximalPoint):
    """A potential with the step's own size in it, which is not what the next step starts from."""

    name = "later"

    @theorem(Convex, measure=GAP, indexed=True)
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """Holds for equal steps: f(x_N) − f⋆ ≤ R²/(2Nγ), with ‖g‖² in the potential."""
        γ = self.step_size

        def Φ(s: Any, x: Any) -> Any:
            return 2 * s * (f.value(x) - f.minimum) + norm2(x - f.minimizer) + γ * s * norm2(f.subgradient(x)) / 2

        return Potential(
            phi=Φ,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            scale=2 * (k + γ + m),
            initial=norm2(x - f.minimizer),
            tick=γ,
        )

    @theorem(Convex, measure=GAP)
    def average(self, f: Any, x: Any, y: Any) -> Goal:
        """One weight for all steps."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return Telescoping(
            quantities=(f.value(y) - f.minimum,), weights=(2 * self.step_size,), before=before, after=after
        )

    @theorem(StronglyConvex, measure=DISTANCE)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """One rate for all steps."""
        return Contraction(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer))


def test_potentials_must_not_mention_a_step() -> None:
    with pytest.raises(DoesNotApply, match="not what the next one calls before"):
        posed(Later, Later.theorems()["gap"])
    assert prove(posed(Later, Later.theorems()["gap"], {"gamma": Scalar.constant(1)})).proved


@pytest.mark.parametrize("name", ["average", "distance"])
def test_numbers_that_change_give_no_bound(name: str) -> None:
    found = prove(posed(Later, Later.theorems()[name]))
    assert found.proved
    with pytest.raises(NoProgress, match="change"):
        conclude(found)


def test_windows_of_several_steps_are_refused() -> None:
    long = replace(Later.theorems()["average"], steps=2, goal=lambda own, f, x, y, z: Later.average.goal(own, f, x, y))
    with pytest.raises(DoesNotApply):
        posed(Later, long)


@pytest.mark.slow
def test_they_are_listed_with_the_method() -> None:
    found = {t.identifier: t for t in analyse("ppm", ["convex"]).theorems}
    for name in NAMES:
        result = found[f"ppm/convex/{name}"]
        assert result.verdict.value == "proved"
        assert result.trajectories is not None
        assert not result.trajectories["violations"]
