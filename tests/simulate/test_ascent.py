"""Gradient ascent: what climbs stays in its class and at its distance, and finds what random draws miss."""

from dataclasses import dataclass
from fractions import Fraction as Q

import pytest
import torch

from certify.assumptions.quadratic import Quadratic as Quadratics
from certify.assumptions.smooth_convex import SmoothConvex
from certify.methods.gd import GradientDescent
from certify.simulate.ascent import climbed
from certify.simulate.bounds import RowBound, claimed
from certify.simulate.comparison import compare
from certify.simulate.functions import FAMILIES
from certify.simulate.members import batches

STEPS = 6
METHOD = GradientDescent(gamma=Q(1))


@dataclass
class Options:
    runs: int = 200
    steps: int = STEPS
    seed: int = 0
    device: str = "cpu"
    data: bool = False
    search: bool = False


def _limit(name: str, assumption, part: float = 1.0) -> RowBound:
    row = GradientDescent.rates()[name]
    claims = claimed(row, METHOD, [dict(assumption.values)], STEPS)
    return RowBound(row, tuple(part * c for c in claims))


def _compared(part: float, search: bool):
    quadratics = Quadratics(L=Q(1), mu=Q(0))
    limit = _limit("gap-rate-quadratic", quadratics, part)
    return compare(METHOD, [[quadratics]], limit, Options(search=search))


def test_ascent_finds_what_random_draws_miss():
    """The bound times 0.995 is false, by less than any of these draws shows."""
    drawn, searched = (_compared(0.995, search) for search in (False, True))
    assert drawn.violations == 0
    assert drawn.drawn is None
    assert searched.violations > 0
    assert searched.drawn == drawn.worst_ratio < 1 < searched.worst_ratio < 1 / 0.995 + 1e-9


def test_a_true_bound_is_never_exceeded():
    found = _compared(1.0, True)
    assert found.violations == 0
    assert 0.999 < found.worst_ratio < 1 + 1e-9


def test_what_climbs_stays_in_its_class_and_at_its_distance():
    numbers = {"L": Q(1)}
    limit = _limit("gap-rate", SmoothConvex(**numbers))
    climbers = 0
    for batch in batches([[SmoothConvex]], [numbers], runs=60, dimensions=(3,)):
        found = climbed(METHOD, batch, limit, STEPS, numbers, rounds=8)
        if found is None:
            continue
        climbers += 1
        (f,) = found.functions
        torch.testing.assert_close(f.constants["L"], torch.ones_like(f.minimum), rtol=1e-12, atol=0)
        assert {"smooth-convex"} <= f.satisfies
        torch.testing.assert_close(found.starts[0].norm(dim=1), torch.ones(len(found), dtype=torch.float64))
        x, y = found.starts[0], found.starts[0].flip(0).roll(1, 1) / 3
        g, h = f.subgradient(x), f.subgradient(y)
        gap = f.value(x) - f.value(y) - (h * (x - y)).sum(1, keepdim=True) - (g - h).square().sum(1, keepdim=True) / 2
        assert (gap >= -1e-12).all()
        assert not any(v.requires_grad for v in f.parameters.values())
    assert climbers >= 4


@pytest.mark.parametrize("family", FAMILIES, ids=lambda f: f.name)
def test_stretched_families_know_their_constants(family):
    """A family says what it may be multiplied with; its constructor accepts the result, and derivatives pass."""
    for f in family.sample(batch=4, dimension=2, generator=torch.Generator().manual_seed(1)):
        assert family.stretchable <= f.parameters.keys()
        logs = {n: torch.linspace(-1, 1, f.parameters[n].numel(), dtype=torch.float64) for n in family.stretchable}
        logs = {n: v.reshape(f.parameters[n].shape).requires_grad_() for n, v in logs.items()}
        made = family(**f.parameters | {n: f.parameters[n] * v.exp() for n, v in logs.items()})
        if logs:
            made.value(made.minimizer + 1).sum().backward()
            assert any(bool(v.grad.abs().sum() > 0) for v in logs.values() if v.grad is not None)


def test_sums_and_parameters_that_differ_do_not_climb():
    numbers = {"L": Q(1)}
    kinds = [[SmoothConvex], [SmoothConvex]]
    limit = _limit("gap-rate", SmoothConvex(**numbers))
    batch = next(iter(batches(kinds, [numbers, numbers], runs=10, dimensions=(2,))))
    assert climbed(METHOD, batch, limit, 2, numbers) is None
