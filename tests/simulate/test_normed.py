"""Functions with a ball-prox in a norm: what they declare is true, and no proved theorem is contradicted on them."""

import pytest
import torch

from certify.assumptions.convex import Convex
from certify.geometry import NORMS, named
from certify.language import DISTANCE, GAP, Contraction, FiniteDecrease, Goal, norm, norm2, theorem
from certify.methods.bpm import BroximalPoint
from certify.simulate.normed import Located, TensorSpace, Translated, sample_in_norm
from certify.simulate.trajectories import run

NAMES = ["linf", "l1", "lp:3", "spectral", "nuclear", "max-entry", "max-column", "rms"]
ANY = [n for n, t in BroximalPoint.theorems().items() if "any" in t.norms]


def batches(name):
    space = TensorSpace(named(name))
    for dimension in space.dimensions:
        generator = torch.Generator().manual_seed(dimension)
        for f in sample_in_norm(named(name), "convex", batch=60, dimension=dimension, generator=generator):
            start = f.minimizer + torch.randn(60, dimension, dtype=torch.float64, generator=generator)
            other = f.minimizer + torch.randn(60, dimension, dtype=torch.float64, generator=generator)
            yield space, f, start, other, torch.rand(60, 1, dtype=torch.float64, generator=generator) + 0.01


@pytest.mark.parametrize("name", NAMES)
def test_the_ball_prox_is_optimal(name):
    dual = TensorSpace(named(name).dual)
    for space, f, x, y, t in batches(name):
        u, g = f.brox(x, t)
        scale = f.value(x) + f.value(y) + f.value(u)
        assert (space.size(u - x) <= t * (1 + 1e-12)).all()
        pairing = (g * (x - u)).sum(1, keepdim=True)
        assert ((pairing - t * dual.size(g)).abs() <= 1e-8 * scale).all()
        assert (f.value(y) - f.value(u) - (g * (y - u)).sum(1, keepdim=True) >= -1e-9 * scale).all()


@pytest.mark.parametrize("name", NAMES)
def test_the_constants_hold_in_the_norm(name):
    dual = TensorSpace(named(name).dual)
    for space, f, x, y, _ in batches(name):
        g = f.subgradient(x)
        lower = f.value(y) - f.value(x) - (g * (y - x)).sum(1, keepdim=True)
        slack = 1e-9 * (f.value(x) + f.value(y))
        assert (lower >= -slack).all()
        if "strongly-convex" in f.satisfies:
            assert (lower >= 0.5 * f.constants["mu"] * space.size(y - x) ** 2 - slack).all()
        if "lipschitz-convex" in f.satisfies:
            assert (dual.size(g) <= f.constants["M"] * (1 + 1e-9)).all()
        if "sharp-growth" in f.satisfies:
            assert (f.value(x) >= f.constants["s"] * space.size(x - f.minimizer) * (1 - 1e-9)).all()


@pytest.mark.parametrize("name", ["linf", "l1", "spectral", "nuclear"])
@pytest.mark.parametrize("statement", ANY)
def test_theorems_of_any_norm_hold_in_each(name, statement):
    claim = BroximalPoint.theorems()[statement]
    goal = ((), _posed(claim))
    found = run(BroximalPoint, claim.assumptions, claim, [goal], runs=1000, norm=name)
    assert found is not None
    assert found.violations == 0
    assert found.runs >= 600
    assert found.worst_ratio > 0.95


def _posed(claim):
    from certify.language import pose

    return pose(BroximalPoint, claim.assumptions, claim, norm="any").goal


class Wrong(BroximalPoint):
    """Claims that hold in a Euclidean space, and one that holds nowhere."""

    name = "wrong"

    @theorem(Convex, measure=DISTANCE)
    def closer(self, f, x, y) -> Goal:
        """‖x⁺ − x⋆‖² ≤ ‖x − x⋆‖² − t²."""
        return FiniteDecrease(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer), amount=self.radius**2)

    @theorem(Convex, measure=GAP)
    def too_fast(self, f, x, y) -> Goal:
        """A contraction by 1 − 2t/‖x − x⋆‖."""
        before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
        return Contraction(before=before, after=after, rate=1 - 2 * self.radius / norm(x - f.minimizer))


@pytest.mark.parametrize(("statement", "name"), [("closer", "linf"), ("closer", "l1"), ("too-fast", "spectral")])
def test_false_claims_are_noticed(statement, name):
    claim = Wrong.theorems()[statement]
    found = run(Wrong, (Convex,), claim, [((), None)], runs=1000, norm=name)
    assert found.violations > 0
    assert found.to_json()["worst"]["function"]


def test_located_tensors_know_their_norm():
    space = TensorSpace(NORMS["linf"])
    x = Located(space, torch.tensor([[3.0, -4.0]], dtype=torch.float64))
    g = Located(space, torch.tensor([[1.0, 2.0]], dtype=torch.float64), dual=True)
    assert (float(norm(x)), float(norm(g)), float(norm2(x / 2))) == (4, 3, 4)
    for wrong in (lambda: x + g, lambda: space.inner(x, x)):
        with pytest.raises(TypeError):
            wrong()
    (f, *_) = sample_in_norm(named("linf"), "convex", batch=1, dimension=2, generator=torch.Generator())
    with pytest.raises(NotImplementedError, match="Euclidean"):
        Translated(f, space).prox(x, 1.0)
