"""The child process of `certify.analysis.worker`: poses named theorems again from their declarations and runs them.

It imports no solver and no SymPy, so that it is ready as soon as torch is.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from collections.abc import Mapping
from typing import Any

from certify.analysis.catalogue import load_assumption, load_method
from certify.kernel import Polynomial
from certify.language import pose
from certify.language.exchange import scalar_from_json

FAILED = "failed"
"""The key of the error in the answer for runs that ended with one."""


def _run(task: Mapping[str, Any]) -> dict[str, Any] | None:
    from certify.simulate.attack import attack

    method = load_method(task["method"])
    assumptions = [load_assumption(a) for a in task["assumptions"]]
    theorem = method.theorems()[task["theorem"]]
    values = {n: scalar_from_json(v) for n, v in task["values"].items()}
    cases: Any = ()
    if task["derived"]:
        goal = pose(method, assumptions, theorem, values, "euclidean" if task["norm"] == "euclidean" else "any").goal
        cases = [
            (tuple(Polynomial.from_json(p) for p in c["conditions"]), goal.solved(scalar_from_json(c["unknown"])))
            for c in task["derived"]
        ]
    try:
        found = attack(method, assumptions, theorem, cases, values, norm=task["norm"], seed=task["seed"])
    except Exception as error:  # whoever knows whether the theorem was proved decides what it means
        return {FAILED: f"{type(error).__name__}: {error}"}
    return None if found is None else found.to_json()


def main() -> None:
    """Answer tasks from standard input until it closes."""
    warnings.simplefilter("ignore")
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        import torch

        import certify.simulate.trajectories  # noqa: F401 (loads torch before the first task arrives)

        torch.set_num_threads(1)  # batches are small: more threads only wait for each other and for other processes
        for line in sys.stdin:
            print(json.dumps(_run(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
