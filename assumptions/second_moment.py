"""Stochastic gradients with a bounded second moment."""

from __future__ import annotations

from certify.language import Assumption, Draw, Inequality, Positive, SymbolicFunction, norm2


class SecondMoment(Assumption):
    """E‖g‖² ≤ σ² at the points that the method visits, where E g = ∇f(x).

    On all of a space this is impossible for functions that grow quadratically, since ‖∇f(x)‖² ≤ E‖g‖².
    Source: Nemirovski, Juditsky, Lan, Shapiro, SIAM J. Optim. 19 (2009), (1.5).
    """

    name = "second-moment"
    formula = r"\mathbb{E}\|g(x)\|^2 \le \sigma^2, \quad \mathbb{E}\,g(x) = \nabla f(x)"
    subject = "noise"
    sigma = Positive("sigma", "root of the second moment")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Inequality:
        """The second moment of one sample."""
        return f.mean(norm2(draw.output)) <= self.sigma**2
