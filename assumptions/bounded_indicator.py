"""Indicator functions of closed convex sets of bounded diameter."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Any

from certify.assumptions.indicator import Indicator
from certify.language import Assumption, Equation, Evaluation, Inequality, Positive, SymbolicFunction, norm, norm2


class BoundedIndicator(Assumption):
    """f is the indicator of a closed convex set C with ‖x − y‖ ≤ D for all x, y ∈ C.

    Source: Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017), Theorem 3.6.
    """

    name = "bounded-indicator"
    formula = r"f(x) = 0 \ (x \in C), \quad \|x - y\| \le D \quad \forall x, y \in C"
    implies = (Indicator,)
    D = Positive("D", "diameter")

    def between(self, x: Evaluation, y: Evaluation) -> Inequality:
        """y lies in the half-space that g cuts off at x."""
        return Indicator().between(x, y)

    def at(self, x: Evaluation, f: SymbolicFunction) -> Equation:
        """x is in C."""
        return Indicator().at(x, f)

    def hypotheses(self, f: SymbolicFunction) -> None:
        """All points lie in C, x⋆ too, and no two of them are farther apart than D."""
        super().hypotheses(f)
        trace, points = f.trace, list(f.evaluations.values())
        for x in points:
            trace.equate(x.value, 0, name=f"{self.name}({f.role})[{x.label}]", note=f"x{x.label} lies in C")
        for x, y in combinations(points, 2):
            note = f"the diameter, for x{x.label} and x{y.label}"
            trace.suppose(norm2(x.point - y.point) <= self.D**2, name=f"diameter[{x.label},{y.label}]", note=note)

    def together(self, points: Sequence[Evaluation], f: Any) -> Iterator[Any]:
        """The diameter, for each pair of points once."""
        for x, y in combinations(points, 2):
            yield f"diameter[{x.label},{y.label}]", norm(x.point - y.point) <= self.D
