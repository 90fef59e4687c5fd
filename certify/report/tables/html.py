"""A rate table as one HTML page that needs nothing else: no scripts, no fonts, no network."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from certify.analysis.results import Formula
from certify.report.mathml import math, prose
from certify.report.pages import environment, markup
from certify.report.tables.columns import Column, Piece, notes
from certify.report.tables.rows import Row


def table(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """The page; rows of one method stand under its name unless there is a column of methods."""
    pages = environment()
    pages.filters["piece"] = lambda piece: markup(_piece(piece))
    grouped = all(column.name != "method" for column in columns)
    groups = [list(group) for _, group in groupby(rows, key=lambda row: row.method if grouped else "")]
    template = pages.get_template("table.html.jinja")
    return template.render(groups=groups, grouped=grouped, columns=columns, notes=notes(columns, rows))


def _piece(piece: Piece) -> str:
    return math(piece) if isinstance(piece, Formula) else prose(piece)
