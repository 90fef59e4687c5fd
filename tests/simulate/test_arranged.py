"""Runs of methods that ask for more than any function and any start: they start, are in the class, keep the bound."""

from fractions import Fraction as Q

import pytest
import torch

from certify.analysis.simulation_request import Request
from certify.analysis.simulations import simulations
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.methods.dca import DifferenceOfConvex
from certify.methods.gd import GradientDescent
from certify.methods.polyak import Polyak
from certify.simulate.arranged import arrangements, ordered, started_at, unrotated
from certify.simulate.combination import separable
from certify.simulate.engine import oracles
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.members import batches
from certify.simulate.rows import plain

L, MU = Q(1), Q(1, 10)
STRONG = {"L": L, "mu": MU}


def _run(method: str, bound: str, **options):
    (found,) = simulations(Request(method, bounds=(bound,), **{"runs": 400, "steps": 6} | options)).found
    return found.comparison


@pytest.mark.parametrize(("method", "bound"), [("polyak", "distance-rate"), ("polyak-gap", "gap-rate")])
def test_polyak_steps_have_the_length_and_attain_the_bound(method, bound):
    found = _run(method, bound, steps=1)
    assert found.violations == 0
    assert found.compared > 50
    assert 0.999 < found.worst_ratio < 1 + 1e-9


def test_starts_where_a_polyak_step_has_its_length():
    method, seen = Polyak(gamma=2 / (L + MU)), 0
    ratio = float(L + MU)
    for batch in batches([[SmoothStronglyConvex]], [STRONG], runs=200):
        found = started_at(batch, ratio)
        if found is None:
            continue
        seen += len(found)
        (f,), (x,) = found.functions, found.starts
        torch.testing.assert_close((x - f.minimizer).norm(dim=1), torch.ones(len(x), dtype=x.dtype))
        squares = f.subgradient(x).square().sum(1, keepdim=True)
        torch.testing.assert_close(squares, ratio * (f.value(x) - f.minimum), rtol=1e-11, atol=0)
        (oracle,) = oracles(found)
        method.step(x, oracle)
        assert not bool(oracle.stopped.any())
        (elsewhere,) = oracles(batch)
        method.step(batch.starts[0], elsewhere)
        assert bool(elsewhere.stopped.any())
    assert seen > 30


def test_other_methods_get_their_batch_first():
    batch = next(batches([[SmoothConvex]], [{"L": L}], runs=40, dimensions=(3,)))
    assert next(arrangements(GradientDescent(gamma=Q(1)), batch, 0)) is batch


def test_differences_have_their_minimum():
    constants = [{"L": Q(2), "mu": Q(1, 5)}, {"L": Q(3), "mu": Q(1, 10)}]
    kinds = [[SmoothStronglyConvex], [SmoothStronglyConvex]]
    batch = next(batches(kinds, constants, runs=200, dimensions=(3,)))
    found = ordered(batch)
    assert found is not None
    f, g = oracles(found)
    for function, own in zip(found.functions, constants, strict=True):
        spectrum = function.parameters["spectrum"]
        assert float(own["mu"]) <= float(spectrum.min())
        assert float(spectrum.max()) <= float(own["L"])
    x, star = found.starts[0], (f - g).minimizer
    assert bool((plain((f - g).value(x)) >= plain((f - g).value(star))).all())
    after = DifferenceOfConvex().step(x, f, g)
    torch.testing.assert_close(plain(f.gradient(after)), plain(g.gradient(x)), rtol=1e-9, atol=1e-12)
    with pytest.raises(UnsupportedOracle, match="difference"):
        (g - f).minimizer  # noqa: B018
    assert ordered(next(batches([[SmoothConvex]], [{"L": L}], runs=20))) is None


@pytest.mark.parametrize(
    ("method", "bound"),
    [("dca", "gradient-rate"), ("projected-subgradient", "gap-rate"), ("bregman-ppm", "gap-rate")],
)
def test_runs_keep_the_bound(method, bound):
    found = _run(method, bound)
    assert found.violations == 0
    assert found.compared > 300
    assert 0.2 < found.worst_ratio < 1


def test_subgradients_beyond_their_bound_end_a_run():
    """Runs of the projected subgradient method with a smaller M than the functions have are not compared."""
    found = simulations(Request("projected-subgradient", rules=("M=1,mu=1",), runs=300, steps=4)).found[0].comparison
    assert 0 < found.compared < found.runs * 4


def test_bregman_steps_in_several_dimensions():
    """In the given coordinates functions are sums over these, of the same class."""
    batch = next(batches([[SmoothConvex]], [{"L": L}], runs=40, dimensions=(3,)))
    assert not separable(batch.functions[0])
    found = unrotated(batch)
    assert found is not None
    (f,) = found.functions
    assert separable(f)
    torch.testing.assert_close(f.constants["L"], batch.functions[0].constants["L"])
    whole = f.value(found.starts[0])
    apart = sum(f.value(found.starts[0] * torch.eye(3, dtype=whole.dtype)[i]) for i in range(3))
    torch.testing.assert_close(whole, apart)
