"""JUnit XML: one test case a layer or finding, for CI systems that show such files."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape, quoteattr

from certify.training.audit import Audit
from certify.training.validate import Validation
from certify.training.verdicts import Verdict

NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(report: Validation | Audit) -> str:
    """The file: FAIL and findings are failures, INCONCLUSIVE is skipped, WARN passes and is told."""
    cases = _audit(report) if isinstance(report, Audit) else _layers(report)
    name = "certify audit" if isinstance(report, Audit) else "certify validate"
    failures = sum("<failure" in case for case in cases)
    skipped = sum("<skipped" in case for case in cases)
    head = f'<testsuite name="{name}" tests="{len(cases)}" failures="{failures}" errors="0" skipped="{skipped}">'
    body = "\n".join(cases)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n{head}\n{body}\n</testsuite>\n</testsuites>\n'


def _layers(report: Validation) -> list[str]:
    cases = [_case("all", "whole run", report.verdict, f"{report.judgement.reason}. {report.judgement.change}", report)]
    return cases + [
        _case(row.optimizer, row.name, row.verdict, f"{row.judgement.reason}. {row.judgement.change}", report)
        for row in report.rows
    ]


def _case(owner: str, name: str, verdict: Verdict, why: str, report: Validation) -> str:
    told = _text(f"{why} ({report.observed})")
    inside = {
        Verdict.FAIL: f"<failure message={_attribute(why)}>{told}</failure>",
        Verdict.INCONCLUSIVE: f"<skipped message={_attribute(why)}/>",
        Verdict.WARN: f"<system-out>WARN: {told}</system-out>",
        Verdict.PASS: f"<system-out>{told}</system-out>",
    }[verdict]
    return f"<testcase classname={_attribute(f'validate.{owner}')} name={_attribute(name)}>{inside}</testcase>"


def _audit(report: Audit) -> list[str]:
    found = [
        f"<testcase classname='audit.finding' name={_attribute(f'{f.code}: {f.message[:80]}')}>"
        f"<failure message={_attribute(f.message)}>{_text(str(f))}</failure></testcase>"
        for f in report.findings
    ]
    blamed = {name for f in report.findings for name in f.tensors}
    return found + [
        f"<testcase classname={_attribute(f'audit.{row.optimizer}')} name={_attribute(row.name)}/>"
        for row in report.rows
        if row.name not in blamed
    ]


def _text(text: str) -> str:
    return escape(NOT_XML.sub("?", text))


def _attribute(text: str) -> str:
    return quoteattr(NOT_XML.sub("?", text), {"\n": " "})
