"""Smooth convex functions with bounded gradients."""

from __future__ import annotations

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm


class SmoothLipschitzConvex(Assumption):
    """f is convex and L-smooth, and ‖∇f(x)‖ ≤ M for all x.

    The conditions interpolate: the conjugate of an interpolating L-smooth convex function is 1/L-strongly convex, and
    restricted to the ball of radius M it keeps its subgradients at the ∇f(xᵢ), which lie in that ball.

    Source: Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), section 3.1.
    """

    name = "smooth-lipschitz-convex"
    formula = (
        r"f(y) \ge f(x) + \langle\nabla f(x), y - x\rangle + \tfrac{1}{2L}\|\nabla f(x) - \nabla f(y)\|^2,"
        r" \quad \|\nabla f(x)\| \le M"
    )
    implies = (SmoothConvex, LipschitzConvex)
    differentiable = True
    L = Positive("L", "smoothness")
    M = Positive("M", "Lipschitz constant")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Smoothness and convexity."""
        return SmoothConvex(L=self.L).between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The gradient at x is bounded."""
        return norm(x.gradient) <= self.M
