"""Formulas for people: scalars, SymPy expressions and conditions as Unicode text and as LaTeX."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from certify.analysis.results import Formula
from certify.kernel import Polynomial
from certify.language.opaque import argument, roots_squared
from certify.language.scalar import Scalar
from certify.language.text import (
    DIFFERENCE,
    EACH,
    GREEK,
    Factors,
    enclosed,
    factored,
    moment_parts,
    name_text,
    ordered_factors,
    ordered_terms,
    polynomial_text,
    scalar_text,
    sum_parts,
)
from certify.prove.symbolic import from_sympy, to_sympy

_FUNCTIONS = {"log₂": r"\log_{2}", "ln": r"\ln"}
_SUPERSCRIPT = str.maketrans("0123456789N", "⁰¹²³⁴⁵⁶⁷⁸⁹ᴺ")


def scalar_formula(value: Scalar | Polynomial) -> Formula:
    """A scalar in factored form."""
    if isinstance(value, Polynomial):
        return Formula(polynomial_text(value), polynomial_latex(value))
    value = roots_squared(value)
    return Formula(scalar_text(value), scalar_latex(value))


def expression_formula(expression: Any) -> Formula:
    """A SymPy expression."""
    return Formula(expression_text(expression), latex(expression))


def latex(expression: Any) -> str:
    """A SymPy expression in LaTeX; rational ones in the same factored form as in the text."""
    if isinstance(expression, sp.ceiling):
        return rf"\left\lceil {latex(expression.args[0])} \right\rceil"
    if (scalar := from_sympy(expression)) is not None:
        return scalar_latex(roots_squared(scalar))
    names = {s: _enclosed_latex(name_latex(s.name)) for s in expression.free_symbols}
    return sp.latex(expression, symbol_names=names, fold_short_frac=False, ln_notation=True)


def scalar_latex(scalar: Scalar) -> str:
    """A rational function as a fraction of factored polynomials."""
    negative, number, top, bottom = factored(scalar)
    if number.denominator == 1 and not bottom and len(top) == 1 and top[0][1] == 1:
        return polynomial_latex(scalar.numerator)
    head = _product_latex(top, number.numerator)
    foot = _product_latex(bottom, number.denominator)
    return ("-" if negative else "") + (head if foot == "1" else rf"\frac{{{head}}}{{{foot}}}")


def polynomial_latex(polynomial: Polynomial) -> str:
    """A sum of monomials, in the order of the text."""
    pieces = []
    for monomial, coefficient in ordered_terms(polynomial):
        alone = len(monomial) == 1 and monomial[0][1] == 1
        body = " ".join(_power_latex(name_latex(n), e, alone=alone) for n, e in ordered_factors(monomial))
        size = abs(coefficient)
        number = "" if size == 1 and body else _rational_latex(size)
        pieces.append((" - " if coefficient < 0 else " + ") + f"{number} {body}".strip())
    text = "".join(pieces)
    return (text[3:] if text.startswith(" + ") else "-" + text[3:]) or "0"


def _product_latex(factors: Factors, number: int) -> str:
    if number == 1 and len(factors) == 1 and factors[0][1] == 1:
        return polynomial_latex(factors[0][0])
    parts = [str(number)] if number != 1 or not factors else []
    for base, exponent in factors:
        body = polynomial_latex(base)
        parts.append(_power_latex(rf"\left({body}\right)" if len(base.terms) > 1 else body, exponent))
    return " ".join(parts)


def _enclosed_latex(base: str) -> str:
    """A quantity in parentheses if a product or a power would be read as one of its last part."""
    return rf"\left({base}\right)" if base.startswith((r"\sum", r"\max", r"\frac{1}")) else base


def _power_latex(base: str, exponent: int, *, alone: bool = False) -> str:
    base = base if alone else _enclosed_latex(base)
    if exponent == 1:
        return base
    return f"{{{base}}}^{{{exponent}}}" if "^" in base else f"{base}^{{{exponent}}}"


def _rational_latex(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else rf"\tfrac{{{value.numerator}}}{{{value.denominator}}}"


def name_latex(name: str) -> str:
    """``<g0,x0-x⋆>`` → ``\\langle g_0, x_0 - x^\\star\\rangle`` and so on."""
    if name.endswith(EACH):
        return _layer_latex(name.removesuffix(EACH))
    if (parts := sum_parts(name)) is not None:
        over, below = (" ".join(_layer_latex(n, e) for n, e in side) for side in parts)
        return r"\sum_i " + (rf"\frac{{{over or '1'}}}{{{below}}}" if below else over)
    if match := re.fullmatch(r"max\[(.*)\]", name):
        return rf"\max_i {_layer_latex(match[1])}"
    if match := re.fullmatch(r"length\[(.*)\]", name):
        return rf"\sqrt{{\sum_i {_layer_latex(match[1], 2)}}}"
    if match := re.fullmatch(r"inv\((.*)\)", name):
        return rf"\frac{{1}}{{{_layer_latex(match[1])}}}"
    if (parts := moment_parts(name)) is not None:
        return r"\mathbb{E}\," + r"\,".join(name_latex(p) for p in parts)
    if name[0] == "⅟":
        return rf"\frac{{1}}{{{name_latex(name[1:])}}}"
    if (call := argument(name)) is not None:
        function, inside = call[0], scalar_latex(call[1])
        return rf"\sqrt{{{inside}}}" if function == "√" else rf"{_FUNCTIONS[function]}({inside})"
    if match := re.fullmatch(r"<(.*),(.*)>", name):
        left, right = (vector_latex(v) for v in match.groups())
        return rf"\left\|{left}\right\|^{{2}}" if left == right else rf"\left\langle {left}, {right}\right\rangle"
    if match := re.fullmatch(r"\((.*)\|(.*)\)", name):
        return rf"\left\langle {vector_latex(match[1])}, {vector_latex(match[2])}\right\rangle"
    if match := re.fullmatch(r"\|(.*)\|(_?)", name):
        return rf"\left\|{vector_latex(match[1])}\right\|" + ("_{*}" if match[2] else "")
    if match := re.fullmatch(r"f(\d+)('*)", name):
        return f"f(x_{{{match[1]}}}{match[2]})"
    if match := re.fullmatch(r"(f|fi|psi|h|c)_(\d+|⋆)('*)", name):
        function = {"fi": "f_i"}.get(match[1], _greek(match[1]))
        return f"{function}(x^{{\\star}})" if match[2] == "⋆" else f"{function}(x_{{{match[2]}}}{match[3]})"
    if match := re.fullmatch(r"fi_([a-z])(\d+)('*)", name):  # of a sample at the entry of a table
        return f"f_i({match[1]}_{{{match[2]}}}{match[3]})"
    if match := re.fullmatch(r"([a-z])(\d+)_(\d+|⋆)('*)", name):  # of one of several functions with numbers
        point = r"x^{\star}" if match[3] == "⋆" else f"x_{{{match[3]}}}{match[4]}"
        return f"{match[1]}_{{{match[2]}}}({point})"
    if re.fullmatch(DIFFERENCE, name):
        return rf"\left({vector_latex(name)}\right)"
    if match := re.fullmatch(r"([A-Za-z])⋆", name):
        return rf"{match[1]}^{{\star}}"
    if match := re.fullmatch(r"([A-Za-z]+)_?(\d+)('*)", name):
        return f"{_greek(match[1])}_{{{match[2]}}}{match[3]}"
    return _greek(name)


def _layer_latex(name: str, exponent: int = 1) -> str:
    """A quantity of one layer, as in `certify.language.text.layer_text`, and its power."""
    if name[0] == "#":
        return r"(\cdots)"
    if argument(name) is not None:
        own = name_latex(name)
        return rf"\left({own}\right)^{{{exponent}}}" if exponent > 1 else own
    if "+" in name and not re.fullmatch(r"\|[^|]*\|_?|\([^()]*\)", name):
        text = " + ".join(_layer_latex(part) for part in name.split("+"))
        return rf"\left({text}\right)^{{{exponent}}}" if exponent > 1 else text
    if "⋅" in name:
        return r"\,".join(_layer_latex(part) for part in name.split("⋅"))
    own = name_latex(name)
    if name[0] not in "|(" and not name.isdigit():
        indexed = re.sub(r"_\{(\w+)\}$", r"_{\1,i}", own)
        own = indexed if indexed != own or ("_" in own and not own.endswith(")")) else f"{own}_i"
    if exponent == 1:
        return own
    return f"{{{own}}}^{{{exponent}}}" if "^" in own else f"{own}^{{{exponent}}}"


def expression_text(expression: Any) -> str:
    """A SymPy expression in Unicode: ⌈R²/t²⌉, not ceiling(R**2/t**2)."""
    if isinstance(expression, sp.ceiling):
        return f"⌈{expression_text(expression.args[0])}⌉"
    if (scalar := from_sympy(expression)) is not None:
        return scalar_text(roots_squared(scalar))
    text = str(expression)
    for special in sorted((s.name for s in expression.free_symbols if not _plain(s.name)), key=len, reverse=True):
        text = text.replace(special, name_text(special) if text == special else enclosed(name_text(special)))
    text = re.sub(r"\b([A-Za-z]+)(_?)(\d*)\b", lambda m: _word(m[1], m[2], m[3]), text)
    text = re.sub(r"\*\*\((-?[0-9N]+)\*N\)", lambda m: "^(" + m[1] + "N)", text)
    text = re.sub(r"\*\*([0-9N])(?![0-9A-Za-z(])", lambda m: m[1].translate(_SUPERSCRIPT), text)
    text = text.replace("**", "^").replace(" - ", " − ")
    text = re.sub(r"(?<=[0-9A-Za-zα-ωΔ)⁰-⁹²³ᴺ₀-₉])\*(?!ln\()(?=[A-Za-zα-ωΔ(√⌈])", "", text).replace("*", "·")
    text = re.sub(r"^-", "−", text)
    while match := re.search(r"ceiling\(", text):
        end = _closing(text, match.end() - 1)
        text = f"{text[: match.start()]}⌈{text[match.end() : end]}⌉{text[end + 1 :]}"
    return text


def _plain(name: str) -> bool:
    return name.isascii() and name.isalnum()


def in_product(formula: Formula) -> Formula:
    """The formula as a factor: a sum gets parentheses."""
    depth, outside = 0, ""
    for letter in formula.text:
        depth += {"(": 1, "⌈": 1, ")": -1, "⌉": -1}.get(letter, 0)
        outside += "" if depth else letter
    if " + " not in outside and " − " not in outside:
        return formula
    return Formula(f"({formula.text})", rf"\left({formula.latex}\right)")


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
    if sorted(condition.terms.values()) == [-1, 1] and all(sum(e for _, e in m) == 1 for m in condition.terms):
        larger = Polynomial({m: c for m, c in condition if c > 0})
        below, command = ("<", "<") if strict else ("≤", r"\le")
        smaller = larger - condition  # μ ≤ L rather than L − μ ≥ 0
        return Formula(
            f"{polynomial_text(smaller)} {below} {polynomial_text(larger)}",
            f"{polynomial_latex(smaller)} {command} {polynomial_latex(larger)}",
        )
    return Formula(f"{polynomial_text(condition)} {text} 0", f"{polynomial_latex(condition)} {tex} 0")


def _solved(condition: Polynomial, name: str, strict: bool) -> Formula | None:
    positive = {n: sp.Symbol(n, positive=True) for n in condition.variables}
    expression = to_sympy(condition).subs({sp.Symbol(n, real=True): s for n, s in positive.items()})
    unknown = positive[name]
    roots = sp.solve(expression, unknown)
    reachable = [r for r in roots if not (r.is_nonpositive or r.is_real is False)]
    if len(reachable) != 1 or not sp.factor(reachable[0]).is_nonnegative:
        return None  # whether other roots matter depends on the parameters
    root = sp.simplify(reachable[0])
    below = sp.factor(expression.subs(unknown, root / 2))
    if not (below.is_nonnegative or below.is_nonpositive):
        return None
    upper = bool(below.is_nonnegative)
    text, tex = (
        {True: ("<", "<"), False: ("≤", r"\le")}[strict] if upper else {True: (">", ">"), False: ("≥", r"\ge")}[strict]
    )
    return Formula(f"{name_text(name)} {text} {expression_text(root)}", f"{name_latex(name)} {tex} {latex(root)}")


def vector_latex(name: str) -> str:
    """``x0-x⋆`` → ``x_{0} - x^{\\star}``; ``gf_0``, an entry of a state, → ``\\mathit{gf}_{0}``."""
    parts = []
    for each in name.split("-"):
        if found := re.fullmatch(r"g([a-z])(\d+)_(⋆|\d+)('*)", each):  # of one of several functions with numbers
            label = r"\star" if found[3] == "⋆" else found[3]
            parts.append(f"g^{{{found[1]}_{{{found[2]}}}}}_{{{label}{found[4]}}}")
            continue
        found = re.fullmatch(r"([A-Za-z]+?)_?(⋆|\d.*|[^A-Za-z_]*)", each)
        base, label = (found[1], found[2]) if found else (each[:1], each[1:])
        if len(base) > 1 and base[0] == "g":  # a gradient of one of several functions
            label = r"\star" if label == "⋆" else label
            parts.append(f"g^{{{_greek(base[1:])}}}" + (f"_{{{label}}}" if label else ""))
            continue
        base = base if len(base) == 1 else rf"\mathit{{{base}}}"
        parts.append(f"{base}^{{\\star}}" if label == "⋆" else f"{base}_{{{label}}}" if label else base)
    return " - ".join(parts)


def _greek(name: str) -> str:
    name = "lambda" if name == "lam" else name
    if name in GREEK or name in ("Delta", "epsilon"):
        return f"\\{name}"
    if match := re.fullmatch(r"([A-Za-z]+)_([a-z]{2,})", name):  # L_max
        return f"{_greek(match[1])}_{{\\mathrm{{{match[2]}}}}}"
    return rf"\mathit{{{name}}}" if len(name) > 1 and name.isalpha() else name


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
