"""What ``certify validate`` and ``certify audit`` share: the user's script, the configuration, and where reports go."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from certify.cli import output
from certify.cli.errors import UserError

if TYPE_CHECKING:
    from certify.training.audit import Audit
    from certify.training.setup import Setup
    from certify.training.validate import Validation

KINDS = ("text", "json", "html", "junit")
ENDINGS = {".json": "json", ".html": "html", ".xml": "junit"}


def options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options that both commands have."""
    for option in reversed(
        (
            click.argument("target", metavar="[FILE.py:FUNCTION]", required=False),
            click.option(
                "--format",
                "kind",
                type=click.Choice(KINDS),
                help="Format of the report.  [default: by the ending of FILE, else text]",
            ),
            click.option(
                "-o",
                "--output",
                "files",
                multiple=True,
                type=click.Path(path_type=Path),
                metavar="FILE",
                help="Write the report here (.json, .html, .xml for JUnit, else text). May be repeated.",
            ),
            click.option(
                "--config",
                type=click.Path(path_type=Path),
                metavar="FILE",
                help="A TOML file with the options.  [default: [tool.certify] of pyproject.toml]",
            ),
        )
    ):
        function = option(function)
    return function


def run(
    target: str | None,
    kind: str | None,
    files: tuple[Path, ...],
    config: Path | None,
    given: dict[str, Any],
    work: Callable[[Setup, dict[str, Any]], Validation | Audit],
) -> int:
    """Load, work, write; returns the exit code of the report."""
    for file in files:
        output.check(file)
    from certify.training.errors import BadSetup, first_line
    from certify.training.target import configuration, load, place

    try:
        settings = configuration(config) | {name: value for name, value in given.items() if value is not None}
        chosen = target or settings.get("target")
        if not chosen:
            raise UserError("no script was named: give FILE.py:FUNCTION, such as train.py:build")
        setup = load(chosen)
        report = work(setup, settings)
    except BadSetup as error:
        raise UserError(str(error)) from error
    except UserError:
        raise
    except Exception as error:
        script = Path((target or "").rpartition(":")[0] or (target or ""))
        told = place(error, script)
        if not told and not _users(error):
            raise
        raise UserError(f"a training step failed{told}: {type(error).__name__}: {first_line(error)}") from error
    _write(report, kind, files, chosen)
    return report.exit_code


def _users(error: BaseException) -> bool:
    """Whether the error came up while the user's model, loss or optimizer was running."""
    import traceback

    frames = traceback.extract_tb(error.__traceback__)
    inside = [f.name for f in frames if Path(f.filename).name == "session.py"]
    return bool(inside) and Path(frames[-1].filename).parent.name != "training"


def _write(report: Validation | Audit, kind: str | None, files: tuple[Path, ...], target: str) -> None:
    for file in files:
        output.save(rendered(report, kind or ENDINGS.get(file.suffix.lower(), "text")), file)
    if not files:
        output.show(rendered(report, kind or "text"))
    elif kind is None:
        output.show(rendered(report, "text"))
    if os.environ.get("GITHUB_ACTIONS") == "true" and (kind or "text") == "text":
        from certify.training.github import annotations

        output.show(annotations(report, target.partition(":")[0]))


def rendered(report: Validation | Audit, kind: str) -> str:
    """The report in a format."""
    from certify.training import data, html, junit, text
    from certify.training.audit import Audit

    if kind == "json":
        return data.to_json(report)
    if kind == "html":
        return html.html(report)
    if kind == "junit":
        return junit.junit(report)
    return text.audit_text(report) if isinstance(report, Audit) else text.validation_text(report)
