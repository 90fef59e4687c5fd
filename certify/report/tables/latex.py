"""Rate tables in LaTeX: booktabs and amsmath, with labels, notes and citations; as a fragment or a whole document."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby

from certify.report import escape
from certify.report.latex import breakable, closing, environment, stated, visible
from certify.report.tables.bibliography import cited, entries
from certify.report.tables.columns import Column, Piece, notes
from certify.report.tables.rows import Row

ON_A_PAGE, ON_A_LANDSCAPE = 12, 4
"""Tables with more rows than this break over pages, unless that is decided by the caller."""
LONG = 10
"""Words of more letters than this may be hyphenated in a narrow column."""
LINE = 100
"""About how many characters of the small font fill a portrait line; a landscape line has room for half as many more."""


def table(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    standalone: bool = False,
    landscape: bool = False,
    long: bool | None = None,
) -> str:
    """A table to include in a paper, or with `standalone` a document that plain pdflatex compiles.

    `landscape` turns the page, `long` makes it a longtable. A fragment cites with the keys of the file that
    `certify.report.tables.bibliography.bibtex` writes; a document has its list of references in it.
    """
    long = len(rows) > (ON_A_LANDSCAPE if landscape else ON_A_PAGE) if long is None else long
    grouped = all(column.name != "method" for column in columns)
    total = sum(column.share for column in columns)
    widths = [column.share / total for column in columns]
    line = LINE * (1.5 if landscape else 1)
    groups = [
        (
            members[0],
            [
                [cell(column, row, int(width * line)) for column, width in zip(columns, widths, strict=True)]
                for row in members
            ],
        )
        for members in (list(group) for _, group in groupby(rows, key=lambda row: row.method if grouped else ""))
    ]
    template = environment().get_template("table_document.tex.jinja" if standalone else "table.tex.jinja")
    return template.render(
        groups=groups,
        grouped=grouped,
        columns=list(zip(columns, widths, strict=True)),
        notes=notes(columns, rows),
        definitions=sorted({pair for row in rows for pair in row.assumptions}, key=lambda pair: pair[0]),
        landscape=landscape,
        long=long,
        references=entries([row.theorem.source for row in rows]) if any(c.name == "source" for c in columns) else [],
        label="tab:certify-" + (re.sub(r"[^A-Za-z0-9]+", "-", rows[0].method) if len(groups) == 1 else "rates"),
    )


def cell(column: Column, row: Row, room: int) -> str:
    """The pieces of a cell below each other; formulas wider than `room` characters can be broken."""
    if column.name == "source":
        return cited(row.theorem.source) or "---"
    if column.name in ("method", "theorem", "assumptions"):
        return r" \newline ".join(_names(piece) for piece in column.cell(row) if isinstance(piece, str)) or "---"
    if column.name == "condition" and row.theorem.step_size is not None:
        return _conditions(row.theorem.step_size.latex, room)
    return r" \newline ".join(_piece(piece, room) for piece in column.cell(row)) or "---"


def _conditions(latex: str, room: int) -> str:
    """Conditions one after the other; those that fit into a line are never broken."""
    out = []
    for each in latex.split(r",\ "):
        formula = escape.ascii_math(each)
        out.append(rf"\mbox{{${formula}$}}" if width(formula) <= room else _formula(each, room))
    return ", ".join(out)


def width(latex: str) -> float:
    """About how wide a formula of the text is, in digits: fractions are small, relations have room around them."""
    latex = re.sub(r"\\(?:left|right|[bB]ig[lr]?|,|mathrm|mathit|tfrac12)(?![A-Za-z])", "", latex)
    total = 0.0
    while (found := re.search(r"\\t?frac\{", latex)) is not None:
        middle = closing(latex, found.end() - 1)
        end = closing(latex, middle + 1)
        total += 0.5 + 0.75 * max(width(latex[found.end() : middle]), width(latex[middle + 2 : end]))
        latex = latex[: found.start()] + latex[end + 1 :]
    signs = r"\\(?:le|ge|in|ne)(?![A-Za-z])|[<>=]"
    latex, total = re.sub(signs, "", latex), total + 2.6 * len(re.findall(signs, latex))
    total += 1.1 * len(re.findall(r"[+-]", latex))
    return total + 1.1 * visible(latex)


def _names(words: str) -> str:
    """Names in upright letters, to be broken after hyphens."""
    return escape.text(words).replace("-", r"-\hspace{0pt}")


def _piece(piece: Piece, room: int) -> str:
    if isinstance(piece, str):
        return rf"\hspace{{0pt}}{piece}" if len(piece) > LONG and piece.isalpha() else escape.prose(piece)
    if piece.latex == piece.text or "$" in piece.latex:
        return stated(piece)
    return _formula(piece.latex, room)


def _formula(latex: str, room: int) -> str:
    r"""In dollars, with its words, ``\text{ as long as }``, outside of them, so that TeX can break the line there."""
    latex = flattened(latex)
    if cases := re.fullmatch(r"(.*)\\begin\{cases\}(.*)\\end\{cases\}", latex, re.DOTALL):
        lines = (cases[1] + each.replace("&", " ", 1).strip() for each in re.split(r"\\\\(?!\w)", cases[2]))
        return r" \newline ".join(_formula(line, room) for line in lines)
    out = []
    for part in re.split(r"(\\text\{[^{}]*\})", latex):
        if words := re.fullmatch(r"\\text\{([^{}]*)\}", part):
            out.append(f" {escape.prose(words[1])} ")
        elif formula := escape.ascii_math(part.strip()):
            if visible(formula) > room:
                formula = _BETWEEN_FACTORS.sub(r")\\penalty900 ", breakable(formula, room - 6))
                if r"\frac" in formula or r"\sum" in formula:
                    formula = formula.replace(r"\lceil", r"\Bigl\lceil").replace(r"\rceil", r"\Bigr\rceil")
            out.append(f"${formula}$")
    return " ".join("".join(out).split())


_BETWEEN_FACTORS = re.compile(r"\) (?=[A-Za-z(]|\\(?!le|ge|r|text|to|end|cdot|times|newline))")
"""Where a product may be broken, if nowhere else: after a bracket that another factor follows."""


def flattened(latex: str) -> str:
    r"""Short fractions inside fractions with a slash, ``\frac{\ln(R^2/\epsilon)}{\ln(1/\rho)}``: lower, easier read."""
    start = 0
    while (found := re.compile(r"\\frac\{").search(latex, start)) is not None:
        middle = closing(latex, found.end() - 1)
        end = closing(latex, middle + 1)
        top, bottom = (_slashed(each) for each in (latex[found.end() : middle], latex[middle + 2 : end]))
        head = rf"{latex[: found.start()]}\frac{{{top}}}{{{bottom}}}"
        latex, start = head + latex[end + 1 :], len(head)
    return latex


def _slashed(latex: str) -> str:
    """Fractions of two factors without plus or minus, written with a slash; brackets around them keep their size."""
    simple = r"((?:[^{}+\-]|\{[^{}+\-]*\})*)"
    flat = re.sub(rf"\\frac\{{{simple}\}}\{{([^{{}}+\- ]|\\\w+|\w)\}}", r"\1/\2", latex)
    return flat if flat == latex else re.sub(r"\\(?:left|right)(?=[()])", "", flat)
