"""The accelerated proximal point method for monotone inclusions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.monotone import Monotone
from certify.language import DISTANCE, OPERATOR, Method, Positive, rate


class State(NamedTuple):
    """x_k, y_k, y_{k−1} and k."""

    x: Any
    y: Any
    before: Any
    k: int


class KimProximalPoint(Method):
    """x_{k+1} = J_{γA}(y_k), y_{k+1} = x_{k+1} + k/(k + 2) (x_{k+1} − x_k) − k/(k + 2) (x_k − y_{k−1}).

    From x₀ = y₀ = y₋₁.
    """

    name = "kim-ppm"
    title = "accelerated proximal point method for monotone inclusions"
    formula = (
        r"x_{k+1} = J_{\gamma A}(y_k),\quad"
        r" y_{k+1} = x_{k+1} + \tfrac{k}{k+2}(x_{k+1} - x_k) - \tfrac{k}{k+2}(x_k - y_{k-1})"
    )
    source = "Kim (2021)"
    functions = ("A",)
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, A: Any) -> State:
        """x₀ = y₀ = y₋₁."""
        return State(x, x, x, 0)

    def step(self, state: State, A: Any) -> State:
        """A resolvent step from y, then momentum with a correction."""
        x, weight = A.resolvent(state.y, self.step_size), Fraction(state.k, state.k + 2)
        y = x + weight * (x - state.x) - weight * (state.x - state.before)
        return State(x, y, state.y, state.k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        Monotone,
        measure=OPERATOR,
        initial=DISTANCE,
        tight=True,
        source="Kim (2021), Theorem 4.1",
        at=[{"gamma": 2, "N": 1}, {"gamma": 1, "N": 2}, {"gamma": "1/2", "N": 4}],
    )
    def operator_rate(self, A: Any, N: int) -> Any:
        """‖A(x_N)‖² ≤ R²/(γN)² with the element A(x_N) = (y_{N−1} − x_N)/γ."""
        return 1 / (self.step_size * N) ** 2
