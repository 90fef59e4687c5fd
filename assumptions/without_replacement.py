"""Mini-batches: b of n functions drawn without replacement."""

from __future__ import annotations

from collections.abc import Iterator

from certify.language import Assumption, Draw, Inequality, Positive, SymbolicFunction, norm2


class WithoutReplacement(Assumption):
    """E‖g − ∇f(x)‖² ≤ (1 − b/n)S²/b for f = (1/n)Σf_i and g the mean of the gradients of b functions out of n.

    The b functions are drawn without replacement; S² bounds the sample variance (1/(n − 1))Σ‖∇f_i(x) − ∇f(x)‖² at the
    points that the method visits. That the factor is exactly 1 − b/n, for all n and b, is proved from the counts of
    what is drawn by `certify.analysis.sampling.batch_variance`.
    Source: Cochran, Sampling Techniques (1977), Theorem 2.2.
    """

    name = "without-replacement"
    formula = (
        r"g(x) = \tfrac1b\sum_{i\in B}\nabla f_i(x),\ |B| = b \text{ of } n,\ "
        r"\tfrac{1}{n-1}\sum_i\|\nabla f_i(x) - \nabla f(x)\|^2 \le S^2"
    )
    subject = "noise"
    n = Positive("n", "number of functions")
    b = Positive("b", "size of a batch")
    S = Positive("S", "root of the sample variance")

    def domain(self) -> Iterator[Inequality]:
        """b < n and n > 1."""
        yield self.b <= self.n
        yield self.n >= 1

    def drawn(self, draw: Draw, f: SymbolicFunction) -> Inequality:
        """The mean square of one error."""
        return f.mean(norm2(draw.output - f.gradient(draw.point.point))) <= (1 - self.b / self.n) * self.S**2 / self.b
