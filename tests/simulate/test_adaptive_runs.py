"""AdaGrad and its family attacked: a thousand runs on each of ten functions, every step against the theorem.

The declarations' own steps and goals run on tensors; noise has two outcomes, so that means are exact. Invariants and
lemmas are compared for each outcome and in every coordinate.
"""

from typing import Any

import pytest
import torch
from torch import Tensor

from certify.assumptions.smooth_above import SmoothAbove
from certify.language import Method
from certify.methods.adagrad import AdaGrad
from certify.methods.adagrad_norm import AdaGradNorm
from certify.methods.adam import Adam
from certify.methods.rmsprop import RMSProp
from certify.simulate.rows import plain, rows
from certify.simulate.stateful import run_states

RUNS, STEPS, DIMENSION = 1000, 25, 3


class Waves:
    """f(x) = Σ aᵢ(1 − cos wᵢxᵢ), neither convex nor without saddle points; g = ∇f(x) ± n with |gᵢ| ≤ M."""

    def __init__(self, generator: torch.Generator) -> None:
        def uniform(low: float, high: float, width: int = DIMENSION) -> Tensor:
            unit = torch.rand((RUNS, width), generator=generator, dtype=torch.float64)
            return low + (high - low) * unit

        self.generator = generator
        self.a, self.w = 10 ** uniform(-1, 1), 10 ** uniform(-1, 0.5)
        self.L = rows((self.a * self.w**2).amax(1, keepdim=True))
        steep = (self.a * self.w).amax(1, keepdim=True)
        self.M = rows(steep * 10 ** uniform(0, 0.7, 1))
        self.minimum: Any = rows(torch.zeros((RUNS, 1), dtype=torch.float64))
        self.start = rows(4 * uniform(-1, 1) / self.w)
        self.outcome, self.noise, self.drawn = 0, self.start, self.start

    def value(self, x: Any) -> Any:
        return rows((self.a * (1 - torch.cos(self.w * plain(x)))).sum(1, keepdim=True))

    def gradient(self, x: Any) -> Any:
        return rows(self.a * self.w * torch.sin(self.w * plain(x)))

    def draw(self, x: Any) -> None:
        free = plain(self.M) - plain(self.gradient(x)).abs()
        coin = torch.rand(free.shape, generator=self.generator, dtype=torch.float64)
        self.noise = rows(free * torch.where(coin < 0.3, 1.0, coin))

    def stochastic_gradient(self, x: Any) -> Any:
        self.drawn = self.gradient(x) + self.outcome * self.noise
        return self.drawn

    def drawn_at(self, x: Any) -> Any:
        return self.drawn


def parameters(kind: type[Method], f: Waves, generator: torch.Generator) -> dict[str, Any]:
    def decades(low: float, high: float) -> Any:
        unit = torch.rand((RUNS, 1), generator=generator, dtype=torch.float64)
        return rows(10 ** (low + (high - low) * unit))

    numbers: dict[str, Any] = {}
    for symbol in kind.parameters():
        if symbol in ("beta", "beta2"):
            numbers[symbol] = 1 - decades(-3, -0.05)
        elif symbol == "beta1":
            numbers[symbol] = rows(torch.zeros((RUNS, 1), dtype=torch.float64))
        elif symbol == "b":
            numbers[symbol] = numbers["eta"] * f.L * decades(0, 2)
        else:
            numbers[symbol] = decades(-3, 1)
    return numbers


def excess(side: tuple[Any, Any]) -> float:
    """The largest (lhs − rhs) relative to the size of both."""
    left, right = (plain(torch.as_tensor(v)) for v in side)
    return float(((left - right) / (1 + left.abs() + right.abs())).max())


INSTANCES = [0, 1, *(pytest.param(i, marks=pytest.mark.slow) for i in range(2, 10))]


@pytest.mark.parametrize("instance", INSTANCES)
@pytest.mark.parametrize("kind", [AdaGradNorm, AdaGrad, RMSProp, Adam])
def test_no_step_breaks_the_theorem(kind: type[Method], instance: int) -> None:
    generator = torch.Generator().manual_seed(instance)
    f: Any = Waves(generator)
    method = kind(**parameters(kind, f, generator))
    theorem = kind.theorems()["gradient"]
    state = method.start(f.start, f)
    for k in range(STEPS):
        f.draw(method.output(state))
        sides, after = [], state
        index = {"k": rows(torch.full((RUNS, 1), float(k), dtype=torch.float64)), "m": 0} if theorem.indexed else {}
        for outcome in (1, -1):
            f.outcome = outcome
            after = method.step(state, f)
            goal = theorem.goal(method, f, state, after, **index)
            sides.append((goal.sides, goal.ends))
            clock = index["k"] + 1 if index else None
            pointwise = [*goal.lemmas, *(goal.invariant(after, clock) if goal.invariant else ())]
            assert max(map(excess, pointwise)) < 1e-9
        (one, ends), (other, more) = sides
        for a, b in zip((one, *ends), (other, *more), strict=True):
            left, right = (torch.as_tensor(a[i] + b[i]) / 2 for i in (0, 1))
            assert excess((left, right)) < 1e-9
        state = after


def test_runs_outside_the_range_break_it() -> None:
    """The same comparison finds violations where the theorem does not hold: a scale that starts far below ηL."""
    generator = torch.Generator().manual_seed(0)
    f: Any = Waves(generator)
    numbers = parameters(AdaGradNorm, f, generator)
    method = AdaGradNorm(**{**numbers, "eta": 100 * numbers["eta"], "b": numbers["b"] / 1000})
    state = method.start(f.start, f)
    goal = AdaGradNorm.theorems()["gradient"].goal(method, f, state, method.step(state, f))
    assert excess(goal.sides) > 1e-3


def test_a_state_that_is_a_bare_number_keeps_its_digits():
    """AdaGrad-Norm starts from a plain b: with 32 bits b₀ ≤ b₁ would fail by rounding."""
    found = run_states(AdaGradNorm, [SmoothAbove], AdaGradNorm.theorems()["gradient"], runs=100, steps=3)
    assert found is not None
    assert found.runs > 0
    assert found.violations == 0
