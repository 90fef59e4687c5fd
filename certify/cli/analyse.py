"""``certify METHOD``: prove every theorem of a method that applies, and print what was established."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from certify.cli import common, names, output
from certify.cli.errors import UserError
from certify.cli.progress import status

if TYPE_CHECKING:
    from certify.analysis.results import Analysis

FORMATS = ("text", "json", "markdown", "latex")
ENDINGS = {".json": "json", ".md": "markdown", ".tex": "latex"}
"""What the name of the output file says about the format, where --format says nothing."""
WIDEST = 120
"""Longer lines are hard to read; pipes and files get lines of 100 characters."""

HELP = """Prove the theorems of {method} under the given assumptions, or under all that its theorems name.

{note}Every theorem is proved with exact certificates that the kernel checks; worst cases and trajectories of the same
declaration are compared with it.

Exit codes: 0 everything established; 1 something refuted or contradicted; 2 wrong use; 3 something left open."""


def command_for(method: str) -> click.Command:
    """The command that analyses this method, given by name or by the path of a file."""
    own = names.is_path(method)
    note = "The file is run to load the method.\n\n" if own else ""
    return click.Command(
        method,
        callback=lambda **options: run(method, **options),
        params=_options(),
        help=HELP.format(method=os.path.basename(method) if own else method, note=note),
    )


def run(
    method: str,
    *,
    assumption: Sequence[str] = (),
    measure: str | None = None,
    theorem: Sequence[str] = (),
    rules: Sequence[str] = (),
    norm: str = "euclidean",
    kind: str | None = None,
    standalone: bool = False,
    quiet: bool = False,
    target: Path | None = None,
    sdp: bool = True,
    simulate: bool = True,
    seconds: float = 30.0,
    seed: int = 0,
) -> int:
    """Analyse, print or save the report, and return the exit code of the verdicts."""
    if target == Path("-"):
        target = None
    kind = kind or (ENDINGS.get(target.suffix.lower(), "text") if target else "text")
    if standalone and kind != "latex":
        raise UserError("--standalone makes a whole LaTeX document and needs --format latex")
    if quiet and kind != "text":
        raise UserError("--quiet is about the report as text")
    names.check([method], assumption)
    values = _rules(rules)
    if target:
        output.check(target)

    from certify.analysis.analyse import analyse
    from certify.analysis.errors import BadInput

    try:
        with status() as progress:
            analysis = analyse(
                method,
                assumption,
                measure=measure,
                theorems=theorem,
                values=values,
                norm=norm,
                sdp=sdp,
                simulate=simulate,
                seconds=seconds,
                seed=seed,
                progress=progress,
            )
    except BadInput as error:
        raise UserError(str(error)) from error
    text = _rendered(analysis, kind, standalone, quiet, to_terminal=target is None and sys.stdout.isatty())
    output.deliver(text, target)
    return analysis.exit_code


def _rendered(analysis: Analysis, kind: str, standalone: bool, quiet: bool, to_terminal: bool) -> str:
    from importlib import import_module

    options: dict[str, Any] = {}
    if kind == "latex":
        options["standalone"] = standalone
    elif kind == "text":
        options["quiet"] = quiet
    if kind == "text" and to_terminal:
        options["width"] = min(shutil.get_terminal_size().columns, WIDEST)
        options["color"] = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    return import_module(f"certify.report.{kind}").render(analysis, **options)


def _known_norm(_context: click.Context, _parameter: click.Parameter, name: str) -> str:
    """The name, if there is such a norm."""
    if name not in ("euclidean", "any"):
        from certify.geometry import named

        try:
            named(name)
        except ValueError as error:
            raise click.BadParameter(str(error)) from error
    return name


def _rules(texts: Sequence[str]) -> list[str]:
    """``gamma=1/L,L=1`` as separate rules."""
    rules = [rule.strip() for text in texts for rule in text.split(",")]
    for rule in rules:
        name, equals, formula = rule.partition("=")
        if not (name.strip() and equals and formula.strip()):
            raise UserError(f"--set {rule!r} must read NAME=FORMULA, such as gamma=1/L")
    return rules


def _complete_assumption(_context: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    return [CompletionItem(name) for name in names.assumptions() if name.startswith(begun)]


def _options() -> list[click.Parameter]:
    return [
        click.Option(
            ["-a", "--assumption"],
            metavar="NAME",
            multiple=True,
            shell_complete=_complete_assumption,
            help="What the function satisfies; may be repeated. The path of a Python file of your own runs it.",
        ),
        click.Option(["--theorem"], metavar="NAME", multiple=True, help="Only this theorem; may be repeated."),
        click.Option(["--measure"], metavar="NAME", help="Only theorems about this: distance, gap, gradient, …"),
        click.Option(
            ["--set", "rules"],
            metavar="NAME=FORMULA",
            multiple=True,
            help="Tie parameters, such as gamma=1/L,L=1; may be repeated.",
        ),
        click.Option(
            ["--norm"],
            metavar="NAME",
            callback=_known_norm,
            default="euclidean",
            show_default=True,
            help="Theorems for the Euclidean norm, for any, or for one such as linf, l1, spectral.",
        ),
        click.Option(
            ["--format", "kind"],
            type=click.Choice(FORMATS),
            help="Format of the report.  [default: by the ending of FILE, else text]",
        ),
        click.Option(["--standalone"], is_flag=True, help="With --format latex: a whole document, not a fragment."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Only the verdicts, one line each."),
        click.Option(
            ["-o", "--output", "target"],
            type=click.Path(path_type=Path),
            metavar="FILE",
            help="Write the report to this file.",
        ),
        click.Option(["--sdp/--no-sdp"], default=True, help="Bound the worst case of one step exactly, or not."),
        click.Option(["--simulate/--no-simulate"], default=True, help="Run trajectories, or not."),
        click.Option(
            ["--seconds"],
            type=click.FloatRange(min=0, min_open=True),
            default=30.0,
            show_default=True,
            help=common.SECONDS,
        ),
        click.Option(
            ["--seed"], type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all random choices."
        ),
    ]
