"""How the quantities of a printed proof are written: affine forms, squares and numbers, in Unicode or LaTeX."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, Context, Decimal
from fractions import Fraction
from math import lcm

from flint import fmpq, fmpq_mat

from certify.kernel.surd import Surd
from certify.kernel.worst_case import Form
from certify.language.text import GREEK
from certify.report.escape import ascii_math, text

LONGEST = 16
"""Fractions with more characters are printed as decimals; the exact ones are in the certificate."""
READABLE = 10**6
"""Integers from here on are printed as decimals."""
STAR = "⋆"
STARRED = r"\star"
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


@dataclass(frozen=True)
class Words:
    """Signs and sentences of one way of writing."""

    latex: bool
    at_most: str
    minus: str
    product: str

    def vector(self, name: str) -> str:
        """``x1`` → x₁, ``f'2`` → f′(x₂): the name of a vector or function value as it is printed."""
        if called := re.fullmatch(r"([^\W\d_]\d*'?)([xyz]\d*)", name):  # at a point with a name of its own
            return f"{self.vector(called[1])}({self.vector(called[2])})"
        if self.latex:
            return _latex_name(name)
        shown = re.sub(r"(?<=[^\W\d_])\d+|(?<=['⋆])\d+", lambda m: m[0].translate(_LOWERED), name)
        return GREEK.get(shown, shown).replace("-", "−").replace("'", "′")

    def inner(self, a: str, b: str) -> str:
        """⟨a, b⟩ or ‖a‖² of vectors that are written already."""
        if self.latex:
            return rf"\|{a}\|^2" if a == b else rf"\langle {a}, {b}\rangle"
        return f"‖{a}‖²" if a == b else f"⟨{a}, {b}⟩"

    def claim(self, statement: str) -> str:
        return f"Claim. ${statement}$.\n" if self.latex else f"Claim.  {statement}.\n"

    def begin(self, count: int) -> str:
        start = r"\textit{Proof.}" if self.latex else "Proof. "
        if not count:
            return f"{start} The difference is a sum of squares."
        if count == 1:
            return f"{start} Multiply this relation by the number in front of it:"
        return f"{start} Add up these {count} relations, each multiplied by the number in front of it:"

    def fact(self, name: str, words: str, formula: str) -> str:
        if self.latex:
            return rf"Recall \texttt{{{text(name)}}}: ${ascii_math(formula)}$.\\" if formula else ""
        return f"Recall {name}:  {words}."

    def table(self, rows: Iterable[tuple[str, str, bool, str, str]]) -> Iterator[str]:
        """One line for each relation: multiplier, statement, name."""
        lines = list(rows)
        if not lines:
            return
        if self.latex:
            yield r"\begin{align*}"
            for factor, form, equation, name, _ in lines:
                sign = "=" if equation else r"\le"
                statement = rf"\times \bigl[\, 0 {sign} {form} \,\bigr]" if form else ""
                yield rf"{factor} &{statement} && \texttt{{{text(name)}}}\\"
            yield r"\end{align*}"
            return
        width = max(len(factor) for factor, *_ in lines)
        for factor, form, equation, name, note in lines:
            statement = f" × [0 {'=' if equation else '≤'} {form}]" if form else ""
            yield f"  {factor:>{width}}{statement}   {name}{f' ({note})' if note else ''}"

    def many(self, count: int, least: str) -> str:
        if self.latex:
            return rf"\text{{{count} squares with weights at least }} {least}"
        return f"{count} squares with weights of at least {least}"

    def end(self, left: str, squares: Sequence[str]) -> Iterator[str]:
        """The identity and the conclusion."""
        why = "and what is subtracted is nonnegative." if squares else "which is the claim."
        if self.latex:
            yield "The sum says"
            yield r"\begin{align*}"
            yield rf"0 \le{{}} & {left}" + "".join(f"\\\\\n & - {s}" for s in squares)
            yield r"\end{align*}"
            yield rf"{why} \hfill$\square$"
            return
        yield f"The sum says  0 ≤ {left}" + "".join(f"\n                    − {s}" for s in squares)
        yield f"{why} ∎"


TEXT = Words(latex=False, at_most="≤", minus="−", product="·")
LATEX = Words(latex=True, at_most=r"\le", minus="-", product=r"\,")


def number(value: Fraction, words: Words) -> str:
    """A fraction, or a decimal if it is long."""
    exact = str(value)
    if len(exact) > LONGEST:
        return decimal(value, words)
    if words.latex and value.denominator != 1:
        sign = "-" if value < 0 else ""
        return rf"{sign}\tfrac{{{abs(value.numerator)}}}{{{value.denominator}}}"
    return exact


def above(value: Fraction, words: Words) -> str:
    """A bound that may be claimed: the fraction, or a decimal that is not smaller."""
    if len(str(value)) <= LONGEST:
        return number(value, words)
    rounded = Context(prec=8, rounding=ROUND_CEILING).divide(Decimal(value.numerator), Decimal(value.denominator))
    return f"{rounded:f}"


def closed_form(value: Surd, words: Words) -> str:
    """``(3 − √5)/8``, as an exact formula however long its numbers are."""
    if not words.latex:
        return re.sub(r"sqrt\((\d+)\)", r"√\1", str(value)).replace("*", "").replace("-", words.minus)
    common = lcm(value.a.denominator, value.b.denominator)
    p, q = int(value.a * common), int(value.b * common)
    root = rf"{'' if abs(q) == 1 else abs(q)}\sqrt{{{value.d}}}"
    top = f"{p or ''} {'-' if q < 0 else '+' * bool(p)} {root}".strip() if q else str(p)
    return top if common == 1 else rf"\frac{{{top}}}{{{common}}}"


def decimal(value: Fraction, words: Words) -> str:
    """Seven digits, with a mark that there are more."""
    found = f"{float(value):.7g}"
    if not words.latex:
        return found + "…"
    mantissa, _, exponent = found.partition("e")
    return mantissa + r"\ldots" + (rf"\cdot10^{{{int(exponent)}}}" if exponent else "")


def affine(form: Form, names: Mapping[str, str], words: Words) -> str:
    """An affine form in function values and inner products; `names` are those of `translations`."""
    function_values, quadratic, constant = [], [], []
    for name, c in form.items():
        if name == "1":
            constant.append((c, ""))
        elif name.startswith("<"):
            a, _, b = name[1:-1].partition(",")
            if names.get(a, a) and names.get(b, b):
                quadratic.append((c, words.inner(*(written(v, names, words) for v in (a, b)))))
        else:
            function_values.append((c, words.vector(name)))
    return _sum([*constant, *function_values, *quadratic], words) or "0"


def squared(weight: Fraction, vector: Mapping[str, int], names: Mapping[str, str], words: Words) -> str:
    """weight · ‖Σ c·v‖²; numbers too long to read are printed relative to the largest one, as decimals."""
    parts = [(c, written(v, names, words)) for v, c in vector.items() if names.get(v, v)]
    if parts and parts[0][0] < 0:
        parts = [(-c, body) for c, body in parts]
    top = max((abs(c) for c, _ in parts), default=1)
    scale = top if top >= READABLE else 1
    if len(parts) > 1 or top != 1:
        parts = [(c, f"({body})" if words.minus in body else body) for c, body in parts]
    inside = _sum([(Fraction(c, scale), body) for c, body in parts], words)
    weight *= scale * scale
    factor = "" if weight == 1 else f"{number(weight, words)}{words.product if words.latex else ' '}"
    return f"{factor}{words.inner(inside, inside)}"


def written(vector: str, names: Mapping[str, str], words: Words) -> str:
    """A basis vector, with the origin of translations subtracted."""
    shown = names.get(vector, vector)
    if shown == vector:
        return words.vector(vector)
    return f"{words.vector(vector)} {words.minus} {words.vector(shown)}"


def translations(forms: Sequence[Form], vectors: tuple[str, ...]) -> dict[str, str]:
    """How vectors are written if the forms are blind to a common translation: v → v − x⋆, and x⋆ itself not at all.

    Maps v to the name of x⋆, x⋆ to "", and vectors that a translation leaves alone (gradients) to themselves; empty if
    there is no such translation or no ⋆.
    """
    star = next((v for v in vectors if v.endswith(STAR) and "-" not in v), None)
    if star is None:
        return {}
    order = [v for v in vectors if v != star] + [star]
    place = {v: i for i, v in enumerate(order)}
    rows: list[dict[int, Fraction]] = []
    for form in forms:
        lines: dict[str, dict[int, Fraction]] = {}
        for name, c in form.items():
            if name.startswith("<"):
                a, _, b = name[1:-1].partition(",")
                for u, v in ((a, b), (b, a)):
                    line = lines.setdefault(u, {})
                    line[place[v]] = line.get(place[v], Fraction(0)) + c
        rows.extend(lines.values())
    matrix = fmpq_mat(max(len(rows), 1), len(order))
    for i, line in enumerate(rows):
        for k, c in line.items():
            matrix[i, k] = fmpq(c.numerator, c.denominator)
    reduced, rank = matrix.rref()
    moved = {star}
    for i in range(rank):
        pivot = next(k for k in range(len(order)) if reduced[i, k])
        shift = -reduced[i, len(order) - 1]
        if pivot == len(order) - 1 or shift not in (0, 1):
            return {}
        if shift == 1:
            moved.add(order[pivot])
    return {v: ("" if v == star else star) if v in moved else v for v in vectors}


def _sum(parts: Sequence[tuple[Fraction, str]], words: Words) -> str:
    pieces = []
    for c, body in parts:
        if not c:
            continue
        size = number(abs(c), words)
        space = " " if body and not words.latex and not size.isdigit() else ""
        factor = "" if abs(c) == 1 and body else size + space
        sign = (words.minus if c < 0 else "+") if pieces else (words.minus if c < 0 else "")
        pieces.append((f" {sign} " if pieces else sign) + factor + body)
    return "".join(pieces)


def _latex_name(name: str) -> str:
    """``x1`` → x_{1}, ``f'2`` → f'_{2}, ``x0-x⋆`` → x_{0} - x_\\star."""
    if "-" in name:
        return " - ".join(_latex_name(part) for part in name.split("-"))
    match = re.fullmatch(r"([^\W\d_]+)('*)(.*)", name)
    if match is None:
        return rf"\text{{{text(name)}}}"
    base, primes, index = match.groups()
    base = "lambda" if base == "lam" else base
    symbol = base if len(base) == 1 else (rf"\{base}" if base in GREEK else rf"\mathrm{{{text(base)}}}")
    return symbol + primes + (f"_{{{ascii_math(index.replace(STAR, STARRED))}}}" if index else "")
