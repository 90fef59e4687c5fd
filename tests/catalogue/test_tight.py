"""Tight where theory says so: the declared methods on explicit functions, in exact numbers, against the bounds.

Proximal point, gradient descent, the optimised and the simple fast gradient method, subgradients, the heavy ball's sum,
stochastic gradients at condition number 1, and finite termination of the ball-prox.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction as Q
from typing import Any

import numpy as np
import pytest
import torch

from certify.methods.fgm_simple import SimpleFastGradient
from certify.methods.gd import GradientDescent
from certify.methods.heavy_ball import HeavyBall
from certify.methods.ogm import OptimizedGradient, inertia
from certify.methods.ppm import ProximalPoint
from certify.methods.sgd import StochasticGradient
from certify.methods.subgradient import Subgradient
from certify.simulate.functions.weighted_l1 import WeightedL1

TIGHT = Q(95, 100)
R = Q(2)


@dataclass(frozen=True)
class Vee:
    """(m/2)x² + a|x| on the line, where all points stay on one side."""

    a: Q
    m: Q = Q(0)

    def value(self, x: Q) -> Q:
        return self.m * x**2 / 2 + self.a * abs(x)

    def prox(self, x: Q, step: Q) -> Q:
        return max(x - step * self.a, Q(0)) / (1 + step * self.m)


@dataclass(frozen=True)
class Huber:
    """L x²/2 for |x| ≤ r, linear beyond."""

    r: Q
    L: Q = Q(1)

    def value(self, x: Q) -> Q:
        return self.L * x**2 / 2 if abs(x) <= self.r else self.L * self.r * (abs(x) - self.r / 2)

    def gradient(self, x: Q) -> Q:
        return self.L * max(min(x, self.r), -self.r)


def outputs(method: Any, f: Any, x: Any, steps: int) -> list[Any]:
    state = method.start(x, f)
    found = [method.output(state)]
    for k in range(steps):
        state = method.advance(k, state, f)
        found.append(method.output(state))
    return found


@pytest.mark.parametrize("N", [1, 3, 6])
@pytest.mark.parametrize("γ", [Q(1, 2), Q(3)])
def test_proximal_point(N, γ):
    method, total = ProximalPoint(gamma=γ), N * γ
    f = Vee(R / (2 * total))
    assert f.value(outputs(method, f, R, N)[-1]) == R**2 / (4 * total)
    *_, before, last = outputs(method, Vee(R / total), R, N)
    assert (before - last) / γ == R / total
    μ, q = Q(1, 3), (1 + γ / 3) ** N
    assert outputs(method, Vee(Q(0), μ), R, N)[-1] == R / q
    f = Vee(μ * R / (q**2 - 1), μ)
    assert f.value(outputs(method, f, R, N)[-1]) == μ * R**2 / (2 * (q**2 - 1))


@pytest.mark.parametrize("N", [1, 4])
@pytest.mark.parametrize("h", [Q(1, 2), Q(1), Q(19, 10)])
def test_gradient_descent(N, h):
    method, gaps = GradientDescent(gamma=h), []
    for r in (R / (2 * N * h + 1), R):
        f = Huber(r)
        gaps.append(f.value(outputs(method, f, R, N)[-1]))
    assert max(gaps) == R**2 / 2 * max(1 / (2 * N * h + 1), (1 - h) ** (2 * N))
    slopes = [abs(Huber(r).gradient(outputs(method, Huber(r), R, N)[-1])) for r in (R / (N * h + 1), R)]
    assert max(slopes) == R * max(1 / (N * h + 1), abs(1 - h) ** N)


@pytest.mark.parametrize("N", [1, 2, 5])
def test_accelerated_methods(N):
    f = Huber(R)
    gap = f.value(outputs(OptimizedGradient(), f, R, N)[-1])
    assert 1 - Q(1, 10**12) < gap / (R**2 / (2 * inertia(N)[N] ** 2)) < 1 + Q(1, 10**12)
    bound = 2 * R**2 / (N**2 + 5 * N + 6)
    gaps = [f.value(outputs(SimpleFastGradient(), f, R, N)[-1]) for f in (Huber(R * j / 200) for j in range(1, 200))]
    assert TIGHT * bound <= max(gaps) <= bound


def test_the_momentum_of_the_optimised_gradient_method():
    """y_{k+1} = x_{k+1} + ((θ_k − 1)/θ_{k+1})(x_{k+1} − x_k) + (θ_k/θ_{k+1})(x_{k+1} − y_k), as papers print it too."""
    f, N = Huber(Q(1, 2)), 5
    θ, x, y = inertia(N), R, R
    for k in range(N):
        new = y - f.gradient(y)
        y = new + (θ[k] - 1) / θ[k + 1] * (new - x) + θ[k] / θ[k + 1] * (new - y)
        x = new
    assert abs(outputs(OptimizedGradient(), f, R, N)[-1] - y) < Q(1, 10**15)


def test_subgradients():
    """f(x) = M max(x_i, ‖x‖ − 3R/2) in R⁴: three steps leave a coordinate at 0, and the minimum is −MR/2."""
    N, M = 3, Q(5)

    class Largest:
        def subgradient(self, x: Any) -> Any:
            return M * np.array([Q(int(i == int(np.argmax(x)))) for i in range(N + 1)])

    points = outputs(Subgradient(gamma=R / (2 * M)), Largest(), np.array([Q(0)] * (N + 1)), N)
    assert all(sum(x**2) <= R**2 for x in points)
    assert min(M * max(x) for x in points) - (-M * R / 2) == M * R / 2


@pytest.mark.parametrize("β", [Q(0), Q(1, 2), Q(9, 10)])
def test_the_sum_of_the_heavy_ball(β):
    """Over all T the worst ratio is 1."""
    γ, T, best = 1 - β, 60, Q(0)
    for curvature in (Q(1), Q(1, 10), Q(1, 100)):
        f = Huber(R * 10, curvature)
        gaps = [f.value(x) for x in outputs(HeavyBall(gamma=γ, beta=β), f, R, T)]
        for last in range(T + 1):
            right = (1 - β) * R**2 / (2 * γ) + β / (1 - β) * (gaps[0] - gaps[last])
            best = max(best, sum(gaps[: last + 1]) / right)
    assert TIGHT <= best <= 1


def test_stochastic_gradients_at_condition_number_one():
    """δ⁺ = (1 − 2γμ)δ + Lγ²σ²/2 exactly, by a gradient 3 ± 4 with second moment 25."""
    γ, μ, σ = Q(1, 5), Q(3, 2), Q(5)
    gap = Q(0)
    for noise in (4, -4):

        class Drawn:
            def stochastic_gradient(self, x: Q, noise: int = noise) -> Q:
                return μ * x + noise

        gap += μ * outputs(StochasticGradient(gamma=γ), Drawn(), R, 1)[-1] ** 2 / 4
    assert gap == (1 - 2 * γ * μ) * μ * R**2 / 2 + μ * γ**2 * σ**2 / 2


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_ball_prox_needs_as_many_steps_as_its_bound_allows(n):
    """f = Σ M_i|z_i| with M_1 ≫ M_2 ≫ …, from (t, …, t): d₀²/t² = n steps and not one less."""
    weights = torch.tensor([[1e3 ** (-i) for i in range(n)]], dtype=torch.float64)
    f = WeightedL1(basis=torch.eye(n, dtype=torch.float64)[None], weights=weights, minimizer=torch.zeros_like(weights))
    x = torch.full_like(weights, 0.5)
    for k in range(1, n + 1):
        x = f.brox(x, 0.5)[0]
        assert float(f.value(x)) < float(f.value(torch.full_like(weights, 0.5)))
        assert (float(x.norm()) < 1e-9) == (k == n)
