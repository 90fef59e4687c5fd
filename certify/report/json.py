"""The report for other programs: exactly one JSON object, complete, with the certificates for `certify verify`."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from certify import __version__
from certify.analysis.results import Analysis, Formula, ProofPart, TheoremResult


def render(analysis: Analysis) -> str:
    """The object as text, in UTF-8 characters, with a newline at the end."""
    return json.dumps(data(analysis), ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def data(analysis: Analysis) -> dict[str, Any]:
    """The object as Python data."""
    return {
        "certify": __version__,
        "method": analysis.method,
        "assumptions": [name for name, _ in analysis.assumptions],
        "values": plain(analysis.values),
        "theorems": [theorem_data(theorem) for theorem in analysis.theorems],
        "seconds": plain(analysis.seconds),
    }


def theorem_data(theorem: TheoremResult) -> dict[str, Any]:
    """One theorem."""
    return {
        "id": theorem.identifier,
        "measure": theorem.measure,
        "statement": formula(theorem.statement),
        "step_size": formula(theorem.step_size),
        "rate": formula(theorem.rate),
        "complexity": formula(theorem.complexity),
        "verdict": theorem.verdict.value,
        "certificate": plain(theorem.certificate),
        "worst_case": plain(theorem.worst_case),
        "trajectories": plain(theorem.trajectories),
        "seconds": plain(theorem.seconds),
        "one_step": formula(theorem.one_step),
        "optimal": formula(theorem.optimal),
        "bound": formula(theorem.bound),
        "lemma": theorem.lemma,
        "proof": [part_data(part) for part in theorem.proof],
        "source": theorem.source,
        "update": formula(theorem.update),
        "notes": list(theorem.notes),
        "tried": list(theorem.tried),
        "counterexample": plain(theorem.counterexample),
        "contradiction": theorem.contradiction,
    }


def part_data(part: ProofPart) -> dict[str, Any]:
    """One certified inequality of a proof."""
    return {
        "role": part.role,
        "conclusion": formula(part.conclusion),
        "conditions": [formula(condition) for condition in part.conditions],
        "multiplier": formula(part.multiplier),
        "lines": [
            {"weight": formula(each.weight), "inequality": formula(each.inequality), "name": each.name}
            for each in part.lines
        ],
        "equations": list(part.equations),
    }


def formula(value: Formula | None) -> dict[str, str] | None:
    """``{"text": …, "latex": …}`` or null."""
    return None if value is None else value.to_json()


def plain(value: Any) -> Any:
    """JSON data: infinities and NaN, which JSON does not know, become strings, and so does anything else it lacks."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return str(value)
