"""Strongly monotone Lipschitz continuous operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.language import Assumption, Evaluation, Inequality, Positive


class LipschitzStronglyMonotone(Assumption):
    """⟨A(x) − A(y), x − y⟩ ≥ μ‖x − y‖² and ‖A(x) − A(y)‖ ≤ L‖x − y‖ for all x, y, μ ≤ L.

    The two conditions do not interpolate: Ryu, Taylor, Bergeling, Giselsson, SIAM J. Optim. 30 (2020), section 2.
    """

    name = "lipschitz-strongly-monotone"
    formula = r"\langle A(x) - A(y), x - y\rangle \ge \mu\|x - y\|^2, \quad \|A(x) - A(y)\| \le L\,\|x - y\|"
    subject = "operator"
    pairwise = True
    implies = (LipschitzMonotone, StronglyMonotone)
    differentiable = True
    symmetric = True
    interpolating = False
    L = Positive("L", "Lipschitz constant")
    mu = Positive("mu", "strong monotonicity")
    limits = frozenset({"mu"})

    def domain(self) -> Iterator[Inequality]:
        """μ ≤ L."""
        yield self.mu <= self.L

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Strong monotonicity."""
        return StronglyMonotone(mu=self.mu).between(x, y)

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """Lipschitz continuity, for each pair of points once."""
        for x, y in combinations(points, 2):
            yield f"lipschitz[{y.label}←{x.label}]", LipschitzMonotone(L=self.L).between(x, y)
