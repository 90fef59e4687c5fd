"""Support functions of bounded closed convex sets."""

from __future__ import annotations

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.support import Support
from certify.language import Assumption, Equation, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm


class BoundedSupport(Assumption):
    """f(x) = max {⟨u, x⟩ : u ∈ C} for a closed convex set C with ‖u‖ ≤ M for all u ∈ C; f is M-Lipschitz.

    Source: Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), Corollary 3.7.
    """

    name = "bounded-support"
    formula = r"f(x) = \langle g, x\rangle \ge \langle u, x\rangle, \quad \|u\| \le M \quad \forall u \in C"
    implies = (Support, LipschitzConvex)
    M = Positive("M", "largest norm in the set")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """g(x) is in C."""
        return Support().between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> tuple[Inequality, Equation]:
        """g(x) is bounded, and the maximum is attained there."""
        return norm(x.gradient) <= self.M, Equation(x.value, inner(x.gradient, x.point))
