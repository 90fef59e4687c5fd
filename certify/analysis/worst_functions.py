"""The functions behind a worst case: as data, and run again with the method itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from certify.pep.engine.bounds import Bound
from certify.pep.questions import Question
from certify.pep.runs import Posed, pose

if TYPE_CHECKING:
    from certify.pep.witness.replay import Replay


def as_data(asked: Question, bound: Bound) -> dict[str, Any] | None:
    """Points, gradients and values of every function, in floats and in rationals; None if none are known exactly."""
    from certify.pep.witness.points import NoWitness, Witness

    if bound.lower is None:  # points of a relaxation need not belong to functions
        return None
    try:
        witness = Witness.of(_posed(asked).model, bound)
    except NoWitness:
        return None
    if not witness.functions:
        return None
    return {
        "method": asked.method.name,
        "parameters": {symbol: str(value) for symbol, value in asked.values.items()},
        "steps": asked.steps,
        "measure": asked.measure.name,
        "initial": {"measure": asked.initial.name, "bound": str(asked.bound)},
        **witness.to_json(),
        "exact": witness.to_json(exact=True),
    }


def replayed(asked: Question, bound: Bound) -> Replay | None:
    """The method, run on an explicit function of the worst case; None if none is known (this loads PyTorch)."""
    from certify.pep.witness.points import NoWitness
    from certify.pep.witness.replay import replay

    if bound.lower is None:
        return None
    try:
        return replay(_posed(asked), bound)
    except NoWitness:
        return None


def _posed(asked: Question) -> Posed:
    """The model of the question, evaluated wherever its conditions are."""
    posed = pose(asked)
    posed.model.problem(paired=False)
    return posed
