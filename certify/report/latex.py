"""The report as LaTeX: a fragment to include in a paper, or a document that plain pdflatex compiles.

Long formulas are made breakable: TeX breaks a line neither between ``\\left`` and ``\\right`` nor in a fraction.
"""

from __future__ import annotations

import re
from typing import Any

from certify.analysis.results import Analysis, Formula, ProofLine
from certify.report import escape, words
from certify.report.layout import columns

ON_A_LINE = 60
"""Formulas of more columns than this are set so that they can be broken."""
IN_A_CELL = 28
"""Formulas of more columns than this have no place in the table; the theorem has them."""


def render(analysis: Analysis, *, standalone: bool = False) -> str:
    """The fragment, or with `standalone` a whole document."""
    template = environment().get_template("document.tex.jinja" if standalone else "report.tex.jinja")
    return template.render(analysis=analysis, numbered=list(enumerate(analysis.theorems, 1)), words=words)


def environment() -> Any:
    """A Jinja environment for LaTeX templates: delimiters that TeX does not use, and filters that escape."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("certify.report"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - not HTML; the filters below escape LaTeX
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {
        "tex": escape.text,
        "prose": escape.prose,
        "stated": stated,
        "math": math,
        "product": product,
        "cell": cell,
        "code": code,
        "pretty": words.pretty,
    }
    return found


def stated(formula: Formula) -> str:
    """A claim: a sentence, whose `latex` is the same text or has dollars of its own, or else a formula."""
    if formula.latex == formula.text:
        return escape.prose(formula.text)
    if "$" in formula.latex:
        return "".join(c if c.isascii() else escape.text(c) for c in formula.latex)
    return math(formula)


def math(formula: Formula) -> str:
    """A formula in the running text."""
    latex = escape.ascii_math(formula.latex)
    if r"\begin{" in latex:
        return rf"\[{latex}\]"
    return "$" + "$ $".join(_clauses(breakable(latex) if columns(formula.text) > ON_A_LINE else latex)) + "$"


def _clauses(latex: str) -> list[str]:
    r"""The parts that end in ``,\quad``: TeX breaks a line between formulas, but at no ``\quad`` in one."""
    parts, start = [], 0
    for found in re.finditer(r",\s*\\q?quad\s*", latex):
        if latex[start : found.start()].count("{") == latex[start : found.start()].count("}"):
            parts.append(latex[start : found.start()] + r",\quad")
            start = found.end()
    return [*parts, latex[start:]]


def product(line: ProofLine) -> str:
    r"""``weight \times [inequality]``; a weight of one is left out."""
    factor, latex = (escape.ascii_math(f.latex) for f in (line.weight, line.inequality))
    if line.weight.text != "1":
        factor = rf"\left({factor}\right)" if _is_sum(factor) else factor
        latex = rf"{factor} \times \bigl[{latex}\bigr]"
    return f"${breakable(latex) if columns(line.weight.text + line.inequality.text) > ON_A_LINE - 5 else latex}$"


def cell(formula: Formula | None) -> str:
    """A formula in the table, if it is short enough."""
    if formula is None:
        return "---"
    if columns(formula.text) > IN_A_CELL or r"\begin{" in formula.latex:
        return "see below"
    return math(formula)


def code(name: str) -> str:
    """An identifier in typewriter letters that can be broken after slashes and hyphens."""
    parts = r"\allowbreak ".join(escape.text(part) for part in re.split(r"(?<=[/-])", name))
    return rf"\texttt{{{parts}}}"


def breakable(latex: str, widest: int = ON_A_LINE // 2) -> str:
    """The same formula with brackets of fixed size, and with a slash in fractions of more than `widest` characters."""
    latex = re.sub(r"\\(?:left|right|[bB]ig[glr]?)(?![A-Za-z])\.?\s*", "", latex)
    latex = _without_roots(_without_braces(latex), widest)
    while (parts := _fraction(latex, widest)) is not None:
        before, top, bottom, after = parts
        below = bottom if _SINGLE.fullmatch(bottom) else f"({bottom})"
        quotient = rf"{f'({top})' if _is_sum(top) else top}/\allowbreak {below}"
        alone = not after.strip() or _AFTER_QUOTIENT.match(after.strip())
        latex = f"{before}{quotient if alone else f'({quotient})'}{after}"
    return _without_groups(latex, widest)


_SINGLE = re.compile(
    r"\d+|\\?[A-Za-z]+(?:_\{[^{}]*\}|_\w)?(?:\^\{[^{}]*\}|\^\w)?|\\ln\{\([^(){}]*\)\}|\([^()]*\)|\\sqrt\{[^{}]*\}"
)
"""What needs no brackets below a slash."""
_AFTER_QUOTIENT = re.compile(r"[-+=,.)\]}<>]|\\(?:le|ge|to|text|rceil|right|end|quad|qquad)(?![A-Za-z])|\\[\\,;}]|&")
"""What may follow a quotient: no factor and no power."""


def _without_braces(latex: str) -> str:
    r"""Drop the braces of ``\lceil{…}\rceil``, which forbid a break."""
    while (start := latex.find(r"\lceil{")) >= 0:
        end = closing(latex, start + 6)
        latex = rf"{latex[:start]}\lceil {latex[start + 7 : end]}{latex[end + 1 :]}"
    return latex


def _without_roots(latex: str, widest: int) -> str:
    r"""Wide roots as powers, ``(…)^{1/2}``: TeX breaks no line in a root."""
    start = 0
    while (start := latex.find(r"\sqrt{", start)) >= 0:
        end = closing(latex, start + 5)
        inside = latex[start + 6 : end]
        if visible(inside) > widest and r"\frac" not in inside:
            latex = f"{latex[:start]}({inside})^{{1/2}}{latex[end + 1 :]}"
        start += 1
    return latex


_GROUP = re.compile(r"(?<![A-Za-z_^}])\{|\\ln\{(?=\()")
"""What braces may be around without being the argument of a command, and the argument of a logarithm."""


def _without_groups(latex: str, widest: int) -> str:
    """Wide bases of powers and wide logarithms in parentheses only: braces forbid a break."""
    start = 0
    while (found := _GROUP.search(latex, start)) is not None:
        start, end = found.end(), closing(latex, found.end() - 1)
        inside = latex[start:end]
        if visible(inside) <= widest:
            continue
        if found[0] != "{":
            latex = rf"{latex[: found.start()]}\ln {inside}{latex[end + 1 :]}"
        elif latex[end + 1 : end + 2] == "^":
            latex = f"{latex[: found.start()]}{inside if _enclosed(inside) else f'({inside})'}{latex[end + 1 :]}"
            start = found.start()
    return latex


def _enclosed(latex: str) -> bool:
    """Whether one pair of parentheses is around everything."""
    depth = 0
    for place, c in enumerate(latex):
        depth += (c == "(") - (c == ")")
        if depth == 0:
            return place > 0 and place == len(latex) - 1
    return False


def _fraction(latex: str, widest: int) -> tuple[str, str, str, str] | None:
    """What is before, above, below and after the first fraction that is wide."""
    for found in re.finditer(r"\\[td]?frac\{", latex):
        middle = closing(latex, found.end() - 1)
        if latex[middle + 1 : middle + 2] != "{":
            continue
        end = closing(latex, middle + 1)
        top, bottom = latex[found.end() : middle], latex[middle + 2 : end]
        if max(visible(top), visible(bottom)) > widest:
            return latex[: found.start()], top, bottom, latex[end + 1 :]
    return None


def closing(latex: str, start: int) -> int:
    """The place of the brace that closes the one at `start`."""
    depth = 0
    for found in re.finditer(r"\\.|[{}]", latex[start:]):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return start + found.start()
    return len(latex)


def _is_sum(latex: str) -> bool:
    """Whether a factor needs brackets: it has a sign in front, or a plus or minus outside all brackets."""
    depth = 0
    for c in latex:
        depth += (c in "({[") - (c in ")}]")
        if c in "+-" and depth == 0:
            return True
    return False


def visible(latex: str) -> int:
    """About how many characters one sees."""
    return len(re.sub(r"[{}^_\s]", "", re.sub(r"\\[A-Za-z]+|\\.", "x", latex)))
