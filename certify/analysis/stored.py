"""Analyses from the store: the JSON of an analysis back as values, and every certificate in it checked again.

The key covers Certify's own code and a user's files, so the words and formulas are those that this code would print.
What is called proved is so because `certify.analysis.bundles.verify` accepts the certificate now.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from certify.analysis.analyse import analyse
from certify.analysis.bundles import verify
from certify.analysis.catalogue import is_path, load_assumption, load_method
from certify.analysis.errors import BadInput
from certify.analysis.results import Analysis, Formula, ProofLine, ProofPart, TheoremResult, Verdict
from certify.kernel import Malformed, Rejected
from certify.store import Results, code_digest, content_key

SETTLED = (Verdict.PROVED, Verdict.CERTIFIED, Verdict.REFUTED, Verdict.VACUOUS)
"""What is kept; an open theorem is tried again, for more time or a quieter machine may settle it."""


def stored_analysis(store: Results, method: str, assumptions: Sequence[str] = (), **options: Any) -> Analysis:
    """`analyse(method, assumptions, **options)`, computed or from the store; the options must be JSON data.

    **Raises:** `BadInput`, as `analyse` does.
    """
    files = [name for name in (method, *assumptions) if is_path(name)]
    own = {
        (load_method if name == method else load_assumption)(name).name: name for name in files
    }  # a missing file is told here, by name
    key = content_key(["analysis", code_digest(files), method, list(assumptions), options])
    known = store.get(key)
    if known is not None and (found := _rechecked(known, own)) is not None:
        return found
    found = analyse(method, assumptions, **options)
    if all(theorem.verdict in SETTLED and not theorem.contradiction for theorem in found.theorems):
        store.put(key, to_json(found))
    return found


def to_json(analysis: Analysis) -> dict[str, Any]:
    """All of an analysis as JSON data; `from_json` is the inverse."""
    return _plain(asdict(analysis))


def from_json(data: Mapping[str, Any]) -> Analysis:
    """The analysis that `to_json` wrote. **Raises:** `KeyError`, `TypeError` or `ValueError` for anything else."""
    fields: dict[str, Any] = dict(data)
    fields["update"] = Formula(**data["update"])
    fields["assumptions"] = tuple((name, Formula(**formula)) for name, formula in data["assumptions"])
    fields["theorems"] = tuple(_theorem(each) for each in data["theorems"])
    return Analysis(**fields)


def _rechecked(data: Any, own: Mapping[str, str]) -> Analysis | None:
    """The stored analysis, if it can be read and the kernel accepts all certificates of proved and vacuous theorems."""
    try:
        analysis = from_json(data)
        for theorem in analysis.theorems:
            if theorem.verdict in (Verdict.PROVED, Verdict.VACUOUS):
                verify(theorem.certificate, methods=own)
    except (KeyError, TypeError, ValueError, BadInput, Malformed, Rejected):
        return None
    return analysis


def _theorem(data: Mapping[str, Any]) -> TheoremResult:
    fields: dict[str, Any] = dict(data)
    for name in ("statement", "one_step", "step_size", "rate", "optimal", "bound", "complexity", "update"):
        fields[name] = None if data[name] is None else Formula(**data[name])
    fields["verdict"] = Verdict(data["verdict"])
    fields["proof"] = tuple(_part(part) for part in data["proof"])
    fields["notes"], fields["tried"] = tuple(data["notes"]), tuple(data["tried"])
    return TheoremResult(**fields)


def _part(data: Mapping[str, Any]) -> ProofPart:
    fields: dict[str, Any] = dict(data)
    fields["conclusion"], fields["multiplier"] = Formula(**data["conclusion"]), Formula(**data["multiplier"])
    fields["conditions"] = tuple(Formula(**each) for each in data["conditions"])
    fields["lines"] = tuple(
        ProofLine(Formula(**each["weight"]), Formula(**each["inequality"]), each["name"]) for each in data["lines"]
    )
    fields["equations"] = tuple(data["equations"])
    return ProofPart(**fields)


def _plain(value: Any) -> Any:
    """Tuples as lists, verdicts as words."""
    if isinstance(value, Verdict):
        return value.value
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
