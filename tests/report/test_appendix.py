"""A theorem with its proof, as the appendix of a paper prints it."""

import re

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.survey import survey
from certify.report import tables
from certify.report.appendix import FORMATS, render
from certify.report.tables import rows
from certify.report.tables.columns import DEFAULT

QUICK = {"sdp": False, "simulate": False}


@pytest.fixture(scope="module")
def distance():
    """Two cases with multipliers that depend on the parameters."""
    return rows([analyse("gd", ["smooth-strongly-convex"], theorems=["distance"], **QUICK)])[0]


def test_the_argument_is_complete_and_in_order(distance):
    text = render(distance, "text")
    order = [
        "Theorem (gd/smooth-strongly-convex/distance)",
        "Consider gradient descent (gd): x⁺ = x − γ ∇f(x).",
        "Assumption (smooth-strongly-convex):",
        "If 0 < γ < 2/L, then ‖x_N − x⋆‖² ≤ ρᴺ·R².",
        "Source: Polyak (1963).",
        "Proof",
        "Case 1: γ ≥ 2/(L + μ).",
        "(smooth-strongly-convex from x⋆ to x₀)",
        "identically in all quantities, L − μ times",
        "and L − μ is positive.",
        "Case 2: γ ≤ 2/(L + μ).",
        "N steps: a⁺ ≤ q·a + e",
        "Hence ‖x_N − x⋆‖² ≤ ρᴺ·R².",
        "proved: the kernel checked an exact certificate",
    ]
    found = [text.find(each) for each in order]
    assert -1 not in found, order[found.index(-1)]
    assert found == sorted(found)


@pytest.mark.parametrize("kind", FORMATS)
def test_every_summand_is_in_every_format(kind, distance):
    text = render(distance, kind)
    count = sum(len(part.lines) for part in distance.theorem.proof if part.role == "step")
    assert text.count("from") + text.count("a square") >= count
    assert text.endswith("\n")


def test_what_is_not_proved_is_a_claim_without_proof(analysis):
    for row in rows([analysis]):
        text = render(row, "text")
        if row.established:
            assert text.startswith("Theorem (")
        else:
            assert text.startswith("Claim (")
            assert "Hence" not in text
    refuted = next(row for row in rows([analysis]) if row.theorem.verdict.value == "refuted")
    assert "Counterexample: On f(y) = y² with γ = 3 it fails." in render(refuted, "text")


def test_documents_compile_without_a_complaint(distance, analysis, compiled):
    for row in [distance, *rows([analysis])]:
        log = compiled(render(row, "latex", standalone=True), runs=2)
        assert re.findall(r".*(?:Overfull|Underfull|Warning).*", log) == [], row.theorem.identifier


VARIED = [
    ("sgd", ["interpolation"], "gap-interpolation"),  # values of samples beside those of their mean
    ("frugal", ["layerwise-lipschitz"], "split"),  # sums over layers
    ("adam", ["smooth-above"], "sign-descent"),  # a proof without a sum
    ("adagrad", ["smooth-above", "bounded-samples"], "gradient"),  # lemmas, invariants, coordinates
]


@pytest.mark.parametrize(("method", "assumptions", "theorem"), VARIED)
def test_proofs_of_every_kind_compile(method, assumptions, theorem, compiled):
    row = rows([analyse(method, assumptions, theorems=[theorem], **QUICK)])[0]
    log = compiled(render(row, "latex", standalone=True), runs=2)
    assert re.findall(r".*(?:Overfull|Warning).*", log) == []
    text = render(row, "text")
    assert "layers" not in text or method == "frugal"
    if method == "sgd":
        assert "fᵢ(x₀)" in text
        assert "‖x₀−x⋆‖² − ‖x₀−x⋆‖²" not in text
    if method == "adam":
        assert "Both sides are the same" in text
        assert "it is shown that with β₁" in text
    if method == "adagrad":
        assert "summed over the coordinates" in text
        assert "Lemma 1: " in text


@pytest.mark.slow
def test_proofs_of_the_whole_catalogue_compile(compiled):
    for row in rows(survey(sdp=False)):
        log = compiled(render(row, "latex", standalone=True), runs=2)
        assert re.findall(r".*(?:Overfull|Warning).*", log) == [], row.theorem.identifier


@pytest.mark.slow
def test_the_table_of_the_whole_catalogue_fits_the_page(compiled):
    log = compiled(tables.render(rows(survey(sdp=False)), tables.choose(DEFAULT), "latex", standalone=True), runs=3)
    assert re.findall(r".*(?:Overfull|Underfull|Warning).*", log) == []


def test_the_step_of_a_variant_is_the_one_that_is_stated():
    """The theorem is not about Gluon's own radii rᵢ/(L0ᵢ + L1ᵢrᵢ)."""
    (own,) = analyse("gluon", theorems=["scaled"], simulate=False, sdp=False).theorems
    assert own.update is not None
    assert "γᵢ‖∇ᵢf(X)‖*" in own.update.text
    assert r"\gamma_i\|\nabla_i f(X)\|_*" in own.update.latex
    (general,) = analyse("gluon", theorems=["descent"], simulate=False, sdp=False).theorems
    assert general.update is None
