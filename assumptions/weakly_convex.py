"""Weak convexity (hypoconvexity): a quadratic away from convex."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class WeaklyConvex(Assumption):
    """f(y) ≥ f(x) + ⟨g, y − x⟩ − (ρ/2)‖y − x‖² for all x, y and every g ∈ ∂f(x): f + (ρ/2)‖·‖² is convex.

    Source: Vial, Math. Oper. Res. 8 (1983); interpolation is that of the convex function f + (ρ/2)‖·‖².
    """

    name = "weakly-convex"
    formula = r"f(y) \ge f(x) + \langle g, y - x\rangle - \tfrac{\rho}{2}\|y - x\|^2"
    rho = Positive("rho", "weak convexity")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The quadratic lower bound at x."""
        d = y.point - x.point
        return y.value >= x.value + inner(x.gradient, d) - self.rho / 2 * norm2(d)
