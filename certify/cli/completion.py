"""``certify completion SHELL``: the script that makes a shell complete methods, assumptions and options."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", epilog='\b\nExample, in ~/.bashrc:\n  eval "$(certify completion bash)"')
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(context: click.Context, shell: str) -> None:
    """Print the completion script for SHELL; evaluate it in the shell's start-up file."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"this version of click does not know {shell}")
    root = context.find_root()
    # `source` alone is the script; the constructor of bash's class looks for the shell only when completing.
    click.echo(kind(root.command, {}, "certify", "_CERTIFY_COMPLETE").source())
