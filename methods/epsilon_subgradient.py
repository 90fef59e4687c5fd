"""The ε-subgradient method with a constant step size."""

from __future__ import annotations

from typing import Any

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.language import BEST_GAP, DISTANCE, Method, NonNegative, Positive, rate


class EpsilonSubgradient(Method):
    """x⁺ = x − γ g with any g such that f(z) ≥ f(x) + ⟨g, z − x⟩ − ε for all z."""

    name = "epsilon-subgradient"
    title = "ε-subgradient method"
    formula = r"x^+ = x - \gamma\,g, \quad g \in \partial_\epsilon f(x)"
    source = "Correa, Lemaréchal (1993)"
    step_size = Positive("gamma", "step size")
    accuracy = NonNegative("epsilon", "accuracy")

    def step(self, x: Any, f: Any) -> Any:
        """One step along an ε-subgradient."""
        return x - self.step_size * f.epsilon_subgradient(x, self.accuracy)

    @rate(
        LipschitzConvex,
        measure=BEST_GAP,
        initial=DISTANCE,
        source="Correa, Lemaréchal (1993), Lemma 2",
        whole=True,
        at=[
            {"M": 1, "gamma": "1/2", "epsilon": "1/10", "N": 1},
            {"M": 1, "gamma": "1/4", "epsilon": "1/5", "N": 3},
        ],
    )
    def gap_rate(self, f: Any, N: int, bound: Any) -> Any:
        """min_{k ≤ N} f(x_k) − f⋆ ≤ R²/(2(N + 1)γ) + ε + γM²/2."""
        return bound / (2 * (N + 1) * self.step_size) + self.accuracy + self.step_size * f.M**2 / 2
