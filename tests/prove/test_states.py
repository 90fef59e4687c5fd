"""Theorems about methods with memory and several functions: what is proved, and what must not be."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.bundles import bundle, verify
from certify.analysis.conclude import conclude
from certify.analysis.results import Verdict
from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    Contraction,
    DoesNotApply,
    Goal,
    Method,
    Outcomes,
    Telescoping,
    Theorem,
    expected,
    norm2,
    pose,
    theorem,
)
from certify.methods.heavy_ball import HeavyBall
from certify.methods.prox_skip import ENERGY, ProxSkip
from certify.prove.prover import prove
from certify.simulate.stateful import run_states

CLAIMS = [(HeavyBall, "gap"), (ProxSkip, "energy")]
IDS = [f"{m.name}/{n}" for m, n in CLAIMS]


def changed(method: type[Method], name: str, change: Any) -> Theorem:
    true = method.theorems()[name]
    return replace(true, goal=lambda *args, **index: change(true.goal(*args, **index), *args, **index))


def proved(method: type[Method], statement: Theorem, seconds: float = 4) -> bool:
    return prove(pose(method, statement.assumptions, statement), seconds=seconds).proved


@pytest.mark.parametrize(("method", "name"), CLAIMS, ids=IDS)
def test_the_kernel_accepts_them_and_their_files(method, name):
    statement = method.theorems()[name]
    found = prove(pose(method, statement.assumptions, statement))
    assert found.proved, found.tried
    ends = conclude(found)
    assert verify(json.loads(json.dumps(bundle(found, found.problem.identifier, ends.strict)))).traced


@pytest.mark.slow
@pytest.mark.parametrize(("method", "name"), CLAIMS, ids=IDS)
def test_ten_instances_of_a_thousand_runs_find_no_violation(method, name):
    statement = method.theorems()[name]
    problem = pose(method, statement.assumptions, statement)
    goals = prove(problem).goals() if problem.goal.unknown else ()
    found = run_states(method, statement.assumptions, statement, goals)
    assert found is not None
    assert found.runs >= 10_000
    assert not found.violations
    assert found.worst_ratio is not None
    assert found.worst_ratio > 0.95


def test_runs_contradict_a_rate_that_is_too_good():
    def better(goal: Goal, method: Any, *args: Any) -> Goal:
        return replace(goal, rates=(), rate=(1 - method.probability**2) * (1 - method.step_size * args[0].mu) ** 2)

    statement = changed(ProxSkip, "energy", better)
    found = run_states(ProxSkip, statement.assumptions, statement, runs=100, steps=5, instances=4)
    assert found is not None
    assert found.violations


def weight(factor: Any) -> Any:
    return lambda goal, *args, **index: replace(goal, weights=tuple(factor * w for w in goal.weights))


def without(i: int) -> Any:
    return lambda goal, *args, **index: replace(goal, given=(*goal.given[:i], *goal.given[i + 1 :]))


def longer(goal: Goal, method: Any, f: Any, *states: Any) -> Goal:
    return replace(goal, given=(method.momentum < 1, method.step_size * f.L <= 2 * (1 - method.momentum)))


def rates(*chosen: Any) -> Any:
    def change(goal: Goal, method: Any, f: Any, *states: Any) -> Goal:
        γ, p = method.step_size, method.probability
        return replace(goal, rates=tuple(rate(γ, p, f) for rate in chosen))

    return change


def a(γ: Any, p: Any, f: Any) -> Any:
    return (1 - γ * f.mu) ** 2


def b(γ: Any, p: Any, f: Any) -> Any:
    return (1 - γ * f.L) ** 2


def c(γ: Any, p: Any, f: Any) -> Any:
    return 1 - p**2


FALSE = [
    pytest.param(HeavyBall, "gap", weight(2), id="heavy-ball: twice the weight"),
    pytest.param(HeavyBall, "gap", longer, id="heavy-ball: steps up to 2(1 − β)/L"),
    pytest.param(ProxSkip, "energy", rates(a, c), id="prox-skip: without (1 − γL)²"),
    pytest.param(ProxSkip, "energy", rates(b, c), id="prox-skip: without (1 − γμ)²"),
    pytest.param(ProxSkip, "energy", rates(a, b), id="prox-skip: without 1 − p²"),
    pytest.param(ProxSkip, "energy", rates(a, b, lambda γ, p, f: 1 - p), id="prox-skip: p for p²"),
    pytest.param(ProxSkip, "energy", rates(lambda γ, p, f: (1 - γ * f.L) ** 2 * (1 - p**2)), id="prox-skip: product"),
]


@pytest.mark.parametrize(("method", "name", "change"), FALSE)
def test_false_variants_are_not_proved(method, name, change):
    try:
        assert not proved(method, changed(method, name, change))
    except ValueError:  # refused when it is posed
        return


def test_chances_must_be_chances():
    with pytest.raises(DoesNotApply, match="chance"):
        proved(ProxSkip, changed(ProxSkip, "energy", without(0)))


class Lost(ProxSkip):
    """Part of the time the step gets lost."""

    name = "lost"

    def step(self, state: Any, f: Any, psi: Any) -> Outcomes:
        """Chances that add up to less than 1."""
        (p, first), (_, second) = super().step(state, f, psi).cases
        return Outcomes(((p, first), ((1 - p) / 2, second)))


def test_chances_must_add_up():
    with pytest.raises(DoesNotApply, match="add up"):
        proved(Lost, Lost.theorems()["energy"])


class Jensen(ProxSkip):
    """A measure of the mean point is no mean of measures."""

    name = "jensen"

    @theorem(SmoothStronglyConvex, Convex, measure=ENERGY)
    def of_the_mean(self, f: Any, psi: Any, before: Any, after: Any) -> Goal:
        """The distance of E x⁺."""
        x, _ = self.solution(f, psi)
        middle = expected(after, lambda s: s.x)
        return Contraction(before=norm2(before.x - x), after=norm2(middle - x), rate=1)


def test_functions_of_the_mean_are_refused():
    with pytest.raises(DoesNotApply):
        proved(Jensen, Jensen.theorems()["of-the-mean"])


def test_each_function_has_its_own_assumption():
    statement = ProxSkip.theorems()["energy"]
    for given in ((SmoothStronglyConvex,), (Convex, SmoothStronglyConvex)):
        with pytest.raises(DoesNotApply):
            pose(ProxSkip, given, statement)


class Forgetful(HeavyBall):
    """Takes the next state for the first one."""

    name = "forgetful"

    @theorem(SmoothConvex, measure=HeavyBall.theorems()["gap"].measure)
    def at_rest(self, f: Any, before: Any, after: Any) -> Goal:
        """As if x_k = x_{k−1} at every step."""
        goal = self.gap.goal(self, f, before, after)
        return Telescoping(
            quantities=goal.quantities,
            weights=goal.weights,
            before=norm2(before.now - f.minimizer),
            after=norm2(after.now - f.minimizer),
            given=goal.given,
        )


def test_memory_is_not_at_rest():
    assert not proved(Forgetful, Forgetful.theorems()["at-rest"])


def test_a_false_theorem_of_a_method_with_memory_is_refuted_by_a_run(monkeypatch):
    statement = changed(HeavyBall, "gap", weight(2))
    monkeypatch.setattr(HeavyBall, "gap", statement)
    (result,) = analyse("heavy-ball", theorems=["gap"], seconds=2).theorems
    assert result.verdict is Verdict.REFUTED
