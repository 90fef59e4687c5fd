"""Rate tables: one row a theorem, the same rows in every format."""

from certify.report.tables.columns import COLUMNS, Column, choose
from certify.report.tables.render import FORMATS, render
from certify.report.tables.rows import Row, rows

__all__ = ["COLUMNS", "FORMATS", "Column", "Row", "choose", "render", "rows"]
