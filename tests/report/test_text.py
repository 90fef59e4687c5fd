"""The report for people says everything, fits its width, and has no colour unless asked."""

from dataclasses import replace

import pytest

from certify.analysis.results import Analysis, Formula, Verdict
from certify.report import words
from certify.report.layout import columns
from certify.report.text import render


def test_it_says_everything(analysis):
    text = render(analysis, width=110)
    for part in [
        "gd: gradient descent",
        "x⁺ = x − γ ∇f(x)",
        "smooth-convex: f(y) ≥ f(x) + ⟨∇f(x), y − x⟩",
        "γ = 1/L, L = 1",
        "✓ gd/smooth-strongly-convex/distance ── proved",
        "Polyak (1963) · 0.25 s\n",
        "‖x⁺ − x⋆‖² ≤ ρ ‖x − x⋆‖² with the best ρ.",
        "admissible     0 < γ < 2/L",
        "optimal        γ = 2/(L + μ)",
        "after N steps  ‖x_N − x⋆‖² ≤ ρᴺ·R²",
        "by a⁺ ≤ q·a ⇒ a_N ≤ q^N·a₀",
        "to reach ε     N ≥ ⌈ln(R²/ε)/ln(1/ρ)⌉",
        "tightness      at least 99.9999% of the bound is attained by some smooth-strongly-convex function",
        "               (exact, at L = 1, γ = 1/2: the best of 6 points)",
        "4,096 runs of 12 steps · 2 families of functions · no violation · worst ratio 0.99987",
        "✗ gd/smooth/refuted_50% ── refuted",
        "counterexample On f(y) = y² with γ = 3 it fails.",
        "? gd/smooth/open ── open",
        "tried          products up to degree 4: no certificate",
        "! gd/smooth/contradicted ── proved",
        "CONTRADICTION  3 trajectories exceed the bound",
        "3 VIOLATIONS",
        "2 proved, 1 certified, 1 numerical (gd/smooth/numerical), 1 refuted (gd/smooth/refuted_50%)",
        "certify verify FILE",
    ]:
        assert part in text


def test_the_proof_is_multiplier_times_conclusion_equals_the_sum(proved, analysis):
    text = render(replace(analysis, theorems=(proved,)), width=100)
    expected = """\
  proof  case 1 of 2: γ ≤ 2/(L + μ)
      (L − μ) × [ρ‖x₀−x⋆‖² − ‖x₁−x⋆‖² ≥ 0]
    = 2γ(1 − γμ) × [f₀ − f⋆ ≥ 0]               smooth-convex from x₀ to x⋆
    + 1          × [f⋆ − f₀ ≥ 0]               smooth-convex from x⋆ to x₀
    + 2γ(1 − γμ) × [‖g₀ − μ(x₀−x⋆)‖² ≥ 0]   a square
      using x₁ lies on the sphere of radius t
  proof  case 2 of 2: γ ≥ 2/(L + μ)
"""
    assert [line.split() for line in expected.splitlines()] == [
        line.split() for line in text[text.index("  proof") :].splitlines()[:7]
    ]
    assert "(γL − 1) × [f₀ − f⋆ ≥ 0]" in text  # a sum as a weight is in parentheses


def test_a_support_is_one_line_and_an_identity_none(proved, analysis):
    text = render(replace(analysis, theorems=(proved,)), width=100)
    assert "  support  f₀ − f₁ ≥ 0  by convex from x₁ to x₀\n" in text
    assert "0 ≥ 0\n" not in text.replace("f₀ − f⋆ ≥ 0", "")


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120])
def test_no_line_is_wider_than_asked(analysis, width):
    lines = render(analysis, width=width).splitlines()
    assert max(map(columns, lines)) <= width
    assert all(line == line.rstrip() for line in lines)


def test_the_columns_of_a_proof_are_aligned(analysis):
    lines = [line for line in render(analysis, width=120).splitlines() if line.startswith(("    = ", "    + "))]
    assert len({line.index("×") for line in lines[:3]}) == 1
    assert len({line.index(name) for line, name in zip(lines[:3], ["smooth", "smooth", "a square"], strict=True)}) == 1


def test_no_colour_unless_asked(analysis):
    assert "\x1b" not in render(analysis)
    coloured = render(analysis, color=True)
    assert "\x1b[1;32m✓ gd/smooth-strongly-convex/distance" in coloured
    assert "\x1b[1;31m✗ gd/smooth/refuted_50%" in coloured


def test_markup_in_names_is_text(analysis):
    plain = replace(analysis, title="[bold]not markup[/bold] [x]")
    assert "[bold]not markup[/bold] [x]" in render(plain, color=True)


def test_a_very_long_formula_is_cut_with_its_number_of_terms(proved, analysis):
    long = Formula(" + ".join(f"a{i}b{i}" for i in range(300)) + " ≥ 0", "x")
    part = replace(proved.proof[0], conclusion=long)
    text = render(replace(analysis, theorems=(replace(proved, proof=(part,)),)), width=80)
    assert "… (300 terms, all of them in --format json)" in text


def test_what_is_said_twice_is_printed_once(proved, analysis):
    bound = Formula("f(x_N) − f⋆ ≤ R²/N", "x")
    twice = replace(proved, bound=bound, rate=Formula("R²/N", "x"), one_step=proved.statement)
    text = render(replace(analysis, theorems=(twice,)))
    assert "rate  " not in text
    assert "one step" not in text


def test_an_empty_analysis(analysis):
    text = render(replace(analysis, theorems=()))
    assert "No theorem of this method applies." in text
    assert "certify verify" not in text


def test_the_exit_codes_are_those_of_the_verdicts(analysis: Analysis):
    by_verdict = {t.verdict: t for t in analysis.theorems if not t.contradiction}
    codes = {v: replace(analysis, theorems=(t,)).exit_code for v, t in by_verdict.items()}
    assert codes == {
        Verdict.PROVED: 0,
        Verdict.CERTIFIED: 0,
        Verdict.NUMERICAL: 3,
        Verdict.REFUTED: 1,
        Verdict.OPEN: 3,
    }
    assert replace(analysis, theorems=(analysis.theorems[-1],)).exit_code == 1  # contradicted
    vacuous = replace(analysis, theorems=(replace(by_verdict[Verdict.OPEN], verdict=Verdict.VACUOUS),))
    assert vacuous.exit_code == 1
    assert "∅ gd/smooth/open ── vacuous" in render(vacuous)


@pytest.mark.parametrize(
    ("lower", "upper", "relaxations", "said"),
    [
        ("1", "1", [], "all of the bound is attained by some convex function (exact, at γ = 2: the best of 6 points)"),
        (
            "86559139/100000000",
            "86559141/100000000",
            ["unknown"],
            "at least 86.5591% of the bound is allowed by the inequalities used, at most 86.5592% there"
            " (exact, at γ = 2: the best of 6 points); unknown",
        ),
        (
            "3/2",
            "2",
            [],
            "exceeded: at least 150.0000% of the bound is attained by some convex function"
            " (exact, at γ = 2: the best of 6 points)",
        ),
        (None, None, [], "exceeded: no multiple of this bound holds (exact, at γ = 2: the best of 6 points)"),
    ],
)
def test_tightness_in_words(lower, upper, relaxations, said):
    data = {"lower": lower, "upper": upper, "relaxations": relaxations, "within": "convex", "points": [{}] * 6}
    assert words.tightness(data | {"parameters": {"gamma": "2"}}) == said
    assert words.tightness(data | {"parameters": None}) == "nothing exact was found at 6 points"
