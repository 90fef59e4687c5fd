"""Reports as JSON data; within a version of the schema fields are added, never renamed or removed."""

from __future__ import annotations

import json
import math
from enum import Enum
from typing import Any

from certify import __version__
from certify.training.audit import Audit
from certify.training.findings import Finding
from certify.training.rows import Row as AuditRow
from certify.training.validate import Row, Validation
from certify.training.verdicts import Judgement

VALIDATION, AUDIT = "certify/validation/1", "certify/audit/1"


def to_json(report: Validation | Audit) -> str:
    """The report as text."""
    data = validation_data(report) if isinstance(report, Validation) else audit_data(report)
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def validation_data(report: Validation) -> dict[str, Any]:
    """A validation."""
    seen, found = report.trajectory, report.signals
    return _plain(
        {
            "schema": VALIDATION,
            "certify": __version__,
            "verdict": report.verdict,
            "exit_code": report.exit_code,
            "observed": report.observed,
            **_judgement(report.judgement),
            "loss": report.convention,
            "geometry": report.geometry,
            "steps": {"first": 0, "last": len(seen.losses) - 1},
            "losses": seen.losses,
            "losses_quarter": seen.shadow,
            "warm_up_skipped": seen.warmed,
            "takes": [
                {
                    "start": t.start,
                    "end": t.end,
                    "end_quarter": t.shadow_end,
                    "steps": len(t.losses),
                    "replays": t.replays,
                    "shuffled": t.shuffled,
                }
                for t in report.takes
            ],
            "longer": [{"steps": len(t.losses), "end": t.end, "end_quarter": t.shadow_end} for t in report.longer],
            "signals": {
                "u": found.u,
                "u_quarter": found.u_quarter,
                "rho": found.rho,
                "rho_quarter": found.rho_quarter,
                "rho_all": found.rho_all,
                "u_all": found.u_all,
                "drift": found.drift,
                "lost": found.lost,
                "lost_error": found.lost_error,
                "strain": found.strain,
                "rose": found.rose,
                "spike": found.spike,
                "repeat": found.repeat,
                "left_plateau": found.left_plateau,
            },
            "probes": [
                {"step": p.index, "loss": p.loss, "rho": p.rho, "rho_quarter": p.rho_quarter} for p in seen.probes
            ],
            "layers": [_layer(row) for row in report.rows],
            "convex": None if report.convex is None else report.convex.data(),
            "cost": {
                "seconds": sum(take.seconds for take in report.takes),
                "plain_step_seconds": seen.step_seconds / max(len(seen.losses), 1),
                "replays": seen.replays,
                "plain_steps_per_replay": report.overhead,
            },
        }
    )


def _layer(row: Row) -> dict[str, Any]:
    interval = row.envelope
    return {
        "name": row.name,
        "optimizer": row.optimizer,
        "kind": row.kind,
        "role": row.role,
        "shape": row.shape,
        "norm": row.norm,
        "lr": row.lr,
        "step": row.step,
        "supported": None if interval is None else [interval.low, interval.high],
        "L0": None if interval is None else interval.L0,
        "L1": None if interval is None else interval.L1,
        "ratio": row.ratio,
        "u": row.u,
        "u_quarter": row.u_quarter,
        "drift": row.drift,
        "verdict": row.verdict,
        **_judgement(row.judgement),
        "assumption": row.assumption,
        "theorem": row.theorem.identifier,
        "certificate": row.theorem.certificate,
    }


def audit_data(report: Audit) -> dict[str, Any]:
    """An audit."""
    return _plain(
        {
            "schema": AUDIT,
            "certify": __version__,
            "passed": report.passed,
            "exit_code": report.exit_code,
            "observed": report.observed,
            "loss": report.convention,
            "steps": report.steps,
            "losses": report.losses,
            "findings": [_finding(f) for f in report.findings],
            "notes": [_finding(f) for f in report.notes],
            "tensors": [_tensor(row) for row in report.rows],
        }
    )


def _tensor(row: AuditRow) -> dict[str, Any]:
    return {
        "name": row.name,
        "shape": row.shape,
        "optimizer": row.optimizer,
        "kind": row.kind,
        "role": row.role,
        "lr": row.lr,
        "norm": row.norm,
        "size": row.size,
        "expected": row.expected.size if row.expected else None,
        "rule": row.expected.rule if row.expected else None,
        "ratio": row.ratio,
        "relative": row.relative,
        "gradient": row.gradient,
        "average_keeps": row.average.kept if row.average else None,
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "severity": finding.severity,
        "tensors": finding.tensors,
        "message": finding.message,
        "change": finding.change,
    }


def _judgement(judgement: Judgement) -> dict[str, str]:
    return {"reason": judgement.reason, "change": judgement.change}


def _plain(value: Any) -> Any:
    """Enumerations by value, numbers that JSON lacks as null."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value
