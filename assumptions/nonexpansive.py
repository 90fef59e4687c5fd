"""Nonexpansive operators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from certify.language import Assumption, Evaluation, Inequality, inner, norm2


class Nonexpansive(Assumption):
    """‖T(x) − T(y)‖ ≤ ‖x − y‖ for all x, y.

    If the infimal displacement vector v of T is used then also ⟨x − T(x), v⟩ ≥ ‖v‖² for all x.

    Source: Kirszbraun (1934), Valentine (1945); with v: Park, Ryu, Accelerated infeasibility detection of constrained
    optimization and fixed-point iterations (2023), Theorem 10.
    """

    name = "nonexpansive"
    formula = r"\|T(x) - T(y)\| \le \|x - y\|"
    subject = "operator"
    differentiable = True
    symmetric = True

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """Nonexpansiveness."""
        return norm2(x.output - y.output) <= norm2(x.point - y.point)

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """The displacement at each point, if there may be no fixed point."""
        if "displacement" in vars(f):
            v = f.displacement
            for x in points:
                yield f"displacement[{x.label}]", inner(x.point - x.output, v) >= norm2(v)
