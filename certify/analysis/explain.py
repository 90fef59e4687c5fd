"""A certificate as a person would write the proof: multiplier × conclusion = Σ weight × inequality."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from certify.analysis.formulas import scalar_formula, vector_latex
from certify.analysis.results import Formula, ProofLine, ProofPart
from certify.kernel import Certificate, Polynomial, Statement, Term
from certify.language.expectations import SAMPLE
from certify.language.layers import LAYERS
from certify.language.scalar import Scalar
from certify.language.text import polynomial_text, vector_text

ONE = Scalar.constant(1)
DOMAIN = "the domain alone"
"""The name of what holds for all numbers in the domain."""
MAX_CONCLUSION = 400
"""Longer conclusions are referred to, not printed; the certificate file has them in full."""


def explain(
    role: str, certificate: Certificate, conditions: tuple[Formula, ...] = (), *, places: str = "layers"
) -> ProofPart:
    """Collect the terms of a certificate by hypothesis or square; weights come out factored.

    `places` is what sums run over, in words.
    """
    statement, proof = certificate.statement, certificate.proof
    facts = {f.name: f.polynomial for f in statement.facts}
    notes = {h.name: h for h in statement.hypotheses}
    groups: dict[tuple[str, ...], Scalar] = {}
    squares: dict[tuple[str, ...], Term] = {}
    for term in proof.terms:
        used = tuple(n for n, e in sorted(term.factors.items()) for _ in range(e) if n in notes)
        key = (*used, _square_key(term))
        weight = Scalar.constant(term.coefficient)
        for name, exponent in term.factors.items():
            if name in facts:
                weight = weight * Scalar(facts[name]) ** exponent
        groups[key] = groups.get(key, Scalar.constant(0)) + weight
        squares[key] = term
    lines = []
    for key, weight in groups.items():
        hypotheses, term = key[:-1], squares[key]
        if hypotheses or term.square is not None:
            line = _line(weight, hypotheses, term, statement)
            lines.append(replace(line, name=line.name + _under(term, places)))
        else:
            formula = scalar_formula(weight)
            above = Formula(f"{formula.text} ≥ 0", rf"{formula.latex} \ge 0")
            lines.append(ProofLine(Formula("1", "1"), above, DOMAIN + _under(term, places)))
    multiplier = Scalar.constant(0) if proof.multiplier else ONE
    for term in proof.multiplier:
        weight = Scalar.constant(term.coefficient)
        for name, exponent in term.factors.items():
            weight = weight * Scalar(facts[name]) ** exponent
        multiplier = multiplier + weight
    return ProofPart(
        role,
        _conclusion(statement),
        conditions,
        scalar_formula(multiplier),
        tuple(lines),
        tuple(dict.fromkeys(e.note for q in proof.equations for e in statement.equations if e.name == q.equation)),
    )


def _under(term: Term, places: str) -> str:
    words = {LAYERS: f"summed over the {places}", SAMPLE: "in the mean"}
    return "".join(f", {words.get(functional, functional)}" for functional in term.under)


def _conclusion(statement: Statement) -> Formula:
    """The conclusion, or a reference to the inequality above it when its expanded form says nothing to people."""
    formula = _compared(statement.conclusion, statement.relation)
    if len(formula.text) <= MAX_CONCLUSION:
        return formula
    words = "the inequality, cleared of its denominators"
    return Formula(words, rf"\text{{{words}}}")


def _line(weight: Scalar, hypotheses: tuple[str, ...], term: Term, statement: Statement) -> ProofLine:
    known = {h.name: h for h in statement.hypotheses}
    polynomial, names = Polynomial.constant(1), []
    for name in hypotheses:
        polynomial = polynomial * known[name].polynomial
        names.append(known[name].note or name)
    if term.square is None:
        return ProofLine(scalar_formula(weight), _compared(polynomial, ">="), " × ".join(names))
    square = _square_formula(term.square)
    label = " × ".join([*names, "a square"]) if names else "a square"
    if names:
        base = scalar_formula(polynomial)
        square = Formula(f"({base.text})·{square.text}", f"({base.latex}) {square.latex}")
    return ProofLine(scalar_formula(weight), Formula(f"{square.text} ≥ 0", rf"{square.latex} \ge 0"), label)


def _compared(polynomial: Polynomial, relation: str) -> Formula:
    formula = scalar_formula(polynomial)
    text, tex = {">=": ("≥", r"\ge"), ">": (">", ">"), "=": ("=", "=")}[relation]
    return Formula(f"{formula.text} {text} 0", f"{formula.latex} {tex} 0")


def _square_key(term: Term) -> str:
    if term.square is None:
        return ""
    if isinstance(term.square, Polynomial):
        return polynomial_text(term.square)
    return "|".join(f"{v}:{polynomial_text(p)}" for v, p in sorted(term.square.items()))


def _square_formula(root: Polynomial | Mapping[str, Polynomial]) -> Formula:
    if isinstance(root, Polynomial):
        inner = scalar_formula(root)
        return Formula(f"({inner.text})²", rf"\left({inner.latex}\right)^2")
    text, tex = "", ""
    for vector, coefficient in root.items():
        formula = scalar_formula(Scalar(coefficient))
        value = coefficient.as_constant()
        shown = vector_text(vector)
        shown = f"({shown})" if "−" in shown else shown
        vector_tex = f"({vector_latex(vector)})" if "-" in vector else vector_latex(vector)
        if value in (1, -1):
            piece, piece_tex = ("" if value == 1 else "−") + shown, ("" if value == 1 else "-") + vector_tex
        else:
            body = formula.text if len(coefficient.terms) == 1 else f"({formula.text})"
            tex_body = formula.latex if len(coefficient.terms) == 1 else rf"\left({formula.latex}\right)"
            piece, piece_tex = body + shown, f"{tex_body} {vector_tex}"
        text += f" − {piece[1:]}" if text and piece.startswith("−") else (f" + {piece}" if text else piece)
        tex += f" - {piece_tex[1:]}" if tex and piece_tex.startswith("-") else (f" + {piece_tex}" if tex else piece_tex)
    return Formula(f"‖{text}‖²", rf"\left\|{tex}\right\|^2")
