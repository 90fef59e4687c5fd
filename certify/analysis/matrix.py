"""The matrix methods × assumptions: where each declared theorem applies; and the rates of the literature."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from certify.analysis.catalogue import assumption_names, load_assumption, load_method, method_names
from certify.language.problems import applies


@dataclass(frozen=True)
class Row:
    """One theorem and what it assumes; the built-in assumptions that suffice (`claimed`), those it is `asked` under."""

    method: str
    title: str
    theorem: str
    measure: str
    assumptions: tuple[str, ...]
    claimed: tuple[str, ...]
    asked: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def matrix() -> list[Row]:
    """All theorems of all built-in methods."""
    assumptions = [load_assumption(a) for a in assumption_names()]
    rows = []
    for name in method_names():
        method = load_method(name)
        for theorem in method.theorems().values():
            claimed = tuple(a.name for a in assumptions if applies(theorem, [a]))
            asked = tuple(a.name for a in theorem.asked)
            own = tuple(a.name for a in theorem.assumptions)
            rows.append(Row(method.name, method.title, theorem.name, theorem.measure.name, own, claimed, asked))
    return rows


@dataclass(frozen=True)
class ConjectureRow:
    """A statement about whole runs: what it assumes, and whether a counterexample is known (open without one)."""

    method: str
    title: str
    conjecture: str
    assumptions: tuple[str, ...]
    counterexample: bool
    statement: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def conjectures() -> list[ConjectureRow]:
    """All conjectures of all built-in methods."""
    rows = []
    for name in method_names():
        method = load_method(name)
        for c in method.conjectures:
            own = tuple(a.name for a in c.assumptions)
            known = c.counterexample is not None
            rows.append(ConjectureRow(method.name, method.title, c.name, own, known, c.statement, c.source))
    return rows


@dataclass(frozen=True)
class RateRow:
    """One rate: what is assumed of each role, what it bounds from what, and who states it."""

    method: str
    title: str
    rate: str
    assumptions: dict[str, tuple[str, ...]]
    measure: str
    initial: str
    tight: bool
    statement: str
    source: str

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        return asdict(self)


def rates() -> list[RateRow]:
    """All rates of all built-in methods."""
    rows = []
    for name in method_names():
        method = load_method(name)
        for r in method.rates().values():
            roles = zip(method.functions, r.assumptions, strict=True)
            assumptions = {role: tuple(a.name for a in own) for role, own in roles}
            words = (r.measure.name, r.initial.name, r.tight, r.statement, r.source)
            rows.append(RateRow(method.name, method.title, r.name, assumptions, *words))
    return rows
