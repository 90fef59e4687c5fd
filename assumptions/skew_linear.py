"""Skew-symmetric linear operators of bounded norm."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations_with_replacement
from typing import Any

from certify.language import Assumption, Equation, Evaluation, Positive, Semidefinite, inner


class SkewLinear(Assumption):
    """A(x) = Mx with Mᵀ = −M and ‖M‖ ≤ L: a monotone operator that is no gradient.

    With yᵢ = Mxᵢ: ⟨xᵢ, yⱼ⟩ = −⟨xⱼ, yᵢ⟩, and the matrix with entries L²⟨xᵢ, xⱼ⟩ − ⟨yᵢ, yⱼ⟩ is ⪰ 0.

    Source: Bousselmi, Hendrickx, Glineur, Interpolation conditions for linear operators and applications to
    performance estimation problems, SIAM J. Optim. (2024), Corollary 3.2.
    """

    name = "skew-linear"
    formula = r"A(x) = Mx, \quad M^\top = -M, \quad \|M\| \le L"
    subject = "operator"
    differentiable = True
    L = Positive("L", "largest singular value")

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """Skew symmetry and the bound of the norm."""
        for a, b in combinations_with_replacement(points, 2):
            yield f"skew[{a.label},{b.label}]", Equation(inner(a.point, b.output) + inner(b.point, a.output), 0)
        if points:
            yield "norm", Semidefinite(tuple(tuple(self._entry(a, b) for b in points) for a in points))

    def _entry(self, a: Evaluation, b: Evaluation) -> Any:
        return self.L**2 * inner(a.point, b.point) - inner(a.output, b.output)
