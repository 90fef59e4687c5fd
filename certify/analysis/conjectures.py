"""Conjectures of a method: each is refuted by an exact replay of its counterexample, or stays open."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import fields, replace
from fractions import Fraction
from typing import Any

from certify.analysis.catalogue import is_path, load_method
from certify.analysis.errors import BadInput
from certify.analysis.results import Formula, TheoremResult, Verdict
from certify.kernel import Certificate, Malformed, Rejected, check
from certify.language import Conjecture, LinearGame, Method, Trap
from certify.language.text import name_text

SCHEMA = "certify/refutation/1"
MOST_STEPS = 10_000


def judged(method: type[Method], conjecture: Conjecture) -> TheoremResult:
    """The verdict: refuted if the counterexample was replayed just now, else open."""
    from certify.simulate.traps import NotRefuted

    start, tried = time.monotonic(), ("no proof and no counterexample is known to Certify",)
    data: dict[str, Any] | None = None
    if conjecture.counterexample is not None:
        try:
            data = _replayed(method, conjecture)
        except NotRefuted as error:
            tried = (f"the counterexample does not hold: {error}",)
    assumed = "+".join(a.name for a in conjecture.assumptions)
    return TheoremResult(
        "/".join(part for part in (method.name, assumed, conjecture.name) if part),
        "run",
        Formula(conjecture.statement, conjecture.statement),
        Formula(conjecture.statement, conjecture.statement),
        Verdict.OPEN if data is None else Verdict.REFUTED,
        source=conjecture.source,
        notes=(conjecture.note,) if conjecture.note else (),
        tried=() if data else tried,
        certificate=None if data is None else _file(method, conjecture, data),
        counterexample=None if data is None else {n: v for n, v in data.items() if n != "certificates"},
        seconds=time.monotonic() - start,
    )


def _replayed(method: type[Method], conjecture: Conjecture) -> dict[str, Any]:
    """The counterexample as data, after it was run through the method's step in exact arithmetic."""
    found, at = conjecture.counterexample, conjecture.at or {}
    numbers = {n: str(v) for n, v in at.items()}
    given = ", ".join(f"{name_text(n)} = {v}" for n, v in at.items())
    if isinstance(found, Trap):
        from certify.simulate.traps import caught

        run = caught(method, [a.name for a in conjecture.assumptions], at, found)
        path = " → ".join(map(str, (*found.cycle, found.cycle[0])))
        bends = ", ".join(map(str, found.curvatures))
        cuts = ", ".join(map(str, found.breakpoints))
        text = (
            f"With {given}, on the function with f(0) = f′(0) = 0 and f″ = {bends} between the breakpoints {cuts}, "
            f"the run from x₀ = {found.start} is caught by the cycle {path}: from step {run.steps} on it is within "
            f"{_above_root(run.squared_distance)} of it, and x⋆ = 0 and the breakpoints are {run.margin} away or more."
        )
        return {"kind": "trap", "parameters": numbers, "text": text, "data": _plain(found), "certificates": []}
    assert isinstance(found, LinearGame)  # noqa: S101 (there is no other kind)
    from certify.simulate.games import lost

    game = lost(method, at, found)
    slopes = ", ".join(map(str, found.slopes))
    text = (
        f"With {given}, for the slopes {slopes}, repeated, on [{found.low}, {found.high}] every round of "
        f"{len(found.slopes)} steps begins at x = {found.start} again and costs at least {found.loss} more than "
        f"x = {found.best} would, for ever: the average regret is at least {found.loss / len(found.slopes)} after "
        f"every round. The first {game.steps} steps were played in exact enclosures; "
        "of all later rounds it is certified."
    )
    certificates = [c.to_json() for c in game.certificates]
    return {"kind": "game", "parameters": numbers, "text": text, "data": _plain(found), "certificates": certificates}


def _file(method: type[Method], conjecture: Conjecture, data: Mapping[str, Any]) -> dict[str, Any]:
    """A counterexample as a file for ``certify verify``."""
    kept = {n: data[n] for n in ("kind", "data", "certificates")}
    return {"schema": SCHEMA, "method": method.name, "conjecture": conjecture.name, **kept}


def verified(data: Mapping[str, Any], methods: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Replay the counterexample in a file against the conjecture that it names: an identifier, and what was found.

    **Raises:** Rejected if it refutes nothing; Malformed; BadInput.
    """
    from certify.simulate.traps import NotRefuted

    name = data.get("method")
    if not isinstance(name, str) or (is_path(name) and name not in methods.values()):
        raise BadInput(f"{name!r} is not the name of a method")
    method = load_method(methods.get(name, name))
    conjecture = next((c for c in method.conjectures if c.name == data.get("conjecture")), None)
    if conjecture is None:
        raise BadInput(f"{method.name} has no conjecture {data.get('conjecture')!r}")
    own = _read(data)
    if isinstance(own, LinearGame) and not _within(own, conjecture.counterexample):
        raise Rejected("the game is not one that the conjecture speaks of")
    for each in data.get("certificates") or []:
        check(Certificate.from_json(each))
    try:
        found = _replayed(method, replace(conjecture, counterexample=own))
    except NotRefuted as error:
        raise Rejected(f"the counterexample refutes nothing: {error}") from error
    if found["certificates"] != (data.get("certificates") or []):
        raise Rejected("the certificates are not those of this counterexample")
    return f"{method.name}/{conjecture.name}", (f"refuted: {conjecture.statement}", found["text"])


def _plain(found: Trap | LinearGame) -> dict[str, Any]:
    """The fields of a counterexample as text."""
    return {
        f.name: [str(x) for x in value] if isinstance(value := getattr(found, f.name), tuple) else str(value)
        for f in fields(found)
    }


def _read(data: Mapping[str, Any]) -> Trap | LinearGame:
    kind, own = {"trap": Trap, "game": LinearGame}.get(str(data.get("kind"))), data.get("data")
    if kind is None or not isinstance(own, dict) or own.keys() != {f.name for f in fields(kind)}:
        raise Malformed("a counterexample must be a trap or a game with all its data")
    try:
        values: dict[str, Any] = {
            n: tuple(map(Fraction, v)) if isinstance(v, list) else int(v) if n == "steps" else Fraction(v)
            for n, v in own.items()
        }
    except (TypeError, ValueError, ZeroDivisionError) as error:
        raise Malformed(f"the data of a counterexample must be rational numbers: {error}") from error
    if not 0 < values["steps"] <= MOST_STEPS:
        raise Malformed(f"a counterexample is replayed for at most {MOST_STEPS} steps")
    return kind(**values)


def _within(game: LinearGame, declared: Trap | LinearGame | None) -> bool:
    """Whether a game has slopes no larger than the declared one's, on the same interval."""
    if not isinstance(declared, LinearGame):
        return False
    steep, most = (max(map(abs, g.slopes), default=Fraction(0)) for g in (game, declared))
    return bool(game.slopes) and steep <= most and (game.low, game.high) == (declared.low, declared.high)


def _above_root(square: Fraction) -> Fraction:
    """A short decimal that is at least the root."""
    step = Fraction(1, 1000)
    count = 1
    while (count * step) ** 2 < square:
        count += 1
    return count * step
