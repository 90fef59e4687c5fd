"""One-step worst cases, exactly: bounds from the literature are attained, smaller ones are contradicted.

The rates are written out here, so that neither the prover nor its choice of cases is involved;
one test takes its goals from the prover.
"""

import json
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction as Q
from math import inf

import cvxpy as cp
import pytest

from certify.assumptions.convex import Convex
from certify.kernel.worst_case import Unproved, check_attained
from certify.language import Scalar, pose
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.pep.step import supremum
from certify.pep.step.members import members
from certify.pep.step.one_step import WorstCase, cross_check
from certify.pep.step.structure import structure
from certify.prove.prover import prove

γ, L, μ = (Scalar.variable(name) for name in ("gamma", "L", "mu"))

TIGHT = 1 - Q(1, 10**6)

# method, theorem, number that the theorem leaves open, least share attained; the number is by
# (gd) Nesterov (2004), section 1.2.3, and Abbaszadehpeivasti, de Klerk, Zamani (2023), Theorem 3;
# (ppm) Rockafellar (1976)
TABLE = [
    (GradientDescent, "descent", γ * (2 - γ * L) / 2, TIGHT),
    (GradientDescent, "gradient", None, TIGHT),
    (GradientDescent, "gradient-long", None, TIGHT),
    (GradientDescent, "gap-pl", None, Q(1, 2)),
    (GradientDescent, "gap-pl-short", None, Q(9, 10)),
    (GradientDescent, "gap-pl-long", (2 - 3 * γ * μ + L**2 * γ**3 * μ) / (2 + γ * μ), TIGHT),
    (GradientDescent, "gap", None, TIGHT),
    (GradientDescent, "gradient-last", None, TIGHT),
    (ProximalPoint, "gap", None, TIGHT),
    (ProximalPoint, "distance", 1 / (1 + γ * μ) ** 2, TIGHT),
    (Subgradient, "gap", None, TIGHT),
    (BroximalPoint, "distance", None, TIGHT),
    (BroximalPoint, "distance-step", None, TIGHT),
    (BroximalPoint, "gap", None, TIGHT),
    (BroximalPoint, "gap-next", None, TIGHT),
    (BroximalPoint, "subgradient", None, TIGHT),
    (BroximalPoint, "gap-distance", None, 0),  # tight where ‖g‖ = M
    (BroximalPoint, "gap-potential", None, TIGHT),
    (BroximalPoint, "distance-smooth", None, TIGHT),
]


def problem_of(method, name, **options):
    theorem = method.theorems()[name]
    assumptions = options.pop("assumptions", theorem.assumptions)
    return pose(method, assumptions, theorem, **options)


def solved(problem, value=None):
    goal = problem.goal
    return [((), goal if value is None else goal.solved(value))]


def measure(problem, goals, **options) -> WorstCase:
    """The worst case of goals that have one."""
    result = cross_check(problem, goals, **options)
    assert result is not None
    return result


def lowers(result) -> list[Q]:
    """All exact lower ends; none may be missing, and the kernel agrees with each."""
    found = []
    for point in result.points:
        assert isinstance(point.lower, Q)
        check_attained(point.evidence)
        assert point.evidence.value == point.lower
        found.append(point.lower)
    return found


def distance_cases(problem, factor=1):
    """The rate of Polyak (1963) for gradient descent on both sides of γ(L + μ) = 2."""
    edge = (γ * L + γ * μ - 2).numerator
    long, short = factor * (1 - γ * L) ** 2, factor * (1 - γ * μ) ** 2
    return [((edge,), problem.goal.solved(long)), ((-edge,), problem.goal.solved(short))]


@pytest.mark.parametrize(("method", "name", "value", "least"), TABLE)
def test_no_bound_is_exceeded_and_most_are_attained(method, name, value, least):
    problem = problem_of(method, name)
    result = measure(problem, solved(problem, value))
    assert len(result.points) == 6
    missing = [p for p in result.points if p.lower is None]
    assert {p.status for p in missing} == ({"upper end"} if name == "subgradient" else set())  # c₁ = c₂ is degenerate
    found = lowers(replace(result, points=tuple(p for p in result.points if p not in missing)))
    assert len(found) >= 5
    assert all(least <= lower <= 1 for lower in found)
    assert all(p.upper <= 1 for p in result.points)  # exactly: the multipliers of the proof are recognised
    assert max(found) - Q(1, 10**6) <= result.tightness <= max(found)
    assert not result.contradicts
    assert result.model_seconds + result.solve_seconds < 5


def test_gradient_descent_attains_its_contraction_in_both_cases():
    problem = problem_of(GradientDescent, "distance")
    result = measure(problem, distance_cases(problem))
    assert all(TIGHT <= lower <= 1 == point.upper for lower, point in zip(lowers(result), result.points, strict=True))
    sides = set()
    for point in result.points:
        gamma, smooth, strong = (point.parameters[n] for n in ("gamma", "L", "mu"))
        sides.add((gamma * (smooth + strong) > 2) - (gamma * (smooth + strong) < 2))
    assert {-1, 1} <= sides
    assert not result.contradicts


def by_hand(gamma, smooth, strong):
    """max ‖x − γg‖² with ‖x‖ = 1 for L-smooth μ-strongly convex f; Gram matrix of (x, g)."""
    G, f = cp.Variable((2, 2), PSD=True), cp.Variable()
    xx, xg, gg = G[0, 0], G[0, 1], G[1, 1]
    rest = gg + strong * smooth * xx - 2 * strong * xg
    below = rest / (2 * (smooth - strong))
    problem = cp.Problem(
        cp.Maximize(xx - 2 * gamma * xg + gamma**2 * gg),
        [cp.hstack([xg - f, f]) >= below, xx == 1],
    )
    return problem.solve(solver="CLARABEL")


def test_the_program_agrees_with_one_written_by_hand():
    problem = problem_of(GradientDescent, "distance")
    seven = solved(problem, Scalar.constant(7))
    result = measure(problem, seven, seed=3)
    for point, lower in zip(result.points, lowers(result), strict=True):
        values = [float(point.parameters[n]) for n in ("gamma", "L", "mu")]
        assert 7 * float(lower) == pytest.approx(by_hand(*values), rel=1e-6)
        assert 7 * float(point.upper) == pytest.approx(by_hand(*values), rel=1e-6)


@pytest.mark.parametrize(
    ("method", "name", "value"),
    [
        (ProximalPoint, "distance", 1 / (1 + γ * μ) ** 2 * Q(99, 100)),
        (GradientDescent, "descent", γ * (2 - γ * L) / 2 * Q(101, 100)),
        (
            GradientDescent,
            "gap-pl-long",
            (2 - 3 * γ * μ + L**2 * γ**3 * μ) / (2 + γ * μ) * Q(99, 100),
        ),
    ],
)
def test_a_better_number_is_contradicted(method, name, value):
    problem = problem_of(method, name)
    result = measure(problem, solved(problem, value))
    assert result.contradicts
    assert all(Q("1.009") < lower < Q("1.02") for lower in lowers(result))


def test_a_better_contraction_is_contradicted_in_both_cases():
    problem = problem_of(GradientDescent, "distance")
    result = measure(problem, distance_cases(problem, Q(99, 100)), samples=2)
    assert result.contradicts
    for point, lower in zip(result.points, lowers(result), strict=True):
        assert TIGHT * Q(100, 99) <= lower <= point.upper == Q(100, 99)


@pytest.mark.parametrize("rate", [0, -1])
def test_a_bound_that_is_never_positive_is_contradicted(rate):
    problem = problem_of(ProximalPoint, "distance")
    result = measure(problem, solved(problem, Scalar.constant(rate)), samples=2)
    assert [(p.lower, p.upper, p.status) for p in result.points] == [(inf, None, "unbounded")] * 2
    assert result.tightness == inf
    assert result.contradicts
    for point in result.points:
        check_attained(point.evidence)
        names = [(r.name, r.form) for r in point.evidence.problem.inequalities]
        assert len(names) == 4  # two tangents, f ≥ f⋆ and rhs ≤ 0


@pytest.mark.parametrize("name", ["subgradient-start", "subgradient-decrease"])
def test_bounds_between_numbers_have_no_worst_case(name):
    problem = problem_of(BroximalPoint, name)
    assert cross_check(problem, solved(problem)) is None


def test_a_bound_that_is_not_linear_has_no_worst_case():
    problem = problem_of(ProximalPoint, "distance")
    assert cross_check(problem, solved(problem, problem.goal.before)) is None


@pytest.mark.parametrize("seed", [0, 7])
def test_parameters_that_contradict_the_hypotheses_are_skipped(seed):
    problem = problem_of(BroximalPoint, "subgradient")  # ‖g₂‖ ≤ ‖g₁‖ forces c₂ ≤ c₁
    result = measure(problem, solved(problem), samples=8, seed=seed)
    assert len(result.points) == 8
    assert all(p.parameters["c2"] <= p.parameters["c1"] for p in result.points)


def test_a_norm_that_is_only_bounded_needs_no_number():
    lipschitz = structure((p := problem_of(Subgradient, "gap")), solved(p))
    assert (lipschitz.parameters, set(lipschitz.bounded)) == (("M", "gamma"), {"|g0|"})
    gap = structure((p := problem_of(BroximalPoint, "gap")), solved(p))
    assert "|x0-x⋆|" in gap.parameters


def test_without_an_inner_product_the_axioms_of_norms_are_all_there_is():
    problem = problem_of(BroximalPoint, "gap-any-norm", assumptions=(Convex,), norm="any")
    known = structure(problem, solved(problem))
    assert "(g1|x1-x⋆)" in known.variables
    assert "|x1-x⋆|" in known.parameters
    result = measure(problem, solved(problem), samples=1)
    for point in result.points:
        x, y, t = (point.parameters[n] for n in ("|x0-x⋆|", "|x1-x⋆|", "t"))
        assert max(x, y, t) * 2 <= x + y + t
    assert result.relaxations == ("without an inner product nothing but the axioms of norms is used",)


def test_cases_from_the_prover():
    problem = problem_of(ProximalPoint, "distance")
    result = measure(problem, prove(problem).goals(), samples=2)
    assert TIGHT <= max(lowers(result)) <= 1


def test_the_same_seed_gives_the_same_points():
    problem = problem_of(Subgradient, "gap")
    runs = [measure(problem, solved(problem), samples=3, seed=s).points for s in (1, 1, 2)]
    parameters = [[p.parameters for p in run] for run in runs]
    assert parameters[0] == parameters[1] != parameters[2]


@pytest.mark.parametrize("rate", [1, -1])
def test_the_result_is_plain_data(rate):
    problem = problem_of(ProximalPoint, "distance")
    data = measure(problem, solved(problem, Scalar.constant(rate)), samples=1).to_json()
    assert json.loads(json.dumps(data, allow_nan=False)) == data
    assert data["verdict"] == "exact"
    assert set(data["parameters"]) == {"gamma", "mu"}
    assert (data["points"][0]["lower"], data["points"][0]["upper"]) == (data["lower"], data["upper"])
    if rate > 0:
        assert Q(data["lower"]) <= Q(data["upper"]) < 1
    else:
        assert data["lower"] is data["upper"] is None
        assert data["points"][0]["status"] == "unbounded"


def test_a_worst_case_is_one_of_functions_where_that_is_known():
    """A subgradient at every value claimed, a minimiser, and Convex in place of ball-convexity."""
    gap = problem_of(ProximalPoint, "gap")
    assert {e.label for e in gap.function.evaluations.values() if e.subgradient is None} == {"0"}
    for problem, within in [
        (gap, "convex"),
        (problem_of(BroximalPoint, "gap"), "convex"),
        (problem_of(GradientDescent, "gradient"), "smooth"),
        (problem_of(Subgradient, "gap"), "lipschitz-convex"),
    ]:
        before = dict(problem.trace.hypotheses)
        known = members(problem, solved(problem))
        assert (known.within, known.relaxations) == (within, ())
        claimed = [e for e in known.problem.function.evaluations.values() if e.value.variables & claimed_names(problem)]
        assert claimed
        assert all(e.subgradient is not None for e in claimed)
        assert before == problem.trace.hypotheses
        assert before.items() <= known.problem.trace.hypotheses.items()


def claimed_names(problem):
    return frozenset().union(*(side.variables for side in problem.goal.sides if isinstance(side, Scalar)))


def test_a_relaxation_says_so():
    problem = problem_of(GradientDescent, "gap-pl")
    result = measure(problem, solved(problem), samples=1)
    assert result.relaxations == ("the conditions for pl are necessary, and not known to be sufficient",)
    assert result.to_json()["relaxations"] == list(result.relaxations)


def test_what_the_kernel_refuses_does_not_count(monkeypatch):
    def refuse(*args, **options):
        raise Unproved("no")

    monkeypatch.setattr("certify.kernel.worst_case.check_attained", refuse)
    problem = problem_of(Subgradient, "gap")
    result = measure(problem, solved(problem), samples=2)
    assert [p.status for p in result.points] == ["upper end"] * 2
    assert result.tightness is result.best is None
    assert result.verdict == "open"
    assert result.to_json()["lower"] is result.to_json()["parameters"] is None
    assert not result.contradicts


class Panic(BaseException):
    """What pyo3 raises when Rust code panics."""


def break_clarabel(monkeypatch, error):
    def broken(*args, **options):
        raise error

    monkeypatch.setattr("certify.pep.engine.solvers._clarabel", broken)


def test_a_panic_leaves_the_points_open(monkeypatch):
    break_clarabel(monkeypatch, Panic("index out of bounds"))
    problem = problem_of(Subgradient, "gap")
    result = measure(problem, solved(problem), samples=2)
    assert [(p.lower, p.upper, p.status) for p in result.points] == [(None, None, "failed")] * 2
    assert not result.contradicts


def test_an_interrupt_is_not_a_panic(monkeypatch):
    break_clarabel(monkeypatch, KeyboardInterrupt())
    problem = problem_of(Subgradient, "gap")
    with pytest.raises(KeyboardInterrupt):
        measure(problem, solved(problem), samples=1)


def test_a_limit_counts_only_if_there_is_an_exact_point_to_start_from(monkeypatch):
    """With s = 0 at the worst case: max x/y with y ≥ x, 1 ≥ x, y ≥ 2 + x is 1, as both grow; here x ≤ 0·s."""
    one, x, y = Q(1), "x", "y"
    instance = supremum.Instance(
        vectors=(),
        values=(x, y),
        nonnegative=({x: one}, {y: one, x: -one, "1": -one}),
        zero=(),
        lhs={x: one},
        rhs={y: one},
    )
    found = supremum.Ratio(instance).supremum()
    assert found.upper == 1
    assert 1 - Q(1, 10**6) <= found.lower <= 1
    impossible = replace(instance, nonnegative=(*instance.nonnegative, {"1": -one}))
    assert supremum.Ratio(impossible).supremum() is None


def test_an_edge_where_the_hypotheses_leave_no_interior():
    problem = problem_of(BroximalPoint, "gap-potential")  # M = ct: all subgradients are the same
    result = measure(problem, solved(problem), seed=1)
    edge = [p for p in result.points if p.parameters["M"] == p.parameters["c1"] * p.parameters["t"]]
    assert edge
    assert all(TIGHT <= p.lower <= 1 == p.upper for p in edge)


def test_cvxpy_is_not_imported():
    code = (
        "import sys; from certify.analysis.analyse import analyse;"
        "analyse('bpm', ['ball-convex'], theorems=['gap'], simulate=False); print('cvxpy' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"


def test_samples_must_be_positive():
    problem = problem_of(Subgradient, "gap")
    with pytest.raises(ValueError, match="samples must be at least 1, not 0"):
        measure(problem, solved(problem), samples=0)
