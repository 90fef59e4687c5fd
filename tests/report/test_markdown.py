"""The Markdown report: a table, a section a theorem, nothing that Markdown would misread."""

from certify.report.markdown import escape, render


def test_it_says_everything(analysis):
    text = render(analysis)
    for part in [
        "# gd: gradient descent\n",
        "With γ = 1/L, L = 1.",
        "| ✓ | gd/smooth-strongly-convex/distance | 0 \\< γ \\< 2/L |",
        "## ✗ gd/smooth/refuted\\_50% (refuted)",
        "- counterexample: On f(y) = y² with γ = 3 it fails.",
        "- after N steps: ‖x\\_N − x⋆‖² ≤ ρᴺ·R², by a⁺ ≤ q·a ⇒ a\\_N ≤ q^N·a₀",
        "**Contradiction**: 3 trajectories exceed the bound",
        "- tried: products up to degree 4: no certificate",
        "- note: a note on R\\&D, 100% of it",
        "```text\nproof  case 1 of 2: γ ≤ 2/(L + μ)\n",
        "certify verify FILE",
    ]:
        assert part in text
    assert text.count("```") == 2


def test_every_row_of_the_table_has_all_cells(analysis):
    rows = [line for line in render(analysis).splitlines() if line.startswith("|")]
    assert len(rows) == 2 + len(analysis.theorems)
    assert {row.count("|") for row in rows} == {6}


def test_escaping():
    assert escape("a|b *c* _d_ <e> `f` [g](h)\n#i") == "a\\|b \\*c\\* \\_d\\_ \\<e\\> \\`f\\` \\[g\\](h) \\#i"
