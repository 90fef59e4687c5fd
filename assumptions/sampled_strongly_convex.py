"""Samples of strongly convex functions, smooth or not, with bounded noise at the minimiser."""

from __future__ import annotations

from typing import Any

from certify.language import Assumption, Draw, Positive, SymbolicFunction, inner, norm2


class SampledStronglyConvex(Assumption):
    """f = E f_i, every f_i μ-strongly convex, and E‖g_i‖² ≤ σ² for some g_i ∈ ∂f_i(x⋆) with mean 0.

    Of strong convexity the monotonicity between x⋆ and the point where the gradient of f_i was taken is written down.
    Source: Bertsekas, Math. Program. 129 (2011); Khaled, Jin (2022), section 3.
    """

    name = "sampled-strongly-convex"
    formula = (
        r"f = \mathbb{E} f_i,\ f_i\ \mu\text{-strongly convex},\ "
        r"\mathbb{E}\|g_i\|^2 \le \sigma^2,\ g_i \in \partial f_i(x^\star),\ \mathbb{E} g_i = 0"
    )
    subject = "noise"
    mu = Positive("mu", "strong convexity of every f_i")
    sigma = Positive("sigma", "noise at the minimiser")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> tuple[Any, ...]:
        """Strong monotonicity of ∂f_i towards x⋆, and the noise there."""
        x, star = draw.used, draw.at(f.minimizer)
        d = x.point - star.point
        monotone = inner(x.gradient - star.gradient, d) >= self.mu * norm2(d)
        return monotone, f.mean(norm2(star.gradient)) <= self.sigma**2
