"""``certify table``: the rates of many methods in one table, for a paper, a page or a program."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from certify.cli import common, names, output
from certify.cli.errors import UserError
from certify.cli.progress import status

if TYPE_CHECKING:
    from certify.report.tables import Column

FORMATS = ("text", "latex", "markdown", "html", "csv", "json")
ENDINGS = {".tex": "latex", ".md": "markdown", ".html": "html", ".csv": "csv", ".json": "json"}
WIDEST = 160
"""Longer lines are hard to read; pipes and files get lines of 120 characters."""
WIDTH = 120

EXAMPLES = """\b
Examples:
  certify table --method gd --method ppm
  certify table --assumption smooth-convex --columns method,rate,complexity
  certify table --format latex --standalone --landscape -o rates.tex
"""


@click.command("table", epilog=EXAMPLES)
@click.option("-m", "--method", "methods", multiple=True, metavar="NAME", help="Only this method; may be repeated.")
@click.option(
    "-a", "--assumption", "assumptions", multiple=True, metavar="NAME", help="Only what holds under these assumptions."
)
@click.option("--measure", metavar="NAME", help="Only theorems about this: distance, gap, gradient, …")
@click.option(
    "--columns",
    metavar="NAME,…",
    help="Which columns, in this order: method, theorem, assumptions, measure, condition, rate, optimal, complexity, "
    "tight, verdict, source.",
)
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="Format.  [default: by the ending of FILE, else text]"
)
@click.option("--standalone", is_flag=True, help="LaTeX: a whole document with its references, not a fragment.")
@click.option("--landscape", is_flag=True, help="LaTeX: turn the page.")
@click.option("--long/--no-long", default=None, help="LaTeX: a table that breaks over pages.  [default: if it must]")
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write the table to this file."
)
@click.option("--bib", type=click.Path(path_type=Path), metavar="FILE", help="Write the works cited as BibTeX, too.")
@click.option("--sdp/--no-sdp", default=True, help="Say how much of each bound is attained, or do not.")
@common.seconds
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at work.  [default: one for each processor]")
def command(
    methods: tuple[str, ...],
    assumptions: tuple[str, ...],
    measure: str | None,
    columns: str | None,
    kind: str | None,
    standalone: bool,
    landscape: bool,
    long: bool | None,
    target: Path | None,
    bib: Path | None,
    sdp: bool,
    seconds: float,
    jobs: int | None,
) -> int:
    """Print one row for each theorem: assumptions, step sizes, rate, complexity, and how far it was established.

    Every row is proved in this run, or its certificate, kept from an earlier run of the same code, is checked again.
    What is not established is marked by its verdict. A .bib file is written beside a LaTeX fragment: -o rates.tex
    gives rates.bib as well.
    """
    if target == Path("-"):
        target = None
    kind = kind or (ENDINGS.get(target.suffix.lower(), "text") if target else "text")
    if (standalone or landscape or long is not None) and kind != "latex":
        raise UserError("--standalone, --landscape and --long are about LaTeX and need --format latex")
    names.check(methods, assumptions)
    bib = bib or (target.with_suffix(".bib") if target and kind == "latex" and not standalone else None)
    for path, option in ((target, "--output"), (bib, "--bib")):
        if path:
            output.check(path, option)

    from certify.analysis.errors import BadInput
    from certify.analysis.survey import survey
    from certify.report.tables import render, rows
    from certify.report.tables.bibliography import bibtex

    chosen = _columns(columns, kind, sdp=sdp)
    try:
        with status() as progress:
            found = survey(
                methods, assumptions, measure=measure, sdp=sdp, seconds=seconds, jobs=jobs, progress=progress
            )
    except BadInput as error:
        raise UserError(str(error)) from error
    lines = rows(found)
    wide = min(shutil.get_terminal_size().columns, WIDEST) if target is None and sys.stdout.isatty() else WIDTH
    text = render(lines, chosen, kind, width=wide, standalone=standalone, landscape=landscape, long=long)
    if bib:
        output.save(bibtex(line.theorem.source for line in lines), bib, "--bib")
    output.deliver(text, target)
    return 1 if any(analysis.contradicted for analysis in found) else 0


def _columns(text: str | None, kind: str, *, sdp: bool) -> list[Column]:
    """The columns asked for, or what suits the format; the share that is attained is not known without `sdp`."""
    from certify.report.tables import COLUMNS, choose
    from certify.report.tables.columns import DEFAULT, IN_TERMINAL

    if text is None:
        usual = IN_TERMINAL if kind == "text" else DEFAULT
        return choose([name for name in usual if sdp or name != "tight" or kind in ("csv", "json")])
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    for name in chosen or [text]:
        if name not in COLUMNS:
            raise UserError(names.unknown("column", name, list(COLUMNS), f"there are {', '.join(COLUMNS)}"))
    if len(set(chosen)) < len(chosen):
        raise UserError(f"--columns {text!r} names a column twice")
    return choose(chosen)
