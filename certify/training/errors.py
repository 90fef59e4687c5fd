"""What can be wrong with what the user gives; one clear sentence each."""

from __future__ import annotations

import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

LIBRARIES = ("torch", "certify", "contextlib.py", "site-packages")
"""Parts of paths of files that are not the user's own."""


class BadSetup(ValueError):
    """A model, optimiser, data set, loss or option that cannot be used as given; the message names cause and fix."""


@contextmanager
def running(what: str, fix: str = "") -> Generator[None]:
    """Code of the user's runs inside: an error of it becomes a `BadSetup` that says what failed, where, and why."""
    try:
        yield
    except BadSetup:
        raise
    except Exception as error:
        raise BadSetup(f"{what} failed{_own_line(error)}: {type(error).__name__}: {first_line(error)}{fix}") from error


def _own_line(error: BaseException) -> str:
    """`` at train.py, line 7``: the last line outside libraries on the way to the error."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if not set(Path(f.filename).parts) & set(LIBRARIES)]
    return f" at {Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""


def first_line(error: BaseException) -> str:
    """The first line of an error's message."""
    return (str(error).splitlines() or [""])[0][:300]
