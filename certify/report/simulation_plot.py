"""A picture of simulated runs: for each bound the bound, the envelope of all runs, their median, and the worst run."""

from __future__ import annotations

from io import BytesIO
from math import ceil, isfinite
from typing import Any

from certify.analysis.simulations import Simulation, Simulations
from certify.simulate.comparison import Comparison

COLUMNS = 3
PANELS = 12
"""More bounds than these are left out of the picture; the report has them all."""
BELOW = 100
"""So far below the bound and the envelope, as a factor, runs are drawn: some reach a minimiser up to rounding."""


def picture(found: Simulations, kind: str) -> bytes | None:
    """The plot as a PNG or SVG file; None if nothing was compared."""
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    shown = [(s, s.comparison) for s in found.found if s.comparison is not None and s.comparison.compared][:PANELS]
    if not shown:
        return None
    columns = min(COLUMNS, len(shown))
    rows = ceil(len(shown) / columns)
    with rc_context({"svg.hashsalt": "certify", "mathtext.default": "regular"}):
        figure = Figure(figsize=(5.2 * columns, 3.8 * rows), layout="constrained")
        panels = figure.subplots(rows, columns, squeeze=False).flat
        for axes, (one, comparison) in zip(panels, shown, strict=False):
            _panel(axes, one, comparison)
        for axes in list(panels)[len(shown) :]:
            axes.set_visible(False)
        figure.suptitle(f"{found.title or found.method}, {found.request.steps} steps".replace("$", ""))
        file = BytesIO()
        figure.savefig(file, format=kind, dpi=150, metadata={"Date": None} if kind == "svg" else None)
    return file.getvalue()


def _panel(axes: Any, one: Simulation, found: Comparison) -> None:
    from matplotlib.ticker import MaxNLocator

    for label, values, style in (
        (f"bound, {one.status}", found.bound, {"color": "black", "linewidth": 1.6, "marker": "."}),
        (f"envelope of {found.runs} runs", found.envelope, {"color": "tab:blue", "linewidth": 1.4}),
        ("worst run", found.worst, {"color": "tab:red", "linestyle": "--", "linewidth": 1.2}),
        ("median run", found.median, {"color": "tab:gray", "linewidth": 1.0}),
    ):
        points = [(k, v) for k, v in enumerate(values) if isfinite(v) and (v > 0)]
        if points:
            axes.plot(*zip(*points, strict=True), label=label, **style)
    axes.set_yscale("log")
    drawn = [v for v in (*found.bound, *found.envelope) if isfinite(v) and v > 0]
    if drawn and axes.get_ylim()[0] < min(drawn) / BELOW:
        axes.set_ylim(min(drawn) / BELOW, 3 * max(drawn))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(one.name, fontsize="medium")
    axes.set_xlabel("N")
    axes.set_ylabel(one.measure.replace("$", ""))
    axes.legend(fontsize="x-small")
    axes.grid(visible=True, alpha=0.3)
