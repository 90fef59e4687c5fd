"""Monotone operators."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, inner


class Monotone(Assumption):
    """⟨u − v, x − y⟩ ≥ 0 for all u ∈ A(x), v ∈ A(y); A maximally monotone.

    Source: every monotone graph extends to a maximally monotone one, see Ryu, Taylor, Bergeling, Giselsson, SIAM J.
    Optim. 30 (2020), Fact 1.
    """

    name = "monotone"
    formula = r"\langle u - v, x - y\rangle \ge 0"
    subject = "operator"
    pairwise = True
    symmetric = True

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Monotonicity."""
        return inner(x.output - y.output, x.point - y.point) >= 0
