"""Trajectories in a process of their own, so that torch loads and runs while theorems are still being proved.

The parent sends one JSON line a theorem (names, ties and the derived numbers, never code) and reads one JSON line
back; the child poses the theorem again from its declaration.
"""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import IO, Any

from certify.analysis.bundles import scalar_from_json, scalar_json
from certify.analysis.catalogue import load_assumption, load_method
from certify.kernel import Polynomial
from certify.language import Scalar, pose
from certify.prove.prover import Proved


class Worker:
    """Context manager around the child; `submit` theorems, then `results` in the same order."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "certify.analysis.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        self.waiting = 0

    def __enter__(self) -> Worker:
        return self

    def submit(
        self, method: str, assumptions: Sequence[str], proved: Proved, values: Mapping[str, Scalar], seed: int
    ) -> None:
        """Queue the trajectories of one proved theorem; `method` and `assumptions` are names or paths."""
        problem = proved.problem
        cases = proved.parts[0].cases if problem.goal.unknown else ()
        task = {
            "method": method,
            "assumptions": list(assumptions),
            "theorem": problem.theorem.name,
            "norm": problem.trace.norm,
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

    def results(self) -> list[dict[str, Any] | None]:
        """All results so far, in the order of submission; raises RuntimeError if the child failed."""
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


def _run(task: Mapping[str, Any]) -> dict[str, Any] | None:
    from certify.simulate.trajectories import run

    method = load_method(task["method"])
    assumptions = [load_assumption(a) for a in task["assumptions"]]
    theorem = method.theorems()[task["theorem"]]
    values = {n: scalar_from_json(v) for n, v in task["values"].items()}
    goal = pose(method, assumptions, theorem, values, task["norm"]).goal
    goals = [
        (tuple(Polynomial.from_json(p) for p in c["conditions"]), goal.solved(scalar_from_json(c["unknown"])))
        for c in task["derived"]
    ]
    found = run(method, assumptions, theorem, goals or [((), goal)], values, seed=task["seed"])
    return None if found is None else found.to_json()


def main() -> None:
    """Answer tasks from standard input until it closes."""
    warnings.simplefilter("ignore")
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        import certify.simulate.trajectories  # noqa: F401 (loads torch before the first task arrives)

        for line in sys.stdin:
            print(json.dumps(_run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
