"""Gradient descent with the silver steps, for convex functions."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, rate, root, rounded


class State(NamedTuple):
    """x_k and k."""

    x: Any
    k: int


class Silver(Method):
    """x_k = x_{k−1} − (h_k/L)∇f(x_{k−1}) with h_k = 1 + (1 + √2)^(ν(k) − 1), 2^ν(k) the largest power of 2 in k.

    The steps are √2, 2, √2, 2 + √2, √2, 2, √2, …; they are rounded to 64 bits, and bounds are for the rounded method.
    """

    name = "silver"
    title = "gradient descent with silver steps"
    formula = r"x_k = x_{k-1} - \tfrac1L\left(1 + (1 + \sqrt2)^{\nu(k) - 1}\right)\nabla f(x_{k-1})"
    source = "Altschuler, Parrilo, Acceleration by Stepsize Hedging II (2023)"

    def start(self, x: Any, f: Any) -> State:
        """x₀."""
        return State(x, 0)

    def step(self, state: State, f: Any) -> State:
        """A gradient step of length h_k/L."""
        k = state.k + 1
        order = (k & -k).bit_length() - 1
        h = rounded(1 + (1 + root(2)) ** (order - 1))
        return State(state.x - h / f.L * f.gradient(state.x), k)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        source="Altschuler, Parrilo, Acceleration by Stepsize Hedging II (2023), Theorem 1.1",
        holds=lambda self, f, N: N & (N + 1) == 0,
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 3}, {"L": "1/2", "N": 7}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(1 + √(4(1 + √2)^2k − 3)) for N = 2^k − 1."""
        k = (N + 1).bit_length() - 1
        return f.L / (1 + root(4 * (1 + root(2)) ** (2 * k) - 3))

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="observed in the worst cases themselves, for N = 1, 3 and 7",
        holds=lambda self, f, N: N & (N + 1) == 0,
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 3}, {"L": "1/2", "N": 7}],
    )
    def gap_rate_observed(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(4(1 + √2)^k − 2) = L R²/(4Σh + 2) for N = 2^k − 1."""
        return f.L / (4 * (1 + root(2)) ** ((N + 1).bit_length() - 1) - 2)
