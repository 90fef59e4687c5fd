"""The forward step for a zero of a single-valued operator."""

from __future__ import annotations

from typing import Any

from certify.assumptions.cocoercive_strongly_monotone import CocoerciveStronglyMonotone
from certify.assumptions.lipschitz_strongly_monotone import LipschitzStronglyMonotone
from certify.language import DISTANCE, Method, Positive, rate


class ForwardStep(Method):
    """x⁺ = x − γ A(x)."""

    name = "forward-step"
    title = "forward step method"
    formula = r"x^+ = x - \gamma A(x)"
    source = "folklore"
    functions = ("A",)
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, A: Any) -> Any:
        """One forward step."""
        return x - self.step_size * A(x)

    @rate(
        LipschitzStronglyMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="folklore",
        holds=lambda self, A, N: A.mu <= A.L,
        at=[
            {"mu": "1/2", "L": 1, "gamma": "1/2", "N": 1},
            {"mu": 1, "L": 2, "gamma": "1/4", "N": 2},
            {"mu": "1/3", "L": 1, "gamma": 1, "N": 1},
        ],
    )
    def distance_rate(self, A: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ (1 − 2γμ + γ²L²)^N R², a contraction for γ < 2μ/L²."""
        return (1 - 2 * self.step_size * A.mu + self.step_size**2 * A.L**2) ** N

    @rate(
        CocoerciveStronglyMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="folklore",
        holds=lambda self, A, N: (self.step_size <= 2 * A.beta, A.mu * A.beta <= 1),
        at=[
            {"mu": "1/2", "beta": 1, "gamma": 1, "N": 1},
            {"mu": "1/2", "beta": "1/2", "gamma": "3/4", "N": 2},
        ],
    )
    def distance_rate_cocoercive(self, A: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ (1 − 2γμ + γ²μ/β)^N R² for γ ≤ 2β."""
        return (1 - 2 * self.step_size * A.mu + self.step_size**2 * A.mu / A.beta) ** N
