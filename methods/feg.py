"""FEG: the fast extragradient method, extragradient with an anchor."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.language import DISTANCE, OPERATOR, Method, rate


class State(NamedTuple):
    """x_k, the anchor x₀ and k."""

    x: Any
    anchor: Any
    k: int


class FastExtragradient(Method):
    """y = x + β_k(x₀ − x) − (1 − β_k) A(x)/L, x⁺ = x + β_k(x₀ − x) − A(y)/L, β_k = 1/(k + 1)."""

    name = "feg"
    title = "fast extragradient method"
    formula = (
        r"y = x_k + \tfrac{1}{k+1}(x_0 - x_k) - \tfrac{k}{(k+1)L}A(x_k),\quad"
        r" x_{k+1} = x_k + \tfrac{1}{k+1}(x_0 - x_k) - \tfrac1L A(y)"
    )
    source = "Lee, Kim (2021)"
    functions = ("A",)

    def start(self, x: Any, A: Any) -> State:
        """The start is the anchor."""
        return State(x, x, 0)

    def step(self, state: State, A: Any) -> State:
        """An extragradient step from a point moved towards the anchor."""
        β = Fraction(1, state.k + 1)
        x = state.x + β * (state.anchor - state.x)
        y = x - (1 - β) / A.L * A(state.x)
        return State(x - A(y) / A.L, state.anchor, state.k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        LipschitzMonotone,
        measure=OPERATOR,
        initial=DISTANCE,
        tight=True,
        source="Lee, Kim (2021)",
        holds=lambda self, A, N: N >= 2,
        at=[{"L": 1, "N": 2}, {"L": 2, "N": 3}],
    )
    def operator_rate(self, A: Any, N: int) -> Any:
        """‖A(x_N)‖² ≤ 4L²R²/N² for N ≥ 2."""
        return 4 * A.L**2 / N**2

    @rate(
        LipschitzMonotone,
        measure=OPERATOR,
        initial=DISTANCE,
        tight=True,
        source="folklore: the first step is a forward step",
        holds=lambda self, A, N: N == 1,
        at=[{"L": 1, "N": 1}, {"L": 2, "N": 1}],
    )
    def operator_rate_first(self, A: Any, N: int) -> Any:
        """‖A(x₁)‖² ≤ 2L²R²."""
        return 2 * A.L**2
