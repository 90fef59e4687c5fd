"""A static site of results: a matrix of methods and assumptions, and a page for each theorem. It needs no network."""

from certify.report.site.pages import Built, build

__all__ = ["Built", "build"]
