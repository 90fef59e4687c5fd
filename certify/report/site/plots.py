"""Small pictures as inline SVG, a few hundred bytes each, that follow the page's colours and have words for readers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from html import escape
from math import floor
from typing import Any

from certify.language.text import name_text
from certify.report.tables.rows import Row
from certify.report.words import families

WIDTH, LABEL, BAR, GAP = 640, 20, 14, 8


@dataclass(frozen=True)
class Plot:
    """A picture with its caption."""

    svg: str
    caption: str


def attained_plot(row: Row) -> Plot | None:
    """How much of the one-step bound is attained at each sample point: from the exact lower to the exact upper end."""
    data = row.theorem.worst_case
    points = [point for point in (data or {}).get("points", ()) if point.get("lower")]
    if not points:
        return None
    subject = "the inequalities used allow" if data and data["relaxations"] else "a function of the class attains"
    return Plot(
        _bars([(_place(p["parameters"]), float(Fraction(p["lower"])), _number(p.get("upper"))) for p in points]),
        f"Tightness of one step: the share of the bound that {subject}, at sample parameters; both ends are exact.",
    )


def ratio_plot(row: Row) -> Plot | None:
    """How close the runs came to the bound, step by step; the bound is the line on top."""
    data = row.theorem.trajectories
    ratios = [ratio for ratio in (data or {}).get("by_step", ()) if isinstance(ratio, int | float)]
    if not data or len(ratios) < 2:
        return None
    return Plot(
        _curve(ratios),
        f"Trajectories: the largest part of the bound that any of {data['runs']:,} runs attains at each step, over "
        f"{families(data)} of functions ({data['violations']} violations).",
    )


def _curve(shares: list[float]) -> str:
    """A line through the shares, and the bound above it."""
    width, height, left = WIDTH - 60, 180, 46
    top = max(1.0, *shares) * 1.1
    places = [
        (left + width * k / (len(shares) - 1), height * (1 - max(share, 0.0) / top)) for k, share in enumerate(shares)
    ]
    words = "; ".join(f"step {k}: {_percent(share)}" for k, share in enumerate(shares, 1))
    bound = height * (1 - 1 / top)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [f'<svg viewBox="0 0 {WIDTH} {height + 30}" role="img" aria-label="{escape(words)}">']
    parts.append(f'<line x1="{left}" y1="{bound:.1f}" x2="{left + width}" y2="{bound:.1f}"/>')
    parts.append(f'<text x="{left - 6}" y="{bound + 4:.1f}" text-anchor="end">bound</text>')
    parts.append(f'<line class="axis" x1="{left}" y1="{height}" x2="{left + width}" y2="{height}"/>')
    parts.append(f'<text x="{left - 6}" y="{height + 4}" text-anchor="end">0</text>')
    parts.append(f'<polyline points="{line}"/>')
    for (x, y), k in zip(places, range(1, len(shares) + 1), strict=True):
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"/>')
        parts.append(f'<text x="{x:.1f}" y="{height + 20}" text-anchor="middle">{k}</text>')
    return "".join([*parts, "</svg>"])


def _number(text: str | None) -> float | None:
    return None if text is None else float(Fraction(text))


def _place(parameters: dict[str, Any]) -> str:
    return ", ".join(f"{name_text(name)} = {value}" for name, value in parameters.items()) or "all parameters"


def _bars(bars: list[tuple[str, float, float | None]]) -> str:
    """Horizontal bars from 0 to 100 % with labels above, a line at the bound, an open part up to the upper end."""
    room = WIDTH - 90
    height = len(bars) * (LABEL + BAR + GAP) + GAP
    words = "; ".join(f"{place}: {_percent(lower)}" for place, lower, _ in bars)
    parts = [f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(words)}">']
    for i, (place, lower, upper) in enumerate(bars):
        y = GAP + i * (LABEL + BAR + GAP)
        parts.append(f'<text x="0" y="{y + LABEL - 5}">{escape(place)}</text>')
        for kind, end in (("upper", upper), ("lower", lower)):
            if end is not None:
                width = room * min(max(end, 0.0), 1.0)
                parts.append(f'<rect class="{kind}" x="0" y="{y + LABEL}" width="{width:.1f}" height="{BAR}"/>')
        parts.append(f'<text x="{room + 10}" y="{y + LABEL + BAR - 4}">{_percent(lower)}</text>')
    parts.append(f'<line x1="{room}" y1="4" x2="{room}" y2="{height - 4}"/></svg>')
    return "".join(parts)


def _percent(share: float) -> str:
    """Two decimals, rounded down: 99.9999 % is not all of it."""
    return f"{floor(share * 10_000) / 100:.2f} %"
