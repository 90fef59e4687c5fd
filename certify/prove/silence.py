"""Native solvers sometimes print to standard output, which is for answers."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager, suppress

STDOUT = 1


@contextmanager
def silent() -> Generator[None]:
    """What native code prints to standard output meanwhile is lost; what Python has still to print is not."""
    try:
        kept = os.dup(STDOUT)
    except OSError:  # it is closed
        yield
        return
    try:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, STDOUT)
        os.close(nowhere)
        yield
    finally:
        with suppress(OSError):
            os.dup2(kept, STDOUT)
        os.close(kept)
