"""Lyapunov functions that are found: rates of the literature, certificates, evidence that none is better."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.kernel.worst_case import Unproved, check_attained, check_upper
from certify.pep import Expression, Model, norm2
from certify.pep.contraction import BestRate, LyapunovState, best_rate, contraction_factor, lyapunov

Posed = tuple[Model, LyapunovState, LyapunovState, Expression]


def gradient_descent(gamma: str, mu: str = "1/10") -> Posed:
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=mu))
    x, s = model.point("x"), f.minimizer
    after = x - Fraction(gamma) * f.gradient(x)
    return model, LyapunovState({"x": x - s}), LyapunovState({"x": after - s}), norm2(x - s)


def momentum(mu: str, step: str, inertia: str, look_ahead: str) -> Posed:
    """x⁺ = x + β(x − x₋) − α∇f(y), y = x + γ(x − x₋): heavy ball (γ = 0), Nesterov (γ = β), triple momentum."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu=mu))
    s, old, x = f.minimizer, model.point("old"), model.point("x")
    α, β, γ = map(Fraction, (step, inertia, look_ahead))

    def state(x, old):
        y = x + γ * (x - old)
        return LyapunovState({"x": x - s, "old": old - s, "g": f.gradient(y)}, {"gap": f(y) - f.minimum}), y

    now, y = state(x, old)
    then, _ = state(x + β * (x - old) - α * f.gradient(y), x)
    return model, now, then, norm2(x - s)


def davis_yin(smoothness: str) -> Posed:
    """z⁺ = z + y − x, x = prox_{γf₁}(z), y = prox_{γf₃}(2x − z − γ∇f₂(x)), γ = 1/L₂."""
    model, γ = Model(), Fraction(1, 2)
    f1 = model.function(SmoothConvex(L=smoothness), name="f1")
    f2 = model.function(SmoothStronglyConvex(L=2, mu=1), name="f2")
    f3 = model.function(Convex(), name="f3")
    s = model.point("xs")
    u1, u2 = f1.gradient(s), f2.gradient(s)
    f3.known(s, None, -u1 - u2, label="s")

    def run(z):
        x = f1.prox(z, γ)
        d = f2.gradient(x)
        y = f3.prox(2 * x - z - γ * d, γ)
        values = {
            "f1": f1(x) - f1(s) - u1 @ (x - s),
            "f2": f2(x) - f2(s) - u2 @ (x - s),
            "f3": f3(y) - f3(s) + (u1 + u2) @ (y - s),
        }
        return LyapunovState({"z": z - s - γ * u1, "x": x - s, "d": d - u2, "y": y - s}, values), z + y - x

    z = model.point("z")
    now, after = run(z)
    return model, now, run(after)[0], norm2(z - s - γ * u1)


def check(found: BestRate, value: float, width: float = 1e-5) -> None:
    assert found.upper is not None
    assert found.lower is not None
    assert found.lower < found.upper <= found.lower + Fraction(width)
    assert float(found.lower) - 1e-9 <= value <= float(found.upper) + 1e-9
    assert found.found is not None
    assert found.refused is not None
    for certificate in (found.found.descent, found.found.bounded_below):
        assert certificate.bound == 0
        check_upper(certificate)
    check_attained(found.refused.certificate)
    assert found.refused.certificate.value > 0


def solve(posed: Posed, **options) -> BestRate:
    model, now, then, measure = posed
    return best_rate(model, now, then, measure=measure, **options)


@pytest.mark.parametrize(
    ("posed", "value"),
    [
        (gradient_descent("1"), 0.81),  # max{(1 − γL)², (1 − γμ)²}
        (gradient_descent("3/2"), 0.85**2),
        (gradient_descent("19/10"), 0.81),
        (momentum("1/4", "3/2", "1/6", "1/9"), 0.25),  # triple momentum: (1 − √(μ/L))² (Van Scoy, Freeman, Lynch 2018)
        (momentum("1/9", "5/3", "1/3", "1/5"), 4 / 9),
    ],
)
def test_rates_of_the_literature(posed: Posed, value: float) -> None:
    check(solve(posed), value)


@pytest.mark.parametrize(("smoothness", "value"), [("6/5", 0.25), ("2", 0.2773061196), ("10", 0.6958153780)])
def test_davis_yin(smoothness: str, value: float) -> None:
    check(solve(davis_yin(smoothness)), value)


def test_momentum_methods_have_certified_intervals() -> None:
    nesterov, heavy_ball = momentum("1/4", "1", "1/3", "1/3"), momentum("1/4", "16/9", "1/9", "0")
    fast = solve(nesterov)
    check(fast, fast.value, 1e-4)
    assert fast.upper is not None
    assert fast.upper <= Fraction(1, 2)  # 1 − √(μ/L), Nesterov 2004
    check(solve(heavy_ball), 0.3475677, 1e-4)


def test_a_smaller_family_has_a_larger_rate() -> None:
    posed = momentum("1/4", "16/9", "1/9", "0")
    free, signed = solve(posed), solve(momentum("1/4", "16/9", "1/9", "0"), nonnegative=True)
    assert free.upper is not None
    assert signed.lower is not None
    assert signed.upper is not None
    assert free.upper < signed.lower < signed.upper < 1
    assert signed.found is not None
    assert signed.found.coefficients["gap"] >= 0


def test_no_contraction_beyond_two() -> None:
    found = solve(gradient_descent("5/2"))
    assert found.found is None
    assert found.lower == 1
    check(solve(gradient_descent("5/2"), between=(1, 4)), 2.25)


def test_a_given_lyapunov_function_is_one_linear_problem() -> None:
    model, now, then, _ = gradient_descent("3/2")
    bound = contraction_factor(model, now.terms()["‖x‖²"], then.terms()["‖x‖²"])
    assert bound.lower is not None
    assert bound.upper is not None
    assert bound.lower <= Fraction(289, 400) <= bound.upper <= Fraction(289, 400) * (1 + Fraction(2, 10**6))


def test_decreases_give_sublinear_rates() -> None:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x, s = model.point("x"), f.minimizer
    after = x - f.gradient(x)
    gap = f(x) - f.minimum
    found = lyapunov(
        model,
        LyapunovState({"x": x - s}),
        LyapunovState({"x": after - s}),
        measure=model.constant(0),
        decrease=gap,
        nonnegative=True,
    )
    assert found is not None
    assert list(found.coefficients) == ["‖x‖²"]
    check_upper(found.descent)


def test_certificates_do_not_survive_changes() -> None:
    model, now, then, measure = gradient_descent("3/2")
    found = lyapunov(model, now, then, measure=measure, rate="3/4")
    assert found is not None
    for name, c in found.descent.multipliers.items():
        with pytest.raises(Unproved):
            check_upper(replace(found.descent, multipliers={**found.descent.multipliers, name: c * 2}))
    with pytest.raises(Unproved):
        check_upper(replace(found.descent, bound=Fraction(-1)))
    assert lyapunov(model, now, then, measure=measure, rate="7/10") is None
    assert "V⁺ ≤ 0.75 V with V ∝ 1 ‖x‖²" in str(found)


def test_conditions_with_constants_are_refused() -> None:
    model, now, then, measure = gradient_descent("1")
    model.suppose(measure <= 1)
    with pytest.raises(ValueError, match="homogeneous"):
        best_rate(model, now, then, measure=measure)
    with pytest.raises(ValueError, match="same points"):
        best_rate(model, now, LyapunovState({"y": then.points["x"]}), measure=measure)
