"""Smooth and weakly convex functions: curvature between −ρ and L."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from certify.assumptions.eb import ErrorBound
from certify.assumptions.smooth_above import SmoothAbove
from certify.assumptions.weakly_convex import WeaklyConvex
from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class SmoothWeaklyConvex(Assumption):
    """f(y) ≥ f(x) + ⟨∇f(x), d⟩ + (‖v‖² − ρL‖d‖² + 2ρ⟨v, d⟩)/(2(L + ρ)), d = y − x, v = ∇f(y) − ∇f(x).

    That is −ρI ⪯ ∇²f ⪯ LI if f is twice differentiable. If f ≥ f⋆ then f(x) ≥ f⋆ + ‖∇f(x)‖²/(2L).

    Source: Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), Theorem 3.10 with μ = −ρ; with the infimum: Rotaru,
    Glineur, Patrinos, Tight convergence rates of the gradient method on smooth hypoconvex functions (2022).
    """

    name = "smooth-weakly-convex"
    formula = r"-\rho I \preceq \nabla^2 f \preceq L I"
    implies = (WeaklyConvex, ErrorBound, SmoothAbove)
    differentiable = True
    L = Positive("L", "smoothness")
    rho = Positive("rho", "weak convexity")

    def domain(self) -> Iterator[Inequality]:
        """The least curvature is below the largest."""
        yield -self.rho < self.L

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The interpolation inequality."""
        d, v = y.point - x.point, y.gradient - x.gradient
        quadratic = norm2(v) - self.rho * self.L * norm2(d) + 2 * self.rho * inner(v, d)
        return y.value >= x.value + inner(x.gradient, d) + quadratic / (2 * (self.L + self.rho))

    def at(self, x: Evaluation, f: Any) -> Inequality | None:
        """A gradient step of length 1/L ends above f⋆."""
        return x.value >= f.minimum + norm2(x.gradient) / (2 * self.L) if f.bounded_below else None
