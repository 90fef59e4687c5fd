"""Gradient descent with the silver steps for strongly convex functions."""

from __future__ import annotations

from math import exp, floor, log, log2
from typing import Any, NamedTuple

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, Horizon, Method, rate, root, rounded

SOURCE = "Altschuler, Parrilo, Acceleration by Stepsize Hedging I (2023)"
SILVER = 1 + 2**0.5


class State(NamedTuple):
    """x_k and k."""

    x: Any
    k: int


def schedule(N: int, q: Any) -> tuple[list[Any], Any]:
    """The steps h_1, …, h_N of gradient descent for L = 1 and μ = q, N a power of 2, and the number z_N of their rate.

    One half, its last step replaced by ψ(y), then the other half, its last step replaced by ψ(z), where
    ψ(t) = (1 + t/q)/(1 + t).
    """
    h, z = [_length(q, q)], q
    while len(h) < N:
        grow = 1 - z + root(1 + (1 - z) ** 2)
        y, z = rounded(z / grow), rounded(z * grow)
        h = [*h[:-1], _length(y, q), *h[:-1], _length(z, q)]
    return h, z


def _length(t: Any, q: Any) -> Any:
    return rounded((1 + t / q) / (1 + t))


def _power(self: Any, f: Any, N: int) -> bool:
    return N & (N - 1) == 0


class SilverStronglyConvex(Method):
    """x_k = x_{k−1} − (h_k/L)∇f(x_{k−1}); the steps h_1, …, h_N are made by doubling, for N a power of 2.

    y₁ = z₁ = q = μ/L and h = (ψ(q)), ψ(t) = (1 + t/q)/(1 + t). From N to 2N: with η = 1 − z_N,
    y_2N = z_N/(η + √(1 + η²)) and z_2N = z_N(η + √(1 + η²)), the steps are h_1, …, h_{N−1}, ψ(y_2N), h_1, …, h_{N−1},
    ψ(z_2N). They are rounded to 64 bits, and bounds are for the rounded method.
    """

    name = "silver-strongly"
    title = "gradient descent with silver steps for strongly convex functions"
    formula = r"x_k = x_{k-1} - \tfrac{h_k}{L}\nabla f(x_{k-1})"
    source = SOURCE
    steps = Horizon("N", "number of steps")

    def start(self, x: Any, f: Any) -> State:
        """x₀."""
        if not _power(self, f, int(self.steps)):
            raise ValueError(f"the steps are made for N a power of 2, not {self.steps}")
        return State(x, 0)

    def step(self, state: State, f: Any) -> State:
        """A gradient step of length h_k/L."""
        h, _ = schedule(int(self.steps), f.mu / f.L)
        return State(state.x - h[state.k] / f.L * f.gradient(state.x), state.k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=f"{SOURCE}, Theorem 4.1",
        holds=_power,
        at=[{"L": 1, "mu": "1/10", "N": 1}, {"L": 1, "mu": "1/10", "N": 2}, {"L": 2, "mu": "1/20", "N": 4}],
    )
    def distance_rate(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ ((1 − z_N)/(1 + z_N))² R²."""
        _, z = schedule(N, f.mu / f.L)
        return ((1 - z) / (1 + z)) ** 2

    @rate(
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        source=f"{SOURCE}, Theorem 4.1",
        holds=lambda self, f, N: (_power(self, f, N), 2 ** floor(log(f.L / (3 * f.mu), SILVER)) >= N),
        at=[{"L": 1, "mu": "1/20", "N": 2}, {"L": 1, "mu": "1/50", "N": 4}],
    )
    def distance_rate_short(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ exp(−(μ/L) N^log₂(1 + √2)) R² while N ≤ 2^⌊log(L/(3μ))/log(1 + √2)⌋."""
        return exp(-float(f.mu / f.L) * N ** log2(SILVER))
