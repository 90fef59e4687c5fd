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


def _run(task: Mapping[str, Any]) -> dict[str, Any] | None:
    from certify.simulate.trajectories import run

    method = load_method(task["method"])
    assumptions = [load_assumption(a) for a in task["assumptions"]]
    theorem = method.theorems()[task["theorem"]]
    values = {n: scalar_from_json(v) for n, v in task["values"].items()}
    together = any(a.subject == "workers" for a in assumptions)
    if together or method.home == "layers":
        import torch

        torch.set_num_threads(1)  # batches are small: more threads only wait
    if method.home == "layers":
        from certify.simulate.layered import run_layers

        norms = () if task["norm"] == "layers" else (task["norm"],)
        layered = run_layers(method, assumptions, theorem, values, seed=task["seed"], norms=norms)
        return None if layered is None else layered.to_json()
    if theorem.coordinates:
        from certify.simulate.coordinatewise import run_coordinates

        attacked = run_coordinates(method, assumptions, theorem, values, seed=task["seed"])
        return None if attacked is None else attacked.to_json()
    if together:
        from certify.simulate.workers import run_workers

        fleet = run_workers(method, assumptions, theorem, values, seed=task["seed"])
        return None if fleet is None or task["norm"] != "euclidean" else fleet.to_json()
    traced = "euclidean" if task["norm"] == "euclidean" else "any"
    goal = pose(method, assumptions, theorem, values, traced).goal
    goals = [
        (tuple(Polynomial.from_json(p) for p in c["conditions"]), goal.solved(scalar_from_json(c["unknown"])))
        for c in task["derived"]
    ]
    drawn = any(a.subject == "noise" for a in assumptions)
    if not (method.stateless() or drawn):
        from certify.simulate.stateful import run_states

        cases = goals if goal.unknown else ()
        few = {"runs": 100, "steps": 10, "instances": 3}
        followed = run_states(method, assumptions, theorem, cases, values, seed=task["seed"], **few)
        return None if followed is None else followed.to_json()
    found = run(method, assumptions, theorem, goals or [((), goal)], values, norm=task["norm"], seed=task["seed"])
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
