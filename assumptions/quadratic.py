"""Convex quadratic functions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from certify.language import Assumption, Equation, Evaluation, Inequality, NonNegative, Positive, Semidefinite, inner


class Quadratic(Assumption):
    """f(x) = f⋆ + ½⟨x − x⋆, H(x − x⋆)⟩ with a symmetric H, μI ⪯ H ⪯ LI, 0 ≤ μ ≤ L.

    With d = x − x⋆ and g = ∇f(x) at all points: f(x) = f⋆ + ½⟨g, d⟩, ⟨gᵢ, dⱼ⟩ = ⟨gⱼ, dᵢ⟩ and the matrix with entries
    ⟨gᵢ − μdᵢ, Ldⱼ − gⱼ⟩ is ⪰ 0.

    Source: Bousselmi, Hendrickx, Glineur, Interpolation conditions for linear operators and applications to
    performance estimation problems, SIAM J. Optim. (2024), Theorem 3.9.
    """

    name = "quadratic"
    formula = (
        r"f(x) = f^\star + \tfrac12\langle x - x^\star, H(x - x^\star)\rangle,"
        r" \quad \mu I \preceq H \preceq L I"
    )
    differentiable = True
    L = Positive("L", "largest eigenvalue")
    mu = NonNegative("mu", "smallest eigenvalue")

    def domain(self) -> Iterator[Inequality]:
        """μ ≤ L."""
        yield self.mu <= self.L

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """Values, symmetry and the bounds of the spectrum."""
        center = f.minimizer
        moved = [x for x in points if x.point is not center or x.gradient.coefficients]
        for x in moved:
            yield f"value[{x.label}]", Equation(x.value, f.minimum + inner(x.gradient, x.point - center) / 2)
        pairs = [(x.point - center, x.gradient) for x in moved]
        for i, j in combinations(range(len(pairs)), 2):
            (d, g), (e, h) = pairs[i], pairs[j]
            yield f"symmetry[{moved[i].label},{moved[j].label}]", Equation(inner(g, e), inner(h, d))
        mean = (self.mu + self.L) / 2
        if pairs:
            yield (
                "spectrum",
                Semidefinite(
                    tuple(
                        tuple(
                            mean * (inner(g, e) + inner(h, d)) - inner(g, h) - self.mu * self.L * inner(d, e)
                            for e, h in pairs
                        )
                        for d, g in pairs
                    )
                ),
            )
