"""The templates of HTML pages: escaped throughout, with filters that set formulas as MathML."""

from __future__ import annotations

from typing import Any

from certify.report.mathml import math


def environment() -> Any:
    """A Jinja environment for the templates that end in ``.html.jinja``; ``safe`` markup is what filters make."""
    import jinja2

    found = jinja2.Environment(
        loader=jinja2.PackageLoader("certify.report"),
        undefined=jinja2.StrictUndefined,
        autoescape=jinja2.select_autoescape(enabled_extensions=("html.jinja",)),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["math"] = lambda formula: markup(math(formula))
    return found


def markup(text: str) -> Any:
    """Text that is markup already."""
    from markupsafe import Markup

    return Markup(text)  # noqa: S704 - made of escaped text and of the converter's elements
