"""Stochastic gradients of functions that are all smooth and convex, with bounded noise at the minimiser only."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import Assumption, Draw, Positive, SymbolicFunction, norm2


class SampledSmoothConvex(Assumption):
    """f = E f_i, g = ∇f_i(x), every f_i convex and L-smooth, and E‖∇f_i(x⋆)‖² ≤ σ².

    Nothing is asked of the noise elsewhere: E‖∇f_i(x)‖² ≤ 4L(f(x) − f⋆) + 2σ² follows.
    Source: Bach, Moulines, NIPS 2011, hypotheses H2 and H4; Gower et al., ICML 2019, section 2.
    """

    name = "sampled-smooth-convex"
    formula = (
        r"f = \mathbb{E} f_i,\ f_i \text{ convex and } L\text{-smooth},\ "
        r"\mathbb{E}\|\nabla f_i(x^\star)\|^2 \le \sigma^2"
    )
    subject = "noise"
    L = Positive("L", "smoothness of every f_i")
    sigma = Positive("sigma", "noise at the minimiser")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> tuple[Any, ...]:
        """Convexity and smoothness of f_i between x and x⋆, and the noise at x⋆."""
        x, star = draw.at(draw.point.point), draw.at(f.minimizer)
        smooth = SmoothConvex(L=self.L)
        noise = f.mean(norm2(star.gradient)) <= self.sigma**2
        return smooth.between(x, star), smooth.between(star, x), noise
