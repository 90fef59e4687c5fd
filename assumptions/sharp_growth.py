"""A sharp minimum: the function rises from its minimiser at least linearly, as a norm does."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm


class SharpGrowth(Assumption):
    """f(x) ≥ f⋆ + s‖x − x⋆‖ for all x. In a space with only a norm, distances are meant in that norm.

    Source: Burke, Ferris, SIAM J. Control Optim. 31 (1993), with a single minimiser; with other conditions it is not
    known to interpolate.
    """

    name = "sharp-growth"
    formula = r"f(x) \ge f^\star + s\,\|x - x^\star\| \quad \forall x"
    interpolating = False
    s = Positive("s", "sharpness")

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The linear lower bound at x⋆."""
        return x.value >= f.minimum + self.s * norm(x.point - f.minimizer)
