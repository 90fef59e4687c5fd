"""How results show themselves in a notebook."""

import re
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

from certify.analysis.analyse import analyse
from certify.analysis.formulas import scalar_formula
from certify.analysis.results import Formula
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language.opaque import opaque
from certify.language.scalar import Scalar
from certify.pep import Model, norm2


class Cells(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found, self.open = [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.found.append(data)


def test_an_analysis_is_a_table_with_formulas_to_typeset():
    analysis = analyse("ppm", ["convex"], sdp=False, simulate=False)
    cells = Cells(analysis._repr_html_()).found
    assert "ppm/convex/gap" in cells
    assert "proved" in cells
    assert r"$f(x_N) - f^\star \le \frac{R^{2}}{4 N \gamma}$" in cells
    theorem = analysis.theorems[0]
    assert theorem._repr_latex_() == (
        r"$\displaystyle f(x_N) - f^\star \le \frac{R^{2}}{4 N \gamma}\qquad \text{for } \gamma > 0$"
    )
    touched = replace(theorem, bound=Formula("a<b", "a<b"), contradiction="x")
    cells = Cells(touched._repr_html_()).found
    assert "contradicted" in cells
    assert "a<b" in "".join(cells)


def test_an_interval_is_typeset_and_stays_true():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    model.maximise(f(x - f.gradient(x)) - f.minimum)
    ends = re.fullmatch(r"\$([\d.]+) \\le \\text\{worst case\} \\le ([\d.]+)\$", model.solve()._repr_latex_())
    assert Fraction(ends[1]) <= Fraction(1, 6) <= Fraction(ends[2])


def test_a_root_that_is_squared_is_its_argument():
    root = opaque("√", Scalar.constant(1) - Scalar.variable("beta2"))
    two = root * root * Scalar.variable("alpha")
    assert scalar_formula(two / (root**3)).text == scalar_formula(Scalar.variable("alpha") / root).text
    assert scalar_formula(two).latex == r"\alpha \left(1 - \beta_{2}\right)"
    assert "√" in scalar_formula(root).text


def test_the_step_of_a_proof_by_cases_or_by_a_potential() -> None:
    """A rate for each case is called ρ, and a potential is written out: without it the proof says nothing."""
    options = {"sdp": False, "simulate": False}
    (cases,) = analyse("gd", ["smooth-strongly-convex"], theorems=["distance"], **options).theorems
    assert cases.one_step.text.endswith("≤ ρ·‖x₀−x⋆‖²")
    (potential,) = analyse("gd", ["smooth-convex"], theorems=["gap"], **options).theorems
    assert potential.one_step.text.startswith("Φ_(k+1) ≤ Φ_k, where Φ_k = (3L‖x₀−x⋆‖² + ")
