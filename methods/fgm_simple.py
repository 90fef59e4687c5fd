"""The fast gradient method with the momentum (k − 1)/(k + 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, rate


class State(NamedTuple):
    """x_k, the point y_k where the next gradient is taken, and k."""

    x: Any
    y: Any
    k: int


class SimpleFastGradient(Method):
    """x_k = y_{k−1} − ∇f(y_{k−1})/L, y_k = x_k + ((k − 1)/(k + 2))(x_k − x_{k−1}), from y₀ = x₀."""

    name = "fgm-simple"
    title = "fast gradient method with simple momentum"
    formula = r"x_k = y_{k-1} - \tfrac1L\nabla f(y_{k-1}), \quad y_k = x_k + \tfrac{k-1}{k+2}(x_k - x_{k-1})"
    source = "Tseng (2008); Su, Boyd, Candès (2016)"

    def start(self, x: Any, f: Any) -> State:
        """y₀ = x₀."""
        return State(x, x, 0)

    def step(self, state: State, f: Any) -> State:
        """A gradient step from y, and momentum."""
        k = state.k + 1
        x = state.y - f.gradient(state.y) / f.L
        return State(x, x + Fraction(k - 1, k + 2) * (x - state.x), k)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Taylor, Hendrickx, Glineur (2017), Table 1 (numerical)",
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 3}, {"L": "1/2", "N": 5}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ 2L R²/(N² + 5N + 6)."""
        return 2 * f.L / Fraction(N**2 + 5 * N + 6)
