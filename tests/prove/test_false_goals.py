"""Subtly wrong theorems: none of them may be proved, and for most of them the exact search finds a counterexample.

Every theorem here differs from a true one in a constant, a range, an assumption, a measure or a direction. Its
docstring says why it is false.
"""

from fractions import Fraction as Q

import pytest
from false_nonsmooth_goals import FalseBroximalPoint, FalseProximalPoint, FalseSubgradient
from false_smooth_goals import FalseGradientDescent

from certify.language import (
    Method,
    Theorem,
    pose,
)
from certify.prove.prover import prove
from certify.simulate.refute import refute

FALSE = [
    pytest.param(method, statement, id=f"{method.name}/{statement.name}")
    for method in (FalseGradientDescent, FalseSubgradient, FalseProximalPoint, FalseBroximalPoint)
    for statement in vars(method).values()
    if isinstance(statement, Theorem)
]
ONLY_IN_THE_PLANE = {"distance-on-the-line", "distance-any-norm", "gap-any-norm-uniform"}
REFUTED = [case for case in FALSE if case.values[1].name not in ONLY_IN_THE_PLANE]


def test_the_table_is_long_and_mostly_refuted() -> None:
    assert len(FALSE) == 51
    assert len(REFUTED) == len(FALSE) - len(ONLY_IN_THE_PLANE)


@pytest.mark.parametrize(("method", "statement"), FALSE)
def test_false_theorems_are_not_proved(method: type[Method], statement: Theorem) -> None:
    problem = pose(method, statement.assumptions, statement, norm=statement.norms[0])
    assert not prove(problem, seconds=0.25).proved


@pytest.mark.slow
@pytest.mark.parametrize(("method", "statement"), FALSE)
def test_false_theorems_are_not_proved_in_more_time(method: type[Method], statement: Theorem) -> None:
    problem = pose(method, statement.assumptions, statement, norm=statement.norms[0])
    assert not prove(problem, seconds=15).proved


@pytest.mark.parametrize(("method", "statement"), REFUTED)
def test_false_theorems_are_refuted(method: type[Method], statement: Theorem) -> None:
    found = refute(method, statement.assumptions, statement, seconds=60)  # it stops as soon as it can
    assert found is not None
    assert found.replay()
    assert Q(found.lhs) > Q(found.rhs)
    assert found.inequality == {"gap-last": "support[0]", "gradient-final": "end[0]", "gradient-beyond": "end[1]"}.get(
        statement.name, "step"
    )


# --- what the line cannot show --------------------------------------------------------------------


def test_the_plane_refutes_the_law_of_the_line() -> None:
    """f(z) = |z₁| and t = 1: from (3, 4) to (2, 4), while x⋆ = 0 is one of the minimisers."""
    x, x_next, t = (3, 4), (2, 4), 1
    distance = 5
    assert sum(v**2 for v in x) == distance**2
    assert sum(v**2 for v in x_next) > (1 - Q(t, distance)) ** 2 * distance**2


def test_the_maximum_norm_refutes_the_falling_distance() -> None:
    """f(z) = ½(3z₁ − z₂)² + (z₁² + z₂²)/20 from (1, 1) with t = 3/10: the ball-prox is (7/10, 13/10)."""
    hessian = ((Q(91, 10), Q(-3)), (Q(-3), Q(11, 10)))
    assert hessian[0][0] * hessian[1][1] > hessian[0][1] ** 2  # convex, and 0 is the minimiser
    x, t = (Q(1), Q(1)), Q(3, 10)
    y = (x[0] - t, x[1] + t)
    slope = [row[0] * y[0] + row[1] * y[1] for row in hessian]
    assert slope[0] > 0 > slope[1]  # y is the corner of the box around x where f is least
    assert max(map(abs, y)) > max(map(abs, x))
