"""Means of functions with a worker each: what is written down of them, against the same things in plain fractions."""

from __future__ import annotations

from fractions import Fraction as Q
from random import Random

import pytest

from certify.language import Scalar, SymbolicFunction, Trace, UnknownSign, norm
from certify.language.expectations import Randomness


def posed(geometry: str = "any") -> tuple[Trace, SymbolicFunction]:
    trace = Trace(geometry)
    trace.scalar("a", sign="positive")
    return trace, SymbolicFunction(trace, {"n": Scalar.variable("n")})


def test_pairings_depend_on_what_their_vectors_depend_on() -> None:
    randomness = Randomness(count=1, vectors={"h": frozenset({0})})
    assert randomness.of("(h|x)") == frozenset({0}) == randomness.of("<h,x>")
    assert not randomness.of("(g|x)")


def test_the_mean_of_gradients_is_the_gradient() -> None:
    _, f = posed()
    x = f.start("0")
    h, each = f.workers.gradients(x), f.workers
    assert each.gradients(x) == h
    assert each.average(h) == f.gradient(x)
    held = each.within(Scalar.variable("a"))
    assert each.average(h - held) == f.gradient(x) - each.average(held)


def test_nothing_is_drawn_while_all_workers_do_the_same() -> None:
    trace, f = posed()
    f.workers.gradients(f.start("0"))
    assert not trace.randomness.drawn


def test_the_length_that_is_left_is_exact() -> None:
    """‖goal − (held + share(goal − held))‖ = (1 − share)‖goal − held‖ in plain fractions."""
    random = Random(0)  # noqa: S311
    for _ in range(20):
        held, goal, share = (Q(random.randrange(-20, 20), 7) for _ in range(3))
        share = abs(share) / (1 + abs(share))
        assert abs(goal - (held + share * (goal - held))) == (1 - share) * abs(goal - held)


def test_moving_further_than_all_the_way_is_refused() -> None:
    trace, f = posed()
    x, a = f.start("0"), Scalar.variable("a")
    h, held = f.workers.gradients(x), f.workers.within(a)
    with pytest.raises(UnknownSign, match="between 0 and 1"):
        f.workers.moved(held, h, a)
    new = f.workers.moved(held, h, a / (a + norm(h - held)))
    assert "inverse[w1]" in trace.equations
    assert norm(h - new) != norm(h - held)


def test_gradients_of_all_workers_are_taken_at_one_point() -> None:
    _, f = posed()
    x = f.start("0")
    with pytest.raises(NotImplementedError, match="depends on the worker"):
        f.workers.gradients(x + f.trace.vector("y", draws=f.workers.draws))
