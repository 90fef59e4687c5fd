"""A picture of a sweep: the certified interval and the rates claimed for it, along one parameter."""

from __future__ import annotations

from io import BytesIO

from certify.analysis.worst_cases import Sweep
from certify.language.text import name_text


def picture(sweep: Sweep, kind: str) -> bytes:
    """The plot as a PNG or SVG file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    points = [float(p) for p in sweep.points]
    claims: dict[str, list[tuple[float, float]]] = {}
    for point, answer in zip(points, sweep.answers, strict=True):
        for row, value in answer.claims:
            claims.setdefault(row.name, []).append((point, float(value)))
    for name, pairs in claims.items():
        axes.plot(*zip(*pairs, strict=True), "--", linewidth=1.2, label=f"claimed: {name}")
    for label, style, ends in (
        ("upper end", "v", [answer.bound.upper for answer in sweep.answers]),
        ("lower end", "^", [answer.bound.lower for answer in sweep.answers]),
        ("numerical only", "x", [a.bound.value if a.bound.upper is None else None for a in sweep.answers]),
    ):
        known = [(point, float(end)) for point, end in zip(points, ends, strict=True) if end is not None]
        if known:
            axes.plot(*zip(*known, strict=True), style, color="black", markersize=4, label=label)
    asked = sweep.answers[0].question
    axes.set_xlabel(name_text(sweep.parameter))
    axes.set_ylabel(f"worst case of {asked.measured}".replace("$", ""))
    steps = "" if sweep.parameter == "N" else f", N = {asked.steps}"
    axes.set_title(f"{asked.method.title or asked.method.name}{steps}, {asked.started}")
    axes.legend(fontsize="small")
    axes.grid(visible=True, alpha=0.3)
    file = BytesIO()
    figure.savefig(file, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()
