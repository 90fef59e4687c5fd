"""The heavy ball method for convex functions with a quadratic upper bound."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.qg_convex import QGConvex
from certify.language import DISTANCE, GAP, Method, rate


class State(NamedTuple):
    """x_k, x_{k−1} and k."""

    now: Any
    before: Any
    k: int


class HeavyBallQG(Method):
    """x_{k+1} = x_k − ∇f(x_k)/(L(k + 2)) + (k/(k + 2))(x_k − x_{k−1}), ∇f any subgradient, from x₋₁ = x₀.

    No method that uses N subgradients has a better worst case of f(x_N) − f⋆ for these functions in high dimension
    (Goujaud, Taylor, Dieuleveut, 2022).
    """

    name = "heavy-ball-qg"
    title = "heavy ball method for quadratic upper bounds"
    formula = r"x_{k+1} = x_k - \tfrac{1}{L(k+2)}\nabla f(x_k) + \tfrac{k}{k+2}(x_k - x_{k-1})"
    source = "Goujaud, Taylor, Dieuleveut (2022)"

    def start(self, x: Any, f: Any) -> State:
        """x₋₁ = x₀."""
        return State(x, x, 0)

    def step(self, state: State, f: Any) -> State:
        """A shorter and shorter gradient step with momentum."""
        k, move = state.k, state.now - state.before
        x = state.now - f.subgradient(state.now) / (f.L * (k + 2)) + Fraction(k, k + 2) * move
        return State(x, state.now, k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.now

    @rate(
        QGConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Goujaud, Taylor, Dieuleveut (2022), Theorems 2.3 and 2.4",
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 3}, {"L": "1/2", "N": 5}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(2(N + 1))."""
        return f.L / (2 * (N + 1))
