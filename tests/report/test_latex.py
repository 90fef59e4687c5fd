"""The LaTeX report compiles with plain pdflatex without a warning, whatever is in the names."""

import re
import string
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.analysis.formulas import name_latex, polynomial_latex
from certify.analysis.results import Formula, ProofLine
from certify.kernel import Polynomial
from certify.language.text import name_text
from certify.report import escape, latex

NASTY = "50% & $5 #1 _a_ {b} \\input{x} ~ ^ < > | \" ' ` ż Ł é ‖ ≤ 漢 § −½ \t€"


def test_it_says_everything(analysis):
    text = latex.render(analysis)
    for part in [
        r"\begin{theorem} \textnormal{(\texttt{gd/\allowbreak smooth-\allowbreak strongly-\allowbreak convex/",
        r"$\|x^{+}-x^{\star }\|^{2}",
        r"\item[admissible] $0 < \gamma < \frac{2}{L}$",
        r"\begin{cases}",
        r"Case $\gamma \le \frac{2}{L + \mu}$:",
        r"$\left(L - \mu\right) \times \bigl[\rho \|x_0 - x^\star\|^2",
        r"\item $2\gamma(1 - \gamma\mu) \times \bigl[f(x_0) - f^\star \ge 0\bigr]$ (smooth-convex from $x_{0}$ to",
        r"refuted\_50\%",
        r"\begin{claim} \textnormal{(\texttt{gd/\allowbreak smooth/\allowbreak open}, open)}",
        r"\textbf{Contradiction:}",
        r"R\&D, 100\% of it",
    ]:
        assert "".join(part.split()) in "".join(text.split()), part
    assert r"\documentclass" not in text
    assert text.isascii()


def test_it_compiles_without_a_warning(analysis, compiled):
    document = latex.render(analysis, standalone=True)
    packages = set(re.findall(r"\\usepackage(?:\[.*?\])?\{(.*?)\}", document))
    assert packages == {"amsmath", "amssymb", "booktabs", "hyperref"}
    log = compiled(document)
    assert re.findall(r".*(?:Warning|Overfull|Underfull).*", log) == []


def test_nasty_names_and_long_formulas_compile(analysis, proved, compiled):
    terms = " + ".join(rf"\left(\gamma + {i}\right) \left\|g_{{{i}}}\right\|^2" for i in range(90))
    text = " + ".join(f"(γ + {i})‖g{i}‖²" for i in range(90))
    long = Formula(f"({text})/({text}) ≥ 0", rf"\frac{{{terms}}}{{{terms}}} \ge 0")
    steps = Formula(f"N ≥ ⌈{text}⌉", rf"N \ge \left\lceil{{{terms}}}\right\rceil")
    part = replace(proved.proof[0], conclusion=long, lines=(ProofLine(long, long, NASTY),), equations=(NASTY,))
    theorem = replace(
        proved,
        identifier=NASTY,
        statement=Formula(NASTY, NASTY),
        one_step=long,
        complexity=steps,
        lemma=NASTY,
        source=NASTY,
        notes=(NASTY,),
        contradiction=NASTY,
        counterexample={"f": NASTY},
        proof=(part,),
    )
    strange = replace(
        analysis,
        title=NASTY,
        update=Formula("x⁺ = x − γg", "x⁺ = x − γ g₀²"),  # Unicode where LaTeX is expected
        assumptions=((NASTY, Formula("γ ≥ 0", "γ ≥ 0")),),
        theorems=(theorem, *analysis.theorems) * 4,
    )
    log = compiled(latex.render(strange, standalone=True))
    assert re.findall(r".*Overfull \\hbox.*", log) == []


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        (
            "f(x⁺) − f⋆ ≤ ρ (f(x) − f⋆) for γ ≤ 1/L.",
            r"$f(x^{+}) - f^{\star } \le  \rho  (f(x) - f^{\star })$ for $\gamma  \le  1/L$.",
        ),
        ("for L-smooth f and all x, y", "for $L$-smooth $f$ and all $x$, $y$"),
        ("a step of 2 in a row", "a step of 2 in a row"),
        ("V_{k+1} ≤ max{a, √3}", r"$V_{k+1} \le  \max \{a, \sqrt{3}\}$"),
        ("100% of R&D", r"100\% of R\&D"),
    ],
)
def test_prose(text, tex):
    assert re.sub(r"\s+", " ", escape.prose(text)) == re.sub(r"\s+", " ", tex)


def test_a_second_script_of_the_same_kind_gets_a_new_base():
    assert escape.formula("x₀_k") == "x_{0}{}_{k}"
    assert escape.formula("f⋆'") == r"f^{\star }{}^{\prime }"


def test_breakable():
    wide = " + ".join("abcdef")
    assert latex.breakable(rf"\left({wide}\right)") == f"({wide})"
    assert latex.breakable(rf"\frac{{{wide * 4}}}{{2}}") == rf"({wide * 4})/\allowbreak 2"
    assert latex.breakable(r"\frac{a b}{c d} + e", 1) == r"a b/\allowbreak (c d) + e"
    assert latex.breakable(r"\frac{a b}{c} x", 1) == r"(a b/\allowbreak c) x"
    assert latex.breakable(r"\frac{a b}{c}^{2}", 1) == r"(a b/\allowbreak c)^{2}"
    assert latex.breakable(r"\frac{\ln{(a/b)}}{\ln{(1/\rho)}}", 3) == r"\ln (a/b)/\allowbreak \ln (1/\rho)"
    assert latex.breakable(r"\sqrt{a + b + c} + \sqrt{d}", 3) == r"(a + b + c)^{1/2} + \sqrt{d}"
    assert latex.breakable(r"x {a^{2} + b}^{2} {y^{2}}^{3}", 3) == r"x (a^{2} + b)^{2} {y^{2}}^{3}"
    assert latex.breakable(r"{(a + b)}^{2} + {(a) b (c)}^{2}", 2) == r"(a + b)^{2} + ((a) b (c))^{2}"
    assert latex.breakable(r"\frac{1}{2} \leftarrow \left. x \right\|") == r"\frac{1}{2} \leftarrow x \|"


balanced = st.text(alphabet=string.printable + "γ⁺₀⋆‖≤漢é√′", max_size=30)


@given(balanced)
def test_everything_becomes_balanced_tex(text):
    for tex in (escape.text(text), escape.prose(text), f"${escape.formula(text)}$"):
        bare = re.sub(r"\\[\\{}$&#%_]", "", tex)
        depth = 0
        for c in bare:
            depth += (c == "{") - (c == "}")
            assert depth >= 0
        assert depth == 0
        assert bare.count("$") % 2 == 0
        assert not set(bare) & set("&#%")


@pytest.mark.slow
def test_random_text_compiles(compiled):
    import random

    letters = string.printable + "γΓεφ⁺⁻²₀ₖ⋆‖≤≥∇½√⟨⟩⌈⌉ΣéŁżß漢\u0301′→∈·×"
    drawn = random.Random(0)  # noqa: S311
    lines = ["".join(drawn.choices(letters, k=drawn.randrange(40))) for _ in range(300)]
    body = "\n\n".join(f"{escape.text(t)} --- {escape.prose(t)} --- ${escape.formula(t)} $" for t in lines)
    packages = r"\documentclass{article}\usepackage{amsmath,amssymb}\begin{document}"
    compiled(f"{packages}\n{body}\n\\end{{document}}\n")


def test_lines_break_between_formulas():
    update = Formula("x⁺ = x − g, y = Qx", r"x^+ = x - g, \quad y = Qx")
    assert latex.math(update) == r"$x^+ = x - g,\quad$ $y = Qx$"
    inside = Formula("{a, b}", r"\text{a, \quad b}")
    assert latex.math(inside) == r"$\text{a, \quad b}$"


def test_dual_norms_and_logarithms_in_prose():
    assert escape.formula("‖g₀‖*²") == r"\| g_{0}\| _{\ast }^{2}"
    assert escape.formula("2*3") == r"2\ast 3"
    assert escape.formula("ln y") == r"\ln  y"


def test_names_of_functions_with_numbers():
    assert name_text("f2_1'") == "f₂(x₁')"
    assert name_text("<gf1_1-gf1_⋆,x0-x⋆>") == "⟨gf₁(x₁)−gf₁(x⋆), x₀−x⋆⟩"
    assert name_latex("f1_⋆") == r"f_{1}(x^{\star})"
    assert name_latex("<gf2_1'-gf2_⋆,x0-x⋆>") == (
        r"\left\langle g^{f_{2}}_{1'} - g^{f_{2}}_{\star}, x_{0} - x^{\star}\right\rangle"
    )
    assert polynomial_latex(Polynomial({(("x⋆", 2),): 1})) == r"{x^{\star}}^{2}"


def test_accents_and_signs_in_sentences():
    assert escape.prose("a step to x̂ with x̂ = 1/λ") == r"a step to $\hat{x}$ with $\hat{x} = 1/\lambda $"
    assert escape.text("m̃") == r"$\tilde{m}$"
    assert escape.ascii_math(r"\bar x + v̂") == r"\bar x + \hat{v}"
    assert r"\operatorname{sign}(g)$, where sign descent" in escape.prose("is α sign(g), where sign descent rests")
