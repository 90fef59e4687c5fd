"""Admissible ranges say all that a theorem asks of the parameters."""

from certify.analysis.analyse import analyse


def test_parameters_that_a_theorem_asks_one_value_for_have_it_in_the_range():
    """Adam is a sign step for β₁ = β₂ = ε = 0; without these the theorem would be false."""
    (found,) = analyse("adam", ["smooth-above"], theorems=["sign-descent"], sdp=False, simulate=False).theorems
    assert found.verdict.value == "proved"
    for condition in ("β₁ = 0", "β₂ = 0", "ε = 0"):
        assert condition in found.step_size.text.split(", ")
    assert r"\beta_{1} = 0" in found.step_size.latex


def test_a_bound_between_two_parameters_is_an_inequality_between_them():
    asked = ["strongly-convex", "sampled-smooth-convex"]
    (found,) = analyse("sgd", asked, theorems=["distance-sampled"], sdp=False, simulate=False).theorems
    assert found.step_size.text == "0 < γ < 1/L, μ ≤ L"


def test_gradients_are_measured_in_the_dual_norm_where_the_norm_is_not_euclidean():
    asked = {"theorems": ["subgradient"], "sdp": False, "simulate": False}
    (euclidean,) = analyse("bpm", ["convex"], **asked).theorems
    (other,) = analyse("bpm", ["convex"], norm="linf", **asked).theorems
    assert euclidean.bound.text == "‖g(x_N)‖ ≤ Δ₀/(Nt)"
    assert other.bound.text == "‖g(x_N)‖* ≤ Δ₀/(Nt)"
    assert r"\|g(x_N)\|_*" in other.bound.latex
