"""Cocoercive operators."""

from __future__ import annotations

from certify.assumptions.monotone import Monotone
from certify.language import Assumption, Evaluation, Inequality, Positive, inner, norm2


class Cocoercive(Assumption):
    """⟨A(x) − A(y), x − y⟩ ≥ β‖A(x) − A(y)‖² for all x, y.

    Source: Ryu, Taylor, Bergeling, Giselsson, SIAM J. Optim. 30 (2020), Proposition 2 (the inverse of the strongly
    monotone case).
    """

    name = "cocoercive"
    formula = r"\langle A(x) - A(y), x - y\rangle \ge \beta\|A(x) - A(y)\|^2"
    subject = "operator"
    pairwise = True
    implies = (Monotone,)
    differentiable = True
    symmetric = True
    beta = Positive("beta", "cocoercivity")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Cocoercivity."""
        v = x.output - y.output
        return inner(v, x.point - y.point) >= self.beta * norm2(v)
