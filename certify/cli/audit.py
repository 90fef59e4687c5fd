"""``certify audit train.py:build``: are the updates of a training set-up what its learning rates say?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from certify.cli import training


@click.command("audit")
@training.options
@click.option("--steps", "audit_steps", type=click.IntRange(1), default=4, show_default=True, help="Training steps.")
def command(
    target: str | None, kind: str | None, files: tuple[Path, ...], config: Path | None, audit_steps: int
) -> int:
    """Compare the real update of every tensor with what lr and scalings say, and lint who updates which tensor.

    FUNCTION (build, if none is named) is as for `certify validate`. A few steps are run and undone.

    \b
    certify audit train.py:build
    certify audit train.py:build -o audit.json

    Exit codes: 0 nothing found; 1 findings; 2 wrong use or an error of the script.
    """

    def work(setup: Any, settings: dict[str, Any]) -> Any:
        from certify.training.audit import audit

        return audit(setup, steps=audit_steps)

    return training.run(target, kind, files, config, {}, work)
