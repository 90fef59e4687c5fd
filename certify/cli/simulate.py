"""``certify simulate METHOD``: many runs at given numbers, drawn against the bounds that are proved or claimed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from certify.cli import common, names, output
from certify.cli.errors import UserError
from certify.cli.progress import status

if TYPE_CHECKING:
    from certify.analysis.simulation_request import Request

DEVICES = ("auto", "cpu", "cuda")
BACKENDS = ("loky", "dask", "ray")
PICTURES = (".png", ".svg")


@click.command("simulate")
@click.argument("method", metavar="METHOD")
@common.assumption
@common.rules(
    "Numbers of parameters and constants, such as L=1,gamma=1/L; the rest gets usual ones, which are printed."
)
@click.option("--bound", "bounds", multiple=True, metavar="NAME", help="Only this theorem or rate; may be repeated.")
@click.option("--measure", metavar="NAME", help="Only bounds on this: distance, gap, gradient, …")
@click.option("--runs", type=click.IntRange(min=1), default=10_000, show_default=True, help="How many runs.")
@click.option("-N", "--steps", type=click.IntRange(1, 1000), default=20, show_default=True, help="Steps of each run.")
@click.option("--device", type=click.Choice(DEVICES), default="auto", show_default=True, help="Where to run.")
@click.option("--sweep", metavar="NAME=FROM:TO:COUNT", help="Many values of one parameter, in parallel, resumable.")
@click.option("--jobs", type=click.IntRange(min=1), help="With --sweep: how many values at once.  [default: all cores]")
@click.option("--backend", type=click.Choice(BACKENDS), default="loky", help="With --sweep: who runs them (joblib).")
@click.option("--data", is_flag=True, help="Also on functions of real data (needs scikit-learn).")
@click.option(
    "--worst-case", "worst", is_flag=True, help="Also on the function of the worst case (needs a solver's time)."
)
@click.option("--search", is_flag=True, help="Let the runs nearest to a bound climb towards it, by gradient ascent.")
@click.option("--plot", type=click.Path(path_type=Path), metavar="FILE", help="Draw it (.png or .svg).")
@common.report_format
@common.output
@common.seconds
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Seed of all random choices.")
def command(
    method: str,
    assumption: tuple[str, ...],
    rules: tuple[str, ...],
    bounds: tuple[str, ...],
    measure: str | None,
    runs: int,
    steps: int,
    device: str,
    sweep: str | None,
    jobs: int | None,
    backend: str,
    data: bool,
    worst: bool,
    search: bool,
    plot: Path | None,
    kind: str | None,
    target: Path | None,
    seconds: float,
    seed: int,
) -> int:
    """Run METHOD on many functions that satisfy the assumptions, and compare every run with each bound.

    Theorems are proved first, for all parameters; rates of the literature are only compared with, and labelled so. All
    runs start at distance 1 from a minimiser.

    \b
    certify simulate gd -a smooth-convex --set L=1,gamma=1/L --plot gd.svg
    certify simulate heavy-ball --bound gap-rate --runs 100000 --device cuda
    certify simulate gd --bound gap-rate-all-steps --set L=1 --sweep gamma=1/10:19/10:19

    Exit codes: 0 no run exceeds a bound; 1 some run does; 2 wrong use.
    """
    target = None if target == Path("-") else target
    kind = kind or ("json" if target and target.suffix.lower() == ".json" else "text")
    _check(method, assumption, plot)
    for path, option in ((target, "--output"), (plot, "--plot")):
        if path:
            output.check(path, option)

    from certify.analysis.errors import BadInput
    from certify.analysis.simulation_request import Request

    asked = Request(method, assumption, rules, measure, bounds, runs, steps, seed, device, seconds, data, worst, search)
    ending = plot.suffix.lower().removeprefix(".") if plot else None
    try:
        text, drawn, violated = _single(asked, kind, ending) if sweep is None else _swept(
            asked, sweep, jobs, backend, kind, ending
        )  # fmt: skip
    except BadInput as error:
        raise UserError(str(error)) from error
    if plot and drawn is None:
        raise UserError("--plot: there is nothing to draw, because no bound was compared with any run")
    if plot and drawn:
        output.save(drawn, plot, "--plot")
    output.deliver(text, target)
    return int(violated)


def _single(asked: Request, kind: str, ending: str | None) -> tuple[str, bytes | None, bool]:
    """The report, the picture if one is asked for, and whether a bound was exceeded."""
    from certify.analysis.simulations import simulations
    from certify.report import simulations as report
    from certify.report.simulation_plot import picture

    with status() as progress:
        found = simulations(asked, progress)
    text = report.render_json(found) if kind == "json" else report.render(found)
    return text, picture(found, ending) if ending else None, found.violated


def _swept(
    asked: Request, sweep: str, jobs: int | None, backend: str, kind: str, ending: str | None
) -> tuple[str, bytes | None, bool]:
    """The same for a sweep."""
    from certify.analysis import simulation_sweeps
    from certify.analysis.survey import results_file
    from certify.report import simulation_sweeps as report

    with status() as progress:
        found = simulation_sweeps.sweep(
            asked, sweep, results_file(), jobs=jobs, backend=backend, progress=progress
        )  # fmt: skip
    text = report.render_json(found) if kind == "json" else report.render(found)
    return text, report.picture(found, ending) if ending else None, found.violated


def _check(method: str, assumptions: tuple[str, ...], plot: Path | None) -> None:
    """Say at once, before anything heavy is imported, what is wrong."""
    for word, known, text in (
        ("method", names.methods(), method),
        *(("assumption", names.assumptions(), a.rpartition("=")[2]) for a in assumptions),
    ):
        if names.is_path(text):
            if not Path(text).is_file():
                raise UserError(f"there is no file {text!r} to load the {word} from")
        elif text not in known:
            raise UserError(names.unknown(word, text, known, f"there are {', '.join(known)}"))
    if plot and plot.suffix.lower() not in PICTURES:
        raise UserError(f"--plot {str(plot)!r} must end in {' or '.join(PICTURES)}")
