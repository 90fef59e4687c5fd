"""(L0, L1)-smooth functions know their constants, and layer-wise theorems are compared on them."""

import pytest
import torch

from certify.methods.gluon import Gluon
from certify.simulate.layered import run_layers, spaces
from certify.simulate.normed.cosh_ridges import CoshRidges


def _columns(v, like):
    return v.reshape(-1, *[1] * (like.ndim - 1))


def _drawn(space, generator):
    """Parts of length 1 in every layer."""
    parts = space.parts(torch.randn(80, space.dimension, dtype=torch.float64, generator=generator))
    return [v / _columns(n.value(v), v) for v, (n, _) in zip(parts, space.layers, strict=True)]


def _sized(space, parts, length):
    return space.joined([v * _columns(s, v) for v, s in zip(parts, length.T, strict=True)])


@pytest.mark.parametrize("reach", [1.0, 8.0])
def test_the_constants_hold_for_steps_that_are_short_enough(reach):
    generator = torch.Generator().manual_seed(0)
    closest = []
    for space in spaces(["spectral", "linf", "l2", "nuclear"]):
        f = CoshRidges.sample_in(space, batch=80, generator=generator)
        norms = [n for n, _ in space.layers]
        a, p = f.parameters["rate"], len(norms)
        u = f.parameters["directions"]
        for i, norm in enumerate(norms):
            torch.testing.assert_close(norm.dual_value(space.parts(u[:, i])[i]), torch.ones(80, dtype=torch.float64))

        x = f.minimizer + _sized(
            space, _drawn(space, generator), 3 * torch.rand(80, p, dtype=torch.float64, generator=generator) / a
        )
        toward = [-n.lmo(v) for n, v in zip(norms, space.parts(f.subgradient(x)), strict=True)]
        for parts in (_drawn(space, generator), toward):
            length = reach * torch.rand(80, p, dtype=torch.float64, generator=generator) / a
            y, g = x + _sized(space, parts, length), f.subgradient(x)
            dual = torch.stack([n.dual_value(v) for n, v in zip(norms, space.parts(g), strict=True)], 1)
            above = ((f.constants["L0"] + f.constants["L1"] * dual) * length**2).sum(1, keepdim=True) / 2
            rest = f.value(y) - f.value(x) - (g * (y - x)).sum(1, keepdim=True)
            closest.append(float((rest / above).max()))
    assert max(closest) > 0.5
    assert (max(closest) <= 1 + 1e-9) == (reach == 1.0)  # far steps break it: the condition is needed


def test_gradients_are_derivatives():
    (space, *_) = spaces(["spectral"])[-1:]
    f = CoshRidges.sample_in(space, batch=5, generator=torch.Generator().manual_seed(1))
    x = (f.minimizer + 0.1).requires_grad_()
    (slope,) = torch.autograd.grad(f.value(x).sum(), x)
    torch.testing.assert_close(slope, f.subgradient(x).detach())
    assert f.subgradient(f.minimizer).abs().max() == 0


def test_layerwise_theorems_are_compared_on_them():
    theorem = Gluon.theorems()["descent"] if "descent" in Gluon.theorems() else next(iter(Gluon.theorems().values()))
    found = run_layers(Gluon, theorem.assumptions, theorem, runs=200, steps=4)
    assert found is not None
    assert "cosh-ridges" in found.families
    assert found.violations == 0
