"""Rate tables that are not typeset: text, Markdown, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import re
import textwrap
from collections.abc import Sequence
from itertools import groupby

from certify.analysis.results import Formula
from certify.report import json as report_json
from certify.report import markdown
from certify.report.layout import OPERATORS, pad, wrap, wrap_words
from certify.report.layout import columns as width_of
from certify.report.tables.columns import Column, Piece, notes
from certify.report.tables.rows import Row

LONGEST_WORD = 24
"""A column of a text table holds its longest word on one line, if it is no longer than this."""


def text(rows: Sequence[Row], columns: Sequence[Column], width: int) -> str:
    """Aligned columns under one heading a method, at most `width` columns of a terminal wide where that is possible."""
    grouped = all(column.name != "method" for column in columns)
    cells = [[_words(column.cell(row)) for column in columns] for row in rows]
    natural = [
        max(map(width_of, [column.title, *(piece for line in cells for piece in line[i])]))
        for i, column in enumerate(columns)
    ]
    least = [
        min(
            LONGEST_WORD,
            max(width_of(word) for line in cells for word in re.split(r"[\s-]", " ".join([column.title, *line[i]]))),
        )
        for i, column in enumerate(columns)
    ]
    widths = _fitted(least, natural, columns, width - 2 * (len(columns) - 1) - 2 * grouped)
    margin = "  " if grouped else ""
    lines = [
        margin + line
        for line in (*_block([[c.title] for c in columns], widths), _line(["─" * w for w in widths], widths))
    ]
    for method, group in groupby(zip(rows, cells, strict=True), key=lambda pair: pair[0].method):
        members = list(group)
        if grouped:
            title = members[0][0].title
            lines += ["", f"{method}: {title}" if title else method]
        for _, cell in members:
            lines += [margin + line for line in _block(cell, widths)]
    lines += [""] + [line for note in notes(columns, rows) for line in wrap_words(note, width, hang=2)]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def markdown_table(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """A pipe table for each method, or one table with a column of methods."""
    lines: list[str] = []
    grouped = all(column.name != "method" for column in columns)
    for method, group in groupby(rows, key=lambda row: row.method if grouped else ""):
        members = list(group)
        if grouped:
            title = members[0].title
            lines += [f"### {markdown.escape(f'{method}: {title}' if title else method)}", ""]
        lines.append("| " + " | ".join(markdown.escape(column.title) for column in columns) + " |")
        lines.append("|" + "---|" * len(columns))
        for row in members:
            cells = ["<br>".join(map(markdown.escape, _words(column.cell(row)))) or "—" for column in columns]
            lines.append("| " + " | ".join(cells) + " |")
        lines.append("")
    lines += [f"- {markdown.escape(note)}" for note in notes(columns, rows)]
    return "\n".join(lines) + "\n"


def comma_separated(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """CSV with Unicode formulas, the identifier of the theorem in front; lines end as RFC 4180 says."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(["id", *(column.name for column in columns)])
    for row in rows:
        writer.writerow([row.theorem.identifier, *("; ".join(_words(column.cell(row))) for column in columns)])
    return stream.getvalue()


def objects(rows: Sequence[Row], columns: Sequence[Column]) -> str:
    """JSON: one object a row, formulas as text and LaTeX, and all that is known of the theorem but its certificate."""
    found = []
    for row in rows:
        known = report_json.theorem_data(row.theorem)
        for heavy in ("certificate", "proof", "trajectories"):
            del known[heavy]
        cells = {column.name: [_data(piece) for piece in column.cell(row)] for column in columns}
        found.append({"method": row.method, "assumptions": [a for a, _ in row.assumptions], "cells": cells, **known})
    data = {"schema": "certify/table/1", "columns": [column.name for column in columns], "rows": found}
    return json.dumps(data, ensure_ascii=False, allow_nan=False, indent=2) + "\n"


def _words(pieces: Sequence[Piece]) -> list[str]:
    return [piece.text if isinstance(piece, Formula) else piece for piece in pieces]


def _data(piece: Piece) -> str | dict[str, str]:
    return piece.to_json() if isinstance(piece, Formula) else piece


def _fitted(least: Sequence[int], natural: Sequence[int], columns: Sequence[Column], room: int) -> list[int]:
    """Widths that fill the room in proportion to the columns' shares, none wider than it needs or less than `least`."""
    widths = [0] * len(natural)
    free, left = set(range(len(natural))), room
    while free:
        unit = left / sum(columns[i].share for i in free)
        done = {i for i in free if natural[i] <= unit * columns[i].share}
        done = done or {i for i in free if least[i] >= unit * columns[i].share} or free
        for i in done:
            widths[i] = min(natural[i], max(least[i], int(unit * columns[i].share)))
            left -= widths[i]
        free = free - done
    return widths


def _block(cells: Sequence[Sequence[str]], widths: Sequence[int]) -> list[str]:
    """A row on as many lines as its highest cell needs."""
    wrapped = [
        [line for piece in cell or ["—"] for line in _wrapped(piece, width)]
        for cell, width in zip(cells, widths, strict=True)
    ]
    height = max(map(len, wrapped))
    return [_line([cell[i] if i < len(cell) else "" for cell in wrapped], widths) for i in range(height)]


def _wrapped(piece: str, width: int) -> list[str]:
    """A formula broken at operators, words and names at blanks and hyphens."""
    has_signs = any(c in OPERATORS for c in piece.split())
    return wrap(piece, width, hang=1) if has_signs else textwrap.wrap(piece, width)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(pad(cell, width) for cell, width in zip(cells, widths, strict=True))
