"""Convex functions with bounded subgradients."""

from __future__ import annotations

from certify.assumptions.convex import Convex
from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm


class LipschitzConvex(Assumption):
    """f convex and ‖g‖ ≤ M for every x and g ∈ ∂f(x) (f is M-Lipschitz).

    Source: Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), section 3.1.
    """

    name = "lipschitz-convex"
    formula = r"f \text{ convex}, \quad \|g\| \le M \quad \forall x,\ g \in \partial f(x)"
    implies = (Convex,)
    M = Positive("M", "Lipschitz constant")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Convexity."""
        return Convex().between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The subgradient at x is bounded."""
        return norm(x.gradient) <= self.M
