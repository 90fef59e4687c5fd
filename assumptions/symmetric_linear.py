"""Symmetric linear operators with bounded eigenvalues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from certify.language import Assumption, Equation, Evaluation, Inequality, Parameter, Semidefinite, inner


class SymmetricLinear(Assumption):
    """A(x) = Mx with a symmetric matrix M, μI ⪯ M ⪯ LI; μ and L may have any sign.

    With yᵢ = Mxᵢ: ⟨xᵢ, yⱼ⟩ = ⟨xⱼ, yᵢ⟩, and the matrix with entries ⟨yᵢ − μxᵢ, Lxⱼ − yⱼ⟩ is ⪰ 0.

    Source: Bousselmi, Hendrickx, Glineur, Interpolation conditions for linear operators and applications to
    performance estimation problems, SIAM J. Optim. (2024), Theorem 3.3.
    """

    name = "symmetric-linear"
    formula = r"A(x) = Mx, \quad M = M^\top, \quad \mu I \preceq M \preceq L I"
    subject = "operator"
    differentiable = True
    L = Parameter("L", "largest eigenvalue")
    mu = Parameter("mu", "smallest eigenvalue")

    def domain(self) -> Iterator[Inequality]:
        """μ ≤ L."""
        yield self.mu <= self.L

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """Symmetry and the bounds of the spectrum."""
        for a, b in combinations(points, 2):
            yield f"symmetry[{a.label},{b.label}]", Equation(inner(a.point, b.output), inner(b.point, a.output))
        if points:
            yield "spectrum", Semidefinite(tuple(tuple(self._entry(a, b) for b in points) for a in points))

    def _entry(self, a: Evaluation, b: Evaluation) -> Any:
        mixed = inner(a.output, b.point) + inner(b.output, a.point)
        product = self.mu * self.L * inner(a.point, b.point)
        return (self.mu + self.L) / 2 * mixed - inner(a.output, b.output) - product
