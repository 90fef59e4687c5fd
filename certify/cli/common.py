"""Options that several commands have in common."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

assumption = click.option(
    "-a",
    "--assumption",
    multiple=True,
    metavar="NAME",
    help="What the function satisfies; f=NAME for one of several functions. May be repeated.",
)
report_format = click.option(
    "--format",
    "kind",
    type=click.Choice(["text", "json"]),
    help="Format of the report.  [default: by the ending of FILE, else text]",
)
output = click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write the report here."
)
SECONDS = "Processor time for each inequality that the proof of a theorem consists of."
seconds = click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), default=30.0, show_default=True, help=SECONDS
)


def rules(text: str) -> Callable[[Any], Any]:
    """``--set NAME=FORMULA`` with this help text."""
    return click.option("--set", "rules", multiple=True, metavar="NAME=FORMULA", help=text)
