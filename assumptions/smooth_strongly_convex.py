"""Smooth strongly convex functions, by their interpolation inequality."""

from __future__ import annotations

from collections.abc import Iterator

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.rsi_eb import RSIEB
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class SmoothStronglyConvex(Assumption):
    """f(y) ≥ f(x) + ⟨∇f(x), d⟩ + (‖v‖² + μL‖d‖² − 2μ⟨v, d⟩)/(2(L − μ)), d = y − x, v = ∇f(y) − ∇f(x).

    Source: Taylor, Hendrickx, Glineur, Math. Program. 161 (2017), Theorem 4; 0 < μ < L.
    """

    name = "smooth-strongly-convex"
    formula = (
        r"f(y) \ge f(x) + \langle\nabla f(x), d\rangle"
        r" + \tfrac{1}{2(L-\mu)}\left(\|v\|^2 + \mu L\|d\|^2 - 2\mu\langle v, d\rangle\right),"
        r" \quad d = y - x,\ v = \nabla f(y) - \nabla f(x)"
    )
    implies = (SmoothConvex, StronglyConvex, PolyakLojasiewicz, RSIEB)
    differentiable = True
    L = Positive("L", "smoothness")
    mu = Positive("mu", "strong convexity")
    limits = frozenset({"mu"})

    def settled(self) -> Assumption:
        """For μ = L there is one such function up to translation and a constant, (L/2)‖x − x⋆‖² + f⋆."""
        return Quadratic(L=self.L, mu=self.mu) if self.values and self.mu == self.L else self

    def domain(self) -> Iterator[Inequality]:
        """μ < L."""
        yield self.mu < self.L

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The interpolation inequality."""
        d, v = y.point - x.point, y.gradient - x.gradient
        quadratic = norm2(v) + self.mu * self.L * norm2(d) - 2 * self.mu * inner(v, d)
        return y.value >= x.value + inner(x.gradient, d) + quadratic / (2 * (self.L - self.mu))
