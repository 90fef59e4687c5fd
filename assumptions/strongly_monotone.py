"""Strongly monotone operators."""

from __future__ import annotations

from certify.assumptions.monotone import Monotone
from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class StronglyMonotone(Assumption):
    """⟨u − v, x − y⟩ ≥ μ‖x − y‖² for all u ∈ A(x), v ∈ A(y); A maximally monotone.

    Source: Ryu, Taylor, Bergeling, Giselsson, SIAM J. Optim. 30 (2020), Proposition 1 (A − μI is monotone).
    """

    name = "strongly-monotone"
    formula = r"\langle u - v, x - y\rangle \ge \mu\|x - y\|^2"
    subject = "operator"
    pairwise = True
    implies = (Monotone,)
    symmetric = True
    mu = Positive("mu", "strong monotonicity")
    limits = frozenset({"mu"})

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Strong monotonicity."""
        d = x.point - y.point
        return inner(x.output - y.output, d) >= self.mu * norm2(d)
