"""The report on simulations along a parameter: a line a value, JSON, and a picture of the worst ratios."""

from __future__ import annotations

import json
from dataclasses import asdict
from io import BytesIO
from typing import Any

from certify.analysis.simulation_sweeps import SimulationSweep
from certify.language.text import name_text

SCHEMA = "certify-simulation-sweep/1"


def render(found: SimulationSweep) -> str:
    """Plain text."""
    asked = found.request
    said = f", {found.reused} known from an earlier run" if found.reused else ""
    lines = [
        f"{asked.method}: {len(found.points)} values of {name_text(found.parameter)}, {asked.runs} runs each{said}"
    ]
    for name in dict.fromkeys(bound["name"] for point in found.points for bound in point.bounds):
        lines += ["", f"{name}: largest attained/bound"]
        for point in found.points:
            for bound in point.bounds:
                if bound["name"] == name:
                    lines.append(f"  {name_text(found.parameter)} = {_short(point)}: {_result(bound)}")
    exceeded = dict.fromkeys(b["name"] for p in found.points for b in p.bounds if b["violations"])
    lines += ["", f"exceeded: {', '.join(exceeded) or 'none'}."]
    return "\n".join(lines) + "\n"


def _short(point: Any) -> str:
    text = str(point.value)
    return text if len(text) <= 12 else f"{float(point.value):.9g}"


def _result(bound: dict[str, Any]) -> str:
    if bound["ratio"] is None:
        return f"not compared: {bound['reason'] or 'the bound is 0'}"
    return f"{bound['ratio']:.6f}" + (f", {bound['violations']} runs exceed it" if bound["violations"] else "")


def render_json(found: SimulationSweep) -> str:
    """JSON."""
    data = {
        "schema": SCHEMA,
        "parameter": found.parameter,
        "request": asdict(found.request),
        "points": [{"value": str(p.value), "bounds": list(p.bounds)} for p in found.points],
    }
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def picture(found: SimulationSweep, kind: str) -> bytes | None:
    """The worst ratios along the parameter; None if there are none."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    curves: dict[str, list[tuple[float, float]]] = {}
    for point in found.points:
        for bound in point.bounds:
            if bound["ratio"] is not None:
                label = f"{bound['name']} ({bound['status']})"
                curves.setdefault(label, []).append((float(point.value), bound["ratio"]))
    if not curves:
        return None
    with rc_context({"svg.hashsalt": "certify"}):
        figure = Figure(figsize=(6.4, 4.2), layout="constrained")
        axes = figure.add_subplot()
        for label, pairs in curves.items():
            axes.plot(*zip(*pairs, strict=True), marker=".", label=label)
        axes.axhline(1.0, color="black", linewidth=0.8)
        axes.set_xlabel(name_text(found.parameter))
        axes.set_ylabel("largest attained/bound")
        axes.legend(fontsize="small")
        axes.grid(visible=True, alpha=0.3)
        file = BytesIO()
        figure.savefig(file, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()
