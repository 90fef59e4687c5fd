"""Inequalities between pairs, written down from what they are between abstract points."""

from fractions import Fraction as Q

import pytest
from reference_problems import PROBLEMS

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.convex import Convex
from certify.assumptions.indicator import Indicator
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.smooth_weakly_convex import SmoothWeaklyConvex
from certify.assumptions.support import Support
from certify.language.oracles import MINIMIZER
from certify.pep import Model, norm2
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


def test_an_upper_end_begins_with_half_of_the_backbone():
    """The reverse pairs, and those of a symmetric operator, are not forgotten."""
    model = Model()
    f = model.function(Convex())
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    for _ in range(3):
        x = f.prox(x, 1)
    model.maximise(f(x) - f.minimum)
    sparse = Sparse(model)
    tangents, backbone = ({pair for _, pair in found} for found in (sparse.tangents(), sparse.backbone()))
    assert tangents | {pair[::-1] for pair in tangents} == backbone
    assert len(backbone) == 2 * len(tangents)
    (family,) = sparse.pairs
    assert all(family.points[i].label != MINIMIZER for i, _ in tangents)


@pytest.mark.parametrize(
    "name", ["gradient descent, value [10,1]", "optimised gradient [5]", "Frank–Wolfe [4]", "silver steps [7]"]
)
def test_an_upper_end_alone_is_as_good(name):
    """For some methods the tangents suffice, for others pairs are violated, or nothing is bounded without the rest."""
    (reference,) = (p for p in PROBLEMS if p.name == name)
    upper = reference.build().solve(lower=False).upper
    assert reference.low <= upper <= reference.high * Q(1_000_001, 1_000_000)


def test_errors_of_the_solution_are_no_violations():
    """With 80 steps the Gram matrix has eigenvalues of −10⁻⁵; pairs below that say nothing, and few are taken."""
    t, model = 1.0, Model()
    f = model.function(SmoothConvex(L=1))
    x = y = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    for _ in range(80):
        following = (1 + (1 + 4 * t * t) ** 0.5) / 2
        new = y - f.gradient(y)
        x, y, t = new, new + (new - x) * Q((t - 1) / following), following
        model.trail.append(x)
    model.maximise(f(x) - f.minimum)
    bound = model.solve(lower=False)
    assert len(bound.problem.inequalities) < 5 * 82
    assert Q("2.86515e-4") < bound.upper < Q("2.86516e-4")
