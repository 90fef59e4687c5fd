"""Polyak steps made for the distance, by the length that they turn out to have."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, Method, Positive, rate


class Polyak(Method):
    """x⁺ = x − γ∇f(x) at a point where γ‖∇f(x)‖² = 2(f(x) − f⋆).

    The step is twice Polyak's own. With its length γ given, what is known of x is linear; the worst length is found by
    trying them: γ = 2/(L + μ).
    """

    name = "polyak"
    title = "Polyak steps for the distance"
    formula = r"x^+ = x - \gamma\nabla f(x), \quad \gamma\|\nabla f(x)\|^2 = 2(f(x) - f^\star)"
    source = "Polyak (1969); Barré, Taylor, d'Aspremont (2020)"
    step_size = Positive("gamma", "step size that results")

    def step(self, x: Any, f: Any) -> Any:
        """One step whose length is γ."""
        return x - self.step_size * f.polyak_gradient(x, 2 / self.step_size)

    @rate(
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Barré, Taylor, d'Aspremont (2020), Proposition 1",
        holds=lambda self, f, N: (N == 1, self.step_size * f.L >= 1, self.step_size * f.mu <= 1),
        at=[
            {"L": 1, "mu": "1/10", "gamma": "2/(L+mu)", "N": 1},
            {"L": 1, "mu": "1/10", "gamma": 3, "N": 1},
            {"L": 2, "mu": "1/4", "gamma": "3/4", "N": 1},
        ],
    )
    def distance_rate(self, f: Any, N: int) -> Any:
        """‖x₁ − x⋆‖² ≤ (γL − 1)(1 − γμ)/(γ(L + μ) − 1) R² for 1/L ≤ γ ≤ 1/μ, at most ((L − μ)/(L + μ))² R²."""
        γ = self.step_size
        return (γ * f.L - 1) * (1 - γ * f.mu) / (γ * (f.L + f.mu) - 1)
