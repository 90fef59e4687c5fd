"""The Polyak–Łojasiewicz condition, together with smoothness; f need not be convex."""

from __future__ import annotations

from collections.abc import Iterator

from certify.assumptions.smooth import Smooth
from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm2


class PolyakLojasiewicz(Assumption):
    """‖∇f(x)‖² ≥ 2μ(f(x) − f⋆) for all x, and ‖∇f(x) − ∇f(y)‖ ≤ L‖x − y‖, with μ ≤ L.

    Source: Polyak (1963); Karimi, Nutini, Schmidt, ECML-PKDD 2016.
    """

    name = "pl"
    formula = r"\|\nabla f(x)\|^2 \ge 2\mu\,(f(x) - f^\star), \quad \|\nabla f(x) - \nabla f(y)\| \le L\,\|x - y\|"
    implies = (Smooth,)
    differentiable = True
    interpolating = False
    L = Positive("L", "smoothness")
    mu = Positive("mu", "Polyak–Łojasiewicz")

    def domain(self) -> Iterator[Inequality]:
        """μ < L."""
        yield self.mu <= self.L

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Smoothness."""
        return Smooth(L=self.L).between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> tuple[Inequality, Inequality]:
        """The gradient dominates the gap, and the gap what a gradient step of length 1/L gains."""
        gap = x.value - f.minimum
        return norm2(x.gradient) >= 2 * self.mu * gap, gap >= norm2(x.gradient) / (2 * self.L)
