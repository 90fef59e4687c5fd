"""The extragradient method for a zero of a monotone Lipschitz operator."""

from __future__ import annotations

from typing import Any

from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.language import DISTANCE, OPERATOR, Method, Positive, best, rate

POINTS = ({"L": 1, "gamma": "1/2", "N": 1}, {"L": 1, "gamma": "7/10", "N": 2})


class Extragradient(Method):
    """y = x − γ A(x), x⁺ = x − γ A(y)."""

    name = "extragradient"
    title = "extragradient method"
    formula = r"y = x - \gamma A(x),\quad x^+ = x - \gamma A(y)"
    source = "Korpelevich (1976)"
    functions = ("A",)
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, A: Any) -> Any:
        """A forward step to look at A, and the step with what was seen."""
        return x - self.step_size * A(x - self.step_size * A(x))

    @rate(
        LipschitzMonotone,
        measure=best(OPERATOR),
        initial=DISTANCE,
        source="Korpelevich (1976)",
        holds=lambda self, A, N: self.step_size * A.L < 1,
        at=POINTS,
    )
    def best_operator_rate(self, A: Any, N: int) -> Any:
        """min ‖A(x_k)‖² ≤ R²/(γ²(1 − γ²L²)(N + 1)) for γ < 1/L."""
        return self._bound(A, N)

    @rate(
        LipschitzMonotone,
        measure=OPERATOR,
        initial=DISTANCE,
        source="Gorbunov, Loizou, Gidel (2022)",
        holds=lambda self, A, N: 2 * (self.step_size * A.L) ** 2 <= 1,
        at=POINTS,
    )
    def operator_rate(self, A: Any, N: int) -> Any:
        """‖A(x_N)‖² ≤ R²/(γ²(1 − γ²L²)(N + 1)) for γ ≤ 1/(√2 L)."""
        return self._bound(A, N)

    def _bound(self, A: Any, N: int) -> Any:
        return 1 / (self.step_size**2 * (1 - (self.step_size * A.L) ** 2) * (N + 1))
