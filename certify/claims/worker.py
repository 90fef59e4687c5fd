"""Claims are decided in a process of their own, which is ended when it takes too long or too much memory.

The parent sends the entry of the file as JSON and reads the decision back. A native solver that runs away, or a formula
that is harder than it looks, costs one verdict (`open`), never the whole file.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from certify.claims.claim import Claim
from certify.claims.decide import Decision, Verdict

GRACE = 60.0
"""Seconds on top of four times the time asked for: a claim's time is that of the processor, which others may share."""

PATIENCE = 4.0
"""On the clock a claim may take so many times longer than on the processor."""

Progress = Callable[[str, int, int], None]


def decisions(
    claims: Sequence[Claim], *, seconds: float = 30.0, seed: int = 0, progress: Progress | None = None
) -> Iterator[Decision]:
    """One decision for each claim, in order."""
    child = _Child()
    try:
        for i, claim in enumerate(claims):
            if progress:
                progress(claim.name, i, len(claims))
            task = {"claim": dict(claim.source), "seconds": seconds, "seed": seed}
            answer = child.ask(task, 4 * seconds + GRACE)
            if answer is None:
                child.stop()
                child = _Child()
                yield _open(claim, "the process was ended: it took too long, or failed")
            elif "error" in answer:
                yield _open(claim, str(answer["error"]))
            else:
                yield replace(Decision.from_json(answer), name=claim.name)  # the child counts from 1
        if progress:
            progress("", len(claims), len(claims))
    finally:
        child.stop()


def _open(claim: Claim, why: str) -> Decision:
    names = tuple(a.name for a in claim.assumptions)
    return Decision(claim.name, claim.method.name, names, claim.statement, Verdict.OPEN, claim.given, tried=(why,))


def _used(pid: int) -> float:
    """Seconds of processor time of a process so far; those on the clock where the system does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, IndexError):
        return time.monotonic()


class _Child:
    """The process; started when it is first asked."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[str] | None = None

    def ask(self, task: dict[str, Any], seconds: float) -> dict[str, Any] | None:
        """The answer, or None if there was none in time."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "certify.claims.runner"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                encoding="utf-8",
            )
        process, found = self.process, []
        if process.stdin is None or process.stdout is None:
            raise RuntimeError("the process that decides claims has no pipe")
        try:
            process.stdin.write(json.dumps(task) + "\n")
            process.stdin.flush()
        except BrokenPipeError:
            return None
        stdout = process.stdout
        reader = threading.Thread(target=lambda: found.append(stdout.readline()), daemon=True)
        reader.start()
        used, end = _used(process.pid), time.monotonic() + PATIENCE * seconds
        while reader.is_alive() and time.monotonic() < end and _used(process.pid) - used < seconds:
            reader.join(0.5)
        if not found or not found[0]:
            return None
        return json.loads(found[0])

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                if pipe is not None:
                    try:
                        pipe.close()
                    except (BrokenPipeError, ValueError):
                        continue
            self.process = None
