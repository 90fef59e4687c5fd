"""Lipschitz continuous operators."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, Positive, norm2


class Lipschitz(Assumption):
    """‖A(x) − A(y)‖ ≤ L‖x − y‖ for all x, y; contractions have L < 1.

    Source: Kirszbraun (1934), Valentine (1945); Ryu, Taylor, Bergeling, Giselsson, SIAM J. Optim. 30 (2020),
    Proposition 3.
    """

    name = "lipschitz"
    formula = r"\|A(x) - A(y)\| \le L\,\|x - y\|"
    subject = "operator"
    pairwise = True
    differentiable = True
    symmetric = True
    L = Positive("L", "Lipschitz constant")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Lipschitz continuity."""
        return norm2(x.output - y.output) <= self.L**2 * norm2(x.point - y.point)
