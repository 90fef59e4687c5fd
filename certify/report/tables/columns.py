"""The columns of a rate table: what a cell says is decided once, for all formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from certify.analysis.results import Formula, Verdict
from certify.report.tables.rows import Row

Piece = Formula | str
"""A formula, or words; a cell is a sequence of pieces, each on a line of its own where there is room."""


@dataclass(frozen=True)
class Column:
    """`name` chooses it, `title` heads it, `cell` fills it; `share` is its part of the width beside other columns."""

    name: str
    title: str
    share: float
    cell: Callable[[Row], tuple[Piece, ...]]


def choose(names: Sequence[str]) -> list[Column]:
    """The columns of these names, in this order. **Raises:** `KeyError` for a name that there is not."""
    return [COLUMNS[name] for name in names]


def _method(row: Row) -> tuple[Piece, ...]:
    return (row.method,)


def _theorem(row: Row) -> tuple[Piece, ...]:
    return (row.theorem.identifier.rpartition("/")[2],)


def _assumptions(row: Row) -> tuple[Piece, ...]:
    return (" and ".join(name for name, _ in row.assumptions),)


def _condition(row: Row) -> tuple[Piece, ...]:
    return _present(row.theorem.step_size)


def _rate(row: Row) -> tuple[Piece, ...]:
    """After N steps, with the factor where the bound speaks of ρ. What is not established is only claimed."""
    theorem = row.theorem
    if not row.established:
        return ("claimed:", theorem.statement)
    factor = theorem.rate if theorem.rate and theorem.rate.text.startswith("ρ") else None
    return _present(theorem.bound or theorem.rate or theorem.one_step, factor if theorem.bound else None)


def _complexity(row: Row) -> tuple[Piece, ...]:
    return _present(row.theorem.complexity)


def _optimal(row: Row) -> tuple[Piece, ...]:
    return _present(row.theorem.optimal)


def _attained(row: Row) -> tuple[Piece, ...]:
    return (row.attained,) if row.attained else ()


def _verdict(row: Row) -> tuple[Piece, ...]:
    return ("contradicted" if row.theorem.contradiction else row.theorem.verdict.value,)


def _source(row: Row) -> tuple[Piece, ...]:
    return (row.theorem.source,) if row.theorem.source else ()


def _measure(row: Row) -> tuple[Piece, ...]:
    return (row.theorem.measure,)


def _present(*formulas: Formula | None) -> tuple[Piece, ...]:
    return tuple(formula for formula in formulas if formula is not None and formula.text)


COLUMNS: dict[str, Column] = {
    column.name: column
    for column in (
        Column("method", "method", 1.2, _method),
        Column("theorem", "theorem", 1.6, _theorem),
        Column("assumptions", "assumptions", 1.9, _assumptions),
        Column("measure", "measure", 1.1, _measure),
        Column("condition", "step size", 1.9, _condition),
        Column("rate", "after N steps", 4.4, _rate),
        Column("optimal", "best step size", 2.6, _optimal),
        Column("complexity", "steps to reach ε", 3.3, _complexity),
        Column("tight", "attained", 1.3, _attained),
        Column("verdict", "verdict", 1.15, _verdict),
        Column("source", "source", 1.4, _source),
    )
}
"""Every column by name."""

DEFAULT = ("assumptions", "condition", "rate", "complexity", "tight", "verdict", "source")
"""The columns of a table that is grouped by methods."""

IN_TERMINAL = ("assumptions", "condition", "rate", "complexity", "tight", "verdict")
"""The columns that a terminal has room for."""

NOTES = {
    "rate": "R = ‖x₀ − x⋆‖, Δ₀ = f(x₀) − f⋆, G₀ = ‖g₀‖; x_N is the point after N steps, ρ the factor of the row",
    "tight": "attained: the share of the one-step bound that a function of the class attains at some parameters, "
    "by an exact point that the kernel checked, rounded down",
    **{f"verdict {verdict.value}": f"{verdict.value}: {verdict.meaning}" for verdict in Verdict},
}
"""What a reader must know; those of verdicts appear where the verdict does."""

SIGNS = {
    r"Σ|[A-Za-z0-9α-ω]ᵢ": "Σ and max over i are over the layers, p is their number, and ‖·‖* is the dual of a norm",
    r"wᵢ": "wᵢ = (p/L1ᵢ)/(1/L1₁ + … + 1/L1ₚ)",
    r"(?<![A-Za-z(|⟨])d(?![A-Za-z(ᵢ])": "d is the number of coordinates",
    r"floor": "the floor is the part of a bound that does not vanish as N grows",
}
"""Patterns in the text of formulas, and what the signs mean."""


def notes(columns: Sequence[Column], rows: Sequence[Row]) -> list[str]:
    """The notes that these columns and rows need."""
    names = {column.name for column in columns}
    kinds = {row.theorem.verdict for row in rows}
    found = [NOTES[name] for name in ("rate", "tight") if name in names]
    shown = [piece.text for row in rows for c in columns for piece in c.cell(row) if isinstance(piece, Formula)]
    found += [note for sign, note in SIGNS.items() if any(re.search(sign, text) for text in shown)]
    return found + [NOTES[f"verdict {v.value}"] for v in Verdict if v in kinds and "verdict" in names]
