"""The options of ``certify worst-case`` that look for step sizes: --optimise, and --admissible with --below."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from certify.cli import output
from certify.cli.errors import UserError
from certify.cli.progress import status

NAMES = ("optimise", "admissible", "below")
C = TypeVar("C", bound=Callable[..., Any])


def options(command: C) -> C:
    """Add the options to a command."""
    for option in reversed(
        (
            click.option(
                "--optimise", metavar="NAME=FROM:TO", help="The value of a parameter with the best worst case."
            ),
            click.option("--admissible", metavar="NAME=FROM:TO", help="The values with a worst case below a number …"),
            click.option(
                "--below", default="1", show_default=True, metavar="NUMBER", help="… which is this one, or infinity."
            ),
        )
    ):
        command = option(command)
    return command


def wanted(optimise: str | None, admissible: str | None, **_others: Any) -> bool:
    """Whether step sizes are asked for."""
    return optimise is not None or admissible is not None


def run(
    method: str,
    *,
    optimise: str | None,
    admissible: str | None,
    below: str,
    kind: str | None,
    target: Path | None,
    steps: int | None,
    solver: str | None,
    assumption: tuple[str, ...],
    rules: tuple[str, ...],
    measure: str,
    initial: str,
    time_limit: float | None,
    **others: Any,
) -> int:
    """Search, and print the report."""
    for name in ("sweep", "plot", "certificate", "proof", "function", "replay"):
        if others.get(name):
            raise UserError(f"--{name} is about other worst cases; leave it out with --optimise and --admissible")
    if not others.get("lower", True):
        raise UserError("step sizes are compared by both ends; leave --no-lower out")
    if optimise is not None and admissible is not None:
        raise UserError("give --optimise or --admissible, not both")
    if target == Path("-"):
        target = None
    if target:
        output.check(target, "--output")

    from certify.analysis import step_sizes, worst_cases
    from certify.analysis.errors import BadInput
    from certify.report import step_sizes as report

    choice: dict[str, Any] = {"solver": solver} if solver else {}
    choice |= {"time_limit": time_limit} if time_limit else {}
    separate = [rule for text in rules for rule in text.split(",")]
    try:
        asked = worst_cases.request(method, assumption, separate, steps=steps or 1, measure=measure, initial=initial)
        with status() as progress:
            if optimise is not None:
                found = step_sizes.best(asked, optimise, progress=progress, **choice)
            else:
                found = step_sizes.allowed(asked, admissible or "", below, progress=progress, **choice)
    except BadInput as error:
        raise UserError(str(error)) from error
    kind = kind or ("json" if target and target.suffix.lower() == ".json" else "text")
    text = report.render_json(found) if kind == "json" else report.render(found)
    output.deliver(text, target)
    return 0
