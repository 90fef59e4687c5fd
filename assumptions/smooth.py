"""Smoothness without convexity: the gradient is Lipschitz continuous."""

from __future__ import annotations

from typing import Any

from certify.assumptions.eb import ErrorBound
from certify.assumptions.smooth_above import SmoothAbove
from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class Smooth(Assumption):
    """f(y) ≥ f(x) + ½⟨∇f(x) + ∇f(y), y − x⟩ + ‖∇f(x) − ∇f(y)‖²/(4L) − (L/4)‖x − y‖² for all x, y.

    Equivalent to ‖∇f(x) − ∇f(y)‖ ≤ L‖x − y‖ (interpolation conditions of Taylor, Hendrickx, Glineur,
    SIAM J. Optim. 27 (2017), Theorem 3.10, with μ = −L). If f ≥ f⋆ then f(x) ≥ f⋆ + ‖∇f(x)‖²/(2L), and with this the
    conditions interpolate functions with this infimum: Drori, Shamir, ICML 2020, Theorem 7.
    """

    name = "smooth"
    formula = r"\|\nabla f(x) - \nabla f(y)\| \le L\,\|x - y\|"
    implies = (ErrorBound, SmoothAbove)
    differentiable = True
    L = Positive("L", "smoothness")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The interpolation inequality."""
        d, v = y.point - x.point, x.gradient - y.gradient
        linear = inner(x.gradient + y.gradient, d) / 2
        return y.value >= x.value + linear + norm2(v) / (4 * self.L) - self.L / 4 * norm2(d)

    def at(self, x: Evaluation, f: Any) -> Inequality | None:
        """A gradient step of length 1/L ends above f⋆."""
        return x.value >= f.minimum + norm2(x.gradient) / (2 * self.L) if f.bounded_below else None
