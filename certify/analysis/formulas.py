"""Formulas for people: scalars, SymPy expressions and conditions as Unicode text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import sympy as sp

from certify.analysis.results import Formula
from certify.kernel import Polynomial
from certify.language.scalar import Scalar
from certify.language.text import GREEK, name_text, polynomial_text, scalar_text
from certify.prove.symbolic import to_sympy

_SUPERSCRIPT = str.maketrans("0123456789N", "⁰¹²³⁴⁵⁶⁷⁸⁹ᴺ")


def scalar_formula(value: Scalar | Polynomial) -> Formula:
    """A scalar in factored form."""
    if isinstance(value, Polynomial):
        return Formula(polynomial_text(value), latex(to_sympy(value)))
    return Formula(scalar_text(value), latex(sp.factor(to_sympy(value))))


def expression_formula(expression: Any) -> Formula:
    """A SymPy expression."""
    return Formula(expression_text(expression), latex(expression))


def latex(expression: Any) -> str:
    """LaTeX with the names of vectors, norms and function values set properly."""
    names = {s: name_latex(s.name) for s in expression.free_symbols}
    return sp.latex(expression, symbol_names=names, fold_short_frac=False)


def name_latex(name: str) -> str:
    """``<g0,x0-x⋆>`` → ``\\langle g_0, x_0 - x^\\star\\rangle`` and so on."""
    if match := re.fullmatch(r"<(.*),(.*)>", name):
        left, right = (vector_latex(v) for v in match.groups())
        return rf"\left\|{left}\right\|^{{2}}" if left == right else rf"\left\langle {left}, {right}\right\rangle"
    if match := re.fullmatch(r"\((.*)\|(.*)\)", name):
        return rf"\left\langle {vector_latex(match[1])}, {vector_latex(match[2])}\right\rangle"
    if match := re.fullmatch(r"\|(.*)\|(_?)", name):
        return rf"\left\|{vector_latex(match[1])}\right\|" + ("_{*}" if match[2] else "")
    if match := re.fullmatch(r"f(\d+)('*)", name):
        return f"f(x_{{{match[1]}}}{match[2]})"
    if name == "f⋆":
        return r"f^{\star}"
    if match := re.fullmatch(r"([A-Za-z]+)_?(\d+)('*)", name):
        return f"{_greek(match[1])}_{{{match[2]}}}{match[3]}"
    return _greek(name)


def expression_text(expression: Any) -> str:
    """A SymPy expression in Unicode: ⌈R²/t²⌉, not ceiling(R**2/t**2)."""
    text = str(expression)
    for special in sorted((s.name for s in expression.free_symbols if not s.name.isalnum()), key=len, reverse=True):
        text = text.replace(special, name_text(special))
    text = re.sub(r"\b([A-Za-z]+)(_?)(\d*)\b", lambda m: _word(m[1], m[2], m[3]), text)
    text = re.sub(r"\*\*\((-?[0-9N]+)\*N\)", lambda m: "^(" + m[1] + "N)", text)
    text = re.sub(r"\*\*([0-9N])(?![0-9A-Za-z(])", lambda m: m[1].translate(_SUPERSCRIPT), text)
    text = text.replace("**", "^").replace(" - ", " − ")
    text = re.sub(r"(?<=[0-9A-Za-zα-ωΔ)⁰-⁹²³ᴺ₀-₉])\*(?=[A-Za-zα-ωΔ(√⌈])", "", text).replace("*", "·")
    text = re.sub(r"^-", "−", text)
    while match := re.search(r"ceiling\(", text):
        end = _closing(text, match.end() - 1)
        text = f"{text[: match.start()]}⌈{text[match.end() : end]}⌉{text[end + 1 :]}"
    return text


def added(summands: Sequence[Formula]) -> Formula:
    """``a + b − c`` from a, b and −c; zeros are left out."""
    text = tex = ""
    for formula in summands:
        if formula.text == "0":
            continue
        minus = formula.text.startswith("−")
        joint = (" − " if minus else " + ") if text else ("−" if minus else "")
        text += joint + formula.text.removeprefix("−")
        negative = formula.latex.startswith("-")
        joint = (" - " if negative else " + ") if tex else ("- " if negative else "")
        tex += joint + formula.latex.removeprefix("-").strip()
    return Formula(text or "0", tex or "0")


def condition_formula(condition: Polynomial, parameters: list[str], *, strict: bool = False) -> Formula:
    """``polynomial ≥ 0`` solved for the first of the parameters that occurs, where that is possible."""
    for name in parameters:
        if name in condition.variables and (solved := _solved(condition, name, strict)) is not None:
            return solved
    text, tex = (">", ">") if strict else ("≥", r"\ge")
    return Formula(f"{polynomial_text(condition)} {text} 0", f"{latex(to_sympy(condition))} {tex} 0")


def _solved(condition: Polynomial, name: str, strict: bool) -> Formula | None:
    positive = {n: sp.Symbol(n, positive=True) for n in condition.variables}
    expression = to_sympy(condition).subs({sp.Symbol(n, real=True): s for n, s in positive.items()})
    unknown = positive[name]
    roots = [r for r in sp.solve(expression, unknown) if r.is_positive]
    if len(roots) != 1:
        return None
    below = expression.subs(unknown, roots[0] / 2)
    point = {s: sp.Rational(3, 2) + i for i, s in enumerate(sorted(positive.values(), key=str)) if s != unknown}
    upper = bool(below.subs(point) > 0)
    root = sp.simplify(roots[0])
    text, tex = (
        {True: ("<", "<"), False: ("≤", r"\le")}[strict] if upper else {True: (">", ">"), False: ("≥", r"\ge")}[strict]
    )
    return Formula(f"{name_text(name)} {text} {expression_text(root)}", f"{name_latex(name)} {tex} {latex(root)}")


def vector_latex(name: str) -> str:
    """``x0-x⋆`` → ``x_{0} - x^{\\star}``."""
    parts = []
    for letter in name.split("-"):
        label = letter[1:]
        parts.append(f"{letter[0]}^{{\\star}}" if label == "⋆" else f"{letter[0]}_{{{label}}}")
    return " - ".join(parts)


def _greek(name: str) -> str:
    return f"\\{name}" if name in GREEK or name in ("Delta", "epsilon") else name


def _word(base: str, underscore: str, digits: str) -> str:
    known = {"log": "ln", "sqrt": "√", "Delta": "Δ", "epsilon": "ε", "Max": "max", "Min": "min"}
    text = known.get(base, GREEK.get(base, base))
    return text + (digits.translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")) if digits else underscore)


def _closing(text: str, start: int) -> int:
    depth = 0
    for i in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[i], 0)
        if depth == 0:
            return i
    return len(text) - 1
