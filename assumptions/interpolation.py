"""Stochastic gradients of smooth convex functions with a common minimiser."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import Assumption, Draw, Positive, SymbolicFunction


class Interpolation(Assumption):
    """f = E f_i, g = ∇f_i(x), every f_i convex and L-smooth, and ∇f_i(x⋆) = 0 for every i.

    Source: Ma, Bassily, Belkin, ICML 2018.
    """

    name = "interpolation"
    formula = r"f = \mathbb{E} f_i,\ f_i \text{ convex and } L\text{-smooth},\ \nabla f_i(x^\star) = 0"
    subject = "noise"
    L = Positive("L", "smoothness of every f_i")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> tuple[Any, ...]:
        """Convexity and smoothness of f_i between x and x⋆, where its gradient vanishes."""
        x, star = draw.at(draw.point.point), draw.at(f.minimizer)
        flat = replace(star, subgradient=0 * star.gradient)
        smooth = SmoothConvex(L=self.L)
        return smooth.between(x, flat), smooth.between(flat, x)
