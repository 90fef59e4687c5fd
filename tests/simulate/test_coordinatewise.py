"""AdaGrad, Adam and their family attacked by runs: noise that keeps its bound, and false theorems that are caught."""

from dataclasses import replace
from typing import Any

import pytest
import torch

from certify.analysis.simulation_request import Request
from certify.analysis.simulations import simulations
from certify.assumptions.bounded_samples import BoundedSamples
from certify.language import Method, Same, Theorem
from certify.methods.adabelief import AdaBelief
from certify.methods.adagrad import AdaGrad
from certify.methods.adam import Adam
from certify.methods.adamw import AdamW
from certify.methods.amsgrad import AMSGrad
from certify.methods.rmsprop import RMSProp
from certify.simulate.coordinatewise import run_coordinates
from certify.simulate.noise import OUTCOMES, drawn
from certify.simulate.online import ChangingLosses
from certify.simulate.rows import plain, rows

THEOREMS = [
    pytest.param(method, statement, id=f"{method.name}/{statement.name}")
    for method in (AdaGrad, RMSProp, Adam, AMSGrad, AdamW, AdaBelief)
    for statement in method.theorems().values()
]


def test_bounded_noise_is_bounded_and_has_mean_zero() -> None:
    generator = torch.Generator().manual_seed(0)
    M = 10 ** torch.empty(2000, 1, dtype=torch.float64).uniform_(-3, 3, generator=generator)
    g = 1.1 * M * torch.empty(2000, 4, dtype=torch.float64).uniform_(-1, 1, generator=generator)
    noise = drawn(BoundedSamples, g, {"M": M}, {}, generator)
    one, other = (noise.at(outcome).applied(g) for outcome in OUTCOMES)
    possible = noise.possible[:, 0]
    assert torch.equal(possible, (g.abs() <= M).all(1))
    assert bool(((one + other) / 2 - g).abs().le(1e-15 * M).all())
    largest = torch.maximum(one.abs(), other.abs())[possible]
    assert bool((largest <= M[possible]).all())
    assert int((largest >= 0.999999 * M[possible]).all(1).sum()) > 300


def test_changing_losses_are_convex_with_bounded_slopes() -> None:
    generator = torch.Generator().manual_seed(0)
    G = rows(torch.full((500, 1), 2.0, dtype=torch.float64))
    f = ChangingLosses(G, torch.ones(500, 1, dtype=torch.float64), 3, generator)
    for _ in range(5):
        f.turn()
        x, y = (rows(torch.randn(500, 3, dtype=torch.float64, generator=generator)) for _ in range(2))
        assert bool((plain(f.gradient(x)).abs() <= 2).all())
        below = f.value(x) + (f.gradient(x) * (y - x)).sum(1, keepdim=True)
        assert bool((plain(below) <= plain(f.value(y)) + 1e-12).all())
    first = f.loss_of_comparator
    f.turn()
    assert bool((plain(first) != plain(f.loss_of_comparator)).any())


@pytest.mark.parametrize(("method", "statement"), THEOREMS)
def test_runs_keep_the_theorem(method: type[Method], statement: Theorem) -> None:
    found = run_coordinates(method, statement.assumptions, statement, runs=200, steps=4, seed=1)
    assert found is not None
    assert found.runs > 100
    assert not found.violations, found.worst
    assert found.worst_ratio is not None
    assert found.worst_ratio > 0.1


@pytest.mark.slow
@pytest.mark.parametrize(("method", "statement"), THEOREMS)
def test_ten_thousand_runs_keep_the_theorem(method: type[Method], statement: Theorem) -> None:
    for seed in range(10):
        found = run_coordinates(method, statement.assumptions, statement, runs=2500, steps=25, seed=seed)
        assert found is not None
        assert found.runs >= 1000
        assert not found.violations, found.worst


def no_error(g: Any, *_: Any, **__: Any) -> Any:
    return replace(g, error=0 * g.error)


def heavier(g: Any, *_: Any, **__: Any) -> Any:
    return replace(g, weights=(20 * g.weights[0],))


def longer(g: Any, own: Any, f: Any, before: Any, after: Any) -> Any:
    return Same(left=g.left, right=2 * g.right - before.x, given=g.given)


def shorter_memory(g: Any, own: Any, f: Any, *_: Any, **__: Any) -> Any:
    return replace(g, invariant=lambda state, k: ((state.v, (k - 1) * f.M**2),))


def smaller_hint(g: Any, *_: Any, **__: Any) -> Any:
    low, high = g.lemmas[0]
    return replace(g, lemmas=((low, 0.99 * high), *g.lemmas[1:]))


FALSE = {
    "AdaGrad without growth of the logarithm": (AdaGrad, "gradient", no_error),
    "AdaGrad with fewer squares": (AdaGrad, "gradient", shorter_memory),
    "AdaGrad with a hint that is too good": (AdaGrad, "gradient", smaller_hint),
    "RMSProp without its floor": (RMSProp, "gradient", no_error),
    "RMSProp with too much weight": (RMSProp, "gradient", heavier),
    "growing steps without the floor": (RMSProp, "gradient-warm", no_error),
    "Adam without its floor": (Adam, "gradient", no_error),
    "AMSGrad without its error": (AMSGrad, "regret", no_error),
    "sign descent twice as long": (Adam, "sign-descent", longer),
}


@pytest.mark.parametrize("name", FALSE)
def test_runs_catch_false_theorems(name: str) -> None:
    method, which, change = FALSE[name]
    true = method.theorems()[which]
    false = replace(true, goal=lambda *args, **index: change(true.goal(*args, **index), *args, **index))
    found = run_coordinates(method, true.assumptions, false, runs=200, steps=6)
    assert found is not None
    assert found.violations
    assert found.worst is not None
    assert found.worst["role"]


@pytest.mark.slow
def test_simulations_compare_means_with_the_bound() -> None:
    asked = Request("adagrad", runs=500, steps=5)
    (found,) = simulations(asked).found
    assert found.comparison is not None
    assert found.comparison.violations == 0
    assert found.comparison.replicas > 1
