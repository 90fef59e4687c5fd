"""The subgradient method with steps like 1/√k."""

from __future__ import annotations

from math import log, sqrt
from typing import Any, NamedTuple

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.language import DISTANCE, GAP, Method, Positive, best, rate, root


class State(NamedTuple):
    """x_k and k."""

    x: Any
    k: int


class DecreasingSubgradient(Method):
    """x_{k+1} = x_k − (D/(M√(k + 1))) g_k, g_k ∈ ∂f(x_k).

    The square roots are rounded to 64 bits; bounds are for the rounded method.
    """

    name = "subgradient-decreasing"
    title = "subgradient method with decreasing steps"
    formula = r"x_{k+1} = x_k - \tfrac{D}{M\sqrt{k+1}}\,g_k, \quad g_k \in \partial f(x_k)"
    source = "Shor (1985)"
    reach = Positive("D", "distance that the steps are made for")

    def start(self, x: Any, f: Any) -> State:
        """x₀."""
        return State(x, 0)

    def step(self, state: State, f: Any) -> State:
        """A shorter and shorter subgradient step."""
        γ = self.reach / (f.M * root(state.k + 1))
        return State(state.x - γ * f.subgradient(state.x), state.k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        LipschitzConvex,
        measure=best(GAP, before=1),
        initial=DISTANCE,
        source="Bach, Learning Theory from First Principles (2024), Proposition 5.6",
        holds=lambda self, f, N, bound: bound <= self.reach**2,
        whole=True,
        at=[{"M": 1, "D": 1, "N": 2}, {"M": 1, "D": 2, "N": 3}, {"M": 2, "D": 1, "N": 4}],
    )
    def gap_rate(self, f: Any, N: int, bound: Any) -> Any:
        """min_{k < N} f(x_k) − f⋆ ≤ DM(2 + log N)/(2√N) if ‖x₀ − x⋆‖ ≤ D."""
        return float(self.reach * f.M) * (2 + log(N)) / (2 * sqrt(N))
