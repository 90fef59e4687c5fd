"""Convexity seen from the iterates, which stay within known distances of a minimiser, each layer in its own norm."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, inner, norm


class LayerwiseConvex(Assumption):
    """f⋆ ≥ f(X) + Σᵢ⟨∇ᵢf(X), X⋆ᵢ − Xᵢ⟩ and ‖Xᵢ − X⋆ᵢ‖ ≤ Dᵢ at all iterates X.

    For a method that never increases f the level set of X₀ gives Dᵢ; where values may increase the distances are an
    assumption about the trajectory.

    Source: the definition of convexity, with distances in the norms of the layers.
    """

    name = "layerwise-convex"
    formula = (
        r"f^\star \ge f(X) + \sum_i\langle\nabla_i f(X), X^\star_i - X_i\rangle,"
        r" \quad \|X_i - X^\star_i\| \le D_i"
    )
    differentiable = True
    interpolating = False
    notes = ("distances Dᵢ are assumed along the trajectory: steps of a fixed length need not stay in a level set",)
    D = Positive("D", "largest distance in a layer", each=True)

    def at(self, x: Evaluation, f: SymbolicFunction) -> tuple[Inequality, ...]:
        """Convexity between X and X⋆, and the distances."""
        way = x.point - f.minimizer
        return x.value - f.minimum <= f.total(inner(x.gradient, way)), norm(way) <= self.D
