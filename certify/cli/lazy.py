"""The group behind ``certify``: its commands are the methods, the user's files, and the few words in `COMMANDS`."""

from __future__ import annotations

import textwrap
from importlib import import_module

import click

from certify.cli import names
from certify.cli.errors import UserError

COMMANDS = {
    "audit": "Compare the updates of a training script with what its learning rates say.",
    "completion": "Print a script that completes names in bash, zsh or fish.",
    "check": "Check claims from a file, or one claim: proved, refuted or open.",
    "list": "Show all methods, the theorems and the rates they claim.",
    "proof": "Print one theorem with its proof, for a paper or for reading.",
    "rate": "Find a Lyapunov function and the best linear rate of a method.",
    "report": "Make a static site of all results, with proofs and certificates.",
    "simulate": "Run a method many times and draw the runs against its bounds.",
    "table": "Print the rates of many methods in one table: text, LaTeX, HTML, CSV, JSON.",
    "verify": "Check the certificates in a file again.",
    "worst-case": "Bound how badly a method can do after N steps, from above and below.",
    "validate": "Check the step sizes of a training script on a short real trajectory.",
}
"""Each word has a module of its own with a click command named `command`; the sentence is for ``--help``."""

EXAMPLES = """\
certify gd
certify bpm --assumption ball-convex
certify gd -a smooth-strongly-convex --set gamma=1/L --format latex -o gd.tex
certify gd --format json -o gd.json && certify verify gd.json
certify worst-case gd -a smooth-convex --set L=1,gamma=1/L --steps 5 --measure gap
certify check -m gd -a smooth-convex --set gamma=1/L 'f(x_N) - f* <= L R^2/(4 N + 2)'
"""


class LazyGroup(click.Group):
    """Builds a command only when it is called for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every word that may come first, for shell completion."""
        return [*names.methods(), *COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A command by its word, or the analysis of a method by its name or file."""
        if cmd_name in COMMANDS:
            return import_module(f"certify.cli.{cmd_name.replace('-', '_')}").command
        if names.is_path(cmd_name) or cmd_name in names.methods():
            from certify.cli.analyse import command_for

            return command_for(cmd_name)
        return None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As usual, but options of an analysis that come too early are told where they belong."""
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            name = error.option_name
            raise UserError(f"there is no option {name} here; options come after METHOD: gd {name} …") from error

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As usual, but an unknown word gets one sentence with the nearest known one."""
        word = args[0]
        if self.get_command(ctx, word) is None and not ctx.resilient_parsing:
            raise UserError(
                names.unknown(
                    "method or command", word, self.list_commands(ctx), "`certify list` shows the methods there are"
                )
            )
        return super().resolve_command(ctx, args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Two lines: for methods and for commands."""
        formatter.write_usage("certify", "METHOD [OPTIONS]")
        formatter.write_usage("certify", "COMMAND [ARGS]...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """What the words may be; then the options."""
        _section(formatter, "Methods", ", ".join(names.methods()))
        _section(formatter, "Assumptions (--assumption NAME)", ", ".join(names.assumptions()))
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))
        with formatter.section("Examples"):
            formatter.write(textwrap.indent(EXAMPLES, "  "))
        click.Command.format_options(self, ctx, formatter)


def _section(formatter: click.HelpFormatter, title: str, text: str) -> None:
    with formatter.section(title):
        width = max(formatter.width - formatter.current_indent, 20)
        indent = " " * formatter.current_indent
        for line in textwrap.wrap(text, width, break_on_hyphens=False):
            formatter.write(f"{indent}{line}\n")
