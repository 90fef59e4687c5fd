"""Exact line search along inexact gradients."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import GAP, Method, NonNegative, rate


class InexactLineSearch(Method):
    """x⁺ = argmin {f(x − γd) : γ ∈ ℝ} with any d such that ‖d − ∇f(x)‖ ≤ ε‖∇f(x)‖."""

    name = "line-search-inexact"
    title = "exact line search along inexact gradients"
    formula = (
        r"x^+ = x - \gamma d, \quad \gamma \in \arg\min_\gamma f(x - \gamma d), \quad"
        r" \|d - \nabla f(x)\| \le \epsilon\|\nabla f(x)\|"
    )
    source = "de Klerk, Glineur, Taylor (2017)"
    accuracy = NonNegative("epsilon", "relative accuracy")

    def step(self, x: Any, f: Any) -> Any:
        """The lowest point of a line."""
        return f.span_search(x, f.inexact_gradient(x, relative=self.accuracy))

    @rate(
        SmoothStronglyConvex,
        measure=GAP,
        initial=GAP,
        tight=True,
        source="de Klerk, Glineur, Taylor (2017), Theorem 5.1",
        holds=lambda self, f, N: self.accuracy < 1,
        at=[{"L": 1, "mu": "1/10", "epsilon": "1/10", "N": 1}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ ((A − B)/(A + B))²ᴺ (f(x₀) − f⋆), A = (1 + ε)L, B = (1 − ε)μ."""
        A, B = (1 + self.accuracy) * f.L, (1 - self.accuracy) * f.mu
        return ((A - B) / (A + B)) ** (2 * N)
