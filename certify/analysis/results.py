"""What an analysis returns: plain frozen values that reports print and JSON carries.

Nothing here computes; a verdict is set by the code that established it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from html import escape
from typing import Any


class Verdict(Enum):
    """How far a claim was established; the value is the word that is printed."""

    PROVED = "proved"
    CERTIFIED = "certified"
    NUMERICAL = "numerical"
    REFUTED = "refuted"
    VACUOUS = "vacuous"
    OPEN = "open"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return {
            Verdict.PROVED: "the kernel checked an exact certificate, for all parameters in the stated domain",
            Verdict.CERTIFIED: "the kernel checked an exact certificate at the given numbers",
            Verdict.NUMERICAL: "a solver's value without an exact certificate",
            Verdict.REFUTED: "a counterexample was found and replayed in exact arithmetic",
            Verdict.VACUOUS: "the assumptions contradict each other, by an exact certificate: nothing is claimed",
            Verdict.OPEN: "neither proved nor refuted",
        }[self]


@dataclass(frozen=True)
class Formula:
    """The same mathematics for a terminal (`text`, Unicode) and for a paper (`latex`)."""

    text: str
    latex: str

    def to_json(self) -> dict[str, str]:
        """``{"text": …, "latex": …}``."""
        return {"text": self.text, "latex": self.latex}

    def _repr_latex_(self) -> str:
        """In a notebook, typeset."""
        return self.text if self.latex == self.text else f"${self.latex}$"


@dataclass(frozen=True)
class ProofLine:
    """One summand of a proof: ``weight × inequality``; `name` is the instance, e.g. ``convexity from x₁ to x⋆``."""

    weight: Formula
    inequality: Formula
    name: str


@dataclass(frozen=True)
class ProofPart:
    """One certified inequality: under `conditions`, multiplier · conclusion = the sum of the lines.

    `role` says what it is for: the step itself, a support inequality, an end condition or the lemma's induction.
    """

    role: str
    conclusion: Formula
    conditions: tuple[Formula, ...]
    multiplier: Formula
    lines: tuple[ProofLine, ...]
    equations: tuple[str, ...] = ()


@dataclass(frozen=True)
class TheoremResult:
    """Everything established about one theorem.

    `certificate` is JSON data for ``certify verify``; `worst_case`, `trajectories` and `counterexample` are JSON data
    too (None if not run). `update` is the step of the variant that the theorem is about, if it is not about the method
    itself; `statement` is the declared claim, `one_step` the inequality that was proved, `bound` what
    follows after N steps by `lemma`.
    """

    identifier: str
    measure: str
    statement: Formula
    one_step: Formula
    verdict: Verdict
    step_size: Formula | None = None
    rate: Formula | None = None
    optimal: Formula | None = None
    bound: Formula | None = None
    complexity: Formula | None = None
    lemma: str = ""
    proof: tuple[ProofPart, ...] = ()
    certificate: Mapping[str, Any] | None = None
    source: str = ""
    update: Formula | None = None
    notes: tuple[str, ...] = ()
    tried: tuple[str, ...] = ()
    worst_case: Mapping[str, Any] | None = None
    trajectories: Mapping[str, Any] | None = None
    counterexample: Mapping[str, Any] | None = None
    contradiction: str | None = None
    seconds: float = 0.0

    def _repr_latex_(self) -> str:
        """In a notebook: the bound, typeset."""
        shown = self.bound or self.one_step
        if shown.latex == shown.text:
            return shown.text
        condition = rf"\qquad \text{{for }} {self.step_size.latex}" if self.step_size else ""
        return rf"$\displaystyle {shown.latex}{condition}$"

    def _repr_html_(self) -> str:
        """In a notebook: verdict, step size, bound and complexity."""
        return _html_table([self])


@dataclass(frozen=True)
class Analysis:
    """The result of ``certify METHOD``: the method, the assumptions in formulas, and one result a theorem."""

    method: str
    title: str
    update: Formula
    assumptions: tuple[tuple[str, Formula], ...]
    values: Mapping[str, str]
    theorems: tuple[TheoremResult, ...]
    seconds: float

    @property
    def contradicted(self) -> bool:
        """Whether worst cases or runs contradict a proved theorem."""
        return any(theorem.contradiction for theorem in self.theorems)

    @property
    def exit_code(self) -> int:
        """0 all established, 1 something refuted, contradicted or vacuous, 3 something left open."""
        if self.contradicted or any(t.verdict in (Verdict.REFUTED, Verdict.VACUOUS) for t in self.theorems):
            return 1
        return 3 if any(t.verdict in (Verdict.OPEN, Verdict.NUMERICAL) for t in self.theorems) else 0

    def _repr_html_(self) -> str:
        """In a notebook: the method and a row for each theorem."""
        title = escape(self.title or self.method)
        return f"<p><strong>{title}</strong>: {_html(self.update)}</p>{_html_table(self.theorems)}"


def _html_table(theorems: Iterable[TheoremResult]) -> str:
    """A row for each theorem; a notebook typesets the LaTeX between dollars."""
    head = "".join(f"<th>{each}</th>" for each in ("theorem", "verdict", "step size", "after N steps", "to reach ε"))
    rows = []
    for each in theorems:
        verdict = "contradicted" if each.contradiction else each.verdict.value
        formulas = map(_html, (each.step_size, each.bound or each.rate or each.statement, each.complexity))
        cells = (f"<code>{escape(each.identifier)}</code>", verdict, *formulas)
        rows.append(f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>")
    return f"<table><thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _html(formula: Formula | None) -> str:
    """LaTeX between dollars, or words as they are."""
    if formula is None:
        return "—"
    words = formula.latex == formula.text
    return escape(formula.text, quote=False) if words else f"${escape(formula.latex, quote=False)}$"
