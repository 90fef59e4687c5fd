"""The fast gradient method with the momentum (k − 1)/(k + 2)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Energy, Goal, Method, norm2, rate, theorem


class State(NamedTuple):
    """x_k, the point y_k where the next gradient is taken, and t_k: 0 at the start, and then (k + 1)/2."""

    x: Any
    y: Any
    t: Any


class SimpleFastGradient(Method):
    """x_k = y_{k−1} − ∇f(y_{k−1})/L, y_k = x_k + ((k − 1)/(k + 2))(x_k − x_{k−1}), from y₀ = x₀."""

    name = "fgm-simple"
    title = "fast gradient method with simple momentum"
    formula = r"x_k = y_{k-1} - \tfrac1L\nabla f(y_{k-1}), \quad y_k = x_k + \tfrac{k-1}{k+2}(x_k - x_{k-1})"
    source = "Tseng (2008); Su, Boyd, Candès (2016)"

    def start(self, x: Any, f: Any) -> State:
        """y₀ = x₀."""
        return State(x, x, 0)

    def step(self, state: State, f: Any, *, k: Any) -> State:
        """A gradient step from y, and momentum."""
        x = state.y - f.gradient(state.y) / f.L
        return State(x, x + Fraction(1) * k / (k + 3) * (x - state.x), Fraction(1) * (k + 2) / 2)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothConvex, measure=GAP, indexed=True, source="Tseng (2008)")
    def gap(self, f: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ 2L‖x₀ − x⋆‖²/(N + 1)²: (2/L) t_k²(f(x_k) − f⋆) + ‖z_k − x⋆‖² does not increase."""

        def ahead(s: State, k: Any) -> Any:
            return (k + 2) / 2 * s.y - k / 2 * s.x - f.minimizer

        def energy(s: State, k: Any) -> Any:
            return 2 / f.L * s.t**2 * (f.value(s.x) - f.minimum) + norm2(ahead(s, k))

        return Energy(
            before=energy(before, k),
            after=energy(after, k + 1),
            quantity=f.value(after.x) - f.minimum,
            clock=k,
            scale=lambda N: (N + 1) ** 2 / (2 * f.L),
            invariant=lambda s, k: ((k * (k + 2), 4 * s.t**2),),
            squares=(ahead(after, k + 1),),
        )

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
