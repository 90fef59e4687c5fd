"""Annotations for GitHub Actions: one line a problem, on standard output."""

from __future__ import annotations

from certify.training.audit import Audit
from certify.training.findings import Severity
from certify.training.validate import Validation
from certify.training.verdicts import Verdict

LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def annotations(report: Validation | Audit, file: str) -> str:
    """Workflow commands, empty if there is nothing to say."""
    if isinstance(report, Audit):
        said = [(LEVEL[f.severity], f.code, f"{f.message}. {f.change}") for f in report.findings]
    elif report.verdict is Verdict.PASS:
        said = []
    else:
        level = "error" if report.verdict is Verdict.FAIL else "warning"
        text = f"{report.judgement.reason}. {report.judgement.change} ({report.observed})"
        said = [(level, f"step sizes: {report.verdict.value}", text)]
    return "".join(f"::{level} file={_property(file)},title={_property(title)}::{_data(text)}\n"
                   for level, title, text in said)  # fmt: skip


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
