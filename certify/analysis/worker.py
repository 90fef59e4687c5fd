"""Trajectories in a process of their own, so that torch loads and runs while theorems are still being proved.

The parent (here) sends one JSON line a theorem (names, ties and the derived numbers, never code) and reads one JSON
line back; the child is `certify.analysis.runner`.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any

from certify.language import Problem, Scalar
from certify.language.exchange import scalar_json
from certify.prove.prover import Case


class Worker:
    """Context manager around the child; `submit` theorems, then `results` in the same order."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(  # Ctrl-C reaches it as well, and ends it without a word
            [
                sys.executable,
                "-c",
                "import signal as s; s.signal(s.SIGINT, s.SIG_DFL); from certify.analysis.runner import main; main()",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.waiting = 0

    def __enter__(self) -> Worker:
        return self

    def submit(
        self,
        method: str,
        assumptions: Sequence[str],
        problem: Problem,
        cases: Sequence[Case],
        values: Mapping[str, Scalar],
        norm: str,
        seed: int,
    ) -> int:
        """Queue the trajectories of one theorem; `method` and `assumptions` are names or paths, `cases` those of a
        number that the proof derives.

        Runs need no proof: of a theorem that is not proved they are a search for a counterexample, which may find
        nothing to run.

        **Returns:** the place of its answer among the `results`.
        """
        task = {
            "method": method,
            "assumptions": list(assumptions),
            "theorem": problem.theorem.name,
            "norm": norm,
            "seed": seed,
            "values": {n: scalar_json(v) for n, v in values.items()},
            "derived": [
                {"conditions": [p.to_json() for p in c.conditions], "unknown": scalar_json(c.unknown)}
                for c in cases
                if c.unknown is not None
            ],
        }
        _pipe(self.process.stdin).write(json.dumps(task) + "\n")
        _pipe(self.process.stdin).flush()
        self.waiting += 1
        return self.waiting - 1

    def results(self) -> list[dict[str, Any] | None]:
        """All results, in the order of submission: of runs that failed why (`runner.FAILED`).

        **Raises:** RuntimeError if the child ended.
        """
        found = []
        for _ in range(self.waiting):
            line = _pipe(self.process.stdout).readline()
            if not line:
                raise RuntimeError("the process that runs trajectories ended unexpectedly")
            found.append(json.loads(line))
        self.waiting = 0
        return found

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with contextlib.suppress(BrokenPipeError):
            _pipe(self.process.stdin).close()
        if kind is not None:
            self.process.terminate()
        self.process.wait()
        _pipe(self.process.stdout).close()


def _pipe(stream: IO[str] | None) -> IO[str]:
    if stream is None:
        raise RuntimeError("the process that runs trajectories has no pipe")
    return stream
