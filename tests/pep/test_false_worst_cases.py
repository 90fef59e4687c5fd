"""Ways to a false end that were open once: points that belong to no function of the class, conditions that got lost.

Each problem has a worst case that is known; an end on the wrong side of it, printed as certified, would be the bug.
"""

from __future__ import annotations

from fractions import Fraction as Q

import pytest

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.convex import Convex
from certify.assumptions.eb import ErrorBound
from certify.assumptions.linear import Linear
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.monotone import Monotone
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.rsi_eb import RSIEB
from certify.assumptions.skew_linear import SkewLinear
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.symmetric_linear import SymmetricLinear
from certify.assumptions.weakly_convex import WeaklyConvex
from certify.methods.gd import GradientDescent
from certify.pep import Model, norm2
from certify.pep.contraction import BestRate, LyapunovState, best_rate
from certify.pep.engine.bounds import Bound, decimal
from certify.pep.method_rates import linear_rate
from certify.pep.modelling.oracles import bregman_prox
from certify.pep.questions import question


def contains(bound: Bound, value: Q | int) -> bool:
    """Whether the true worst case lies in the interval, which has both ends."""
    return bound.lower is not None and bound.upper is not None and bound.lower <= value <= bound.upper


# -- conditions that interpolate only up to a point --------------------------------------------------------------


def test_values_of_a_class_without_conditions_on_values():
    model = Model()
    f = model.function(RSIEB(mu=1, L=2))
    x = model.point("x0")
    gap = f(x) - f.minimum
    model.suppose(norm2(x - f.minimizer) <= 100)
    model.maximise(norm2(x - f.minimizer))
    assert contains(model.solve(), 100)
    model.suppose(gap <= 1)  # f(x) − f⋆ ≥ ½‖x − x⋆‖², so the worst case is 2, but no condition says so
    bound = model.solve()
    assert bound.lower is None
    assert "say nothing of the values of f" in " ".join(bound.problem.relaxations)


def test_a_measure_of_values_of_a_class_without_conditions_on_values():
    model = Model()
    f = model.function(ErrorBound(L=1))
    x = model.point("x0")
    model.maximise(f(x) - f.minimum)
    model.suppose(norm2(x - f.minimizer) <= 1)
    assert model.problem().relaxations


def test_lyapunov_functions_of_values_of_a_class_without_conditions_on_values():
    def found(values: bool) -> BestRate:
        model = Model()
        f = model.function(RSIEB(mu=1, L=2))
        x = model.point("x0")
        after = x - f.gradient(x) / 4
        now, then = (
            LyapunovState({"x": p - f.minimizer}, {"gap": f(p) - f.minimum} if values else {}) for p in (x, after)
        )
        return best_rate(model, now, then, measure=norm2(x - f.minimizer))

    assert found(False).lower < Q(3, 4) <= found(False).upper  # 1 − 2γμ + γ²L²
    assert found(True).lower is None  # f(x) − f⋆ ≥ ½‖x − x⋆‖² might help
    rate = linear_rate(GradientDescent, RSIEB, {"mu": 1, "L": 2, "gamma": Q(1, 4)})
    assert rate.lower < Q(3, 4) <= rate.upper
    assert "f0" not in rate.found.coefficients


def test_gradients_are_single_under_error_bounds():
    model = Model()
    f = model.function(RSIEB(mu=1, L=2))
    x = model.point("x0")
    assert f.gradient(x) == f.gradient(x, fresh=True)


def test_ball_convexity_says_too_little_of_gradients():
    model = Model()
    f = model.function(BallConvex())
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1, f(x) - f.minimum <= 1)
    model.maximise(norm2(x - f.minimizer))
    assert model.solve().lower is None


def test_a_second_gradient_at_the_minimiser_of_a_quadratic():
    model = Model()
    f = model.function(Quadratic(L=1, mu=0))
    g = model.point("g")
    model.suppose(norm2(g) <= 1)
    f.known(f.minimizer, None, g)
    model.maximise(norm2(g))
    assert contains(model.solve(), 0)


# -- points that need not minimise -------------------------------------------------------------------------------


@pytest.mark.parametrize(("step", "minimises"), [(Q(1, 2), True), (1, True), (4, False)])
def test_stationary_is_not_proximal(step, minimises):
    model = Model()
    f = model.function(WeaklyConvex(rho=1))
    x = model.point("x0")
    u = f.prox(x, step)
    model.suppose(norm2(u - x) <= 1)
    model.maximise(f(u) - f(x))  # at most −‖u − x‖²/(2γ) ≤ 0
    bound = model.solve()
    assert (bound.lower is not None) is minimises
    if minimises:
        assert bound.lower <= 0 <= bound.upper


def test_proximal_points_of_sums_add_curvatures():
    model = Model()
    f, h = model.function(Smooth(L=2), name="f"), model.function(Convex(), name="h")
    (f + h).prox(model.point("x"), Q(1, 2))
    assert not model._relaxations
    (h - f / 2).prox(model.point("y"), 2)
    assert list(model._relaxations) == ["that a proximal point of h + -1/2·f minimises is relaxed: it is stationary"]


def test_steps_of_proximal_points_are_not_negative():
    with pytest.raises(ValueError, match="must not be negative, as -1 is"):
        Model().function(Convex()).prox(Model().point("x"), -1)


def test_bregman_proximal_points_of_nonconvex_functions():
    model = Model()
    f, h = model.function(Smooth(L=1), name="f"), model.function(Convex(), name="h")
    bregman_prox(f, h, model.point("x"), 1)
    assert model._relaxations


# -- operators -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "truth"), [(Linear(L=2), 16), (SymmetricLinear(mu=-2, L=2), 0), (SkewLinear(L=2), 16)]
)
def test_adjoints_belong_to_their_operator(kind, truth):
    model = Model()
    A = model.operator(kind)
    x = model.point("x")
    model.suppose(norm2(x) <= 1, norm2(A(x)) <= 4, norm2(A.adjoint(x)) <= 4)
    model.maximise(norm2(A(x) - A.adjoint(x)))
    assert contains(model.solve(), truth)


def test_what_is_not_linear_has_no_adjoint():
    with pytest.raises(TypeError, match="A has no adjoint: it is not linear"):
        Model().operator(Lipschitz(L=1)).adjoint  # noqa: B018


def test_what_is_not_nonexpansive_has_no_known_displacement():
    with pytest.raises(TypeError, match="displacement of A is not known"):
        Model().operator(Lipschitz(L=1)).displacement  # noqa: B018


def test_zeros_of_operators_into_another_space():
    model = Model()
    A = model.operator(Linear(L=1), into=model.new_space("Y"))
    x = model.point("x")
    model.suppose(norm2(x - A.zero) <= 1)
    model.maximise(norm2((2 * A)(x)))
    assert contains(model.solve(), 4)
    with pytest.raises(TypeError, match="A does not map into the space of"):
        A.fixed_point  # noqa: B018


def test_multiples_of_an_operator_have_the_same_zero():
    model = Model()
    A, B = model.operator(Monotone()), model.operator(Monotone(), name="B")
    assert (2 * A).zero == A.zero
    assert (B / 3 - 2 * A).zero == (6 * A - B).zero
    assert (A + B).zero != (A + 2 * B).zero


# -- what is maximised -----------------------------------------------------------------------------------------------


def test_ratios_need_homogeneous_problems():
    model = Model()
    f = model.function(LipschitzConvex(M=1))
    x = model.point("x0")
    model.maximise(f(x) - f.minimum, relative_to=norm2(x - f.minimizer))  # M‖x − x⋆‖/‖x − x⋆‖² has no bound
    with pytest.raises(ValueError, match=r"'f:lipschitz-convex\[x0\]' has a constant"):
        model.solve()


def test_a_new_objective_forgets_the_old_one():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.maximise(f(x) - f.minimum, relative_to=norm2(x - f.minimizer))
    assert contains(model.solve(), Q(1, 2))
    model.suppose(f(x) - f.minimum <= 1)
    model.maximise(norm2(f.gradient(x)), 3 * norm2(f.gradient(x)))
    model.maximise(norm2(f.gradient(x)))
    assert [row.name for row in model.problem(paired=False).inequalities] == ["condition2"]
    assert contains(model.solve(), 2)  # 1 if ‖x − x⋆‖² ≤ 1 were still supposed


def test_without_some_of_the_conditions_points_need_not_be_those_of_a_function():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1, f(x) - f.minimum <= 7)
    model.maximise(f(x) - f.minimum)
    assert contains(model.solve(), Q(1, 2))
    model.switch("f:smooth-convex[⋆←x0]", on=False)
    bound = model.solve()
    assert bound.upper >= 7
    assert bound.lower is None
    assert bound.problem.relaxations == ("conditions are switched off: f:smooth-convex[⋆←x0]",)


def test_conditions_with_the_names_of_others():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    for k, name in enumerate(("f:smooth-convex[⋆←x0]", "f:smooth-convex[⋆←x0]'")):
        model.suppose(norm2(x - f.minimizer) <= 1 + k, name=name)
    model.maximise(f(x) - f.minimum)
    assert contains(model.solve(), Q(1, 2))


def test_an_infinite_worst_case_has_no_number():
    model = Model()
    f, h = (model.function(SmoothConvex(L=1), name=name) for name in "fh")
    x, s = model.point("x0"), (f + h).minimizer
    model.suppose(norm2(x - s) <= 1)
    ends = []
    for first, second in ((f, h), (h, f)):
        y = x - first.gradient(x) / 2
        ends.append(norm2(y - second.gradient(y) / 2 - s))
    model.maximise(model.mean(ends))  # grows with the gradients at x⋆, which only cancel
    bound = model.solve()
    assert bound.verdict.word == "no bound"
    assert bound.value is None


# -- print -------------------------------------------------------------------------------------------------------------


def test_printed_ends_are_rounded_outwards():
    assert decimal(Q(1, 3), up=True) == "0.3333333334"
    assert decimal(Q(2, 3)) == "0.6666666666"
    assert decimal(Q(-1, 3), up=True) == "-0.3333333333"
    assert decimal(Q(1, 4)) == "0.25"
    model = Model()
    x = model.point("x")
    model.suppose(3 * norm2(x) <= 1)
    model.maximise(norm2(x))
    bound = model.solve()
    lower, upper = (Q(part) for part in str(bound).removesuffix(" (certified)").split(" ≤ worst case ≤ "))
    assert lower <= bound.lower < bound.upper <= upper
    assert str(BestRate(0.5, None, None)) == "best rate ≈ 0.5 (numerical)"


def test_eigenvalues_may_be_negative_in_questions():
    from certify.methods.forward_step import ForwardStep

    asked = question(ForwardStep, SymmetricLinear, {"mu": -1, "L": 1, "gamma": 1}, steps=1, measure="operator")
    assert asked.assumptions[0][0].values["mu"] == -1
