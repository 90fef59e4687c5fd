"""The inequality of one step starts where that of the step before has ended: otherwise no recursion follows.

Every theorem is evaluated on two overlapping windows of the same symbolic run. What the first window calls "after" must
be, as a formula, what the second calls "before"; a potential's clock advances by its tick and its horizon stays.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from certify.analysis.catalogue import load_method, method_names
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import (
    DISTANCE,
    GAP,
    Contraction,
    Goal,
    Method,
    Monotone,
    Potential,
    ProductDecrease,
    SymbolicFunction,
    Telescoping,
    Theorem,
    Trace,
    norm2,
    theorem,
)
from certify.language.problems import declare
from certify.methods.gd import GradientDescent
from certify.methods.subgradient import Subgradient

THEOREMS = [
    pytest.param(load_method(name), statement, norm, id=f"{name}/{statement.name}/{norm}")
    for name in method_names()
    for statement in load_method(name).theorems().values()
    for norm in statement.norms
]


def windows(kind: type[Method], statement: Theorem, norm: str) -> tuple[Goal, Goal]:
    """The goals of two consecutive steps of one run."""
    trace = Trace(norm)
    method, assumptions = kind(), tuple(a() for a in statement.assumptions)
    declare((method, *assumptions), trace)
    f = SymbolicFunction(trace, {s: a.value_of(p) for a in assumptions for s, p in a.parameters().items()})
    points: list[Any] = [f.start("0")]
    trace.label(points[0], "0")
    for k in range(statement.steps + 1):
        trace.step = k
        points.append(method.step(points[-1], f))
        trace.label(points[-1], str(k + 1))
    if not statement.indexed:
        return (_goal(method, statement, f, points[:-1]), _goal(method, statement, f, points[1:]))
    k, left = (trace.scalar(n, sign="nonnegative") for n in ("k", "left"))
    tick, next_tick = (
        getattr(_goal(method, statement, f, p, k=k, m=left), "tick", 1) for p in (points[:-1], points[1:])
    )
    first = _goal(method, statement, f, points[:-1], k=k, m=next_tick + left)
    return first, _goal(method, statement, f, points[1:], k=k + tick, m=left)


def _goal(method: Method, statement: Theorem, f: SymbolicFunction, points: Sequence[Any], **index: Any) -> Goal:
    return statement.goal(method, f, *points, **index)


def chained(first: Any, second: Any) -> bool:
    """Whether the second inequality starts where the first ends, with the same numbers."""
    ends = [(first.after, second.before)]
    if isinstance(first, ProductDecrease):
        ends += [(first.next_distance, second.distance), (first.step, second.step)]
    if isinstance(first, Telescoping) and first.weights is not None and second.weights is not None:
        ends += zip(first.weights, second.weights, strict=True)
    if isinstance(first, Potential):
        ends += [(first.clock + first.tick, second.clock), (first.scale, second.scale)]
    return all(a == b for a, b in ends)


@pytest.mark.parametrize(("kind", "statement", "norm"), THEOREMS)
def test_every_theorem_chains(kind: type[Method], statement: Theorem, norm: str) -> None:
    assert chained(*windows(kind, statement, norm))


class Unchained(GradientDescent):
    """Steps whose inequalities are true and lead nowhere."""

    @theorem(SmoothConvex, measure=GAP)
    def stationary(self, f: Any, x: Any, y: Any) -> Goal:
        """Before and after are the same point."""
        gap = f.value(x) - f.minimum
        return Monotone(before=gap, after=gap)

    @theorem(SmoothConvex, measure=GAP)
    def invented(self, f: Any, x: Any, y: Any) -> Goal:
        """What is left is made up."""
        gap, start = f.value(x) - f.minimum, norm2(x - f.minimizer)
        return Telescoping(quantities=(gap,), weights=(1,), before=start, after=start - gap)

    @theorem(SmoothConvex, measure=DISTANCE)
    def backwards(self, f: Any, x: Any, y: Any) -> Goal:
        """The step in the wrong direction."""
        return Contraction(before=norm2(y - f.minimizer), after=norm2(x - f.minimizer))

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def captured(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """A potential that does not depend on the point it is asked about."""
        start = norm2(x - f.minimizer)
        gap = f.value(x) - f.minimum
        return Potential(phi=lambda s, z: start, x=x, y=y, clock=k, left=m, measure=gap, scale=1, initial=start)


class UnchainedSubgradient(Subgradient):
    """The same with numbers that change."""

    @theorem(LipschitzConvex, measure=GAP)
    def weighted(self, f: Any, x: Any, y: Any) -> Goal:
        """The weights depend on the point."""
        gap = f.value(x) - f.minimum
        before, after = norm2(x - f.minimizer), norm2(y - f.minimizer)
        return Telescoping(quantities=(gap,), weights=(gap,), before=before, after=after)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((Unchained, name) for name in ("stationary", "invented", "backwards", "captured")),
        (UnchainedSubgradient, "weighted"),
    ],
)
def test_unchained_theorems_are_noticed(kind: type[Method], name: str) -> None:
    assert not chained(*windows(kind, kind.theorems()[name], "euclidean"))
