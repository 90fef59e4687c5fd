"""Strongly convex functions with bounded subgradients, as in analyses of projected subgradient methods."""

from __future__ import annotations

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm


class LipschitzStronglyConvex(Assumption):
    """f is μ-strongly convex and ‖g‖ ≤ M for every g ∈ ∂f(x) at the points visited.

    On the whole space there is no such function; on a bounded set there is, and the conditions are necessary.

    Source: Lacoste-Julien, Schmidt, Bach (2012).
    """

    name = "lipschitz-strongly-convex"
    formula = r"f(y) \ge f(x) + \langle g, y - x\rangle + \tfrac{\mu}{2}\|y - x\|^2, \quad \|g\| \le M"
    implies = (LipschitzConvex, StronglyConvex)
    interpolating = False
    M = Positive("M", "Lipschitz constant")
    mu = Positive("mu", "strong convexity")
    limits = frozenset({"mu"})

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Strong convexity."""
        return StronglyConvex(mu=self.mu).between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """The subgradient at x is bounded."""
        return norm(x.gradient) <= self.M
