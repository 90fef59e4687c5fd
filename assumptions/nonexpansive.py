"""Nonexpansive operators."""

from __future__ import annotations

from certify.language import Assumption, Evaluation, Inequality, norm2


class Nonexpansive(Assumption):
    """‖T(x) − T(y)‖ ≤ ‖x − y‖ for all x, y.

    Source: Kirszbraun (1934), Valentine (1945).
    """

    name = "nonexpansive"
    formula = r"\|T(x) - T(y)\| \le \|x - y\|"
    subject = "operator"
    differentiable = True
    symmetric = True

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Nonexpansiveness."""
        return norm2(x.output - y.output) <= norm2(x.point - y.point)
