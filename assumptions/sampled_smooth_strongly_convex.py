"""Stochastic gradients of smooth, strongly convex functions, with bounded noise at the minimiser only."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from certify.assumptions.sampled_smooth_convex import SampledSmoothConvex
from certify.language import Assumption, Draw, Inequality, Positive, SymbolicFunction, inner, norm2


class SampledSmoothStronglyConvex(Assumption):
    """f = E f_i, g = ∇f_i(x), every f_i L-smooth and μ-strongly convex, and E‖∇f_i(x⋆)‖² ≤ σ².

    Between x and x⋆ both are said at once, without function values: v = ∇f_i(x) − ∇f_i(x⋆) lies in the ball around
    ½(L + μ)(x − x⋆) of radius ½(L − μ)‖x − x⋆‖.
    Source: Nesterov (2004), Theorem 2.1.12; Needell, Srebro, Ward (2016).
    """

    name = "sampled-smooth-strongly-convex"
    formula = (
        r"f = \mathbb{E} f_i,\ f_i\ L\text{-smooth},\ \mu\text{-strongly convex},\ "
        r"\mathbb{E}\|\nabla f_i(x^\star)\|^2 \le \sigma^2"
    )
    subject = "noise"
    implies = (SampledSmoothConvex,)
    L = Positive("L", "smoothness of every f_i")
    mu = Positive("mu", "strong convexity of every f_i")
    sigma = Positive("sigma", "noise at the minimiser")

    def domain(self) -> Iterator[Inequality]:
        """μ < L."""
        yield self.mu <= self.L

    def drawn(self, draw: Draw, f: SymbolicFunction) -> tuple[Any, ...]:
        """Where ∇f_i(x) may lie, and the noise at x⋆."""
        x, star = draw.at(draw.point.point), draw.at(f.minimizer)
        d, v = x.point - star.point, x.gradient - star.gradient
        return inner(v - self.mu * d, self.L * d - v) >= 0, f.mean(norm2(star.gradient)) <= self.sigma**2
