"""``certify report``: a static site of all results, to read offline or to publish."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click

from certify.cli import common, names
from certify.cli.errors import UserError
from certify.cli.progress import status

MARKER = ".certify-report"
"""The file by which a folder is known to be an earlier report, which may be replaced."""


EXAMPLES = """\b
Examples:
  certify report -o site
  certify report -m gd -m ppm --title "Gradient and proximal steps" -o site
"""


@click.command("report", epilog=EXAMPLES)
@click.option(
    "-o",
    "--output",
    "target",
    type=click.Path(path_type=Path),
    metavar="DIR",
    required=True,
    help="The folder to make.",
)
@click.option("-m", "--method", "methods", multiple=True, metavar="NAME", help="Only this method; may be repeated.")
@click.option("-a", "--assumption", "assumptions", multiple=True, metavar="NAME", help="Only what holds under these.")
@click.option("--title", default="Convergence rates", show_default=True, help="The title of the site.")
@click.option("--sdp/--no-sdp", default=True, help="Bound the worst case of one step exactly, or not.")
@click.option("--simulate/--no-simulate", default=True, help="Run trajectories, or not.")
@common.seconds
@click.option("--jobs", type=click.IntRange(min=1), help="Processes at work.  [default: one for each processor]")
def command(
    target: Path,
    methods: tuple[str, ...],
    assumptions: tuple[str, ...],
    title: str,
    sdp: bool,
    simulate: bool,
    seconds: float,
    jobs: int | None,
) -> int:
    """Make a folder DIR with a static site: a matrix of methods and assumptions, a page for each theorem, certificates.

    Every theorem is proved in this run, or its stored certificate is checked again. The site works from a disk, without
    a network and without scripts. A folder that holds anything but an earlier report is not touched.
    """
    names.check(methods, assumptions)
    _check(target)

    from certify.analysis.errors import BadInput
    from certify.analysis.survey import survey
    from certify.report.site import build

    try:
        with status() as progress:
            found = survey(
                methods, assumptions, sdp=sdp, simulate=simulate, seconds=seconds, jobs=jobs, progress=progress
            )
    except BadInput as error:
        raise UserError(str(error)) from error
    built = build(found, title)
    _write(built.files, target)
    size = sum(len(each.encode() if isinstance(each, str) else each) for each in built.files.values())
    click.echo(f"{target}: {built.theorems} theorems, {len(built.files)} files, {size / 1e6:.1f} MB; open index.html")
    return 1 if any(analysis.contradicted for analysis in found) else 0


def _check(target: Path) -> None:
    """Refuse what cannot or must not be replaced, before any work is done."""
    if target.exists() and not target.is_dir():
        raise UserError(f"--output {str(target)!r} is a file; name a folder")
    if target.is_dir() and any(target.iterdir()) and not (target / MARKER).is_file():
        raise UserError(f"--output {str(target)!r} holds other files; name a folder that is new or empty")
    if not target.resolve().parent.is_dir():
        raise UserError(f"--output {str(target)!r} lies in a folder that does not exist")


def _write(files: Mapping[str, str | bytes], target: Path) -> None:
    """Write everything beside the old folder and put it in its place at the end."""
    final = target.resolve()
    try:
        room = Path(tempfile.mkdtemp(prefix=f".{final.name}.", dir=final.parent))
        fresh, old = room / "new", room / "old"
        try:
            for name, content in {**files, MARKER: ""}.items():
                path = fresh / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
            if final.exists():
                final.rename(old)
            fresh.rename(final)
        finally:
            if old.exists() and not final.exists():
                old.rename(final)
            shutil.rmtree(room, ignore_errors=True)
    except OSError as error:
        raise UserError(f"--output {str(target)!r} cannot be written: {error.strerror}") from error
