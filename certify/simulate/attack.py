"""Every step of many runs against a theorem, in whatever space its method lives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from certify.language import Assumption, Method, Scalar, Theorem, pose
from certify.simulate.claims import Goals
from certify.simulate.trajectories import Trajectories, run

INSTANCES = 3
"""Choices of exact constants for methods with memory."""
FEW = 100
"""Runs for each of them."""


def attack(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    cases: Goals = (),
    values: Mapping[str, Scalar] | None = None,
    *,
    norm: str = "euclidean",
    runs: int | None = None,
    steps: int = 10,
    seed: int = 0,
) -> Trajectories | None:
    """Run the theorem's method on functions that satisfy the assumptions and compare every step with the theorem.

    **Arguments**: `cases` of a derived number, if the theorem leaves one open; `values`, parameters tied to formulas;
    `norm`, ``"euclidean"``, ``"layers"`` for the method's own norms, or the name of a norm; `runs`, about how many, by
    default what is enough for a theorem that has been proved.

    **Returns**: how the runs compare; None if nothing is known to run it on. Constants and parameters are drawn at
    random for every run or every few, within the theorem's conditions.
    """
    many: Any = {} if runs is None else {"runs": runs}
    together = any(a.subject == "workers" for a in assumptions)
    if method.home == "layers":
        from certify.simulate.layered import run_layers

        norms = () if norm in ("layers", "euclidean") else (norm,)
        return run_layers(method, assumptions, theorem, values, steps=steps, seed=seed, norms=norms, **many)
    if theorem.coordinates:
        from certify.simulate.coordinatewise import run_coordinates

        return run_coordinates(method, assumptions, theorem, values, steps=steps, seed=seed, **many)
    if together:
        from certify.simulate.workers import run_workers

        few = {} if runs is None else {"runs": -(-runs // INSTANCES)}
        found = run_workers(method, assumptions, theorem, values, steps=steps, seed=seed, **few)
        return found if norm == "euclidean" else None
    if any(a.subject == "sum" for a in assumptions):
        from certify.simulate.sums import run_sums

        few = {} if runs is None else {"runs": -(-runs // INSTANCES)}
        found = run_sums(method, assumptions, theorem, cases, values, steps=steps, seed=seed, **few)
        return found if norm == "euclidean" else None
    goal = pose(method, assumptions, theorem, values, "euclidean" if norm == "euclidean" else "any").goal
    drawn = any(a.subject == "noise" for a in assumptions)
    if not (method.stateless() or drawn):
        from certify.simulate.stateful import run_states

        if theorem.steps > 1:  # states are compared with the next ones only
            return None
        own = cases if goal.unknown else ()
        few = {"runs": FEW if runs is None else -(-runs // INSTANCES), "steps": steps, "instances": INSTANCES}
        return run_states(method, assumptions, theorem, own, values, seed=seed, **few)
    goals = cases or [((), goal)]
    return run(method, assumptions, theorem, goals, values, norm=norm, steps=steps, seed=seed, **many)
