"""Indicator functions of closed convex sets: constraints."""

from __future__ import annotations

from certify.assumptions.convex import Convex
from certify.language import Assumption, Equation, Evaluation, Inequality, SymbolicFunction, inner


class Indicator(Assumption):
    """f(x) = 0 for x in a closed convex set C, +∞ elsewhere: every point visited lies in C, and g ∈ N_C(x).

    Source: Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), Theorem 3.6.
    """

    name = "indicator"
    formula = r"f(x) = 0 \ (x \in C), \quad \langle g, y - x\rangle \le 0 \quad \forall x, y \in C,\ g \in N_C(x)"
    implies = (Convex,)

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """y lies in the half-space that g cuts off at x."""
        return 0 * y.value >= inner(x.gradient, y.point - x.point)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Equation:
        """x is in C."""
        return Equation(x.value, 0)
