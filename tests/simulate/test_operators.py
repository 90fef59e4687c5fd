"""Test operators, sets, searches and inexact answers: what they say of themselves holds at sampled points."""

from fractions import Fraction as Q
from types import SimpleNamespace

import pytest
import torch

from certify.analysis.catalogue import load_assumption
from certify.language import Equation, Semidefinite
from certify.simulate import searches, sets
from certify.simulate.functions import FAMILIES, EuclideanNorm, HuberNorm, Quadratic, UnsupportedOracle
from certify.simulate.members import _of_role
from certify.simulate.operators import LinearMap, NormalOperator
from certify.simulate.rows import Rows, number, plain, rows

CLASSES = [
    ("monotone", {}),
    ("strongly-monotone", {"mu": "1/2"}),
    ("lipschitz", {"L": "3/2"}),
    ("lipschitz-monotone", {"L": 2}),
    ("lipschitz-strongly-monotone", {"L": 2, "mu": "1/3"}),
    ("cocoercive", {"beta": "1/3"}),
    ("cocoercive-strongly-monotone", {"beta": "1/3", "mu": "1/2"}),
    ("comonotone", {"rho": "1/4"}),
    ("nonexpansive", {}),
    ("linear", {"L": 2}),
    ("symmetric-linear", {"L": 2, "mu": -1}),
    ("skew-linear", {"L": 2}),
]


def _members(name: str, constants: dict, dimension: int, count: int = 30) -> list:
    kind = load_assumption(name)
    numbers = {n: Q(v) for n, v in constants.items()}
    generator = torch.Generator().manual_seed(3)
    drawn = {"rows": count, "dimension": dimension, "generator": generator, "families": FAMILIES}
    return list(_of_role([kind], numbers, **drawn))


def _points(operator, count: int = 30, number: int = 3) -> list[SimpleNamespace]:
    generator = torch.Generator().manual_seed(5)
    d = operator.minimizer.shape[1]
    found = []
    for i in range(number):
        x = torch.randn(count, d, dtype=torch.float64, generator=generator)
        found.append(SimpleNamespace(point=rows(x), output=rows(operator.value(x)), label=str(i)))
    return found


@pytest.fixture
def tolerant(monkeypatch):
    """Comparisons of a declaration's inequality allow for rounding of terms, which are up to 1e8 here."""

    def at_least(left, right):
        a, b = (torch.as_tensor(number(v)) for v in (left, right))
        return plain(a - b) >= -1e-9 * (plain(a).abs() + plain(b).abs()) - 1e-9

    monkeypatch.setattr(Rows, "__ge__", at_least)
    monkeypatch.setattr(Rows, "__le__", lambda left, right: at_least(right, left))


@pytest.mark.parametrize("dimension", [1, 2, 3])
@pytest.mark.parametrize(("name", "constants"), CLASSES, ids=[n for n, _ in CLASSES])
def test_what_is_declared_holds_between_sampled_points(name, constants, dimension, tolerant):
    kind = load_assumption(name)
    found = _members(name, constants, dimension)
    assert found
    own = kind(**{n: Q(v) for n, v in constants.items()})
    for operator in found:
        points = _points(operator)
        duals = _points(operator.adjoint) if name == "linear" else []
        f = SimpleNamespace(adjoint=SimpleNamespace(evaluations=duals))
        said = [own.between(*points[:2]), *(r for _, r in own.together(points, f))]
        said = [r for r in said if r is not None]
        assert said
        for relation in said:
            if isinstance(relation, Equation):
                left, right = (torch.as_tensor(number(v)) for v in (relation.left, relation.right))
                assert bool((plain(left - right).abs() <= 1e-9 * (1 + plain(left).abs())).all())
            elif isinstance(relation, Semidefinite):
                matrix = torch.stack([torch.cat([plain(e) for e in line], 1) for line in relation.rows], 1)
                lowest = torch.linalg.eigvalsh((matrix + matrix.mT) / 2)[:, 0]
                assert bool((lowest >= -1e-9 * (1 + matrix.abs().amax((1, 2)))).all())
            else:
                assert bool(torch.as_tensor(relation).all()), operator.name


def test_inequalities_of_pairs_hold_and_are_attained():
    """By hand, with rounding: monotone, Lipschitz and cocoercive operators."""
    for operator in _members("lipschitz-monotone", {"L": 2}, 4):
        x, y, _ = _points(operator)
        u, v = plain(x.output - y.output), plain(x.point - y.point)
        assert bool(((u * v).sum(1) >= -1e-9).all())
        assert bool((u.norm(dim=1) <= 2 * v.norm(dim=1) * (1 + 1e-9)).all())
    edge = _members("cocoercive", {"beta": "1/3"}, 2)[0]
    x, y, _ = _points(edge)
    u, v = plain(x.output - y.output), plain(x.point - y.point)
    torch.testing.assert_close((u * v).sum(1), (u * u).sum(1) / 3)  # the edge of the disc: equality
    for operator in _members("nonexpansive", {}, 5):
        x, y, _ = _points(operator)
        assert bool(
            (plain(x.output - y.output).norm(dim=1) <= plain(x.point - y.point).norm(dim=1) * (1 + 1e-12)).all()
        )


@pytest.mark.parametrize("name", ["monotone", "strongly-monotone", "comonotone"])
def test_resolvents_solve_their_inclusion(name):
    constants = dict(CLASSES)[name]
    for operator in _members(name, constants, 3):
        if not isinstance(operator, NormalOperator):
            continue
        (x, *_) = _points(operator)
        u = operator.resolvent(plain(x.point), 0.2)
        torch.testing.assert_close(u + 0.2 * operator.value(u), plain(x.point))


def test_adjoints():
    for operator in _members("linear", {"L": 2}, 3):
        x, y, _ = _points(operator)
        left = (operator.value(plain(x.point)) * plain(y.point)).sum(1)
        torch.testing.assert_close(left, (plain(x.point) * operator.adjoint.value(plain(y.point))).sum(1))
        if isinstance(operator, LinearMap):
            norms = torch.linalg.matrix_norm(operator.parameters["matrix"], 2)
            torch.testing.assert_close(norms, torch.full_like(norms, 2.0))
            with pytest.raises(UnsupportedOracle, match="no resolvent"):
                operator.resolvent(plain(x.point), 1.0)


@pytest.mark.parametrize("name", ["indicator", "bounded-indicator"])
def test_sets_project_and_know_their_diameter_and_their_normal(name):
    constants = {"D": Q(3)} if name == "bounded-indicator" else {}
    generator = torch.Generator().manual_seed(0)
    kinds = [load_assumption(name)]
    for c in sets.members(kinds, constants, rows=40, dimension=3, generator=generator):
        far = 5 * torch.randn(40, 3, dtype=torch.float64, generator=generator)
        p, q = c.prox(far, 1.0), c.prox(torch.randn(40, 3, dtype=torch.float64, generator=generator), 1.0)
        assert bool((c.value(p) == 0).all() and (c.value(torch.zeros_like(p)) == 0).all())
        assert bool((((far - p) * (q - p)).sum(1) <= 1e-12 * far.norm(dim=1)).all())  # far − p is normal to C at p
        assert bool(((c.normal * q).sum(1) <= 1e-12).all())
        if constants:
            torch.testing.assert_close(c.constants["D"], torch.full_like(c.minimum, 3.0))
            best = c.furthest(far)
            assert bool((c.value(best) == 0).all())
            assert bool(((far * best).sum(1) >= (far * q).sum(1) - 1e-12).all())
            assert bool((((best - c.furthest(-far)).norm(dim=1)) <= 3 * (1 + 1e-12)).all())


def test_searches_end_where_the_gradient_is_orthogonal():
    generator = torch.Generator().manual_seed(1)
    for family in (Quadratic, HuberNorm):
        f = family.sample(batch=40, dimension=5, generator=generator)[0]
        x = f.minimizer + torch.randn(40, 5, dtype=torch.float64, generator=generator)
        count = 3 if family is Quadratic else 1
        directions = [torch.randn(40, 5, dtype=torch.float64, generator=generator) for _ in range(count)]
        u = searches.span_search(f, x, [*directions, directions[0]] if family is Quadratic else directions)
        slope = f.constants["L"] * (x - f.minimizer).norm(dim=1, keepdim=True)
        for d in directions:
            inner = (f.subgradient(u) * d).sum(1, keepdim=True) / d.norm(dim=1, keepdim=True)
            assert bool((inner.abs() <= 1e-7 * slope).all())
        assert bool((f.value(u) <= f.value(x)).all())
        both = torch.stack([*directions, u - x], 2)
        assert int(torch.linalg.matrix_rank(both, rtol=1e-9).max()) == count  # it stays in the span
    with pytest.raises(UnsupportedOracle, match="quadratics only"):
        searches.span_search(f, x, [x, x + 1])


def test_epsilon_subgradients_support_up_to_epsilon_and_use_it():
    generator = torch.Generator().manual_seed(2)
    f = EuclideanNorm.sample(batch=200, dimension=3, generator=generator)[0]
    x = f.minimizer + torch.randn(200, 3, dtype=torch.float64, generator=generator)
    g = searches.epsilon_subgradient(f, x, 0.1, generator)
    for _ in range(20):
        z = f.minimizer + 3 * torch.randn(200, 3, dtype=torch.float64, generator=generator)
        assert bool((f.value(z) >= f.value(x) + (g * (z - x)).sum(1, keepdim=True) - 0.1 - 1e-12).all())
    assert float((g - f.subgradient(x)).norm(dim=1).max()) > 0.01
