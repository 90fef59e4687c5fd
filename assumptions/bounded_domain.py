"""A bounded domain: every point at which f is finite lies within a distance D of the minimiser."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, SymbolicFunction, norm


class BoundedDomain(Assumption):
    """‖x − x⋆‖ ≤ D wherever f(x) < ∞.

    A descent method cannot tell f from f + the indicator of {f ≤ f(x₀)}: it is enough that this level set lies within
    the distance D of x⋆. In a space with only a norm, distances are meant in that norm.

    Source: the definition; with other conditions it is not known to interpolate.
    """

    name = "bounded-domain"
    formula = r"\|x - x^\star\| \le D \quad \forall x \in \mathrm{dom} f"
    interpolating = False
    D = Positive("D", "largest distance")

    def at(self, x: Evaluation, f: SymbolicFunction) -> Inequality:
        """x is in the domain."""
        return norm(x.point - f.minimizer) <= self.D
