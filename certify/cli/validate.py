"""``certify validate train.py:build``: are the step sizes of a training set-up supported by its loss?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from certify.cli import training
from certify.cli.progress import status


@click.command("validate")
@training.options
@click.option("--steps", type=click.IntRange(8), help="Training steps to run (three times as many on a plateau). [40]")
@click.option("--probes", type=click.IntRange(1), help="Steps at which the gradient is replayed. [40]")
@click.option("--seconds", type=click.FloatRange(1), help="Time budget. [300]")
@click.option("--geometry", metavar="NORM", help="A norm for all layers instead of that of their optimizer. [auto]")
@click.option("--convex", metavar="LOSS", help="The loss is convex: least-squares, logistic, softmax or huber.")
def command(target: str | None, kind: str | None, files: tuple[Path, ...], config: Path | None, **given: Any) -> int:
    """Check the step sizes of a real training set-up on a short real trajectory; nothing is changed.

    FUNCTION (build, if none is named) takes no arguments and returns (model, optimizer, data, loss_fn), a dict of
    these, or a dict with more: schedulers, scaler, clip_norm, clip_value, accumulate, autocast, before_step,
    train_step. The script is run.

    \b
    certify validate train.py:build
    certify validate train.py:build --seconds 60 -o report.html -o report.xml

    Exit codes: 0 PASS; 1 WARN or FAIL; 2 wrong use or an error of the script; 3 inconclusive.
    """

    def work(setup: Any, settings: dict[str, Any]) -> Any:
        from certify.training.trajectory import Plan
        from certify.training.validate import validate_setup

        chosen = {name: settings[name] for name in ("steps", "probes", "seconds") if name in settings}
        with status() as progress:
            return validate_setup(
                setup, Plan(**chosen), settings.get("geometry", "auto"), settings.get("convex"), progress
            )

    return training.run(target, kind, files, config, given, work)
