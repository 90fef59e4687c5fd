"""The forward-backward-forward method of Tseng."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.assumptions.monotone import Monotone
from certify.language import DISTANCE, Measure, Method, Positive, Run, best, measure, norm2, rate


class State(NamedTuple):
    """x_k and the y that led to it."""

    x: Any
    y: Any


def _residual(run: Run, k: int) -> Any:
    return norm2(run.points[k - 1] - run.states[k].y)


RESIDUAL: Measure = measure("backward-residual", "‖x_{k−1} − y_{k−1}‖², y = J_{γA}(x − γB(x))", _residual)


class ForwardBackwardForward(Method):
    """y = J_{γA}(x − γ B(x)), x⁺ = y − γ(B(y) − B(x))."""

    name = "fbf"
    title = "forward-backward-forward method"
    formula = r"y = J_{\gamma A}(x - \gamma B(x)),\quad x^+ = y - \gamma(B(y) - B(x))"
    source = "Tseng (2000)"
    functions = ("A", "B")
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, A: Any, B: Any) -> State:
        """Nothing led to x₀."""
        return State(x, x)

    def step(self, state: State, A: Any, B: Any) -> State:
        """Forward, backward, and forward again."""
        slope = B(state.x)
        y = A.resolvent(state.x - self.step_size * slope, self.step_size)
        return State(y - self.step_size * (B(y) - slope), y)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        Monotone,
        LipschitzMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Tseng (2000)",
        holds=lambda self, A, B, N: self.step_size * B.L <= 1,
        at=[{"B.L": 1, "gamma": "1/2", "N": 1}, {"B.L": 2, "gamma": "1/3", "N": 2}],
    )
    def distance_rate(self, A: Any, B: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ R² for γ ≤ 1/L."""
        return 1

    @rate(
        Monotone,
        LipschitzMonotone,
        measure=best(RESIDUAL, first=1),
        initial=DISTANCE,
        source="Tseng (2000)",
        holds=lambda self, A, B, N: self.step_size * B.L < 1,
        at=[{"B.L": 1, "gamma": "1/2", "N": 1}, {"B.L": 2, "gamma": "1/3", "N": 2}],
    )
    def best_residual_rate(self, A: Any, B: Any, N: int) -> Any:
        """min ‖x_k − y_k‖² ≤ R²/((1 − γ²L²) N) over k < N for γ < 1/L."""
        return 1 / ((1 - (self.step_size * B.L) ** 2) * N)
