"""The function of a worst case, found by semidefinite programming, as one more run of a simulation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from certify.language.oracles import MINIMIZER
from certify.pep.questions import BadQuestion, Question
from certify.pep.runs import answer, pose
from certify.pep.witness import NoWitness, Witness, interpolant, vector
from certify.pep.witness.replay import start_points

if TYPE_CHECKING:
    from certify.simulate.engine import Batch

STEPS = 5
"""The longest worst case that is looked for, unless the method is made for more steps: it takes seconds."""


def worst_batch(asked: Question, claims: Sequence[float] = (), *, seconds: float) -> Batch:
    """One run of the method on its worst-case function after (up to) `STEPS` steps, for the measure of the question.

    **Arguments**: `claims`, what is claimed after 0, 1, … steps: only a number of steps with a claim is chosen.

    The functions pass through the data of the exact worst case and are in their classes by construction; the run starts
    where the worst case does.

    **Raises:** `NoWitness`, with one sentence, if there is no explicit function.
    """
    import torch

    from certify.simulate.engine import Batch

    if asked.method.horizon() is None:
        short = min(asked.steps, STEPS)
        asked = replace(asked, steps=max((k for k, c in enumerate(claims[: short + 1]) if isfinite(c)), default=short))
    try:
        posed = pose(asked)
        bound = answer(posed, time_limit=seconds)
        if bound.lower is None:  # points of a relaxation need not belong to functions
            raise NoWitness("no exact worst case was found")
        witness = Witness.of(posed.model, bound)
    except (BadQuestion, ArithmeticError) as error:
        raise NoWitness(str(error)) from error
    solution = posed.run.solution
    if isinstance(solution, tuple) or not all(f in witness.functions for f in posed.run.functions):
        raise NoWitness("worst cases are made functions for methods on functions and one point only")
    own = (e.point for f in posed.run.functions for e in f.evaluations if e.label == MINIMIZER)
    if any(point != solution for point in own):
        raise NoWitness("the functions of its worst case have minimisers of their own")
    functions = tuple(interpolant(witness, f) for f in posed.run.functions)

    def row(point: object) -> torch.Tensor:
        return torch.from_numpy(vector(witness, point).entries.copy())[None, :]  # ty: ignore[invalid-argument-type]

    starts = tuple(map(row, start_points(posed.model, asked.method, (solution,) * len(asked.method.starts))))
    star = row(solution)
    slopes = None
    if len(functions) > 1:
        known = ((e.subgradient for e in f.evaluations if e.point == solution) for f in posed.run.functions)
        recorded = [next((g for g in own if g is not None), None) for own in known]
        slopes = tuple(f.subgradient(star) if g is None else row(g) for f, g in zip(functions, recorded, strict=True))
    return Batch(functions, starts, tuple(asked.constants), minimizer=star, slopes=slopes)
