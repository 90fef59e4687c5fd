"""Indicator functions of closed convex sets inside a ball."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from certify.assumptions.indicator import Indicator
from certify.language import Assumption, Equation, Evaluation, Inequality, Positive, SymbolicFunction, norm


class BallIndicator(Assumption):
    """f is the indicator of a closed convex set C with ‖x − c‖ ≤ B for all x ∈ C; c is called ``f.center``.

    The convex hull of points in a ball lies in the ball, so the conditions of Taylor, Hendrickx, Glineur, SIAM J.
    Optim. 27 (2017), Theorem 3.6, interpolate here too.
    """

    name = "ball-indicator"
    formula = r"f(x) = 0 \ (x \in C), \quad \|x - c\| \le B \quad \forall x \in C"
    implies = (Indicator,)
    B = Positive("B", "radius")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """y lies in the half-space that g cuts off at x."""
        return Indicator().between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Equation:
        """x is in C."""
        return Indicator().at(x, f)

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """The distance to the centre."""
        for x in points:
            yield f"radius[{x.label}]", norm(x.point - f.center) <= self.B
