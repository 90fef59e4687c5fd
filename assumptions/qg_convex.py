"""Convex functions with a quadratic upper bound around a minimiser: less than smoothness."""

from __future__ import annotations

from certify.assumptions.convex import Convex
from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm2


class QGConvex(Assumption):
    """f convex and f(x) ≤ f⋆ + (L/2)‖x − x⋆‖² for all x: then f⋆ ≥ f(x) + ⟨g, x⋆ − x⟩ + ‖g‖²/(2L), g ∈ ∂f(x).

    Source: Goujaud, Taylor, Dieuleveut, Optimal first-order methods for convex functions with a quadratic upper bound
    (2022), Theorem 2.6.
    """

    name = "qg-convex"
    formula = r"f \text{ convex}, \quad f(x) \le f^\star + \tfrac{L}{2}\|x - x^\star\|^2"
    implies = (Convex,)
    L = Positive("L", "quadratic upper bound")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Convexity."""
        return Convex().between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The stronger tangent inequality at a minimiser."""
        return f.minimum >= x.value + inner(x.gradient, f.minimizer - x.point) + norm2(x.gradient) / (2 * self.L)
