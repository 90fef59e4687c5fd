"""Point-SAGA, SAGA and loopless SVRG for any number of functions: proofs, exact worst cases, and what is false."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction as Q
from typing import Any

import pytest

from certify.analysis.bundles import bundle, verify
from certify.analysis.conclude import conclude
from certify.kernel import Certificate, Rejected, check
from certify.language import DoesNotApply, Goal, Method, Theorem, norm2, pose
from certify.methods.l_svrg import LooplessSVRG
from certify.methods.point_saga import PointSaga
from certify.methods.saga import Saga
from certify.prove.prover import Proved, prove
from certify.simulate.sums import run_sums

THEOREMS = [(m, t) for m in (PointSaga, Saga, LooplessSVRG) for t in m.theorems()]
IDS = [f"{m.name}/{t}" for m, t in THEOREMS]


def proof(method: type[Method], statement: Theorem, seconds: float = 30) -> Proved:
    return prove(pose(method, statement.assumptions, statement), seconds=seconds)


@pytest.mark.parametrize(("method", "name"), THEOREMS, ids=IDS)
def test_runs_never_exceed_the_rates(method, name):
    statement = method.theorems()[name]
    found = run_sums(method, statement.assumptions, statement, runs=12, steps=4, instances=4)
    assert found is not None
    assert found.violations == 0
    assert found.worst_ratio is not None
    assert 0 < found.worst_ratio < 1 + 1e-9


def test_certificates_are_verified_from_their_files_and_mutations_are_not():
    found = proof(PointSaga, PointSaga.theorems()["energy-defazio"])
    ends = conclude(found)
    assert verify(json.loads(json.dumps(bundle(found, found.problem.identifier, ends.strict)))).traced
    (case,) = found.parts[0].cases
    good = case.certificate
    check(good)
    for i, term in enumerate(good.proof.terms):
        terms = list(good.proof.terms)
        terms[i] = replace(term, coefficient=term.coefficient * Q(101, 100))
        with pytest.raises(Rejected):
            check(Certificate(good.statement, replace(good.proof, terms=tuple(terms))))
        if term.under:
            terms[i] = replace(term, under=())
            with pytest.raises(Rejected):
                check(Certificate(good.statement, replace(good.proof, terms=tuple(terms))))


def point_saga_step(n: int, γ: Q, c: Q, x: Q, table: list[Q], curvature: Q) -> Q:
    """E V⁺/V for f_j = ½a z² on the line, all draws in exact numbers."""
    mean, after = sum(table) / n, Q(0)
    for i in range(n):
        z = x + γ * (table[i] - mean)
        y = z / (1 + γ * curvature)
        entries = [*table[:i], (z - y) / γ, *table[i + 1 :]]
        after += (y**2 + c * sum(t**2 for t in entries)) / n
    return after / (x**2 + c * sum(t**2 for t in table))


@pytest.mark.parametrize("n", [2, 3, 5])
@pytest.mark.parametrize("γ", [Q(1, 2), Q(3)])
def test_the_best_rates_of_point_saga_are_attained_exactly(n, γ):
    """By parabolas: the point off and the table right, or the point right and the table off. So nothing is better."""
    L, μ = Q(1), Q(1, 10)
    threshold = γ * (2 + γ * (L + μ)) / (L + μ + 2 * γ * μ * L)
    for c in (threshold / 3, threshold * 9 / 10, threshold * 6 / 5, threshold * 5):
        a = μ if c <= threshold else L
        κ = (1 + c * a**2) / (1 + γ * a) ** 2
        assert point_saga_step(n, γ, c, Q(1), [Q(0)] * n, a) == κ
        off = [Q(1), Q(-1), *[Q(0)] * (n - 2)]
        assert point_saga_step(n, γ, c, Q(0), off, a) == 1 - (1 - κ * γ**2 / c) / n


def test_defazios_theorem_follows():
    """His weight of the table is 1/(Lμ) of the mean and his step the longest one: c n = 1/(Lμ), numbers of PEPit."""
    n, L, μ = 4, 1.0, 0.05
    γ = ((n - 1) ** 2 + 4 * n * L / μ) ** 0.5 / (2 * L * n) - (1 - 1 / n) / (2 * L)
    c = γ * (γ + (n - 1) / (n * L))
    assert n * c == pytest.approx(1 / (L * μ))
    assert μ * γ * (n * L * γ + n - 1) == pytest.approx(1)
    assert 1 / (1 + μ * γ) == pytest.approx(0.9136, abs=5e-5)
    κ = max((1 + c * a**2) / (1 + γ * a) ** 2 for a in (μ, L))
    assert max(κ, 1 - (1 - κ * γ**2 / c) / n) == pytest.approx(0.9013, abs=5e-5)  # the worst case by SDP


def faster(goal: Goal, *args: Any) -> Goal:
    """1 − ρ is 1 % larger."""
    rates = tuple(1 - (1 - r) * Q(101, 100) for r in getattr(goal, "rates", ()))
    return replace(goal, rates=rates) if rates else replace(goal, rate=1 - (1 - goal.rate) * Q(101, 100))


def anywhere(goal: Goal, *args: Any) -> Goal:
    """Without the first condition."""
    return replace(goal, given=goal.given[1:])


def heavier(goal: Goal, method: Any, f: Any, before: Any, after: Any) -> Goal:
    """The table counts twice as much, in both energies."""
    c, s = method.table_weight(f), f.minimizer
    more = [c * state.t.total(lambda f_j, t: norm2(t - f_j.gradient(s))) for state in (before, after)]
    return replace(goal, before=goal.before + more[0], after=goal.after + more[1])


def changed(method: type[Method], name: str, change: Any) -> Theorem:
    true = method.theorems()[name]
    return replace(true, goal=lambda *args, **index: change(true.goal(*args, **index), *args, **index))


FALSE = [
    (PointSaga, "energy-flat", faster),
    (PointSaga, "energy-steep", anywhere),
    (PointSaga, "energy-steep", faster),
    (PointSaga, "energy-defazio", heavier),
    (Saga, "energy-few", faster),
    (Saga, "energy-few", anywhere),
    (LooplessSVRG, "energy-often", faster),
]


@pytest.mark.slow
@pytest.mark.parametrize(("method", "name", "change"), FALSE)
def test_false_variants_are_not_proved(method, name, change):
    try:
        assert not proof(method, changed(method, name, change), seconds=3).proved
    except (DoesNotApply, ValueError):
        return


def test_runs_refute_the_wrong_curvature():
    statement = changed(PointSaga, "energy-steep", anywhere)
    found = run_sums(PointSaga, statement.assumptions, statement, runs=30, steps=2, instances=4)
    assert found is not None
    assert found.violations


def test_a_table_that_counts_twice_is_no_energy_at_defazios_step():
    n, L, μ, γ = 2, Q(1), Q(1, 3), Q(1)
    assert μ * γ * (n * L * γ + n - 1) == 1
    c = γ * (γ + (n - 1) / (n * L))
    assert point_saga_step(n, γ, 2 * c, Q(1), [Q(0)] * n, L) > 1 / (1 + μ * γ)


def saga_step(n: int, γ: Q, μ: Q, x: Q, points: list[Q], curvature: Q) -> Q:
    """E V⁺/V for f_j = ½a z² on the line, all draws in exact numbers."""
    c, a = 1 / (2 * γ * (1 - γ * μ) * n), curvature

    def energy(x: Q, points: list[Q]) -> Q:
        return a * sum(w**2 for w in points) / (2 * n) + c * x**2

    after, mean = Q(0), a * sum(points) / n
    for i in range(n):
        after += energy(x - γ * (a * x - a * points[i] + mean), [*points[:i], x, *points[i + 1 :]]) / n
    return after / energy(x, points)


@pytest.mark.parametrize("n", [2, 3, 5])
def test_the_rate_of_saga_is_attained_exactly_where_it_holds_and_false_beyond(n):
    """So no rate is better by 1 %, and many functions cannot have the rate of few."""
    L, μ = Q(1), Q(1, 10)
    for γ in (Q(1, 3), 1 / (2 * (μ * n + L))):
        assert n * γ * μ * (1 - γ * L) <= 1 - 2 * γ * L
        assert saga_step(n, γ, μ, Q(1), [Q(0)] * n, μ) == 1 - γ * μ
    off = [Q(1), Q(-1), *[Q(0)] * 98]
    assert saga_step(100, Q(1, 3), μ, Q(0), off, L) > 1 - μ / 3
