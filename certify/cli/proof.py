"""``certify proof``: one theorem and its proof, as the appendix of a paper prints them."""

from __future__ import annotations

from pathlib import Path

import click

from certify.cli import common, names, output
from certify.cli.errors import UserError
from certify.cli.progress import status

FORMATS = ("text", "latex", "markdown")
ENDINGS = {".tex": "latex", ".md": "markdown"}
EXAMPLES = """\b
Examples:
  certify proof gd/smooth-convex/gap
  certify proof bpm/ball-convex/distance --format latex --standalone -o distance.tex
"""


@click.command("proof", epilog=EXAMPLES)
@click.argument("identifier", metavar="ID")
@click.option(
    "--format", "kind", type=click.Choice(FORMATS), help="Format.  [default: by the ending of FILE, else text]"
)
@click.option("--standalone", is_flag=True, help="With --format latex: a whole document, not a fragment.")
@click.option(
    "-o", "--output", "target", type=click.Path(path_type=Path), metavar="FILE", help="Write the proof to this file."
)
@common.seconds
def command(identifier: str, kind: str | None, standalone: bool, target: Path | None, seconds: float) -> int:
    """Print the theorem ID (METHOD/ASSUMPTIONS/THEOREM, as `certify METHOD` prints it) and its proof.

    The proof is found in this run, or kept from an earlier one and checked again. For a worst case after N steps use
    `certify worst-case METHOD … --proof FILE`, which writes the numbers.

    Exit codes: 0 proved; 1 refuted; 2 wrong use; 3 left open.
    """
    if target == Path("-"):
        target = None
    kind = kind or (ENDINGS.get(target.suffix.lower(), "text") if target else "text")
    if standalone and kind != "latex":
        raise UserError("--standalone makes a whole LaTeX document and needs --format latex")
    method, assumptions, theorem = _parts(identifier)
    if target:
        output.check(target)

    from certify.analysis.errors import BadInput
    from certify.analysis.stored import stored_analysis
    from certify.analysis.survey import results_file
    from certify.report.appendix import render
    from certify.report.tables import rows
    from certify.store import Results

    try:
        with status() as progress, Results(results_file()) as store:
            if progress:
                progress(identifier, 0, 1)
            options = {"theorems": [theorem], "sdp": False, "simulate": False, "seconds": seconds}
            found = stored_analysis(store, method, assumptions, **options)
    except BadInput as error:
        raise UserError(str(error)) from error
    text = render(rows([found])[0], kind, standalone=standalone)
    output.deliver(text, target)
    return found.exit_code


def _parts(identifier: str) -> tuple[str, list[str], str]:
    """The method (a name, or the path of a file), the assumptions and the theorem."""
    method, _, rest = identifier.rpartition("/")
    method, _, assumptions = method.rpartition("/")
    if not (method and assumptions and rest):
        raise UserError(f"{identifier!r} must read METHOD/ASSUMPTIONS/THEOREM, such as gd/smooth-convex/gap")
    given = assumptions.split("+")
    names.check([method], given)
    return method, given, rest
