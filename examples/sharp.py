"""An assumption of your own: convex functions with a sharp minimum, in one file.

Use it by path: ``certify examples/polyak.py --assumption examples/sharp.py``.
"""

from __future__ import annotations

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm


class Sharp(Assumption):
    """f convex, M-Lipschitz, and f(x) − f⋆ ≥ s ‖x − x⋆‖ for all x."""

    name = "sharp"
    formula = r"f(x) - f^\star \ge s\,\|x - x^\star\|"
    implies = (LipschitzConvex,)
    s = Positive("s", "sharpness")
    M = Positive("M", "Lipschitz constant")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Convexity."""
        return LipschitzConvex(M=self.M).between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> tuple[Inequality, ...]:
        """Bounded subgradients, and growth away from the minimiser."""
        return (
            LipschitzConvex(M=self.M).at(x, f),
            x.value - f.minimum >= self.s * norm(x.point - f.minimizer),
        )
