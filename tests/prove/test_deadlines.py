"""Searches look at the clock between all of their pieces of work and end when the time is over."""

from itertools import count
from typing import Any

import pytest

from certify.kernel import Fact
from certify.language import Scalar, pose
from certify.methods.gd import GradientDescent
from certify.prove.closed_forms import Derivation, derive
from certify.prove.deadlines import Deadline, OutOfTime
from certify.prove.gram import UNKNOWN


class Looks:
    """A clock that moves on by a second whenever somebody looks at it."""

    def __init__(self) -> None:
        self.ticks = count()
        self.now = 0

    def __call__(self) -> float:
        self.now = next(self.ticks)
        return float(self.now)


def _derived(seconds: float, clock: Looks) -> Derivation:
    theorem = GradientDescent.theorems()["distance"]
    problem = pose(GradientDescent, theorem.assumptions, theorem)

    def build(value: Scalar | None, facts: tuple[Fact, ...]) -> Any:
        sides = problem.goal.solved(Scalar.variable(UNKNOWN) if value is None else value).sides
        return problem.trace.statement(problem.conclusion(sides), extra=facts)

    return derive(build, build(None, ()), "least", deadline=Deadline(seconds, clock))


@pytest.mark.parametrize("seconds", [0, 5, 12, 13, 20, 40])
def test_a_derivation_ends_at_the_first_look_after_its_time(seconds: int) -> None:
    clock = Looks()
    found = _derived(seconds, clock)
    assert not found.complete
    assert found.tried[-1] == "time budget reached"
    assert clock.now <= seconds + 1


def test_a_derivation_looks_at_the_clock_at_every_step() -> None:
    clock = Looks()
    assert _derived(10_000, clock).complete
    assert clock.now > 50


def test_a_deadline_is_checked_before_each_item() -> None:
    done: list[int] = []
    with pytest.raises(OutOfTime):
        done.extend(Deadline(3, Looks()).each(range(10)))
    assert done == [0, 1, 2]
