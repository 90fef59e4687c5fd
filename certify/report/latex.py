"""The report as LaTeX: a fragment to include in a paper, or a document that plain pdflatex compiles.

Long formulas are made breakable: TeX breaks a line neither between ``\\left`` and ``\\right`` nor in a fraction.
"""

from __future__ import annotations

import re
from itertools import batched

from certify.analysis.results import Analysis, Formula
from certify.report import escape, words
from certify.report.layout import columns

DISPLAYED = 62
"""Formulas of more columns than this are set in the running text, where they can be broken."""
IN_A_CELL = 30
"""Formulas of more columns than this have no place in the table; they stand in the theorem."""
ROWS = 14
"""Rows of a table, which cannot be broken across pages."""


def render(analysis: Analysis, *, standalone: bool = False) -> str:
    """The fragment, or with `standalone` a whole document."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("certify.report"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # noqa: S701 - not HTML; the filters below escape LaTeX
        block_start_string="<%",
        block_end_string="%>",
        variable_start_string="<<",
        variable_end_string=">>",
        comment_start_string="<#",
        comment_end_string="#>",
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "tex": escape.text,
        "prose": prose,
        "inline": inline,
        "display": display,
        "cell": cell,
        "loose": loosened,
        "anchor": anchor,
    }
    name = "document.tex.jinja" if standalone else "report.tex.jinja"
    tables = list(batched(analysis.theorems, ROWS))
    return environment.get_template(name).render(analysis=analysis, words=words, tables=tables)
