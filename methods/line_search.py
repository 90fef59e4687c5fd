"""Gradient descent with exact line search."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import GAP, Method, rate


class ExactLineSearch(Method):
    """x⁺ = argmin {f(x − γ∇f(x)) : γ ∈ ℝ}."""

    name = "line-search"
    title = "gradient descent with exact line search"
    formula = r"x^+ = x - \gamma\nabla f(x), \quad \gamma \in \arg\min_\gamma f(x - \gamma\nabla f(x))"
    source = "Cauchy (1847)"

    def step(self, x: Any, f: Any) -> Any:
        """The lowest point of a line."""
        return f.span_search(x, f.gradient(x))

    @rate(
        SmoothStronglyConvex,
        measure=GAP,
        initial=GAP,
        tight=True,
        source="de Klerk, Glineur, Taylor (2017), Theorem 1.2",
        at=[{"L": 1, "mu": "1/10", "N": 1}, {"L": 1, "mu": "1/4", "N": 2}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ ((L − μ)/(L + μ))²ᴺ (f(x₀) − f⋆)."""
        return ((f.L - f.mu) / (f.L + f.mu)) ** (2 * N)
