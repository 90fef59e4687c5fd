"""The forward step for a zero of a single-valued operator."""

from __future__ import annotations

from typing import Any

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.cocoercive_strongly_monotone import CocoerciveStronglyMonotone
from certify.assumptions.lipschitz_strongly_monotone import LipschitzStronglyMonotone
from certify.language import (
    DISTANCE,
    OPERATOR,
    Contraction,
    Energy,
    Goal,
    Method,
    Positive,
    norm2,
    rate,
    theorem,
)
from certify.language import Monotone as Never


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

    @theorem(LipschitzStronglyMonotone, measure=DISTANCE, source="folklore")
    def distance(self, A: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ (1 − 2γμ + γ²L²)‖x − x⋆‖², a contraction for γ < 2μ/L²."""
        s, γ = A.zero, self.step_size
        return Contraction(before=norm2(x - s), after=norm2(y - s), rate=1 - 2 * γ * A.mu + γ**2 * A.L**2)

    @theorem(Cocoercive, measure=DISTANCE, source="folklore")
    def distance_cocoercive(self, A: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖ ≤ ‖x − x⋆‖ for γ ≤ 2β."""
        s = A.zero
        return Never(before=norm2(x - s), after=norm2(y - s), given=(self.step_size <= 2 * A.beta,))

    @theorem(Cocoercive, measure=OPERATOR, indexed=True, source="folklore")
    def operator(self, A: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """‖A(x_N)‖² ≤ ‖x₀ − x⋆‖²/(γ(2β − γ)(N + 1)) for γ < 2β: ‖A(x_k)‖ never grows, and the squares add up."""
        γ, s = self.step_size, A.zero
        own = γ * (2 * A.beta - γ)
        return Energy(
            before=k * own * norm2(A(x)) + norm2(x - s),
            after=(k + 1) * own * norm2(A(y)) + norm2(y - s),
            quantity=norm2(A(y)),
            clock=k,
            scale=lambda N: own * (N + 1),
            given=(γ < 2 * A.beta,),
            lemmas=(
                (own * norm2(A(y)), own * norm2(A(x))),
                (own * norm2(A(x)), norm2(x - s) - norm2(y - s)),
                (own * norm2(A(y)), norm2(y - s)),
            ),
        )

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
