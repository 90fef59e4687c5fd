"""Strong convexity: f lies above every tangent by a quadratic."""

from __future__ import annotations

from certify.assumptions.convex import Convex
from certify.assumptions.rsi import RSI
from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class StronglyConvex(Assumption):
    """f(y) ≥ f(x) + ⟨g, y − x⟩ + (μ/2)‖y − x‖² for all x, y and every g ∈ ∂f(x).

    Source: Taylor, Hendrickx, Glineur, Math. Program. 161 (2017), Theorem 4 with L = ∞.
    """

    name = "strongly-convex"
    formula = r"f(y) \ge f(x) + \langle g, y - x\rangle + \tfrac{\mu}{2}\|y - x\|^2"
    implies = (Convex, RSI)
    mu = Positive("mu", "strong convexity")
    limits = frozenset({"mu"})

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The quadratic lower bound at x."""
        d = y.point - x.point
        return y.value >= x.value + inner(x.gradient, d) + self.mu / 2 * norm2(d)
