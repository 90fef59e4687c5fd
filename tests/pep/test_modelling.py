"""The modelling language: exactness, names, state, errors in one clear sentence, speed."""

import time
from decimal import Decimal
from fractions import Fraction as Q

import pytest
import sympy
from direct import worst
from flint import fmpq

from certify.assumptions.bounded_indicator import BoundedIndicator
from certify.assumptions.convex import Convex
from certify.assumptions.linear import Linear
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.monotone import Monotone
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.weakly_convex import WeaklyConvex
from certify.language import Equation
from certify.pep import Model, equal, inner, norm, norm2
from certify.pep.modelling.expressions import MixedModels


def gradient_descent(steps, gamma=1):
    model = Model()
    f, x = model.function(SmoothConvex(L=1)), model.point("x0")
    model.suppose(norm(x - f.minimizer) <= 1, name="initial")
    for _ in range(steps):
        x = x - gamma * f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


# -- numbers -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tenth", [Q(1, 10), "0.1", "1/10", Decimal("0.1"), sympy.Rational(1, 10), fmpq(1, 10)])
def test_exact_numbers_are_one_and_the_same(tenth):
    model = Model()
    x = model.point("x")
    assert x * tenth == x / 10 == tenth * x
    assert (norm2(x) * tenth).terms == (norm2(x) / 10).terms


@pytest.mark.parametrize(
    "use",
    [
        lambda m, x, f: x * 0.1,
        lambda m, x, f: 0.1 * norm2(x),
        lambda m, x, f: norm2(x) <= 0.1,
        lambda m, x, f: norm(x) <= 0.1,
        lambda m, x, f: f.prox(x, 0.1),
        lambda m, x, f: 0.1 * f,
        lambda m, x, f: m.function(SmoothConvex(L=0.1)),
        lambda m, x, f: m.constant(0.1),
    ],
)
def test_floats_are_refused(use):
    model = Model()
    with pytest.raises(TypeError, match="floating-point"):
        use(model, model.point("x"), model.function(Convex()))


def test_inner_products_expand_exactly():
    model = Model()
    x, y = model.point("x"), model.point("y")
    difference = norm2(x / 3 - y) - norm2(x) / 9 - norm2(y) + inner(x, y) * Q(2, 3)
    assert not difference.terms
    assert (x @ y).terms == inner(y, x).terms
    assert (norm(x) ** 2).terms == norm2(x).terms


# -- names, rows, state ----------------------------------------------------------------------------------------


def test_conditions_have_telling_names():
    model = gradient_descent(1)
    names = [row.name for row in model.problem().inequalities]
    assert names[0] == "initial"
    assert "f:smooth-convex[⋆←x0]" in names
    assert len(names) == len(set(names)) == 1 + 6


def test_names_of_points_are_unique_and_free_of_brackets():
    model = Model()
    assert repr(model.point("x")) != repr(model.point("x"))
    with pytest.raises(ValueError, match="reserved for inner products"):
        model.point("<x,y>")
    f, g = model.function(Convex()), model.function(Convex())
    assert {f.name, g.name} == {"f", "f#2"}


def test_two_assumptions_of_one_kind_keep_all_conditions():
    model = Model()
    f = model.function(LipschitzConvex(M=2), LipschitzConvex(M=1))
    x = model.point("x")
    model.maximise(norm2(f.subgradient(x)))
    assert worst(model) == pytest.approx(1, abs=1e-5)
    assert "several assumptions at once" in model.problem().relaxations[0]


def test_problems_can_be_written_down_again_and_again():
    model = gradient_descent(2)
    first = model.problem()
    assert model.problem() == first
    model.function(Convex(), name="h").value(model.point("y"))
    assert len(model.problem().vectors) > len(first.vectors)


def test_the_lower_bound_appears_only_where_it_does_not_follow():
    def rows(assumption, use):
        model = Model()
        f = model.function(assumption)
        f.value(model.point("x"))
        use(f)
        model.maximise(model.constant(1))
        return [row.name for row in model.problem().inequalities if "minimum" in row.name]

    for assumption in (SmoothConvex(L=1), Convex(), Smooth(L=1)):
        assert not rows(assumption, lambda f: f.minimum)
    assert rows(WeaklyConvex(rho=1), lambda f: f.minimum)
    assert rows(WeaklyConvex(rho=1), lambda f: f.minimizer)
    assert not rows(WeaklyConvex(rho=1), lambda f: None)


def test_an_infimum_of_a_convex_function_is_attained():
    """Were f ≥ f⋆ all that is known of f⋆, the gradient could vanish above it."""
    model = Model()
    f, x = model.function(StronglyConvex(mu=1)), model.point("x")
    model.suppose(norm2(f.subgradient(x)) <= 1)
    model.maximise(f(x) - f.minimum)
    assert worst(model) == pytest.approx(0.5, abs=1e-5)


def test_averages_of_points_lie_below_the_average_value():
    model = Model()
    f, x, y = model.function(Convex()), model.point("x"), model.point("y")
    model.suppose(f(x) <= 1, f(y) <= 3)
    model.maximise(f((x + y) / 2))
    assert worst(model) == pytest.approx(2, abs=1e-5)


def test_subgradients_are_remembered_unless_a_fresh_one_is_wanted():
    model = Model()
    f, g, x = model.function(Convex()), model.function(SmoothConvex(L=1)), model.point("x")
    assert f.subgradient(x) == f.subgradient(x) != f.subgradient(x, fresh=True)
    assert g.gradient(x) == g.subgradient(x, fresh=True)
    a = model.operator(Monotone())
    assert a(x) == a(x) != a(x, fresh=True)
    t = model.operator(Nonexpansive())
    assert t(x) == t(x, fresh=True)


def test_zeros_fixed_points_and_minimisers_are_unique():
    model = Model()
    f, h, t = model.function(Convex()), model.function(Convex()), model.operator(Nonexpansive())
    assert f.minimizer is f.minimizer is (2 * f).minimizer
    assert (f + h).minimizer is (h + f).minimizer is ((f + h) / 2).minimizer
    assert (f + h).minimizer != (f + 2 * h).minimizer
    assert t.fixed_point is t.fixed_point != t.zero
    assert t(t.fixed_point) == t.fixed_point


def test_constants_are_attributes():
    f = Model().function(SmoothStronglyConvex(L=2, mu="0.5"))
    assert (f.L, f.mu) == (2, Q(1, 2))
    with pytest.raises(AttributeError, match=r"no constant 'M' \(they give: L, mu\)"):
        f.M  # noqa: B018


def test_conditions_can_be_switched_off_and_on():
    model = gradient_descent(1)
    name = model.problem().inequalities[-1].name
    model.switch(name, on=False)
    assert name not in [row.name for row in model.problem().inequalities]
    model.switch(name, on=True)
    assert name in [row.name for row in model.problem().inequalities]
    with pytest.raises(KeyError, match="no condition"):
        model.switch("nothing", on=False)


def test_norms_are_compared_with_numbers_only():
    model = Model()
    f, x = model.function(SmoothStronglyConvex(L=2, mu=1)), model.point("x")
    for bound in (f(x), norm(x)):
        with pytest.raises(TypeError, match=r"squares of norms, norm2\(x\), with expressions"):
            norm(x) <= bound  # noqa: B015
        with pytest.raises(TypeError, match="with a number only"):
            norm(x) >= bound  # noqa: B015


# -- spaces ----------------------------------------------------------------------------------------------------


def test_products_of_spaces():
    model = Model()
    space = model.blocks(3)
    x, y = model.point("x", space=space), model.point("y", space=space)
    assert sum((space.block(x, k) for k in range(3)), model.zero(space)) == x
    assert space.join(*space.split(x)) == x
    assert not inner(space.block(x, 0), space.block(y, 1)).terms
    assert (
        inner(x, y).terms
        == sum((inner(u, v) for u, v in zip(space.split(x), space.split(y), strict=True)), model.constant(0)).terms
    )
    with pytest.raises(ValueError, match="no block 3"):
        space.block(x, 3)
    with pytest.raises(ValueError, match="two or more different spaces"):
        model.product(model.space)


def test_operators_between_spaces():
    model = Model()
    image = model.new_space("image")
    m = model.operator(Linear(L=1), into=image)
    x = model.point("x")
    assert m(x).space is image
    assert m.adjoint(m(x)).space is model.space
    assert m.adjoint.adjoint is m
    with pytest.raises(TypeError, match="another space"):
        m(m(x))


# -- errors ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("use", "message"),
    [
        (lambda m, x, f: f(x) * f(x), "product of two expressions"),
        (lambda m, x, f: x * x, "u @ v or inner"),
        (lambda m, x, f: x**2, "norm2"),
        (lambda m, x, f: norm(x) ** 3, "only the square of a norm"),
        (lambda m, x, f: inner(x, 1), "is not defined"),
        (lambda m, x, f: m.suppose(f(x) == 1), "is no condition"),
        (lambda m, x, f: m.suppose(0 <= f(x) <= 1), "two conditions"),
        (lambda m, x, f: m.suppose(True), "is no condition"),
        (lambda m, x, f: m.maximise(x), "cannot be maximised"),
        (lambda m, x, f: equal(1, 2), "on one side"),
        (lambda m, x, f: f * f, "by a number only"),
        (lambda m, x, f: f + 1, "cannot be added"),
        (lambda m, x, f: f(1), "evaluated at points"),
        (lambda m, x, f: m.operator(Monotone()) + f, "cannot be added"),
        (lambda m, x, f: m.operator(Monotone()) * x, "by a number only"),
    ],
)
def test_wrong_types_are_explained(use, message):
    model = Model()
    with pytest.raises(TypeError, match=message):
        use(model, model.point("x"), model.function(Convex()))


@pytest.mark.parametrize(
    "use",
    [
        lambda m, x, other, y: x + y,
        lambda m, x, other, y: inner(x, y),
        lambda m, x, other, y: norm2(x) + norm2(y),
        lambda m, x, other, y: m.suppose(norm2(y) <= 1),
        lambda m, x, other, y: m.maximise(norm2(y)),
        lambda m, x, other, y: m.function(Convex()) + other.function(Convex()),
        lambda m, x, other, y: m.operator(Monotone()) + other.operator(Monotone()),
        lambda m, x, other, y: m.point(space=other.space),
        lambda m, x, other, y: m.function(Convex())(y),
    ],
)
def test_models_do_not_mix(use):
    one, two = Model(), Model()
    with pytest.raises((MixedModels, TypeError), match=r"model"):
        use(one, one.point("x"), two, two.point("x"))


def test_other_mistakes():
    model = Model()
    x = model.point("x")
    with pytest.raises(ValueError, match="nothing to maximise"):
        model.problem()
    with pytest.raises(ValueError, match="never at most -1"):
        norm(x) <= -1  # noqa: B015
    with pytest.raises(ValueError, match="mean of nothing"):
        model.mean([])
    with pytest.raises(ValueError, match="function 0"):
        0 * model.function(Convex())
    with pytest.raises(ValueError, match="operator 0"):
        0 * model.operator(Monotone())


def test_a_problem_without_an_initial_condition_is_unbounded():
    model = Model()
    f, x = model.function(SmoothConvex(L=1)), model.point("x0")
    model.maximise(f(x) - f.minimum)
    assert worst(model) == float("inf")


# -- what assumption files may state ---------------------------------------------------------------------------------


def test_equations_of_the_language_are_conditions():
    model = Model()
    x, y = model.point("x"), model.point("y")
    model.suppose(Equation(norm2(x), 1), Equation(x, 2 * y))
    model.maximise(norm2(y))
    assert worst(model) == pytest.approx(0.25, abs=1e-4)


def test_diameters_are_named_by_their_points():
    model = Model()
    c, x, y = model.function(BoundedIndicator(D=1), name="c"), model.point("x"), model.point("y")
    c.value(x), c.value(y)
    model.maximise(norm2(x - y))
    assert "c:bounded-indicator.diameter[x,y]" in [row.name for row in model.problem().inequalities]


# -- speed -------------------------------------------------------------------------------------------------------


def test_twenty_steps_are_written_down_at_once():
    """All 462 pairs; some 15 ms on an ordinary machine."""
    times = []
    for _ in range(5):
        model = gradient_descent(20)
        begin = time.process_time()
        problem = model.problem()
        times.append(time.process_time() - begin)
    assert len(problem.inequalities) == 1 + 22 * 21
    assert min(times) < 0.1  # of processor time, with room for slow machines


def test_functions_and_operators_need_an_assumption():
    model = Model()
    with pytest.raises(TypeError, match=r"model\.function\(SmoothConvex"):
        model.function()
    with pytest.raises(TypeError, match=r"model\.operator\(Monotone"):
        model.operator()
