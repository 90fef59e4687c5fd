"""The engine: it runs declarations as they stand, and nothing depends on how the work is cut up."""

from fractions import Fraction as Q

import numpy as np
import pytest
import torch

from certify.assumptions.variance import Variance
from certify.language import (
    AVERAGE_GAP,
    BEST_GRADIENT,
    DISTANCE,
    GAP,
    GRADIENT,
    STEP,
    SUBGRADIENT2,
    Measure,
    Scalar,
    at_average,
    best,
    inner,
    mean,
    norm,
    root,
)
from certify.language.opaque import log2
from certify.methods.bpm import BroximalPoint
from certify.methods.fgm import FastGradient
from certify.methods.fgm_simple import SimpleFastGradient
from certify.methods.gd import GradientDescent
from certify.methods.guler import Guler
from certify.methods.heavy_ball import HeavyBall
from certify.methods.ppm import ProximalPoint
from certify.methods.sgd import StochasticGradient
from certify.methods.subgradient import Subgradient
from certify.simulate.devices import NoDevice, choose, describe
from certify.simulate.engine import Batch, simulate
from certify.simulate.functions import EuclideanNorm, HuberNorm, Quadratic, TestFunction, UnsupportedOracle
from certify.simulate.observers import ALL, Along
from certify.simulate.rows import Rows, plain, rows

STEPS = 12


def _sample(family: type[TestFunction], count: int = 40, dimension: int = 3, seed: int = 0) -> TestFunction:
    return family.sample(batch=count, dimension=dimension, generator=torch.Generator().manual_seed(seed))[0]


def _batch(f: TestFunction, seed: int = 1, **constants: object) -> Batch:
    offset = torch.randn(f.minimizer.shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
    return Batch((f,), (f.minimizer + offset,), (constants or dict(f.constants),))


# --- exact coefficients ---------------------------------------------------------------------------


def test_rows_take_exact_coefficients_on_either_side():
    data = torch.tensor([[3.0, 4.0], [0.0, 2.0]], dtype=torch.float64)
    x, third = rows(data), Q(1, 3)
    for made, expected in [
        (third * x, data / 3),
        (x * third, data / 3),
        (x / Q(3, 2), data / 1.5),
        (third + x, data + 1 / 3),
        (third - x, 1 / 3 - data),
        (x - third, data - 1 / 3),
        (Q(2) / (1 + x), 2 / (1 + data)),
        (x ** Q(2), data**2),
        (Scalar.constant(third) * x, data / 3),
        (third * norm(x), data.norm(dim=1, keepdim=True) / 3),
        (third * inner(x, x), (data**2).sum(1, keepdim=True) / 3),
        (third * root(inner(x, x)), data.norm(dim=1, keepdim=True) / 3),
        (third * log2(1 + x), (1 + data).log2() / 3),
        (third * abs(-x), data / 3),
    ]:
        assert type(made) is Rows
        torch.testing.assert_close(plain(made), expected)
    assert (Q(7, 2) >= x).tolist() == [[True, False], [True, True]]
    assert (x > Q(7, 2)).tolist() == [[False, True], [False, False]]
    with pytest.raises(TypeError):
        _ = Scalar.variable("L") * x
    assert len({x, rows(data)}) == 2
    assert plain(x).data_ptr() == x.data_ptr() == data.data_ptr()


# --- the declaration is what runs -----------------------------------------------------------------


def _heavy_ball(h: np.ndarray, x: np.ndarray, gamma: float, beta: float) -> list[np.ndarray]:
    points, before = [x], x
    for _ in range(STEPS):
        x, before = x - gamma * h * x + beta * (x - before), x
        points.append(x)
    return points


def _fast_gradient(h: np.ndarray, x: np.ndarray, L: float) -> list[np.ndarray]:
    points, y, t = [x], x, 1.0
    for _ in range(STEPS):
        after, longer = y - h * y / L, (1 + (1 + 4 * t * t) ** 0.5) / 2
        y, x, t = after + (t - 1) / longer * (after - x), after, longer
        points.append(x)
    return points


def _simple_fast_gradient(h: np.ndarray, x: np.ndarray, L: float) -> list[np.ndarray]:
    points, y = [x], x
    for k in range(1, STEPS + 1):
        after = y - h * y / L
        y, x = after + (k - 1) / (k + 2) * (after - x), after
        points.append(x)
    return points


@pytest.mark.parametrize(
    ("method", "by_hand"),
    [
        (HeavyBall(gamma=Q(2, 3), beta=Q(1, 3)), lambda h, x: _heavy_ball(h, x, 2 / 3, 1 / 3)),
        (FastGradient(), lambda h, x: _fast_gradient(h, x, 2.0)),
        (SimpleFastGradient(), lambda h, x: _simple_fast_gradient(h, x, 2.0)),
    ],
)
def test_methods_with_memory_agree_with_loops_written_by_hand(method, by_hand):
    h, start = np.array([[2.0, 1.0, 0.25]]), np.array([[1.0, -2.0, 3.0]])
    f = Quadratic(
        basis=torch.eye(3, dtype=torch.float64)[None],
        spectrum=torch.from_numpy(h),
        minimizer=torch.zeros(1, 3, dtype=torch.float64),
    )
    batch = Batch((f,), (torch.from_numpy(start),), ({"L": Q(2)},))
    found = simulate(method, batch, STEPS, {"gap": Along(GAP), "distance": Along(DISTANCE)})
    points = by_hand(h, start)
    np.testing.assert_allclose(found["gap"][:, 0], [(h * x**2).sum() / 2 for x in points], rtol=1e-12)
    np.testing.assert_allclose(found["distance"][:, 0], [(x**2).sum() for x in points], rtol=1e-12)


def test_parameters_may_differ_from_run_to_run():
    f = _sample(HuberNorm)
    steps = torch.linspace(0.1, 1.9, 40, dtype=torch.float64)[:, None] / f.constants["L"]
    batch = Batch((f,), (f.minimizer + 1.0,), (f.constants,), {"gamma": steps})
    together = simulate(GradientDescent(), batch, 5, {"gap": Along(GAP)})["gap"]
    for i in (0, 17, 39):
        alone = simulate(GradientDescent(), batch.take(torch.tensor([i])), 5, {"gap": Along(GAP)})["gap"]
        torch.testing.assert_close(together[:, i], alone[:, 0], rtol=1e-13, atol=0)


def test_a_subgradient_that_a_prox_step_made_is_the_one_that_is_measured():
    f = _sample(EuclideanNorm)
    method = ProximalPoint(gamma=Q(1, 100))
    batch = _batch(f)
    (x,) = batch.starts
    found = simulate(method, batch, 1, {"g": Along(SUBGRADIENT2), "step": Along(STEP)})
    moved = (x - f.prox(x, 0.01)).norm(dim=1) ** 2
    torch.testing.assert_close(found["step"][1], moved)
    torch.testing.assert_close(found["g"][1], moved * 100**2)
    assert found["step"][0].isnan().all()


# --- cutting up the work --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "family"),
    [
        (GradientDescent(gamma=Q(1, 100)), Quadratic),
        (FastGradient(), HuberNorm),
        (BroximalPoint(t=Q(1, 10)), HuberNorm),
        (Guler(gamma=Q(1), A0=Q(1, 2)), EuclideanNorm),
    ],
)
def test_chunks_do_not_matter(method, family):
    batch = _batch(_sample(family, count=90))
    whole = simulate(method, batch, STEPS, {"gap": Along(GAP)}, chunk=10**9)["gap"]
    heard: list[tuple[int, int]] = []
    parts = simulate(method, batch, STEPS, {"gap": Along(GAP)}, chunk=300, progress=lambda a, b: heard.append((a, b)))
    torch.testing.assert_close(parts["gap"], whole, rtol=1e-10, atol=1e-14)
    assert heard[-1] == (90, 90)
    assert len(heard) > 5
    threads = torch.get_num_threads()
    again = simulate(method, batch, STEPS, {"gap": Along(GAP)}, chunk=300)["gap"]
    assert torch.equal(again, parts["gap"])
    assert torch.get_num_threads() == threads


def test_seeds_decide_the_noise():
    f = _sample(Quadratic)
    batch = _batch(f, L=Q(1), sigma=Q(1, 2))
    method = StochasticGradient(gamma=Q(1, 1000))

    def run(seed: int) -> torch.Tensor:
        return simulate(method, batch, STEPS, {"gap": Along(GAP)}, noise=Variance, seed=seed)["gap"]

    assert torch.equal(run(1), run(1))
    assert not torch.equal(run(1), run(2))
    with pytest.raises(UnsupportedOracle, match="assumption on their noise"):
        simulate(method, batch, 1, {})


def test_what_a_function_lacks_is_said():
    with pytest.raises(UnsupportedOracle, match="not differentiable"):
        simulate(GradientDescent(gamma=Q(1)), _batch(_sample(EuclideanNorm)), 1, {})


# --- measures along a run -------------------------------------------------------------------------

RUNNING = [BEST_GRADIENT, AVERAGE_GAP, best(GAP, before=1), mean(GRADIENT, first=1), at_average(DISTANCE, first=2)]
RUNNING += [best(STEP, first=1), mean(GAP, before=2)]


@pytest.mark.parametrize("measure", RUNNING, ids=lambda m: m.name)
def test_measures_along_a_run_are_those_of_the_whole_run(measure):
    batch = _batch(_sample(HuberNorm))
    whole = Measure(measure.name, measure.text, "", None, measure.at)  # without the word on how to run along
    assert Along(measure).window == 1
    assert Along(whole).window == ALL
    method = Subgradient(gamma=Q(1, 10))
    found = simulate(method, batch, STEPS, {"along": Along(measure), "whole": Along(whole)})
    torch.testing.assert_close(found["along"], found["whole"], rtol=1e-9, atol=1e-14, equal_nan=True)
    assert found["along"][-1].isfinite().all()


# --- devices --------------------------------------------------------------------------------------


def test_devices_are_chosen_and_named():
    assert choose("cpu") == "cpu"
    assert choose("auto", 10) == "cpu"
    assert describe("cpu").startswith("cpu, ")
    with pytest.raises(ValueError, match="no device 'gpu'"):
        choose("gpu")
    if not torch.cuda.is_available():
        assert choose("auto", 10**9) == "cpu"
        with pytest.raises(NoDevice, match="--device cpu"):
            choose("cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("family", [Quadratic, HuberNorm])
def test_a_gpu_computes_the_same(family):
    batch = _batch(_sample(family, count=500, dimension=10))
    for method in (GradientDescent(gamma=Q(1, 100)), FastGradient(), BroximalPoint(t=Q(1, 10))):
        here, there = (simulate(method, batch, STEPS, {"gap": Along(GAP)}, device=d)["gap"] for d in ("cpu", "cuda"))
        torch.testing.assert_close(here, there, rtol=1e-9, atol=1e-13)
