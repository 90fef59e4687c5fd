"""The Halpern iteration with the optimal anchor for nonexpansive operators."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.nonexpansive import Nonexpansive
from certify.language import DISTANCE, RESIDUAL, Method, rate


class State(NamedTuple):
    """x_k, the anchor x₀ and k."""

    x: Any
    anchor: Any
    k: int


class Halpern(Method):
    """x_{k+1} = x₀/(k + 2) + (1 − 1/(k + 2)) T(x_k)."""

    name = "halpern"
    title = "Halpern iteration"
    formula = r"x_{k+1} = \tfrac{1}{k+2}x_0 + \bigl(1 - \tfrac{1}{k+2}\bigr)T(x_k)"
    source = "Halpern (1967), Lieder (2021)"
    functions = ("T",)

    def start(self, x: Any, T: Any) -> State:
        """The start is the anchor."""
        return State(x, x, 0)

    def step(self, state: State, T: Any) -> State:
        """A mean of the anchor and the image."""
        β = Fraction(1, state.k + 2)
        return State(β * state.anchor + (1 - β) * T(state.x), state.anchor, state.k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    def solution(self, T: Any) -> Any:
        """A fixed point."""
        return T.fixed_point

    @rate(
        Nonexpansive,
        measure=RESIDUAL,
        initial=DISTANCE,
        tight=True,
        source="Lieder (2021), Theorem 2.1",
        at=[{"N": 1}, {"N": 2}, {"N": 4}],
    )
    def residual_rate(self, T: Any, N: int) -> Any:
        """‖x_N − T(x_N)‖² ≤ 4R²/(N + 1)²."""
        return Fraction(4, (N + 1) ** 2)
