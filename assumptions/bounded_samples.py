"""Stochastic gradients whose coordinates are bounded."""

from __future__ import annotations

from typing import Any

from certify.language import Assumption, Draw, Inequality, Positive, SymbolicFunction


class BoundedSamples(Assumption):
    """|gᵢ| ≤ M for every coordinate of every sample, at the points that the method visits, where E g = ∇f(x).

    Source: Défossez, Bottou, Bach, Usunier, Trans. Mach. Learn. Res. (2022), (2), with M = R − √ε.
    """

    name = "bounded-samples"
    formula = r"\|g(x)\|_\infty \le M, \quad \mathbb{E}\,g(x) = \nabla f(x)"
    subject = "noise"
    M = Positive("M", "bound on the coordinates of stochastic gradients")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Inequality:
        """One coordinate of one sample, squared."""
        g: Any = draw.output
        return g * g <= self.M**2
