"""The command ``certify``: dispatch, and what becomes of errors; nothing heavy is imported here."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import StringIO, TextIOWrapper

import click

from certify import __version__
from certify.cli.errors import UserError, shown
from certify.cli.lazy import LazyGroup

BAD_USE, CRASHED, INTERRUPTED = 2, 70, 130
"""Exit codes besides the verdicts' own 0, 1 and 3; a crash must not look like a verdict."""

HELP = """Prove convergence rates of optimisation methods with exact certificates.

METHOD is the name of a built-in method, or the path of a Python file of your own that declares one (it contains a
slash or ends in .py); such a file is run. `certify METHOD --help` shows the options of an analysis.
"""


@click.group(
    cls=LazyGroup,
    help=HELP,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="certify", message="%(prog)s %(version)s")
@click.pass_context
def application(context: click.Context) -> None:
    """The command without arguments: its help."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    _use_utf8()
    try:
        code = application.main(arguments, prog_name="certify", standalone_mode=False)
    except UserError as error:
        click.echo(f"Error: {shown(error)}", err=True)
        return BAD_USE
    except click.ClickException as error:
        text = StringIO()
        error.show(text)
        click.echo(shown(text.getvalue()), nl=False, err=True)
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted.", err=True)
        return INTERRUPTED
    except SystemExit:
        raise
    except BaseException:  # native solvers panic with exceptions of their own
        import traceback

        traceback.print_exc()
        click.echo("Error: this is a fault in Certify or in a file it ran; nothing was decided.", err=True)
        return CRASHED
    return code if isinstance(code, int) else 0


def _use_utf8() -> None:
    """Formulas are Unicode: pipes and files get UTF-8 everywhere, a terminal that knows less gets question marks."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper) and stream.encoding.lower().replace("-", "") != "utf8":
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8")
