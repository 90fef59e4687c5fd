"""Conjectures of a method: each is refuted by an exact replay of its counterexample, or stays open."""

from __future__ import annotations

import time
from fractions import Fraction
from typing import Any

from certify.analysis.results import Formula, TheoremResult, Verdict
from certify.language import Conjecture, LinearGame, Method, Trap
from certify.language.text import name_text


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
        counterexample=data,
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
        return {"kind": "trap", "parameters": numbers, "cycle": [str(x) for x in found.cycle], "text": text}
    assert isinstance(found, LinearGame)  # noqa: S101 (there is no other kind)
    from certify.simulate.games import lost

    game = lost(method, at, found)
    slopes = ", ".join(map(str, found.slopes))
    text = (
        f"With {given}, for the slopes {slopes}, repeated, on [{found.low}, {found.high}] every round of "
        f"{len(found.slopes)} steps begins at x = {found.start} again and costs at least {found.loss} more than "
        f"x = {found.best} would: played for {game.steps} steps in exact enclosures, with a regret of at least "
        f"{float(game.regret):.6g}."
    )
    return {"kind": "game", "parameters": numbers, "steps": str(game.steps), "text": text}


def _above_root(square: Fraction) -> Fraction:
    """A short decimal that is at least the root."""
    step = Fraction(1, 1000)
    count = 1
    while (count * step) ** 2 < square:
        count += 1
    return count * step
