"""Printed proofs: every term is added up again exactly, tampering is noticed, and the words are those of a person."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction

import pytest

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.kernel.worst_case import MatrixRelation, Relation, Unproved, UpperBound, WorstCase
from certify.pep import Model, norm, norm2
from certify.report.bound_proof import proof_of, squares_of


def gradient_descent(steps: int) -> Model:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm(x - f.minimizer) <= 1, name="initial")
    for _ in range(steps):
        x = x - f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


def proximal_step() -> Model:
    model = Model()
    f = model.function(Convex())
    x = model.point("x0")
    model.suppose(norm(x - f.minimizer) <= 1, name="initial")
    x = f.prox(x, 2)
    model.maximise(f(x) - f.minimum)
    return model


def contraction() -> Model:
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x = model.point("x")
    after = x - Fraction(3, 2) * f.gradient(x)
    model.maximise(norm2(after - f.minimizer), relative_to=norm2(x - f.minimizer))
    return model


@pytest.mark.parametrize("make", [lambda: gradient_descent(1), lambda: gradient_descent(3), proximal_step, contraction])
@pytest.mark.parametrize("sparse", [True, False])
def test_all_terms_add_up(make, sparse: bool) -> None:
    model = make()
    proof = proof_of(model.solve(sparse=sparse), model)
    assert proof.remainder() == {}
    assert proof.holds
    for use in proof.uses:
        assert not replace(proof, uses=tuple(u for u in proof.uses if u is not use)).holds
        assert not replace(proof, uses=(*proof.uses, replace(use, multiplier=-use.multiplier))).holds
    for square in proof.squares:
        assert not replace(proof, squares=tuple(s for s in proof.squares if s is not square)).holds
    assert not replace(proof, bound=proof.bound * Fraction(99, 100)).holds


def test_a_proof_reads_like_one() -> None:
    model = gradient_descent(1)
    assert proof_of(model.solve(sparse=True), model).text() == (
        "Claim.  f₁ − f⋆ ≤ 1/6.\n"
        "\n"
        "Recall f:smooth-convex (L = 1):  "
        "f(y) ≥ f(x) + ⟨∇f(x), y − x⟩ + ‖∇f(x) − ∇f(y)‖²/(2L) for all x, y.\n"
        "Proof.  Add up these 4 relations, each multiplied by the number in front of it:\n"
        "  1/6 × [0 ≤ 1 − ‖x₀ − x⋆‖²]   initial\n"
        "  1/2 × [0 ≤ f⋆ − f(x₀) + 1/2 ‖x₀ − x⋆‖² − 1/2 ‖x₁ − x⋆‖²]   f:smooth-convex[⋆←x0]\n"
        "  1/2 × [0 ≤ f⋆ − f₁ + ⟨f′₁, x₁ − x⋆⟩ − 1/2 ‖f′₁‖²]   f:smooth-convex[⋆←1]\n"
        "  1/2 × [0 ≤ f(x₀) − f₁ − 1/2 ‖f′₁‖² − 1/2 ‖x₀ − x⋆‖² + ⟨x₀ − x⋆, x₁ − x⋆⟩ − 1/2 ‖x₁ − x⋆‖²]"
        "   f:smooth-convex[x0←1]\n"
        "The sum says  0 ≤ 1/6 − (f₁ − f⋆)\n"
        "                    − 1/8 ‖(x₁ − x⋆) − 2f′₁‖²\n"
        "                    − 1/24 ‖2(x₀ − x⋆) − 3(x₁ − x⋆)‖²\n"
        "and what is subtracted is nonnegative. ∎\n"
    )


def test_latex_is_balanced_and_ascii() -> None:
    model = gradient_descent(2)
    latex = proof_of(model.solve(sparse=True), model).latex()
    assert latex.isascii()
    assert latex.count("{") == latex.count("}")
    assert latex.count(r"\begin{align*}") == latex.count(r"\end{align*}") == 2
    assert r"f_{2} - f_{\star} \le \tfrac{1}{10}" in latex
    assert len(re.findall(r"\\times", latex)) == 6


def test_bounds_with_long_numbers_are_rounded_up() -> None:
    bound = gradient_descent(2).solve()
    claimed = re.search(r"≤ ([0-9./]+)\.\n", proof_of(bound).text())
    assert claimed
    assert bound.upper is not None
    assert bound.upper <= Fraction(claimed[1]) < bound.upper * Fraction(10**6 + 1, 10**6)


def test_many_squares_are_counted() -> None:
    model = gradient_descent(14)
    text = proof_of(model.solve(lower=False)).text()
    assert re.search(r"− \d\d squares with weights of at least", text)


def test_matrices_become_inequalities() -> None:
    form = {"1": Fraction(1)}
    off: dict[str, Fraction] = {"s": Fraction(1)}
    problem = WorstCase((), ("s",), off, matrices=(MatrixRelation("M", ((form, off), (off, form))),))
    half = Fraction(1, 2)
    proof = proof_of(UpperBound(problem, Fraction(1), matrix_multipliers={"M": ((half, -half), (-half, half))}))
    assert proof.holds
    (use,) = proof.uses
    assert (use.multiplier, use.form) == (half, {"1": 2, "s": -2})
    assert "1/2 × [0 ≤ 2 − 2s]   M(1)" in proof.text()


def test_what_proves_nothing_is_not_printed() -> None:
    problem = WorstCase(
        ("x",), (), {"<x,x>": Fraction(1)}, (Relation("ball", {"1": Fraction(1), "<x,x>": Fraction(-1)}),)
    )
    with pytest.raises(Unproved):
        proof_of(UpperBound(problem, Fraction(1), {"ball": Fraction(1, 2)}))
    assert proof_of(UpperBound(problem, Fraction(2), {"ball": Fraction(1)})).rest == 1
    with pytest.raises(ValueError, match="no exact upper bound"):
        proof_of(replace(gradient_descent(1).solve(), upper_certificate=None))


def test_squares_of_an_indefinite_form_do_not_exist() -> None:
    with pytest.raises(ValueError, match="no sum of squares"):
        list(squares_of({"<a,b>": Fraction(1)}, ("a", "b")))
    with pytest.raises(ValueError, match="left over"):
        list(squares_of({"f": Fraction(1)}, ("a", "b")))
