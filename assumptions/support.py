"""Support functions of closed convex sets, such as norms."""

from __future__ import annotations

from certify.assumptions.convex import Convex
from certify.language import Assumption, Equation, Evaluation, Inequality, SymbolicFunction, inner


class Support(Assumption):
    """f(x) = max {⟨u, x⟩ : u ∈ C} for a closed convex set C: f is convex, and f(x) = ⟨g, x⟩ for every g ∈ ∂f(x) ⊂ C.

    Source: Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), Corollary 3.7.
    """

    name = "support"
    formula = r"f(x) = \langle g, x\rangle \ge \langle u, x\rangle \quad \forall x,\ g \in \partial f(x),\ u \in C"
    implies = (Convex,)

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """g(x) is in C."""
        return y.value >= inner(x.gradient, y.point)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Equation:
        """The maximum is attained at g."""
        return Equation(x.value, inner(x.gradient, x.point))
