"""Reports for a terminal: one row a layer, repeated blocks collapsed to the worst, then one sentence a problem."""

from __future__ import annotations

import math
from collections.abc import Sequence

from certify.training.audit import Audit
from certify.training.collapse import collapse, pattern
from certify.training.rows import Row as AuditRow
from certify.training.validate import Row, Validation
from certify.training.verdicts import Verdict

ORDER = {Verdict.PASS: 0, Verdict.INCONCLUSIVE: 1, Verdict.WARN: 2, Verdict.FAIL: 3}


def validation_text(report: Validation) -> str:
    """A validation."""
    lines = [f"{report.verdict.value}: {report.judgement.reason}"]
    if report.judgement.change:
        lines.append(f"  change      {report.judgement.change}")
    lines.append(f"  {report.observed}")
    lines += _about(report)
    head = ["layer", "norm", "lr", "step", "supported", "step/supp.", "u", "verdict"]
    rows = [_cells(row, count) for row, count in layer_rows(report)]
    lines += ["", *_table(head, rows), ""]
    lines += _basis(report)
    return "\n".join(lines) + "\n"


def _about(report: Validation) -> list[str]:
    seen, found = report.trajectory, report.signals
    lines = [f"  loss        {report.convention}; geometry {report.geometry}"]
    if seen.warmed:
        lines.append("  schedule    it has only begun: the lr of its peak was judged, after a short warm-up")
    if seen.shadow:
        lines.append(f"  at lr/4     the same batches end at loss {seen.shadow_end:.4g}, this lr at {seen.end:.4g}")
    lines.append(
        f"  probes      {len(seen.probes)} points at lr, every second at lr/4; ρ {_two(found.rho)}, u {_two(found.u)} "
        "(first, second half)"
    )
    if report.convex is not None:
        lines += [f"  convex      {sentence}" for sentence in report.convex.sentences()]
    return lines


def layer_rows(report: Validation) -> list[tuple[Row, int]]:
    """The rows that are shown, with the number of layers that each stands for."""

    def badness(row: Row) -> tuple[float, ...]:
        return float(ORDER[row.verdict]), row.u if math.isfinite(row.u) else -1.0

    return collapse(report.rows, lambda row: (pattern(row.name), row.norm, row.optimizer, row.shape), badness)


def _cells(row: Row, count: int) -> list[str]:
    e = row.envelope
    name = row.name if count == 1 else f"{row.name} (worst of {count})"
    supported = f"{e.low:.2g} … {e.high:.2g}" if e else "–"
    return [name, row.norm, f"{row.lr:g}", _number(row.step), supported, _number(row.ratio), _number(row.u),
            row.verdict.value]  # fmt: skip


LEGEND = (
    "step = ‖ΔX‖ of the real update; supported = r/(L0 + L1 r), r = ‖g‖*: the theorem's step, twice that its bound;",
    "u = ‖Δg‖*/‖g‖* over one step; ρ = actual/linear decrease of the same batches' loss.",
)
"""What the columns of a validation mean."""


def _basis(report: Validation) -> list[str]:
    lines = [*LEGEND]
    for theorem, assumption in dict.fromkeys((str(row.theorem), row.assumption) for row in report.rows):
        lines.append(f"theorem {theorem}: {assumption} (observed, not proved for your loss)")
    return lines


def audit_text(report: Audit) -> str:
    """An audit."""
    count = len(report.findings)
    word = "nothing found" if report.passed else f"{count} finding{'s' if count > 1 else ''}"
    lines = [f"audit: {word}", f"  {report.observed}", f"  loss        {report.convention}", ""]
    head = ["tensor", "role", "optimizer", "lr", "norm", "‖ΔX‖", "expected", "ratio", "‖ΔX‖₂/‖X‖₂"]
    lines += _table(head, [_audit_cells(row, n) for row, n in tensor_rows(report)])
    if report.findings or report.notes:
        lines.append("")
    lines += [str(finding) for finding in (*report.findings, *report.notes)]
    return "\n".join(lines) + "\n"


def tensor_rows(report: Audit) -> list[tuple[AuditRow, int]]:
    """The rows that are shown."""

    def badness(row: AuditRow) -> tuple[float, ...]:
        return (abs(math.log(row.ratio)) if row.ratio and row.ratio > 0 else 0.0,)

    return collapse(report.rows, lambda row: (pattern(row.name), row.norm, row.optimizer, row.shape), badness)


def _audit_cells(row: AuditRow, count: int) -> list[str]:
    name = row.name if count == 1 else f"{row.name} (1 of {count})"
    size = _number(row.expected.size if row.expected else None)
    return [name, row.role.value, row.optimizer, f"{row.lr:g}", row.norm, _number(row.size), size,
            _number(row.ratio), _number(row.relative)]  # fmt: skip


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in zip(head, *rows, strict=True)]
    return ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
            for line in (head, ["─" * width for width in widths], *rows)]  # fmt: skip


def _two(pair: tuple[float, float]) -> str:
    return f"{pair[0]:.2f}, {pair[1]:.2f}"


def _number(value: float | None) -> str:
    return "–" if value is None or not math.isfinite(value) else f"{value:.3g}"
