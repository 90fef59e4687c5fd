"""How results show themselves in a notebook, which typesets the LaTeX between dollar signs."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from certify.analysis.results import Analysis, Formula, TheoremResult

HEAD = ("theorem", "verdict", "step size", "after N steps", "to reach ε")


def theorem_latex(theorem: TheoremResult) -> str:
    """The bound of a theorem as a displayed formula; its statement in words if there is none."""
    shown = theorem.bound or theorem.one_step
    if shown.latex == shown.text:
        return shown.text
    condition = rf"\qquad \text{{for }} {theorem.step_size.latex}" if theorem.step_size else ""
    return rf"$\displaystyle {shown.latex}{condition}$"


def theorem_html(theorem: TheoremResult) -> str:
    """One theorem as a table of a single row."""
    return _table([theorem])


def analysis_html(analysis: Analysis) -> str:
    """The method and a row for each theorem."""
    title = escape(analysis.title or analysis.method)
    return f"<p><strong>{title}</strong>: {_cell(analysis.update)}</p>{_table(analysis.theorems)}"


def _table(theorems: Iterable[TheoremResult]) -> str:
    head = "".join(f"<th>{each}</th>" for each in HEAD)
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in _cells(theorem))}</tr>" for theorem in theorems)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(theorem: TheoremResult) -> tuple[str, ...]:
    verdict = "contradicted" if theorem.contradiction else theorem.verdict.value
    name = f"<code>{escape(theorem.identifier)}</code>"
    shown = theorem.bound or theorem.rate or theorem.statement
    return name, verdict, _cell(theorem.step_size), _cell(shown), _cell(theorem.complexity)


def _cell(formula: Formula | None) -> str:
    """LaTeX between dollars, or words as they are."""
    if formula is None:
        return "—"
    if formula.latex == formula.text:
        return escape(formula.text, quote=False)
    return f"${escape(formula.latex, quote=False)}$"
