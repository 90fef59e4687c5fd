"""Conditions printed as bounds on a parameter: only where one bound is the whole truth."""

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.formulas import condition_formula
from certify.analysis.results import Formula
from certify.language import Scalar

α, β, ε, L = (Scalar.variable(n) for n in ("alpha", "beta1", "epsilon", "L"))
CASES = {
    "linear": (1 - α * L, "α ≤ 1/L"),
    "a square that may be 0": (ε * (1 - β) ** 2 - α * L, "α ≤ ε(1 − β₁)²/L"),
    "from below": (α * L - β * ε, "α ≥ β₁ε/L"),
    "a root": (ε * L - α**2, "α ≤ √(L)√(ε)"),
    "two bounds": ((1 - α * L) * (2 - α * L), "2 − 3Lα + L²α² ≥ 0"),
    "a factor without a sign": ((α - ε) * (β - L), "Lε + αβ₁ − Lα − β₁ε ≥ 0"),
}


@pytest.mark.parametrize("name", CASES)
def test_conditions_are_solved_where_they_can_be(name: str) -> None:
    scalar, text = CASES[name]
    assert condition_formula(scalar.numerator, ["alpha"]).text == text


def test_a_quadratic_is_not_solved_for_the_wrong_root() -> None:
    """αL ≤ ε(1 − β₁)² holds for β₁ below one root and above another one: neither is a bound."""
    text = condition_formula((ε * (1 - β) ** 2 - α * L).numerator, ["beta1"]).text
    assert text == "ε − Lα − 2β₁ε + β₁²ε ≥ 0"


def test_numbers_of_one_layer_have_its_index():
    (result,) = analyse("gluon", ["layerwise-smooth"], theorems=["fixed"], sdp=False, simulate=False).theorems
    assert result.step_size == Formula("0 < tᵢ ≤ 1/L1ᵢ", r"0 < t_i \le \frac{1}{L_{1,i}}")


def test_a_long_condition_that_the_rate_is_below_one_says_so():
    (result,) = analyse(
        "sgd-split", ["sampled-smooth-strongly-convex"], theorems=["distance"], sdp=False, simulate=False
    ).theorems
    assert result.step_size.text == "0 < γ ≤ 2/(L + μ), s > 0, ρ < 1"
    (result,) = analyse("gd", ["pl"], theorems=["gap-pl"], sdp=False, simulate=False).theorems
    assert "ρ" not in result.step_size.text
