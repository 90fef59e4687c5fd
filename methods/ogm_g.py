"""The optimised gradient method for small gradients."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import GAP, GRADIENT, Horizon, Method, rate, rounded
from certify.methods.ogm import inertia


class State(NamedTuple):
    """x_k, y_k and k."""

    x: Any
    y: Any
    k: int


class OptimizedGradientG(Method):
    """y_{k+1} = x_k − ∇f(x_k)/L, x_{k+1} = y_{k+1} + β_k(y_{k+1} − y_k) + γ_k(y_{k+1} − x_k), from y₀ = x₀.

    γ_k = (2θ_{k+1} − 1)/(2θ_k − 1) and β_k = γ_k(θ_k − 1)/θ_k, where θ_N = 1, θ_k = (1 + √(1 + 4θ_{k+1}²))/2 and
    θ₀ = (1 + √(1 + 8θ₁²))/2: the factors of `ogm` backwards. The factors are rounded to 64 bits; bounds are for the
    rounded method.
    """

    name = "ogm-g"
    title = "optimised gradient method for small gradients"
    formula = (
        r"y_{k+1} = x_k - \tfrac1L\nabla f(x_k), \quad x_{k+1} = y_{k+1}"
        r" + \tfrac{(\theta_k - 1)(2\theta_{k+1} - 1)}{\theta_k(2\theta_k - 1)}(y_{k+1} - y_k)"
        r" + \tfrac{2\theta_{k+1} - 1}{2\theta_k - 1}(y_{k+1} - x_k)"
    )
    source = "Kim, Fessler (2021)"
    steps = Horizon("N", "number of steps")

    def start(self, x: Any, f: Any) -> State:
        """y₀ = x₀."""
        return State(x, x, 0)

    def step(self, state: State, f: Any) -> State:
        """A gradient step, and both kinds of momentum."""
        N, k = int(self.steps), state.k
        θ = inertia(N)
        here, there = θ[N - k], θ[N - k - 1]
        forth = rounded((2 * there - 1) / (2 * here - 1))
        y = state.x - f.gradient(state.x) / f.L
        x = y + rounded(forth * (here - 1) / here) * (y - state.y) + forth * (y - state.x)
        return State(x, y, k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        SmoothConvex,
        measure=GRADIENT,
        initial=GAP,
        tight=True,
        source="Kim, Fessler (2021), Theorem 6.1",
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 2}, {"L": "1/2", "N": 3}],
    )
    def gradient_rate(self, f: Any, N: int) -> Any:
        """‖∇f(x_N)‖² ≤ 2L (f(x₀) − f⋆)/θ₀²."""
        return 2 * f.L / inertia(N)[N] ** 2
