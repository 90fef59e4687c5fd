"""A report as one HTML file: tables and inline SVG, no script, nothing fetched."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

from certify.training.audit import Audit
from certify.training.text import LEGEND, layer_rows, tensor_rows
from certify.training.validate import Row, Validation

COLOURS = {"PASS": "#1a7f37", "WARN": "#9a6700", "FAIL": "#cf222e", "INCONCLUSIVE": "#57606a"}
STYLE = """
body{font:15px/1.5 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#1f2328}
table{border-collapse:collapse;margin:1em 0}td,th{padding:.25em .7em;border-bottom:1px solid #d0d7de;text-align:left}
td.n{text-align:right;font-variant-numeric:tabular-nums}.v{font-weight:600}svg{max-width:100%;height:auto}
figure{margin:1em 0}figcaption{color:#57606a}
.wide{overflow-x:auto}td.why{min-width:16em}
@media (prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}td,th{border-color:#30363d}
.v{filter:brightness(1.7)}figcaption{color:#9198a1}}
"""
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 240, 60, 34
STEEP = 20
"""Positive values that differ by more than this factor are drawn on a logarithmic scale."""


def html(report: Validation | Audit) -> str:
    """The page."""
    title, body = ("Update audit", _audit(report)) if isinstance(report, Audit) else ("Step sizes", _validation(report))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>'
        f"<style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n{body}\n</body></html>\n"
    )


def _validation(report: Validation) -> str:
    seen = report.trajectory
    verdict = report.verdict.value
    parts = [
        f'<p><span class="v" style="color:{COLOURS[verdict]}">{verdict}</span>: {escape(report.judgement.reason)}</p>',
        f"<p>{escape(report.judgement.change)}</p>" if report.judgement.change else "",
        f"<p>{escape(report.observed)}; {escape(report.convention)}; geometry {escape(report.geometry)}</p>",
        *(f"<p>{escape(sentence)}</p>" for sentence in (report.convex.sentences() if report.convex else [])),
        _figure("Loss at lr and, dashed, of the same batches at lr/4", [seen.losses, seen.shadow]),
        _figure(
            "ρ: actual over linear decrease at lr and, dashed, at lr/4 (cut off at −1 and 2)",
            [[_cut(p.rho) for p in seen.probes], [_cut(p.rho_quarter) for p in seen.probes]],
        ),
        _layers(report),
    ]
    theorems = dict.fromkeys((str(row.theorem), row.assumption) for row in report.rows)
    parts += [f"<p>Theorem {escape(t)}: {escape(a)} (observed, not proved for your loss).</p>" for t, a in theorems]
    return "\n".join(part for part in parts if part)


def _layers(report: Validation) -> str:
    head = ("layer", "norm", "lr", "step ‖ΔX‖", "supported", "step/supported", "u", "u per probe", "verdict", "why")
    rows = []
    for row, count in layer_rows(report):
        e = row.envelope
        name = row.name if count == 1 else f"{row.name} (worst of {count})"
        cells = [f"<td>{escape(name)}</td><td>{escape(row.norm)}</td>"]
        numbers = [row.lr, row.step, None, row.ratio, row.u]
        texts = [_number(x) for x in numbers]
        texts[2] = f"{e.low:.2g}\u00a0…\u00a0{e.high:.2g}" if e else "–"
        cells += [f'<td class="n">{text}</td>' for text in texts]
        verdict = row.verdict.value
        cells.append(f"<td>{_spark(row)}</td>")
        cells.append(f'<td class="v" style="color:{COLOURS[verdict]}">{verdict}</td>')
        own = row.judgement.reason
        cells.append(f'<td class="why">{escape(own)}</td>' if own != report.judgement.reason else "<td></td>")
        rows.append("<tr>" + "".join(cells) + "</tr>")
    if all(row.judgement.reason == report.judgement.reason for row, _ in layer_rows(report)):
        head, rows = head[:-1], [row.replace("<td></td></tr>", "</tr>") for row in rows]
    return _table(head, rows) + "".join(f"<p>{escape(line)}</p>" for line in LEGEND)


def _audit(report: Audit) -> str:
    items = "".join(f"<li>{escape(str(f))}</li>" for f in (*report.findings, *report.notes))
    head = ("tensor", "role", "optimizer", "lr", "norm", "‖ΔX‖", "expected", "ratio", "‖ΔX‖₂/‖X‖₂")
    rows = []
    for row, count in tensor_rows(report):
        name = row.name if count == 1 else f"{row.name} (1 of {count})"
        texts = (name, row.role.value, row.optimizer, _number(row.lr), row.norm, _number(row.size))
        more = (_number(row.expected.size if row.expected else None), _number(row.ratio), _number(row.relative))
        rows.append("<tr>" + "".join(f"<td>{escape(t)}</td>" for t in (*texts, *more)) + "</tr>")
    found = f"{len(report.findings)} findings" if report.findings else "nothing found"
    return f"<p>{found}; {escape(report.observed)}</p><ul>{items}</ul>{_table(head, rows)}"


def _table(head: Sequence[str], rows: Sequence[str]) -> str:
    top = "".join(f"<th>{escape(h)}</th>" for h in head)
    return f'<div class="wide"><table><tr>{top}</tr>{"".join(rows)}</table></div>'


def _figure(caption: str, lines: Sequence[Sequence[float]]) -> str:
    values = [v for line in lines for v in line if math.isfinite(v)]
    if len(values) < 2:
        return ""
    low, high = min(values), max(values)
    ends = f"{low:.3g}", f"{high:.3g}"
    if low > 0 and high > STEEP * low:
        caption += "; logarithmic scale"
        lines = [[math.log(v) if math.isfinite(v) else v for v in line] for line in lines]
        low, high = math.log(low), math.log(high)
    high = high if high > low else low + 1.0
    longest = max(len(line) for line in lines)
    drawn = [
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" stroke-dasharray="{dash}" '
        f'points="{_points(line, low, high, longest)}"/>'
        for line, colour, dash in zip(lines, ("#0969da", "#8250df"), ("none", "6 4"), strict=False)
        if line
    ]
    axis = (
        f'<path d="M{LEFT} 10V{HEIGHT - BOTTOM}H{WIDTH - 10}" fill="none" stroke="#8c959f"/>'
        f'<g font-size="12" fill="#8c959f"><text x="4" y="18">{ends[1]}</text>'
        f'<text x="4" y="{HEIGHT - BOTTOM}">{ends[0]}</text><text x="{LEFT}" y="{HEIGHT - 12}">0</text>'
        f'<text x="{WIDTH - 10}" y="{HEIGHT - 12}" text-anchor="end">{longest - 1}</text></g>'
    )
    picture = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{axis}{"".join(drawn)}</svg>'
    return f"<figure>{picture}<figcaption>{escape(caption)}</figcaption></figure>"


def _cut(rho: float) -> float:
    return max(-1.0, min(2.0, rho)) if math.isfinite(rho) else rho


def _points(line: Sequence[float], low: float, high: float, longest: int) -> str:
    width, height = WIDTH - LEFT - 10, HEIGHT - BOTTOM - 10
    return " ".join(
        f"{LEFT + width * i / max(longest - 1, 1):.1f},{10 + height * (1 - (v - low) / (high - low)):.1f}"
        for i, v in enumerate(line)
        if math.isfinite(v)
    )


def _spark(row: Row) -> str:
    values = [min(s.u, 2.0) for s in row.samples if math.isfinite(s.u)]
    if len(values) < 2:
        return ""
    points = " ".join(f"{80 * i / (len(values) - 1):.1f},{20 - 10 * v:.1f}" for i, v in enumerate(values))
    line = f'<polyline fill="none" stroke="#0969da" points="{points}"/>'
    return f'<svg width="80" height="20" viewBox="0 0 80 20"><path d="M0 10H80" stroke="#8c959f"/>{line}</svg>'


def _number(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.3g}"
