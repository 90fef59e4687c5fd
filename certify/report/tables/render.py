"""A rate table in one of the formats."""

from __future__ import annotations

from collections.abc import Sequence

from certify.report.tables import plain
from certify.report.tables.columns import Column
from certify.report.tables.rows import Row

FORMATS = ("text", "latex", "markdown", "html", "csv", "json")
"""What `render` knows."""


def render(
    rows: Sequence[Row],
    columns: Sequence[Column],
    kind: str,
    *,
    width: int = 120,
    standalone: bool = False,
    landscape: bool = False,
    long: bool | None = None,
) -> str:
    """The table as text; `standalone`, `landscape` and `long` (a table that breaks over pages) are for LaTeX."""
    if kind == "latex":
        from certify.report.tables import latex

        return latex.table(rows, columns, standalone=standalone, landscape=landscape, long=long)
    if kind == "html":
        from certify.report.tables import html

        return html.table(rows, columns)
    if kind == "text":
        return plain.text(rows, columns, width)
    return {"markdown": plain.markdown_table, "csv": plain.comma_separated, "json": plain.objects}[kind](rows, columns)
