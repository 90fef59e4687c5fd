"""Strongly monotone cocoercive operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.language import Assumption, Evaluation, Inequality, Positive


class CocoerciveStronglyMonotone(Assumption):
    """⟨A(x) − A(y), x − y⟩ ≥ μ‖x − y‖² and ≥ β‖A(x) − A(y)‖² for all x, y, μβ ≤ 1.

    The two conditions do not interpolate: Ryu, Taylor, Bergeling, Giselsson, SIAM J. Optim. 30 (2020), section 2.
    """

    name = "cocoercive-strongly-monotone"
    formula = r"\langle A(x) - A(y), x - y\rangle \ge \max\{\mu\|x - y\|^2, \beta\|A(x) - A(y)\|^2\}"
    subject = "operator"
    pairwise = True
    implies = (Cocoercive, StronglyMonotone)
    differentiable = True
    symmetric = True
    interpolating = False
    beta = Positive("beta", "cocoercivity")
    mu = Positive("mu", "strong monotonicity")
    limits = frozenset({"mu"})

    def domain(self) -> Iterator[Inequality]:
        """μβ ≤ 1."""
        yield self.mu * self.beta <= 1

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Strong monotonicity."""
        return StronglyMonotone(mu=self.mu).between(x, y)

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """Cocoercivity, for each pair of points once."""
        for x, y in combinations(points, 2):
            yield f"cocoercive[{y.label}←{x.label}]", Cocoercive(beta=self.beta).between(x, y)
