"""Polyak steps made for the function value, by the length that they turn out to have."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import GAP, Method, Positive, rate


class PolyakGap(Method):
    """x⁺ = x − γ∇f(x) at a point where ‖∇f(x)‖² = 2L(2 − γL)(f(x) − f⋆).

    With the length γ of the step given, what is known of x is linear.
    """

    name = "polyak-gap"
    title = "Polyak steps for the function value"
    formula = r"x^+ = x - \gamma\nabla f(x), \quad \|\nabla f(x)\|^2 = 2L(2 - \gamma L)(f(x) - f^\star)"
    source = "Barré, Taylor, d'Aspremont (2020)"
    step_size = Positive("gamma", "step size that results")

    def step(self, x: Any, f: Any) -> Any:
        """One step whose length is γ."""
        return x - self.step_size * f.polyak_gradient(x, 2 * f.L * (2 - self.step_size * f.L))

    @rate(
        SmoothStronglyConvex,
        measure=GAP,
        initial=GAP,
        tight=True,
        source="Barré, Taylor, d'Aspremont (2020), Proposition 2",
        holds=lambda self, f, N: (N == 1, self.step_size * f.L >= 1, self.step_size * f.L <= 2 - f.mu / f.L),
        at=[{"L": 1, "mu": "1/10", "gamma": "2/(L+mu)", "N": 1}, {"L": 2, "mu": "1/4", "gamma": "3/4", "N": 1}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x₁) − f⋆ ≤ (γL − 1)(γL(3 − γ(L + μ)) − 1)(f(x₀) − f⋆) for 1/L ≤ γ ≤ (2L − μ)/L²."""
        h = self.step_size * f.L
        return (h - 1) * (h * (3 - self.step_size * (f.L + f.mu)) - 1)
