"""``certify worst-case METHOD``: how badly a method can do after N steps, as an interval of exact numbers."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from certify.cli import common, names, output, step_sizes
from certify.cli.errors import UserError
from certify.cli.progress import status

if TYPE_CHECKING:
    from certify.analysis.worst_cases import Answer, Request, Sweep

OPEN = 3
PICTURES = (".png", ".svg")
WIDEST = 120
NEEDED = {"certificate": "upper end", "proof": "upper end", "function": "worst case of functions"}
SINGLE = {"certificate": "saves", "proof": "is about", "function": "saves"}


@click.command("worst-case")
@click.argument("method", metavar="METHOD")
@common.assumption
@common.rules("Numbers of all parameters, such as L=1,gamma=1/L; f.L=1 for one of several functions.")
@click.option("-N", "--steps", type=click.IntRange(1, 1000), help="Number of steps.")
@click.option("--measure", required=True, metavar="NAME", help="What is bounded: gap, distance, gradient, best-gap, …")
@click.option(
    "--initial",
    default="distance<=1",
    show_default=True,
    metavar="NAME<=NUMBER",
    help="What is known at the start.",
)
@click.option("--sweep", metavar="NAME=FROM:TO:COUNT", help="Many values of one parameter; N=1:10 for the steps.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="With --sweep: a picture (.png or .svg).")
@click.option("--certificate", type=click.Path(path_type=Path), metavar="FILE", help="Save it for `certify verify`.")
@common.report_format
@common.output
@click.option("--lower/--no-lower", default=True, help="Look for an exact worst case as well, or not.")
@click.option("--exact/--no-exact", default=None, help="Try for an upper end with no slack.  [default: up to 30 steps]")
@click.option("--solver", metavar="NAME", help="CLARABEL (the default) or any solver that cvxpy knows.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="Stop then, with what is established (for each worst case of many).",
)
@click.option("--proof", type=click.Path(path_type=Path), metavar="FILE", help="Write a short proof (.tex for LaTeX).")
@click.option("--function", type=click.Path(path_type=Path), metavar="FILE", help="Write the worst function as JSON.")
@click.option("--replay", is_flag=True, help="Run the method on the worst function, where an explicit one is known.")
@step_sizes.options
def command(method: str, **options: Any) -> int:
    """Bound the worst case of METHOD after N steps over all functions that satisfy the assumptions.

    The answer is an interval: its upper end is proved by exact multipliers, its lower end by an exact worst case. The
    rates that the method's file claims are compared with it.

    --optimise and --admissible look for step sizes instead.

    \b
    certify worst-case gd -a smooth-convex --set L=1,gamma=1/L -N 5 --measure gap
    certify worst-case gd -a smooth-convex --set L=1 --sweep gamma=0:2/L:40 -N 3 --measure gap --plot gd.svg
    certify worst-case gd -a smooth-convex --set L=1 --optimise gamma=0:2/L -N 1 --measure gap

    Exit codes: 0 certified; 2 wrong use; 3 something is numerical only or left open.
    """
    if step_sizes.wanted(**options):
        return step_sizes.run(method, **options)
    return run(method, **{name: value for name, value in options.items() if name not in step_sizes.NAMES})


def run(
    method: str,
    *,
    assumption: tuple[str, ...],
    rules: tuple[str, ...],
    steps: int | None,
    measure: str,
    initial: str,
    sweep: str | None,
    plot: Path | None,
    kind: str | None,
    target: Path | None,
    lower: bool,
    solver: str | None,
    exact: bool | None,
    replay: bool,
    time_limit: float | None,
    **files: Path | None,
) -> int:
    """Check everything, solve, and only then write; `files` are those to write about a single worst case."""
    if target == Path("-"):
        target = None
    kind = kind or ("json" if target and target.suffix.lower() == ".json" else "text")
    _check(method, assumption, steps, sweep, plot, files)
    for name, path in {"output": target, "plot": plot, **files}.items():
        if path and path != Path("-"):
            output.check(path, f"--{name}")

    from certify.analysis import worst_cases
    from certify.analysis.errors import BadInput
    from certify.kernel import Malformed

    options: dict[str, Any] = ({} if lower else {"lower": False}) | {"exact": exact, "replay": replay}
    options |= ({"solver": solver} if solver else {}) | ({"sparse": True} if files["proof"] else {})
    options |= {"time_limit": time_limit} if time_limit else {}
    separate = [rule for text in rules for rule in text.split(",")]
    try:
        wanted = worst_cases.request(method, assumption, separate, steps=steps or 1, measure=measure, initial=initial)
        found = _solved(wanted, sweep, options)
        texts = _texts(next(worst_cases.each(found)), files)
    except (BadInput, Malformed) as error:
        raise UserError(str(error)) from error
    if plot and isinstance(found, worst_cases.Sweep):
        from certify.report.plot import picture

        output.save(picture(found, plot.suffix.lower().removeprefix(".")), plot, "--plot")
    for name, text in texts.items():
        if text is None:
            click.echo(f"There is no exact {NEEDED[name]}, so {str(files[name])!r} was not written.", err=True)
        elif files[name] != Path("-"):
            output.save(text, files[name] or Path(), f"--{name}")
    _report(found, kind, target)
    output.show("".join(f"\n{text}" for name, text in texts.items() if text and files[name] == Path("-")))
    established = all(a.settled or (not lower and a.bound.upper is not None) for a in worst_cases.each(found))
    return 0 if established else OPEN


def _texts(found: Answer, files: Mapping[str, Path | None]) -> dict[str, str | None]:
    """What is to be written about a worst case, by option; None where there is nothing."""
    from certify.analysis.worst_functions import as_data
    from certify.report.worst_case import proof

    texts: dict[str, str | None] = {}
    for name, data in (("certificate", found.certificate), ("function", lambda: as_data(found.question, found.bound))):
        if files[name]:
            plain = data()
            texts[name] = None if plain is None else json.dumps(plain, ensure_ascii=False, indent=1) + "\n"
    if files["proof"]:
        texts["proof"] = proof(found, latex=files["proof"].suffix.lower() == ".tex")
    return texts


def _solved(wanted: Request, sweep: str | None, options: dict[str, Any]) -> Answer | Sweep:
    from certify.analysis import worst_cases

    with status() as progress:
        if sweep is not None:
            return worst_cases.sweep(wanted, sweep, progress=progress, **options)
        asked = wanted.question()
        if progress:
            progress(f"{asked.measure.name} after {asked.steps} steps", 0, 1)
        return worst_cases.find(asked, **options)


def _report(found: Answer | Sweep, kind: str, target: Path | None) -> None:
    from certify.report import worst_case

    if kind == "json":
        text = worst_case.render_json(found)
    elif target is None and sys.stdout.isatty():
        color = not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        text = worst_case.render(found, width=min(shutil.get_terminal_size().columns, WIDEST), color=color)
    else:
        text = worst_case.render(found)
    output.deliver(text, target)


def _check(
    method: str,
    assumptions: tuple[str, ...],
    steps: int | None,
    sweep: str | None,
    plot: Path | None,
    files: Mapping[str, Path | None],
) -> None:
    """Say at once, before anything heavy is imported, what is wrong."""
    _known("method", method, names.methods())
    for text in assumptions:
        role, equals, name = text.partition("=")
        _known("assumption", name if equals else role, names.assumptions())
    over_steps = sweep is not None and sweep.partition("=")[0].strip() == "N"
    if steps is None and not over_steps:
        raise UserError("--steps is missing: give the number of steps, such as --steps 5")
    if steps is not None and over_steps:
        raise UserError("--sweep and --steps both give the number of steps")
    if plot and sweep is None:
        raise UserError("--plot draws a sweep; add --sweep gamma=0:2/L:40, for example")
    if plot and plot.suffix.lower() not in PICTURES:
        raise UserError(f"--plot {str(plot)!r} must end in {' or '.join(PICTURES)}")
    for name, path in files.items():
        if path and sweep is not None:
            raise UserError(f"--{name} {SINGLE[name]} a single worst case; leave --sweep out")


def _known(word: str, name: str, known: list[str]) -> None:
    if names.is_path(name):
        if not Path(name).is_file():
            raise UserError(f"there is no file {name!r} to load the {word} from")
    elif name not in known:
        raise UserError(names.unknown(word, name, known, f"there are {', '.join(known)}"))
