"""Answers in better units lead back to answers of the problem as it was."""

from fractions import Fraction

import numpy as np
import pytest
from flint import fmpq
from reference_problems import gradient_descent

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.pep import Model, norm2
from certify.pep.engine.balance import adapted, balance
from certify.pep.engine.conic import conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.program import program
from certify.pep.engine.solvers import call


@pytest.mark.parametrize("model", [gradient_descent(3, L=10**6, R="1/1000"), gradient_descent(2, L=10**6, R=1000)])
def test_restored_answers_satisfy_the_original_optimality_conditions(model):
    problem = model.problem()
    dual = program(problem, *invisible(problem))
    data = conic(dual)
    balanced = balance(dual, data)
    if balanced is None:
        pytest.fail("these data need other units")
    answer = balanced.restore(call(balanced.data))
    size = abs(answer.value)
    assert abs(data.q @ answer.x - answer.value) <= 1e-6 * size
    assert abs(data.b @ answer.z + answer.value) <= 1e-6 * size
    prices = np.abs(data.A.T @ answer.z + data.q)
    assert np.all(prices <= 1e-5 * (np.abs(data.A).T @ np.abs(answer.z) + np.abs(data.q)))


def fast_gradient_descent(steps, measure, kappa=2):
    """Gradient descent with γ = 2/(L + μ) on L-smooth, L/κ-strongly convex functions from ‖x₀ − x⋆‖ ≤ 1."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=Fraction(1, kappa)))
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    for _ in range(steps):
        x = x - f.gradient(x) * Fraction(2 * kappa, kappa + 1)
    model.maximise(measure(f, x))
    return model


@pytest.mark.parametrize(
    ("measure", "factor"),
    [
        (lambda f, x: norm2(x - f.minimizer), Fraction(1)),
        (lambda f, x: f(x) - f.minimum, Fraction(1, 2)),
        (lambda f, x: norm2(f.gradient(x)), Fraction(1)),
    ],
    ids=["distance", "gap", "gradient"],
)
@pytest.mark.parametrize("steps", [8, 10, 16])
def test_optima_far_below_the_data_have_narrow_intervals(steps, measure, factor):
    """Worst case factor·((κ − 1)/(κ + 1))²ᴺ on L/2·‖x‖²: between 2e-8 and 3e-16."""
    bound = fast_gradient_descent(steps, measure).solve()
    true = factor * Fraction(1, 9) ** steps
    assert bound.lower <= true <= bound.upper
    assert bound.upper - bound.lower <= Fraction(2, 10**6) * true


def is_power_of_two(new, old):
    """Whether new = old·2^k for a whole number k."""
    ratio = new / old if old else fmpq(1)
    return bool(new) == bool(old) and ratio > 0 and {int(ratio.p).bit_count(), int(ratio.q).bit_count()} == {1}


def test_units_that_fit_an_answer_lead_back_exactly():
    """Costs, equations and matrices at any multipliers are those of the program as it was, up to powers of two."""
    problem = fast_gradient_descent(8, lambda f, x: f(x) - f.minimum).problem()
    dual = program(problem, *invisible(problem))
    finer = adapted(dual, conic(dual), call(conic(dual)))
    if finer is None:
        pytest.fail("the iterates span eight orders of magnitude")
    y = [fmpq(i + 1, 7) for i in range(len(dual.variables))]
    lifted = finer.lift(y)
    assert finer.program.cost(y) * fmpq(2) ** finer.unit == dual.cost(lifted)
    for new, old in zip(finer.program.defects(y), dual.defects(lifted), strict=True):
        assert is_power_of_two(new, old)
    for new, old in zip(finer.program.matrices(y), dual.matrices(lifted), strict=True):
        assert new.keys() == old.keys()
        for (i, j), c in new.items():  # a congruence with a diagonal matrix keeps these ratios
            assert c * c * old[i, i] * old[j, j] == old[i, j] * old[i, j] * new[i, i] * new[j, j]


def test_units_of_answers_on_one_scale_stay_as_they_are():
    problem = gradient_descent(3).problem()
    dual = program(problem, *invisible(problem))
    data = conic(dual)
    assert adapted(dual, data, call(data)) is None


def test_traces_of_rounded_parameters_do_not_set_the_units():
    """Güler's method with α, 1 − α and 1/α rounded one by one: coefficients of 1e-17 stay where 0 belongs."""
    model = Model()
    f = model.function(Convex())
    zero = model.zero()
    f.impose(zero, zero)  # x⋆ = 0: with such parameters the method is not quite blind to translations
    x = v = model.point("x0")
    model.suppose(f(x) - f(zero) + norm2(x) / 2 <= 1)
    A = 1.0
    for _ in range(3):
        a = ((A * A + 4 * A) ** 0.5 - A) / 2
        y = x * repr(1 - a) + v * repr(a)
        x = f.prox(y, 1)
        v = v + (x - y) * repr(1 / a)
        A *= 1 - a
    model.maximise(f(x) - f(zero))
    bound = model.solve()
    assert bound.lower <= Fraction("0.104474604") <= bound.upper  # PEPit 0.5.1 with Clarabel 0.11.1: 0.1044746
    assert bound.upper - bound.lower <= bound.upper / 10**5
