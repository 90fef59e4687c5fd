"""Gradients with an error of bounded mean square, biased or not."""

from __future__ import annotations

from certify.language import Assumption, Draw, Inequality, Positive, SymbolicFunction, norm2


class GradientError(Assumption):
    """E‖g − ∇f(x)‖² ≤ σ² at the points that the method visits; E g may differ from ∇f(x).

    A method says ``f.biased_gradient(x)`` where it does not ask for more.
    Source: Friedlander, Schmidt, SIAM J. Sci. Comput. 34 (2012).
    """

    name = "gradient-error"
    formula = r"\mathbb{E}\|g(x) - \nabla f(x)\|^2 \le \sigma^2"
    subject = "noise"
    sigma = Positive("sigma", "root of the mean square error")

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Inequality:
        """The mean square of one error."""
        return f.mean(norm2(draw.output - f.gradient(draw.point.point))) <= self.sigma**2
