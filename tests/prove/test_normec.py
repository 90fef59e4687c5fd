"""α-NormEC: its proof, variants that are false and must stay open, and runs that say why they are false."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.bundles import bundle, verify
from certify.analysis.conclude import conclude
from certify.language import DoesNotApply, Inequality, Problem, Telescoping, UnknownSign, norm, pose
from certify.methods.normec import AlphaNormEC, State
from certify.prove.prover import prove, prove_side
from certify.simulate.workers import run_workers

GRADIENT = AlphaNormEC.theorems()["gradient"]


def posed(method: type[AlphaNormEC] = AlphaNormEC) -> Problem:
    found = method.theorems()["gradient"]
    return pose(method, found.assumptions, found)


def variant(
    *, range_: int = 1, left: int = 2, smooth: Fraction | int = Fraction(1, 2), ordered: bool = True, bound: int = 1
) -> type[AlphaNormEC]:
    """The theorem with another constant: `range_` multiplies the longest step, `left` is that of what is left."""

    class Variant(AlphaNormEC):
        """α-NormEC with another claim."""

        name = "false-normec"

        def domain(self) -> Iterator[Inequality]:
            return super().domain() if ordered else iter(())

        def goal(self, f: Any, before: State, after: State) -> Any:
            goal: Any = GRADIENT.goal(self, f, before, after)
            α, β, γ, r, each = self.smoothing, self.feedback, self.step_size, self.error / bound, f.workers
            rest = self.error * (1 - β / (α + self.error))
            return Telescoping(
                quantities=goal.quantities,
                weights=goal.weights,
                before=goal.before,
                after=goal.after,
                error=left * γ * rest + smooth * f.L * γ**2,
                given=(α + self.error > 0, γ * f.L_max * (α + self.error) <= range_ * β * self.error),
                invariant=lambda state, k: ((norm(each.gradients(state.x) - state.m), r),),
                lemmas=goal.lemmas[:1],
            )

    Variant.gradient = replace(GRADIENT, goal=Variant.goal)
    return Variant


def test_it_is_proved_and_verified() -> None:
    proved = prove(posed())
    assert proved.proved
    assert {p.role for p in proved.parts} >= {"lemma[0]", "start[0]", "kept[0]", "step", "end[0]"}
    ends = conclude(proved)
    assert ends.step_size is not None
    assert "γ ≤ βr/(L_max(α + r))" in ends.step_size.text
    assert "α ≥ β" in ends.step_size.text
    assert ends.bound is not None
    assert ends.bound.text.startswith("min ‖∇f(x_k)‖* ≤ ")
    assert any("checked" in s for s in verify(bundle(proved, "normec", ends.strict)).sentences)


@pytest.mark.parametrize(
    ("role", "options"),
    [
        pytest.param("kept[0]", {"range_": 2}, marks=pytest.mark.slow),  # longer steps than are compensated
        ("step", {"left": 1}),  # the error counts twice: in the direction and in its length
        pytest.param("step", {"smooth": Fraction(1, 4)}, marks=pytest.mark.slow),
        pytest.param("start[0]", {"bound": 2}, marks=pytest.mark.slow),  # the first errors may be as long as r
    ],
)
def test_other_constants_stay_open(role: str, options: dict[str, Any]) -> None:
    problem = posed(variant(**options))
    assert not prove_side(problem, problem.claims()[role], role, seconds=1.0).proved


def test_without_an_order_of_alpha_and_beta_nothing_is_claimed() -> None:
    with pytest.raises((UnknownSign, DoesNotApply)):
        posed(variant(ordered=False))


def test_runs_agree_with_the_theorem() -> None:
    runs = run_workers(AlphaNormEC, GRADIENT.assumptions, GRADIENT, runs=40, steps=20, instances=3)
    assert runs is not None
    assert runs.violations == 0
    assert runs.checked >= 3 * 40 * 20


@pytest.mark.parametrize("options", [{"smooth": 0, "left": 0}, {"bound": 2}])
def test_runs_refute_what_is_false(options: dict[str, Any]) -> None:
    false = variant(**options)
    runs = run_workers(false, GRADIENT.assumptions, false.theorems()["gradient"], runs=40, steps=10, instances=2)
    assert runs is not None
    assert runs.violations
