"""Smooth convex functions, by their interpolation inequality."""

from __future__ import annotations

from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.smooth import Smooth
from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class SmoothConvex(Assumption):
    """f(y) ≥ f(x) + ⟨∇f(x), y − x⟩ + ‖∇f(x) − ∇f(y)‖²/(2L) for all x, y.

    Source: Nesterov (2004), Theorem 2.1.5; interpolation: Taylor, Hendrickx, Glineur, Math. Program. 161 (2017).
    """

    name = "smooth-convex"
    formula = r"f(y) \ge f(x) + \langle\nabla f(x), y - x\rangle + \tfrac{1}{2L}\|\nabla f(x) - \nabla f(y)\|^2"
    implies = (QGConvex, Smooth)
    differentiable = True
    L = Positive("L", "smoothness")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The interpolation inequality."""
        v = x.gradient - y.gradient
        return y.value >= x.value + inner(x.gradient, y.point - x.point) + norm2(v) / (2 * self.L)
