"""Convex functions that change from step to step, with bounded slopes: the setting of online learning."""

from __future__ import annotations

from typing import Any

from certify.language import Assumption, DoesNotApply, Evaluation, Inequality, Positive, SymbolicFunction, inner


class OnlineConvex(Assumption):
    """In step k a convex function f_k is played, and |gᵢ| ≤ G for every coordinate of g ∈ ∂f_k(x_k).

    The next function may depend on all that was done before. x⋆ is any fixed point; it need not minimise any f_k, so
    that nothing is known of gradients there, nor of f_k(x_k) − f_k(x⋆) but what convexity says.

    Source: Zinkevich (2003); Reddi, Kale, Kumar (2018), section 2.
    """

    name = "online-convex"
    formula = r"f_k \text{ convex}, \quad \|g\|_\infty \le G \quad \forall g \in \partial f_k(x_k)"
    interpolating = False
    G = Positive("G", "bound on the coordinates of subgradients")

    def at(self, x: Evaluation, f: SymbolicFunction) -> tuple[Inequality, Inequality]:
        """Convexity between x_k and x⋆, and one coordinate of the subgradient, squared."""
        g: Any = x.gradient
        if not hasattr(g, "elementwise"):
            raise DoesNotApply("online-convex speaks of coordinates, which this method does not have")
        return x.value + inner(g, f.comparator - x.point) <= f.loss_of_comparator, g * g <= self.G**2
