"""The report of ``certify simulate``: one paragraph a bound, as text or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from math import isfinite
from typing import Any

from certify.analysis.simulations import PROVED, Simulation, Simulations
from certify.language.text import name_text
from certify.simulate.comparison import DEVIATIONS, MARGIN, Comparison
from certify.simulate.trajectories import Trajectories

SCHEMA = "certify-simulation/1"


def render(found: Simulations) -> str:
    """Plain text."""
    compared = [s for s in found.found if s.comparison]
    lines = [f"{found.title or found.method}: {found.request.steps} steps from {found.distance}"]
    for comparison in [s.comparison for s in compared if s.comparison][:1]:
        lines[0] += f", on {comparison.device}"
    for one in found.found:
        lines += ["", *_lines(one)]
    lines += ["", _verdict(found)]
    return "\n".join(lines) + "\n"


def _lines(one: Simulation) -> Iterator[str]:
    source = f" ({one.source})" if one.source else ""
    yield f"{one.name}: {one.status}{source}"
    yield f"  {one.statement}"
    values = ", ".join(f"{_name(n)} = {v}" for n, v in one.values.items())
    yield f"  under {', '.join(one.assumptions)}" + (f", {values}" if values else "")
    found = one.comparison
    if one.each_step is not None:
        yield from _each_step(one, one.each_step)
        return
    if found is None:
        yield f"  not compared: {one.reason}"
        return
    means = f", means of {found.replicas} runs each" if found.replicas > 1 else ""
    yield f"  {found.runs} runs{means}, {found.compared} comparisons, functions: {', '.join(found.families)}"
    if one.worst_case:
        yield f"  {one.worst_case}"
    if found.worst_ratio is not None:
        attained, bound = found.worst[found.worst_step], found.bound[found.worst_step]
        steps = "1 step" if found.worst_step == 1 else f"{found.worst_step} steps"
        where = f"after {steps}, on {found.example['functions'][0]['family']}"
        yield f"  at most {found.worst_ratio:.6f} of the bound is attained ({attained:.6g} of {bound:.6g} {where})"
        if found.drawn is not None:
            yield f"  {found.drawn:.6f} before gradient ascent"
    last = _last(found)
    if last is not None:
        yield f"  N = {last}: bound {found.bound[last]:.6g}, envelope {found.envelope[last]:.6g}" + (
            f", median {found.median[last]:.6g}" if isfinite(found.median[last]) else ""
        )
    if found.violations:
        word = "CONTRADICTION: " if one.status == PROVED else ""
        yield f"  {word}{found.violations} runs exceed it {_margin(found)}"
    else:
        yield f"  no run exceeds it {_margin(found)}"


def _each_step(one: Simulation, found: Trajectories) -> Iterator[str]:
    """Runs without a bound after N steps."""
    yield f"  every step by itself, with constants and parameters of each run's own: {one.reason}"
    yield f"  {found.runs} runs, {found.checked} comparisons, functions: {', '.join(found.families)}"
    if found.worst_ratio is not None:
        yield f"  at most {found.worst_ratio:.6f} of the inequality's right side is attained"
    word = "CONTRADICTION: " if one.status == PROVED else ""
    some = f"{word}in {found.violations} runs a step exceeds it" if found.violations else "no step exceeds it"
    yield f"  {some} by more than rounding ({found.margin:g} of its terms)"


def _margin(found: Comparison) -> str:
    more = f" and {DEVIATIONS:g} standard errors" if found.replicas > 1 else ""
    return f"by more than rounding ({MARGIN:g} of the bound){more}"


def _last(found: Comparison) -> int | None:
    """The last number of steps at which the worst run has a bound."""
    return next((k for k in range(found.steps, 0, -1) if isfinite(found.bound[k])), None)


def _name(symbol: str) -> str:
    role, dot, name = symbol.rpartition(".")
    return f"{role}{dot}{name_text(name)}"


def _verdict(found: Simulations) -> str:
    compared = sum(1 for s in found.found if s.comparison or s.each_step)
    exceeded = [s.name for s in found.found if s.violations]
    said = f"{compared} bound{'s' if compared != 1 else ''} compared, {len(found.found) - compared} not"
    return f"{said}; exceeded: {', '.join(exceeded) or 'none'}."


def render_json(found: Simulations) -> str:
    """JSON; numbers that are not there are null."""
    data = {
        "schema": SCHEMA,
        "method": found.method,
        "request": asdict(found.request),
        "margin": MARGIN,
        "bounds": [asdict(one) for one in found.found],
    }
    return json.dumps(_plain(data), ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {n: _plain(v) for n, v in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, Fraction):
        return str(value)
    return None if isinstance(value, float) and not isfinite(value) else value
