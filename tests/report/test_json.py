"""The JSON report is one object with exactly the documented keys, and nothing that JSON lacks."""

import json

from certify import __version__
from certify.report.json import render

THEOREM = {
    "id", "measure", "statement", "step_size", "rate", "complexity", "verdict", "certificate", "worst_case",
    "trajectories", "seconds", "one_step", "bound", "optimal", "lemma", "proof", "notes", "tried", "counterexample",
    "contradiction", "source", "update",
}  # fmt: skip


def strict(text: str) -> dict:
    """Parsed by a reader that refuses NaN and infinities."""

    def refuse(name: str) -> None:
        raise ValueError(name)

    return json.loads(text, parse_constant=refuse)


def test_the_keys(analysis):
    data = strict(render(analysis))
    assert list(data) == ["certify", "method", "assumptions", "values", "theorems", "seconds"]
    assert data["certify"] == __version__
    assert data["assumptions"] == ["smooth-convex"]
    assert data["values"] == {"gamma": "1/L", "L": "1"}
    assert all(set(theorem) == THEOREM for theorem in data["theorems"])
    assert [t["verdict"] for t in data["theorems"][:5]] == ["proved", "certified", "numerical", "refuted", "open"]


def test_formulas_are_text_and_latex_or_null(analysis):
    first, second = strict(render(analysis))["theorems"][:2]
    assert first["step_size"] == {"text": "0 < γ < 2/L", "latex": r"0 < \gamma < \frac{2}{L}"}
    assert second["step_size"] is second["rate"] is second["complexity"] is second["worst_case"] is None


def test_the_proof_and_the_certificate_are_whole(analysis):
    first = strict(render(analysis))["theorems"][0]
    assert first["certificate"] == {"schema": "certify/theorem/1", "parts": []}
    part = first["proof"][0]
    assert set(part) == {"role", "conclusion", "conditions", "multiplier", "lines", "equations"}
    assert part["lines"][2]["name"] == "a square"
    assert first["trajectories"]["runs"] == 4096
    assert [each["role"] for each in first["proof"]] == ["step", "step", "support[0]", "end[0]"]


def test_an_infinite_ratio_is_a_string(analysis):
    assert strict(render(analysis))["theorems"][-1]["trajectories"]["worst_ratio"] == "inf"
