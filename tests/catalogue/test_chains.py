"""The inequality of one step starts where that of the step before has ended: otherwise no recursion follows.

`pose` refuses theorems that do not chain; all theorems of the catalogue do.
"""

from typing import Any

import pytest

from certify.analysis.catalogue import load_method, method_names
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import (
    DISTANCE,
    GAP,
    Contraction,
    DoesNotApply,
    Goal,
    Method,
    Monotone,
    Potential,
    Telescoping,
    Theorem,
    norm2,
    pose,
    theorem,
)
from certify.methods.gd import GradientDescent

THEOREMS = [
    pytest.param(load_method(name), statement, norm, id=f"{name}/{statement.name}/{norm}")
    for name in method_names()
    for statement in load_method(name).theorems().values()
    for norm in statement.norms
]


@pytest.mark.parametrize(("kind", "statement", "norm"), THEOREMS)
def test_every_theorem_chains(kind: type[Method], statement: Theorem, norm: str) -> None:
    assert pose(kind, statement.assumptions, statement, norm=norm).goal.lemma


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


@pytest.mark.parametrize("name", ["stationary", "invented", "backwards", "captured"])
def test_unchained_theorems_are_refused(name: str) -> None:
    statement = Unchained.theorems()[name]
    with pytest.raises(DoesNotApply):
        pose(Unchained, statement.assumptions, statement)
