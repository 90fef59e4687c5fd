"""A time limit that holds whatever happens: a copy of this process does the work, and is ended when time is over.

Neither native solvers nor exact arithmetic can be interrupted from inside. What was established before the end is kept:
the copy sends every bound that it has so far.
"""

from __future__ import annotations

import math
import multiprocessing
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any

from certify.pep.engine.bounds import Bound, Verdict
from certify.pep.engine.problem import Problem

Report = Callable[[Bound], None]
"""Takes a bound that is complete as far as it goes."""
FORK = "fork"


class NoTimeLimit(ValueError):
    """A time limit that cannot be kept, or is no number of seconds."""


def within(seconds: float, work: Callable[[Report], Bound]) -> Bound:
    """The bound that `work` returns, or the last one that it reported before the time was over.

    **Raises:** `NoTimeLimit` if the number is not positive or the system cannot copy a process; what `work` raises.
    """
    if not 0 < seconds < math.inf:
        raise NoTimeLimit(f"the time limit must be a positive number of seconds, not {seconds!r}")
    if FORK not in multiprocessing.get_all_start_methods():
        raise NoTimeLimit("a time limit needs a system that can copy a process (Linux, macOS); leave it out here")
    end = time.monotonic() + seconds
    context: Any = multiprocessing.get_context(FORK)
    receiver, sender = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(sender, work), daemon=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of copies of processes with threads; ours wait for work
        process.start()
    sender.close()
    best, why = Bound(NOTHING, Verdict.STOPPED, None), "the time limit was reached"
    try:
        while receiver.poll(max(0.0, end - time.monotonic())):
            finished, found = receiver.recv()
            if isinstance(found, BaseException):
                raise found
            if finished:
                return found
            best = found
    except EOFError:
        why = "the process that did the work ended unexpectedly"
    finally:
        process.kill()
        process.join()
        receiver.close()
    return replace(best, stopped=why)


NOTHING = Problem((), (), {})
"""Stands for a problem that was not even written down in time."""


def _work(sender: Connection, work: Callable[[Report], Bound]) -> None:
    """In the copy: do the work and send what it finds."""
    try:
        sender.send((True, work(lambda bound: sender.send((False, bound)))))
    except BaseException as error:
        sender.send((True, error))
