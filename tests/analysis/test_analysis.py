"""The whole path from names to results: ties, filters, refusals, verdicts and exit codes."""

from fractions import Fraction

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.errors import BadInput
from certify.analysis.results import Verdict

QUICK = {"sdp": False, "simulate": False}


def only(*arguments, **options):
    (result,) = analyse(*arguments, **{**QUICK, **options}).theorems
    return result


def test_the_rate_of_gradient_descent_is_derived_with_its_range_and_best_step():
    result = only("gd", ["smooth-strongly-convex"], theorems=["distance"])
    assert result.identifier == "gd/smooth-strongly-convex/distance"
    assert result.verdict is Verdict.PROVED
    assert result.step_size.text == "0 < γ < 2/L"
    assert "max{" in result.rate.text
    assert result.optimal.text == "γ = 2/(L + μ) gives ρ = (L − μ)²/(L + μ)²"
    assert result.complexity.text == "N ≥ ⌈ln(R²/ε)/ln(1/ρ)⌉"


@pytest.mark.parametrize(
    ("method", "assumption", "name", "bound"),
    [
        ("gd", "smooth-convex", "gap", "f(x_N) − f⋆ ≤ LR²/(2(1 + 2LNγ))"),
        ("gd", "smooth-convex", "gradient-last", "‖∇f(x_N)‖² ≤ L²R²/(1 + LNγ)²"),
        ("gd", "smooth", "gradient", "min ‖∇f(x_k)‖² ≤ 4Δ₀L/(2 + 4LNγ − L²Nγ²)"),
        ("ppm", "convex", "gap", "f(x_N) − f⋆ ≤ R²/(4Nγ)"),
        ("bpm", "ball-convex", "distance", "x_N is optimal for N ≥ ⌈R²/t²⌉"),
        ("bpm", "lipschitz-convex", "gap-potential", "f(x_N) − f⋆ ≤ MR²/(4Nt)"),
        ("bpm", "lipschitz-convex", "gap-distance", "f(x_N) − f⋆ ≤ M(R² − Nt²)/(2Nt)"),
        ("bpm", "strongly-convex", "subgradient-decrease", "x_N is optimal for N ≥ ⌈G₀/(μt)⌉"),
    ],
)
def test_bounds_after_n_steps(method, assumption, name, bound):
    assert only(method, [assumption], theorems=[name]).bound.text == bound


def test_the_best_step_of_the_subgradient_method():
    assert only("subgradient").optimal.text == "γ = R/(M√(N)) gives MR/√(N)"


def test_the_proximal_contraction():
    assert only("ppm", ["strongly-convex"], measure="distance").rate.text == "ρ = 1/(1 + γμ)²"


def test_parameters_can_be_tied():
    result = only("gd", ["smooth-strongly-convex"], theorems=["distance"], values=["gamma=1/L, L=1"])
    assert result.rate.text == "ρ = (1 − μ)²"


@pytest.mark.parametrize("rule", ["gamma=3/L", "gamma=2/L"])
@pytest.mark.parametrize("name", ["distance", "descent"])
def test_a_step_outside_the_range_is_not_called_proved(rule, name):
    result = only("gd", ["smooth-strongly-convex"], theorems=[name], values=[rule])
    assert result.verdict is Verdict.OPEN


@pytest.mark.parametrize(
    "rule",
    ["gamma", "gama=1", "gamma=1/K", "gamma=1/0", "gamma=1,gamma=2", "gamma=L,L=gamma", "gamma=(", "gamma=1/L*"],
)
def test_bad_rules_are_refused_in_one_sentence(rule):
    with pytest.raises(BadInput, match=r"--set"):
        analyse("gd", ["smooth"], values=[rule], **QUICK)


def test_a_negative_step_is_out_of_the_domain():
    result = only("gd", ["smooth"], theorems=["descent"], values=["gamma=0-1"])
    assert result.verdict is Verdict.OPEN
    assert "gamma" in result.tried[0]


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (("gdd", []), "did you mean 'gd'"),
        (("gd", ["smoth"]), "did you mean 'smooth'"),
        (("gd", ["lipschitz-convex"]), "needs? one of"),
        (("missing.py", []), "does not exist"),
    ],
)
def test_unknown_names_are_refused_with_the_nearest(call, words):
    with pytest.raises(BadInput, match=words):
        analyse(*call, **QUICK)


def test_without_continuity_the_distance_law_is_refuted_and_the_rest_survives():
    result = analyse("bpm", ["ball-convex-lsc"], sdp=False, simulate=True)
    verdicts = {t.identifier: t.verdict for t in result.theorems}
    assert verdicts == {
        "bpm/ball-convex-lsc/distance": Verdict.REFUTED,
        "bpm/ball-convex-lsc/distance-monotone": Verdict.PROVED,
        "bpm/ball-convex-lsc/distance-step": Verdict.PROVED,
    }
    assert result.exit_code == 1
    assert "which is false" in " ".join(result.theorems[0].counterexample["text"].split())


def test_stronger_assumptions_are_reduced_to_what_a_theorem_needs():
    result = only("bpm", ["smooth-strongly-convex"], theorems=["distance"])
    assert result.verdict is Verdict.PROVED
    assert result.notes == ("posed under ball-convex, which smooth-strongly-convex implies",)
    assert result.certificate["implied"]


@pytest.mark.slow
def test_the_main_job_is_proved_and_cross_checked_twice():
    result = analyse("bpm", ["ball-convex"])
    assert result.exit_code == 0
    for theorem in result.theorems:
        assert theorem.verdict is Verdict.PROVED
        assert theorem.trajectories["violations"] == 0
        assert theorem.trajectories["runs"] >= 1000
        # Only this one is not tight in Euclidean space: it is a theorem for any norm.
        least = 0.98 if theorem.identifier == "bpm/ball-convex/gap-next-any-norm" else 0.999999
        assert least <= Fraction(theorem.worst_case["lower"]) <= 1
