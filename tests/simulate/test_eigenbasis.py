"""Runs in an eigenbasis are the runs in the given one, and happen only where the basis cannot be noticed."""

from fractions import Fraction as Q

import pytest
import torch

from certify.language import (
    AVERAGE_GAP,
    BEST_GRADIENT,
    DISTANCE,
    GAP,
    GRADIENT,
    STEP,
    Method,
    block,
    clip,
    inner,
    maximum,
    measure,
    norm,
)
from certify.methods.bpm import BroximalPoint
from certify.methods.fgm import FastGradient
from certify.methods.gd import GradientDescent
from certify.methods.guler import Guler
from certify.methods.heavy_ball import HeavyBall
from certify.methods.ogm import OptimizedGradient
from certify.methods.ppm import ProximalPoint
from certify.simulate import engine
from certify.simulate.curved import Curved
from certify.simulate.eigenbasis import BasisMatters, Turned, in_eigenbasis
from certify.simulate.engine import Batch, simulate
from certify.simulate.functions import HuberNorm, Quadratic
from certify.simulate.observers import Along
from certify.simulate.rows import rows
from certify.simulate.scaled import Scaled

STEPS, ROWS = 15, 30


class Normalised(Method):
    """Polyak's step."""

    name = "normalised"

    def step(self, x, f):
        g = f.gradient(x)
        return x - (f.value(x) - f.minimum) / inner(g, g) * g


MEASURES = (GAP, DISTANCE, GRADIENT, STEP, BEST_GRADIENT, AVERAGE_GAP)
METHODS = [
    GradientDescent(gamma=Q(3, 2)), HeavyBall(gamma=Q(1), beta=Q(1, 2)), FastGradient(), OptimizedGradient(),
    Guler(gamma=Q(2), A0=Q(1)), Normalised(), ProximalPoint(gamma=Q(1, 3)), BroximalPoint(t=Q(1, 10)),
]  # fmt: skip


class Opaque:
    """A function of which nobody sees that it is a quadratic."""

    def __init__(self, function):
        self.function = function

    def __getattr__(self, name):
        return getattr(self.function, name)

    def take(self, index):
        return Opaque(self.function.take(index))


def _functions(d=4):
    generator = torch.Generator().manual_seed(3)
    found = Quadratic.sample(batch=ROWS, dimension=d, generator=generator)
    scaled = [Scaled(f, 1 / f.constants["L"]) for f in found]
    half = torch.full((ROWS, 1), 0.5, dtype=torch.float64)
    return [*scaled, Curved(found[2], half / found[2].constants["L"], half), Scaled(scaled[0], 1 + 0 * half)]


def _batch(f, seed=1):
    offset = torch.randn(f.minimizer.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return Batch((f,), (f.minimizer + offset,), ({"L": Q(1)},))


@pytest.fixture
def turned(monkeypatch):
    """Whether each run used an eigenbasis."""
    used = []
    before = engine._all

    def noted(method, batch, *rest):
        found = before(method, batch, *rest)
        used.append(batch.vectors is Turned)
        return found

    monkeypatch.setattr(engine, "_all", noted)
    return used


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.name)
@pytest.mark.parametrize("kind", range(5))
def test_runs_are_those_of_the_given_basis(method, kind, turned):
    f = _functions()[kind]
    observers = {m.name: Along(m) for m in MEASURES}
    fast = simulate(method, _batch(f), STEPS, observers, chunk=400)
    slow = simulate(method, _batch(Opaque(f)), STEPS, observers, chunk=400)
    assert turned == [True, False]
    for name, found in fast.items():
        largest = slow[name].nan_to_num(0).amax(0)
        assert torch.equal(found.isnan(), slow[name].isnan())
        assert ((found - slow[name]).nan_to_num(0).abs() <= 1e-10 * largest).all(), name


class Signs(Method):
    """Sign descent."""

    def step(self, x, f):
        return x - f.gradient(x).sign() / 100


class Products(Method):
    """A step scaled coordinate by coordinate."""

    def step(self, x, f):
        g = f.gradient(x)
        return x - g * g


class Late(Method):
    """The basis matters after a few steps."""

    def step(self, x, f, *, k):
        return x - (f.gradient(x) if k < 7 else clip(f.gradient(x), -1, 1))


@pytest.mark.parametrize("method", [Signs(), Products(), Late()], ids=lambda m: type(m).__name__)
def test_where_the_basis_matters_it_is_kept(method, turned):
    f = _functions()[0]
    fast = simulate(method, _batch(f), STEPS, {"gap": Along(GAP)})["gap"]
    assert turned == [False]
    torch.testing.assert_close(
        fast, simulate(method, _batch(Opaque(f)), STEPS, {"gap": Along(GAP)})["gap"], equal_nan=True
    )


def test_observers_that_see_coordinates_keep_the_basis(turned):
    first = measure("first", "x₁", lambda run, k: run.points[k][:, :1])
    f = _functions()[0]
    seen = simulate(METHODS[0], _batch(f), 2, {"first": Along(first)})["first"]
    assert turned == [False]
    assert torch.equal(seen[0], _batch(f).starts[0][:, 0])


def test_vectors_in_an_unknown_basis_do_nothing_else():
    x = torch.tensor([[3.0, 4.0], [0.0, 2.0]], dtype=torch.float64)
    v, column = Turned(x), rows(torch.tensor([[2.0], [3.0]], dtype=torch.float64))
    for made, expected in [
        (v + v, 2 * x), (0 + v, x), (v - 2 * v, -x), (Q(1, 2) * v, x / 2), (column * v, x * column),
        (v * column, x * column),
        (v / Q(2), x / 2), (-v, -x), (v.where(column > 2, -v), torch.tensor([[-3.0, -4.0], [0.0, 2.0]])),
    ]:  # fmt: skip
        assert type(made) is Turned
        torch.testing.assert_close(made.data, expected, check_dtype=False)
    torch.testing.assert_close(norm(v).as_subclass(torch.Tensor), x.norm(dim=1, keepdim=True))
    for forbidden in (
        lambda: v * v, lambda: v + 1, lambda: rows(x) * v, lambda: v * rows(x), lambda: abs(v), lambda: v**2,
        lambda: v[0],
        lambda: maximum(v, v), lambda: clip(v, 0, 1), lambda: block(v, 0, 2), lambda: inner(v, rows(x)),
        lambda: v.sign(),
        lambda: rows(x) + v, lambda: v / v, lambda: v.where(x > 0, v), lambda: torch.sign(v), lambda: v + rows(x),
    ):  # fmt: skip
        with pytest.raises((TypeError, AttributeError)):
            forbidden()
    assert issubclass(BasisMatters, TypeError)


def test_other_functions_have_no_eigenbasis():
    generator = torch.Generator().manual_seed(0)
    huber = HuberNorm.sample(batch=3, dimension=2, generator=generator)[0]
    ones = torch.ones(3, 1, dtype=torch.float64)
    assert in_eigenbasis(huber) is None
    assert in_eigenbasis(Scaled(huber, ones)) is None
    assert in_eigenbasis(Curved(huber, ones, ones)) is None
