"""Stochastic gradient descent on two functions with a common minimiser."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, Method, Positive, rate
from certify.methods.sgd_finite_sum import EXPECTED_DISTANCE, average


class InterpolatingGradient(Method):
    """x⁺ = x − γ∇f_i(x) with i = 1 or 2 at random, for two functions with the same minimiser x⋆.

    The gradient of f₂ is taken at x − x⋆ + argmin f₂, which is x if the minimisers agree: so any two functions may play
    the roles. A state is the tuple of all outcomes, 2^k after k steps; measures that expect one iterate look at their
    mean.
    """

    name = "sgd-interpolation"
    title = "stochastic gradient descent with interpolation"
    formula = r"x^+ = x - \gamma\,\nabla f_i(x), \quad \nabla f_1(x^\star) = \nabla f_2(x^\star) = 0"
    source = "Ma, Bassily, Belkin (2018)"
    functions = ("f1", "f2")
    step_size = Positive("gamma", "step size")

    def solution(self, f1: Any, f2: Any) -> Any:
        """The minimiser of f₁."""
        return f1.minimizer

    def start(self, x: Any, f1: Any, f2: Any) -> tuple[Any, ...]:
        """One outcome."""
        return (x,)

    def step(self, state: tuple[Any, ...], f1: Any, f2: Any) -> tuple[Any, ...]:
        """Both draws from each outcome."""
        shift = f2.minimizer - f1.minimizer
        first = [x - self.step_size * f1.gradient(x) for x in state]
        return (*first, *(x - self.step_size * f2.gradient(x + shift) for x in state))

    def output(self, state: tuple[Any, ...]) -> Any:
        """E x_k."""
        return average(state)

    @rate(
        SmoothStronglyConvex,
        SmoothStronglyConvex,
        measure=EXPECTED_DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Taylor, Hendrickx, Glineur, PESTO (2017), example of stochastic gradient descent",
        holds=lambda self, f1, f2, N: (f1.L == f2.L, f1.mu == f2.mu, self.step_size * f1.L <= 2),
        at=[{"L": 1, "mu": "1/10", "gamma": "1/2", "N": 1}, {"L": 1, "mu": "1/4", "gamma": "9/5", "N": 2}],
    )
    def distance_rate(self, f1: Any, f2: Any, N: int) -> Any:
        """E‖x_N − x⋆‖² ≤ max{1 − γμ, γL − 1}²ᴺ R²."""
        return max(1 - self.step_size * f1.mu, self.step_size * f1.L - 1) ** (2 * N)
