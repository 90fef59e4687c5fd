"""Inequalities between pairs, written down from what they are between abstract points."""

from fractions import Fraction as Q

import pytest

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.convex import Convex
from certify.assumptions.indicator import Indicator
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.smooth_weakly_convex import SmoothWeaklyConvex
from certify.assumptions.support import Support
from certify.language.oracles import MINIMIZER
from certify.pep import Model
from certify.pep.modelling.lazily import Sparse
from certify.pep.modelling.records import as_relation


def rows(model):
    """Each pair's row and what the assumption itself says of the two points."""
    for family, (i, j) in Sparse(model).everything():
        x, y = family.points[i], family.points[j]
        row = family.row((i, j))
        yield {} if row is None else row.terms, as_relation(family.assumption.between(x, y)).slack.terms


FUNCTIONS = [
    Convex(), Indicator(), Smooth(L=Q(2, 3)), Support(), SmoothStronglyConvex(mu=Q(1, 7), L=3),
    SmoothWeaklyConvex(rho=Q(1, 5), L=2),
]  # fmt: skip


@pytest.mark.parametrize("assumption", FUNCTIONS, ids=lambda a: a.name)
def test_a_function_s_rows_are_its_inequalities(assumption):
    model = Model()
    f = model.function(assumption)
    x = start = model.point("x0")
    for k in range(3):
        x = x - f.subgradient(x) * Q(k + 1, 3) + (x - start) * Q(2, 7)
    model.maximise(f(x) - f(start) + (x - f.minimizer) @ start)
    found = list(rows(model))
    assert len(found) >= 12
    assert all(dict(row) == dict(direct) for row, direct in found)


@pytest.mark.parametrize("assumption", [Cocoercive(beta=Q(1, 3)), Lipschitz(L=2)], ids=lambda a: a.name)
def test_an_operator_s_rows_are_its_inequalities(assumption):
    model = Model()
    operator = model.operator(assumption)
    x = start = model.point("x0")
    for _ in range(3):
        x = x - operator(x) * Q(1, 2)
    model.maximise((x - start) @ start)
    assert all(dict(row) == dict(direct) for row, direct in rows(model))


class Distrustful(Convex):
    """A convex function that is known a little better at its minimiser: not the same inequality for every pair."""

    name = "distrustful"

    def between(self, x, y):
        plain = super().between(x, y)
        return y.value >= x.value if x.label == MINIMIZER else plain


def test_an_inequality_may_depend_on_which_points_they_are():
    model = Model()
    f = model.function(Distrustful())
    x = model.point("x0")
    for _ in range(2):
        x = x - f.subgradient(x)
    model.maximise(f(x) - f.minimum)
    assert all(dict(row) == dict(direct) for row, direct in rows(model))
