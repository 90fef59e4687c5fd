"""Stochastic gradients with a bounded variance."""

from __future__ import annotations

from certify.language import Assumption, Draw, Inequality, Positive, SymbolicFunction, norm2


class Variance(Assumption):
    """E‖g − ∇f(x)‖² ≤ σ² at the points that the method visits, where E g = ∇f(x).

    Source: Ghadimi, Lan, SIAM J. Optim. 23 (2013), assumption A1.
    """

    name = "variance"
    formula = r"\mathbb{E}\|g(x) - \nabla f(x)\|^2 \le \sigma^2, \quad \mathbb{E}\,g(x) = \nabla f(x)"
    subject = "noise"
    sigma = Positive("sigma", "standard deviation")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Inequality:
        """The variance of one sample."""
        return f.mean(norm2(draw.output - f.gradient(draw.point.point))) <= self.sigma**2
