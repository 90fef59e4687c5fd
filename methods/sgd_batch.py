"""Gradient descent with gradients of mini-batches, whose errors need not have mean 0."""

from __future__ import annotations

from typing import Any

from certify.assumptions.gradient_error import GradientError
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.smooth import Smooth
from certify.assumptions.without_replacement import WithoutReplacement
from certify.language import GAP, GRADIENT, Contraction, Goal, Method, Telescoping, norm2, theorem


class BatchGradient(Method):
    """x⁺ = x − g/L with g = ∇f(x) + e, E‖e‖² ≤ σ².

    With a batch of b out of n functions drawn without replacement, σ² = (1 − b/n) S²/b, where S² is the sample variance
    of all n gradients: then e has mean 0, which these theorems do not need.
    """

    name = "sgd-batch"
    title = "gradient descent with mini-batches"
    formula = r"x^+ = x - \tfrac{1}{L}\,(\nabla f(x) + e), \quad \mathbb{E}\|e\|^2 \le \sigma^2"
    source = "Friedlander, Schmidt (2012)"

    def step(self, x: Any, f: Any) -> Any:
        """One step along an inexact gradient."""
        return x - f.biased_gradient(x) / f.L

    @theorem(PolyakLojasiewicz, GradientError, measure=GAP, source="Friedlander, Schmidt (2012)")
    def gap_pl(self, f: Any, x: Any, y: Any) -> Goal:
        """E f(x⁺) − f⋆ ≤ (1 − μ/L)(f(x) − f⋆) + σ²/(2L): nothing is lost to cross terms."""
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - f.mu / f.L,
            error=f.sigma**2 / (2 * f.L),
        )

    @theorem(PolyakLojasiewicz, WithoutReplacement, measure=GAP)
    def gap_pl_batch(self, f: Any, x: Any, y: Any) -> Goal:
        """E f(x⁺) − f⋆ ≤ (1 − μ/L)(f(x) − f⋆) + (1 − b/n)S²/(2bL) for batches of b out of n."""
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - f.mu / f.L,
            error=(1 - f.b / f.n) * f.S**2 / (2 * f.b * f.L),
        )

    @theorem(Smooth, GradientError, measure=GRADIENT)
    def gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """The average of E‖∇f(x_k)‖² is at most 2L(f(x₀) − f⋆)/N + σ²."""
        return Telescoping(
            quantities=(norm2(f.gradient(x)),),
            weights=(1 / (2 * f.L),),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=f.sigma**2 / (2 * f.L),
        )
