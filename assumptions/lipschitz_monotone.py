"""Monotone Lipschitz continuous operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.monotone import Monotone
from certify.language import Assumption, Evaluation, Inequality, Positive


class LipschitzMonotone(Assumption):
    """⟨A(x) − A(y), x − y⟩ ≥ 0 and ‖A(x) − A(y)‖ ≤ L‖x − y‖ for all x, y.

    The two conditions do not interpolate: Ryu, Taylor, Bergeling, Giselsson, SIAM J. Optim. 30 (2020), section 2.
    """

    name = "lipschitz-monotone"
    formula = r"\langle A(x) - A(y), x - y\rangle \ge 0, \quad \|A(x) - A(y)\| \le L\,\|x - y\|"
    subject = "operator"
    pairwise = True
    implies = (Lipschitz, Monotone)
    differentiable = True
    symmetric = True
    interpolating = False
    L = Positive("L", "Lipschitz constant")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Lipschitz continuity."""
        return Lipschitz(L=self.L).between(x, y)

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """Monotonicity, for each pair of points once."""
        for x, y in combinations(points, 2):
            yield f"monotone[{y.label}←{x.label}]", Monotone().between(x, y)
