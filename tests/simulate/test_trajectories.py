"""Runs on random functions: true theorems are never contradicted, false ones always are."""

from fractions import Fraction
from functools import cache
from typing import Any

import pytest
import torch

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.ball_convex_lsc import BallConvexLsc
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.kernel import Polynomial
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Contraction,
    FiniteDecrease,
    Method,
    Positive,
    Scalar,
    Telescoping,
    norm2,
    pose,
    theorem,
)
from certify.language.assumptions import Assumption
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.prove.prover import prove
from certify.simulate import exact
from certify.simulate.evaluate import evaluate
from certify.simulate.functions import FAMILIES, EuclideanNorm, Quadratic, UnsupportedOracle
from certify.simulate.recorded import Recorded
from certify.simulate.trajectories import MARGIN, Trajectories, run

METHODS: tuple[type[Method], ...] = (GradientDescent, ProximalPoint, Subgradient, BroximalPoint)
THEOREMS = [(method, name) for method in METHODS for name in method.theorems()]
TIGHT = [
    (GradientDescent, "descent", 0.99),
    (GradientDescent, "distance", 0.999),
    (GradientDescent, "gap-pl", 0.99),
    (GradientDescent, "gradient-last", 0.99),
    (ProximalPoint, "gap", 0.99),
    (ProximalPoint, "distance", 0.999),
    (Subgradient, "gap", 0.999),
    (BroximalPoint, "distance", 0.999),
    (BroximalPoint, "gap", 0.999),
    (BroximalPoint, "gap-next", 0.999),
    (BroximalPoint, "subgradient", 0.999),
    (BroximalPoint, "gap-distance", 0.99),
    (BroximalPoint, "subgradient-decrease", 0.999),
]
L, mu = Scalar.variable("L"), Scalar.variable("mu")


class TooFastDescent(GradientDescent):
    """Gradient descent with two false theorems."""

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def top_only(self, f: Any, x: Any, y: Any) -> Contraction:
        """The contraction (1 − γL)², which holds for long steps only."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return Contraction(before=before, after=after, rate=(1 - self.step_size * f.L) ** 2)

    @theorem(Smooth, measure=GRADIENT)
    def quarter(self, f: Any, x: Any, y: Any) -> Telescoping:
        """The descent with γ(1 − γL/4) in place of γ(1 − γL/2)."""
        γ = self.step_size
        return Telescoping(
            quantities=(norm2(f.gradient(x)),),
            weights=(γ * (1 - γ * f.L / 4),),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
        )


class TooFastSubgradient(Subgradient):
    """The subgradient method with half of its error term."""

    @theorem(LipschitzConvex, measure=GAP)
    def half_error(self, f: Any, x: Any, y: Any) -> Telescoping:
        """The error γ²M²/2 in place of γ²M²."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=γ**2 * f.M**2 / 2,
        )


class TooFastBall(BroximalPoint):
    """The broximal point method, said to be twice as fast."""

    @theorem(BallConvex, measure=DISTANCE)
    def twice(self, f: Any, x: Any, y: Any) -> FiniteDecrease:
        """The decrease 2t² in place of t²."""
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return FiniteDecrease(before=before, after=after, amount=2 * self.radius**2)


FALSE = [
    (TooFastDescent, "top-only"),
    (TooFastDescent, "quarter"),
    (TooFastSubgradient, "half-error"),
    (TooFastBall, "twice"),
]


@cache
def _trajectories(method: type[Method], name: str) -> Trajectories:
    statement = method.theorems()[name]
    problem = pose(method, statement.assumptions, statement)
    goals = prove(problem).goals() if problem.goal.unknown else []
    found = run(method, statement.assumptions, statement, goals, runs=1500, steps=6)
    assert found is not None
    return found


# --- theorems -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "name"), THEOREMS)
def test_true_theorems_are_never_contradicted(method, name):
    found = _trajectories(method, name)
    assert found.violations == 0
    assert found.runs > 600
    assert found.checked > 2 * found.runs
    assert len(found.families) >= 2
    assert found.worst_ratio is not None
    assert found.worst_ratio < 1 + 1e-5
    assert found.margin == MARGIN
    assert found.to_json()["worst"] is None


@pytest.mark.parametrize(("method", "name", "attained"), TIGHT)
def test_tight_theorems_are_nearly_attained(method, name, attained):
    assert _trajectories(method, name).worst_ratio > attained


@pytest.mark.parametrize(("method", "name"), FALSE)
@pytest.mark.parametrize("seed", [0, 1])
def test_false_theorems_are_contradicted(method, name, seed):
    statement = method.theorems()[name]
    found = run(method, statement.assumptions, statement, [], runs=1000, seed=seed)
    assert found is not None
    assert found.violations > 0.1 * found.runs
    assert found.worst is not None
    assert found.worst["excess"] > found.margin
    assert found.to_json()["worst"] == found.worst


def test_the_distance_law_breaks_on_a_discontinuous_function():
    statement = BroximalPoint.theorems()["distance"]
    found = run(BroximalPoint, [BallConvexLsc], statement, [])
    assert found is not None
    assert found.violations > 0
    assert found.worst is not None
    assert found.worst["family"] == "cliff"


def test_the_worst_run_can_be_replayed():
    statement = TooFastDescent.theorems()["quarter"]
    found = run(TooFastDescent, statement.assumptions, statement, [], runs=500)
    assert found is not None
    worst = found.worst
    assert worst is not None
    family = next(f for f in FAMILIES if f.name == worst["family"])
    rows = {n: torch.tensor([v], dtype=torch.float64) for n, v in worst["function"].items()}
    numbers = {n: torch.tensor([[v]]).double() for n, v in worst["parameters"].items()}
    f = Recorded(family(**rows), {"L": numbers["L"]})
    method = TooFastDescent(gamma=numbers["gamma"])
    x = torch.tensor([worst["points"][0]], dtype=torch.float64)
    goal = statement.goal(method, f, x, method.step(x, f))
    lhs, rhs = goal.sides
    assert lhs.item() == pytest.approx(worst["lhs"])
    assert rhs.item() == pytest.approx(worst["rhs"])


# --- what is drawn ------------------------------------------------------------------------------


def test_equal_seeds_give_equal_results():
    statement = GradientDescent.theorems()["gap-pl"]
    first, second, other = (
        run(GradientDescent, statement.assumptions, statement, [], runs=200, seed=seed) for seed in (1, 1, 2)
    )
    assert first == second
    assert first != other


def test_parameters_can_be_tied_to_formulas_and_numbers():
    statement = GradientDescent.theorems()["gap-pl"]
    values = {"gamma": 1 / L, "mu": L / 50, "L": Scalar.constant(Fraction(7, 2))}
    for tied in (values, {"gamma": 1 / L}, {"gamma": 1 / (2 * L), "L": values["L"]}):
        exact_values = {n: s.substitute({"L": Fraction(7, 2)}) for n, s in tied.items()}
        bound = exact_values if "L" in tied else tied
        found = run(GradientDescent, statement.assumptions, statement, [], bound, runs=1000)
        assert found is not None
        assert found.runs > 100
        assert found.violations == 0
        assert found.worst is not None
        numbers = found.worst["parameters"]
        for name, formula in tied.items():
            assert numbers[name] == pytest.approx(evaluate(formula, numbers))


def test_the_conditions_of_a_theorem_are_respected():
    worst = _trajectories(GradientDescent, "gradient-long").worst
    assert worst is not None
    assert 1 <= worst["parameters"]["gamma"] * worst["parameters"]["L"] <= 3**0.5
    assert _trajectories(GradientDescent, "gradient-long").runs > 500


def test_nothing_to_run_is_no_result():
    class Unknown(Assumption):
        """Nobody has test functions for it."""

        name = "unknown"

    statement = GradientDescent.theorems()["descent"]
    assert run(GradientDescent, [Unknown], statement, []) is None
    assert run(GradientDescent, statement.assumptions, statement, []) is None  # nothing derived


def test_the_number_of_the_first_case_that_holds_is_used():
    statement = GradientDescent.theorems()["distance"]
    γ = Scalar.variable("gamma")
    before = Contraction(before=γ, after=γ)
    long = (γ * (L + mu) - 2).numerator
    top, bottom = before.solved((1 - γ * L) ** 2), before.solved((1 - γ * mu) ** 2)
    assumptions = statement.assumptions
    right = run(GradientDescent, assumptions, statement, [((long,), top), ((-long,), bottom)])
    wrong = run(GradientDescent, assumptions, statement, [((long,), bottom), ((-long,), top)])
    half = run(GradientDescent, assumptions, statement, [((long,), top)])
    assert right is not None
    assert wrong is not None
    assert half is not None
    assert right.violations == half.violations == 0 < wrong.violations
    assert half.runs < right.runs


def test_parameters_without_a_description_are_drawn_too():
    class Plain(Method):
        """Gradient descent, in symbols only."""

        name = "plain"
        gamma = Positive("gamma")

        def step(self, x: Any, f: Any) -> Any:
            """A gradient step."""
            return x - self.gamma * f.gradient(x)

        @theorem(Smooth, measure=GRADIENT)
        def descent(self, f: Any, x: Any, y: Any) -> Telescoping:
            """The descent lemma."""
            weight = self.gamma * (1 - self.gamma * f.L / 2)
            before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
            return Telescoping(quantities=(norm2(f.gradient(x)),), weights=(weight,), before=before, after=after)

    found = run(Plain, [Smooth], Plain.theorems()["descent"], [], runs=300)
    assert found is not None
    assert found.violations == 0
    assert found.worst_ratio is not None
    assert found.worst_ratio > 0.9


# --- the pieces ---------------------------------------------------------------------------------


def _norms() -> EuclideanNorm:
    slope = torch.tensor([[2.0], [3.0]], dtype=torch.float64)
    return EuclideanNorm(slope=slope, minimizer=torch.zeros(2, 2, dtype=torch.float64))


def test_oracles_remember_what_they_said():
    f = Recorded(_norms(), {"M": 1})
    x = torch.tensor([[3.0, 4.0], [0.0, 0.5]], dtype=torch.float64)
    step = torch.tensor([[1.0], [0.1]], dtype=torch.float64)
    assert f.M == 1
    assert f.subgradient(x) is f.subgradient(x)
    assert f.value(x) is f.value(x)
    u = f.prox(x, step)
    torch.testing.assert_close(f.subgradient(u), (x - u) / step)
    assert f.subgradient(f.minimizer).abs().max() == 0
    with pytest.raises(AttributeError, match="no constant 'L'"):
        _ = f.L
    with pytest.raises(UnsupportedOracle):
        f.gradient(x)


def test_ball_steps_are_active_until_they_reach_a_minimiser():
    f = Recorded(_norms(), {})
    x = torch.tensor([[3.0, 4.0], [0.0, 0.5]], dtype=torch.float64)
    mark = f.calls
    u = f.brox(x, torch.tensor([[1.0], [1.0]], dtype=torch.float64))
    assert f.active().tolist() == [[True], [False]]
    assert f.active(mark).tolist() == [[True], [False]]
    torch.testing.assert_close(f.subgradient(u)[0], 2 * x[0] / 5)
    mark = f.calls
    f.brox(u, torch.tensor([[-1.0], [torch.nan]], dtype=torch.float64))
    assert f.active(mark).tolist() == [[False], [False]]
    assert f.active(f.calls) is True


def test_the_same_calls_work_on_rational_numbers():
    f = Recorded(exact.absolute(2), {"M": Fraction(2)})
    u = f.brox(Fraction(3), Fraction(1))
    assert (u, f.subgradient(u), f.value(u)) == (2, 2, 4)
    assert f.active() is True
    assert f.radii == [1]
    assert f.prox(Fraction(3), Fraction(1)) == 1
    assert f.subgradient(Fraction(1)) == 2
    assert (f.minimizer, f.minimum, f.subgradient(f.minimizer)) == (0, 0, 0)
    f.brox(Fraction(1), Fraction(1))
    assert f.active() is False


def test_formulas_take_rational_numbers_floats_and_tensors():
    scalar = (1 - mu / 3) ** 2 / (1 + L)
    assert evaluate(scalar, {"L": Fraction(1), "mu": 1}) == Fraction(2, 9)
    assert evaluate(scalar, {"L": 1.0, "mu": 1}) == pytest.approx(2 / 9)
    column = torch.ones(3, 1, dtype=torch.float64)
    torch.testing.assert_close(evaluate(scalar, {"L": column, "mu": column}), column * 2 / 9)
    assert evaluate(Polynomial.variable("L") ** 2, {"L": Fraction(1, 2)}) == Fraction(1, 4)
    assert evaluate(Scalar.constant(Fraction(1, 2)), {"L": column}) == 0.5
    with pytest.raises(KeyError, match="mu has no value"):
        evaluate(scalar, {"L": 1})


def test_quadratics_offer_gradients():
    f = Quadratic.sample(batch=3, dimension=2, generator=torch.Generator().manual_seed(0))[0]
    x = torch.ones(3, 2, dtype=torch.float64)
    torch.testing.assert_close(Recorded(f, {}).gradient(x), f.subgradient(x))


def test_methods_that_take_subgradients_run_on_polyhedral_functions():
    """Others do not: a prox that is a quadratic program is rounded too much."""
    stated = Subgradient.theorems()["gap"]
    found = run(Subgradient, stated.assumptions, stated, [((), _goal(Subgradient, stated))], runs=300, steps=5)
    assert found is not None
    assert {"max-affine", "absolute-residual"} <= {*found.families}
    assert found.violations == 0
    other = ProximalPoint.theorems()["gap-textbook"]
    found = run(ProximalPoint, other.assumptions, other, [((), _goal(ProximalPoint, other))], runs=300, steps=5)
    assert found is not None
    assert "max-affine" not in found.families
    assert found.violations == 0


def _goal(method, theorem):
    return pose(method, theorem.assumptions, theorem).goal
