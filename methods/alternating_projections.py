"""Alternating projections onto two sets with a common point."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.indicator import Indicator
from certify.language import DISTANCE, Measure, Method, Run, best, measure, norm2, rate


class State(NamedTuple):
    """x_k ∈ C₂, and the point of C₁ that it was projected from."""

    x: Any
    y: Any


def _moves(run: Run, k: int) -> Any:
    y = run.states[k].y
    return norm2(run.points[k - 1] - y) + norm2(y - run.points[k])


MOVES: Measure = measure("moves", "‖x_{k−1} − P₁x_{k−1}‖² + ‖P₁x_{k−1} − x_k‖²", _moves)


class AlternatingProjections(Method):
    """x⁺ = P₂(P₁(x)), for the indicators c₁ and c₂ of the sets."""

    name = "alternating-projections"
    title = "alternating projections"
    formula = r"x^+ = P_{2}(P_{1}(x))"
    source = "von Neumann (1950), Bregman (1965)"
    functions = ("c1", "c2")

    def start(self, x: Any, c1: Any, c2: Any) -> State:
        """No projection led to x₀."""
        return State(x, x)

    def step(self, state: State, c1: Any, c2: Any) -> State:
        """Two projections."""
        y = c1.prox(state.x, 1)
        return State(c2.prox(y, 1), y)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        Indicator,
        Indicator,
        measure=best(MOVES, first=1),
        initial=DISTANCE,
        source="Bauschke, Borwein (1996)",
        at=[{"N": 1}, {"N": 3}],
    )
    def best_moves_rate(self, c1: Any, c2: Any, N: int) -> Any:
        """min ‖x_{k−1} − P₁x_{k−1}‖² + ‖P₁x_{k−1} − x_k‖² ≤ R²/N over 1 ≤ k ≤ N."""
        return Fraction(1, N)

    @rate(
        Indicator,
        Indicator,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Bauschke, Borwein (1996)",
        at=[{"N": 1}, {"N": 2}],
    )
    def distance_rate(self, c1: Any, c2: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ R² for every common point x⋆."""
        return 1
