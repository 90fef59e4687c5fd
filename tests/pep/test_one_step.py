"""One-step worst cases: bounds from the literature are attained, smaller ones are contradicted.

The rates are written out here, so that neither the prover nor its choice of cases is involved;
one test takes its goals from the prover.
"""

import json
from fractions import Fraction as Q
from math import inf

import cvxpy as cp
import pytest

from certify.assumptions.convex import Convex
from certify.language import Scalar, pose
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.pep.step.one_step import WorstCase, cross_check
from certify.pep.step.structure import structure
from certify.prove.prover import prove

γ, L, μ = (Scalar.variable(name) for name in ("gamma", "L", "mu"))

# method, theorem, number that the theorem leaves open, least ratio; the number is by
# (gd) Nesterov (2004), section 1.2.3, and Abbaszadehpeivasti, de Klerk, Zamani (2023), Theorem 3;
# (ppm) Rockafellar (1976)
TABLE = [
    (GradientDescent, "descent", γ * (2 - γ * L) / 2, 0.9999),
    (GradientDescent, "gradient", None, 0.9999),
    (GradientDescent, "gradient-long", None, 0.9999),
    (GradientDescent, "gap-pl", None, 0.5),
    (GradientDescent, "gap-pl-short", None, 0.9),
    (GradientDescent, "gap-pl-long", (2 - 3 * γ * μ + L**2 * γ**3 * μ) / (2 + γ * μ), 0.9999),
    (GradientDescent, "gap", None, 0.9999),
    (GradientDescent, "gradient-last", None, 0.9999),
    (ProximalPoint, "gap", None, 0.9999),
    (ProximalPoint, "distance", 1 / (1 + γ * μ) ** 2, 0.9999),
    (Subgradient, "gap", None, 0.9999),
    (BroximalPoint, "distance", None, 0.9999),
    (BroximalPoint, "distance-step", None, 0.9999),
    (BroximalPoint, "gap", None, 0.9999),
    (BroximalPoint, "gap-next", None, 0.9999),
    (BroximalPoint, "subgradient", None, 0.9999),
    (BroximalPoint, "gap-distance", None, 0.0),  # tight where ‖g‖ = M
    (BroximalPoint, "gap-potential", None, 0.9999),
    (BroximalPoint, "distance-smooth", None, 0.9999),
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


def ratios(result) -> list[float]:
    """All ratios; none may be missing."""
    found = [p.ratio for p in result.points if p.ratio is not None]
    assert len(found) == len(result.points)
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
    assert {p.status for p in result.points} == {"optimal"}
    assert not result.contradicts
    assert all(least <= ratio <= 1 + result.tolerance for ratio in ratios(result))
    assert result.tightness == max(ratios(result))
    assert result.model_seconds + result.solve_seconds < 5


def test_gradient_descent_attains_its_contraction_in_both_cases():
    problem = problem_of(GradientDescent, "distance")
    result = measure(problem, distance_cases(problem))
    assert ratios(result) == pytest.approx([1] * 6, abs=1e-6)
    sides = set()
    for point in result.points:
        gamma, smooth, strong = (Q(point.parameters[n]) for n in ("gamma", "L", "mu"))
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
    for point, ratio in zip(result.points, ratios(result), strict=True):
        values = [float(Q(point.parameters[n])) for n in ("gamma", "L", "mu")]
        assert 7 * ratio == pytest.approx(by_hand(*values), rel=1e-6)


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
    assert all(1.009 < ratio < 1.02 for ratio in ratios(result))


def test_a_better_contraction_is_contradicted_in_both_cases():
    problem = problem_of(GradientDescent, "distance")
    result = measure(problem, distance_cases(problem, Q(99, 100)), samples=2)
    assert result.contradicts
    assert ratios(result) == pytest.approx([100 / 99] * 2, rel=1e-6)


@pytest.mark.parametrize("rate", [0, -1])
def test_a_bound_that_is_never_positive_is_contradicted(rate):
    problem = problem_of(ProximalPoint, "distance")
    result = measure(problem, solved(problem, Scalar.constant(rate)), samples=2)
    assert ratios(result) == [inf, inf]
    assert result.tightness == inf
    assert result.contradicts


@pytest.mark.parametrize("name", ["subgradient-start", "subgradient-decrease"])
def test_bounds_between_numbers_have_no_worst_case(name):
    problem = problem_of(BroximalPoint, name)
    assert cross_check(problem, solved(problem)) is None


def test_a_bound_that_is_not_linear_has_no_worst_case():
    problem = problem_of(ProximalPoint, "distance")
    assert cross_check(problem, solved(problem, problem.goal.before)) is None


@pytest.mark.parametrize("seed", [0, 7])  # with 7, the first solver fails on such a point
def test_parameters_that_contradict_the_hypotheses_are_skipped(seed):
    problem = problem_of(BroximalPoint, "subgradient")  # ‖g₂‖ ≤ ‖g₁‖ forces c₂ ≤ c₁
    result = measure(problem, solved(problem), samples=8, seed=seed)
    assert len(result.points) == 8
    assert all(Q(p.parameters["c2"]) <= Q(p.parameters["c1"]) for p in result.points)


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
        x, y, t = (Q(point.parameters[n]) for n in ("|x0-x⋆|", "|x1-x⋆|", "t"))
        assert max(x, y, t) * 2 <= x + y + t


def test_cases_from_the_prover():
    problem = problem_of(ProximalPoint, "distance")
    result = measure(problem, prove(problem).goals(), samples=2)
    assert result.tightness == pytest.approx(1, abs=1e-6)


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
    assert data["verdict"] == "numerical"
    assert set(data["points"][0]["parameters"]) == {"gamma", "mu"}
    assert (data["tightness"] is None) == (rate < 0)


class Panic(BaseException):
    """What pyo3 raises when Rust code panics."""


@pytest.fixture
def broken_clarabel(monkeypatch):
    """Make every Clarabel solve raise what it is told to."""
    solve = cp.Problem.solve

    def install(error):
        def broken(self, *args, solver, **options):
            if solver == "CLARABEL":
                raise error
            return solve(self, *args, solver=solver, **options)

        monkeypatch.setattr(cp.Problem, "solve", broken)

    return install


def test_a_panic_is_answered_by_another_solver(broken_clarabel):
    broken_clarabel(Panic("index out of bounds"))
    problem = problem_of(Subgradient, "gap")
    result = measure(problem, solved(problem), samples=2)
    assert [p.status for p in result.points] == ["optimal"] * 2
    assert result.tightness == pytest.approx(1, abs=1e-4)
    assert result.solver == "CLARABEL, SCS"
    assert not result.contradicts


def test_an_interrupt_is_not_a_panic(broken_clarabel):
    broken_clarabel(KeyboardInterrupt())
    problem = problem_of(Subgradient, "gap")
    with pytest.raises(KeyboardInterrupt):
        measure(problem, solved(problem), samples=1)


def test_samples_must_be_positive():
    problem = problem_of(Subgradient, "gap")
    with pytest.raises(ValueError, match="samples must be at least 1, not 0"):
        measure(problem, solved(problem), samples=0)
