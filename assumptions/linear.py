"""Linear operators of bounded norm, with their adjoints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from certify.assumptions.lipschitz import Lipschitz
from certify.language import Assumption, Equation, Evaluation, Positive, Semidefinite, inner


class Linear(Assumption):
    """A(x) = Mx with a matrix M, ‖M‖ ≤ L (largest singular value).

    With yᵢ = Mxᵢ and vⱼ = Mᵀuⱼ: ⟨xᵢ, vⱼ⟩ = ⟨yᵢ, uⱼ⟩, and the matrices with entries L²⟨xᵢ, xⱼ⟩ − ⟨yᵢ, yⱼ⟩ and
    L²⟨uᵢ, uⱼ⟩ − ⟨vᵢ, vⱼ⟩ are ⪰ 0.

    Source: Bousselmi, Hendrickx, Glineur, Interpolation conditions for linear operators and applications to
    performance estimation problems, SIAM J. Optim. (2024), Theorem 3.1.
    """

    name = "linear"
    formula = r"A(x) = Mx, \quad \|M\| \le L"
    subject = "operator"
    implies = (Lipschitz,)
    differentiable = True
    L = Positive("L", "largest singular value")

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """The adjoint, and both bounds of the norm."""
        duals = f.adjoint.evaluations
        for x in points:
            for u in duals:
                equation = Equation(inner(x.point, u.output), inner(x.output, u.point))
                yield f"adjoint[{x.label},{u.label}]", equation
        for name, records in (("norm", points), ("norm of the adjoint", duals)):
            if records:
                yield name, Semidefinite(tuple(tuple(self._entry(a, b) for b in records) for a in records))

    def _entry(self, a: Evaluation, b: Evaluation) -> Any:
        return self.L**2 * inner(a.point, b.point) - inner(a.output, b.output)
