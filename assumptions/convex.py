"""Convexity: f lies above every tangent."""

from __future__ import annotations

from certify.assumptions.ball_convex import BallConvex
from certify.language import Assumption, BallProxCall, Evaluation, Inequality, SymbolicFunction, inner, sphere


class Convex(Assumption):
    """f(y) ≥ f(x) + ⟨g, y − x⟩ for all x, y and every g ∈ ∂f(x); f proper, closed, with a minimiser.

    Source: Rockafellar, Convex Analysis (1970), section 23.
    """

    name = "convex"
    formula = r"f(y) \ge f(x) + \langle g, y - x\rangle \quad \forall x, y,\ g \in \partial f(x)"
    implies = (BallConvex,)

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """The subgradient inequality at x."""
        return y.value >= x.value + inner(x.gradient, y.point - x.point)

    def ball_prox_step(self, call: BallProxCall, f: SymbolicFunction) -> None:
        """Off the minimisers, the ball-prox lies on the sphere (BPM: an interior minimiser would be global)."""
        sphere(call, f)
