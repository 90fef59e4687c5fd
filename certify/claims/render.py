"""Decisions on claims as text and as JSON."""

from __future__ import annotations

import json
import textwrap
from collections import Counter
from collections.abc import Sequence

from certify.claims.decide import Decision

SCHEMA = "certify/check/1"
MARKS = {"proved": "✓", "proved, and loose": "✓", "refuted": "✗", "vacuous": "∅", "open": "?"}


def render(decisions: Sequence[Decision], *, width: int = 100, verbose: bool = False) -> str:
    """All decisions, and how many there are of each kind."""
    lines: list[str] = []
    for d in decisions:
        lines.append(f"{MARKS[d.verdict.value]} {d.name}: {d.verdict.value}")
        given = f", {', '.join(d.given)}" if d.given else ""
        lines += _wrapped(f"{d.method} under {', '.join(d.assumptions)}{given}: {d.statement}", width)
        if d.how:
            lines += _wrapped(d.how if d.verdict.value in ("open", "vacuous") else f"by {d.how}", width)
        if d.better:
            lines += _wrapped(f"better: {d.better}", width)
        if d.example:
            lines += _wrapped(f"counterexample: {d.example}", width)
        for word in (*d.evidence, *(f"note: {n}" for n in d.notes)):
            lines += _wrapped(word, width)
        if d.tried and (verbose or d.verdict.value == "open"):
            lines += [line for t in d.tried for line in _wrapped(f"tried: {' '.join(t.split())}", width)]
        lines.append("")
    counts = Counter(d.verdict.value for d in decisions)
    lines.append(", ".join(f"{n} {word}" for word, n in counts.items()))
    return "\n".join(lines) + "\n"


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)


def render_json(decisions: Sequence[Decision], wrong: Sequence[str] = ()) -> str:
    """The same as data; the schema has a version. `wrong` says what is wrong with claims that cannot be read."""
    code = 2 if wrong else exit_code(decisions)
    data = {"schema": SCHEMA, "exit_code": code, "claims": [d.to_json() for d in decisions], "wrong": list(wrong)}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def exit_code(decisions: Sequence[Decision]) -> int:
    """0 all proved, 1 something refuted or vacuous, 3 something open (and nothing refuted)."""
    words = {d.verdict.value for d in decisions}
    return 1 if words & {"refuted", "vacuous"} else 3 if "open" in words else 0
