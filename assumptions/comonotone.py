"""Negatively comonotone operators: monotone up to a multiple of ‖u − v‖²."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class NegativelyComonotone(Assumption):
    """⟨u − v, x − y⟩ ≥ −ρ‖u − v‖² for all u ∈ A(x), v ∈ A(y).

    The conditions interpolate: they say that the pairs (x + ρu, u) are monotone, hence part of a maximally monotone
    graph, which the same map takes back.

    Source: Bauschke, Moursi, Wang, Math. Program. 189 (2021); Gorbunov, Taylor, Horváth, Gidel, ICML 2023.
    """

    name = "comonotone"
    formula = r"\langle u - v, x - y\rangle \ge -\rho\|u - v\|^2"
    subject = "operator"
    pairwise = True
    symmetric = True
    rho = Positive("rho", "comonotonicity")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Negative comonotonicity."""
        v = x.output - y.output
        return inner(v, x.point - y.point) >= -self.rho * norm2(v)
