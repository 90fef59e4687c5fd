"""The files of the site by relative path; nothing is written here."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from certify.analysis.results import Analysis, Formula, TheoremResult, Verdict
from certify.report import json as report_json
from certify.report import words
from certify.report.pages import environment, markup
from certify.report.site.plots import attained_plot, ratio_plot
from certify.report.tables.rows import Row, rows


@dataclass(frozen=True)
class Built:
    """The files by path, and how many theorems they are about."""

    files: dict[str, str | bytes]
    theorems: int


PACKED = 20_000
"""Certificates of more bytes than this are compressed: to about a sixth."""


@dataclass(frozen=True)
class Matrix:
    """Which theorems there are under a group of assumptions (row) for a method (column)."""

    groups: tuple[str, ...]
    cells: dict[tuple[str, str], tuple[Row, ...]]


def build(analyses: Sequence[Analysis], title: str = "Convergence rates") -> Built:
    """All pages: ``index.html``, ``theorems/….html``, ``certificates/….json`` and ``style.css``.

    Long certificates are compressed and end in ``.json.gz``.
    """
    templates = environment()
    templates.filters["svg"] = markup
    found = rows(analyses)
    shared: dict[str, Any] = {"title": title, "words": words, "Verdict": Verdict}
    index = templates.get_template("site/index.html.jinja")
    page = templates.get_template("site/theorem.html.jinja")
    files: dict[str, str | bytes] = {
        "style.css": templates.get_template("site/style.css.jinja").render(),
        "index.html": index.render(
            shared,
            root="",
            analyses=analyses,
            matrix=matrix(found),
            slug=slug,
            rows=found,
            definitions=_definitions(found),
        ),
    }
    for row in found:
        name = slug(row.theorem)
        certificate = ""
        if row.theorem.certificate:
            data = _certificate(row.theorem)
            packed = len(data.encode()) > PACKED
            certificate = f"{name}.json.gz" if packed else f"{name}.json"
            files[f"certificates/{certificate}"] = gzip.compress(data.encode(), mtime=0) if packed else data
        plots = [plot for plot in (attained_plot(row), ratio_plot(row)) if plot]
        files[f"theorems/{name}.html"] = page.render(shared, root="../", row=row, certificate=certificate, plots=plots)
    return Built(files, len(found))


def matrix(found: Sequence[Row]) -> Matrix:
    """The groups of assumptions in alphabetical order, and the theorems of each method under each."""
    cells: dict[tuple[str, str], tuple[Row, ...]] = {}
    for row in found:
        key = row.method, " and ".join(name for name, _ in row.assumptions)
        cells[key] = (*cells.get(key, ()), row)
    return Matrix(tuple(sorted({group for _, group in cells})), cells)


def slug(theorem: TheoremResult) -> str:
    """A file name for a theorem: ``gd-smooth-convex-gap``."""
    return "".join(c if c.isalnum() and c.isascii() else "-" for c in theorem.identifier)


def _definitions(found: Sequence[Row]) -> list[tuple[str, Formula]]:
    return sorted({pair for row in found for pair in row.assumptions}, key=lambda pair: pair[0])


def _certificate(theorem: TheoremResult) -> str:
    return json.dumps(report_json.plain(theorem.certificate), ensure_ascii=False, separators=(",", ":")) + "\n"
