"""A line of text as styled spans: the layout is done on plain text, and colour is added at the very end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

# Named after their meaning; the eight colours every terminal has, so that the user's own theme applies.
STYLES = {
    "": "",
    "title": "bold",
    "head": "bold",
    "label": "cyan",
    "quiet": "dim",
    "good": "bold green",
    "fair": "bold cyan",
    "warn": "bold yellow",
    "bad": "bold red",
}


class Span(NamedTuple):
    """A piece of a line and the name of its style."""

    text: str
    style: str = ""


Line = tuple[Span, ...]
BLANK: Line = ()


def line(*pieces: Span | str) -> Line:
    """A line of spans; a plain string is a span without a style."""
    return tuple(piece if isinstance(piece, Span) else Span(piece) for piece in pieces)


def plain(lines: Iterable[Line]) -> str:
    """The lines without any style; no trailing spaces, one newline at the end of each."""
    return "".join("".join(span.text for span in each).rstrip() + "\n" for each in lines)


def coloured(lines: Iterable[Line], width: int) -> str:
    """The lines with ANSI escape codes."""
    import io

    from rich.console import Console
    from rich.text import Text

    out = io.StringIO()
    console = Console(file=out, force_terminal=True, color_system="standard", width=width, no_color=False)
    for each in lines:
        text = Text.assemble(*((span.text, STYLES[span.style]) for span in each))
        text.rstrip()
        console.print(text, soft_wrap=True, highlight=False)
    return out.getvalue()
