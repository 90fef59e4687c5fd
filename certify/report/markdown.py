"""The report as Markdown: readable as plain text and on every site, since formulas are in Unicode, not in LaTeX."""

from __future__ import annotations

import re

from certify.analysis.results import Analysis, TheoremResult
from certify.report import words
from certify.report.proofs import proof_lines
from certify.report.spans import plain

WIDTH = 100
"""The width of the proofs, which stand in code blocks."""


def render(analysis: Analysis) -> str:
    """The whole report."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("certify.report"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - not HTML; the filter below escapes Markdown
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["md"] = escape
    return environment.get_template("report.md.jinja").render(analysis=analysis, words=words, proof=proof)


def escape(text: str) -> str:
    """Text with everything that Markdown would read as markup escaped, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#~$&])", r"\\\1", " ".join(text.split()))


def proof(theorem: TheoremResult) -> str:
    """The proof as in the text report."""
    text = plain(proof_lines(theorem.proof, WIDTH))
    return "\n".join(each.removeprefix("  ") for each in text.splitlines())
