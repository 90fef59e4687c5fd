"""The Halpern iteration with the optimal anchor for nonexpansive operators."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.nonexpansive import Nonexpansive
from certify.language import DISTANCE, RESIDUAL, Energy, Goal, Method, inner, norm2, rate, theorem


class State(NamedTuple):
    """x_k and the anchor x₀."""

    x: Any
    anchor: Any


class Halpern(Method):
    """x_{k+1} = x₀/(k + 2) + (1 − 1/(k + 2)) T(x_k)."""

    name = "halpern"
    title = "Halpern iteration"
    formula = r"x_{k+1} = \tfrac{1}{k+2}x_0 + \bigl(1 - \tfrac{1}{k+2}\bigr)T(x_k)"
    source = "Halpern (1967), Lieder (2021)"
    functions = ("T",)

    def start(self, x: Any, T: Any) -> State:
        """The start is the anchor."""
        return State(x, x)

    def step(self, state: State, T: Any, *, k: Any) -> State:
        """A mean of the anchor and the image."""
        β = Fraction(1) / (k + 2)
        return State(β * state.anchor + (1 - β) * T(state.x), state.anchor)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    def solution(self, T: Any) -> Any:
        """A fixed point."""
        return T.fixed_point

    @theorem(Nonexpansive, measure=RESIDUAL, indexed=True, source="Lieder (2021), Theorem 2.1")
    def residual(self, T: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """‖x_N − T(x_N)‖ ≤ 2‖x₀ − x⋆‖/(N + 1): k(k + 1)/2 ‖r_k‖² + (k + 1)⟨r_k, x_k − x₀⟩ falls, r_k = x_k − T(x_k)."""
        s = T.fixed_point

        def energy(k: Any, state: State) -> Any:
            r, anchor = state.x - T(state.x), state.anchor
            return k * (k + 1) / 2 * norm2(r) + (k + 1) * inner(r, state.x - anchor) + norm2(anchor - s)

        r = after.x - T(after.x)
        return Energy(
            before=energy(k, before),
            after=energy(k + 1, after),
            quantity=norm2(r),
            clock=k,
            scale=lambda N: (N + 1) ** 2 / 4,
            squares=((k + 2) / 2 * r - (after.anchor - s),),
        )

    @rate(
        Nonexpansive,
        measure=RESIDUAL,
        initial=DISTANCE,
        tight=True,
        source="Lieder (2021), Theorem 2.1",
        at=[{"N": 1}, {"N": 2}, {"N": 4}],
    )
    def residual_rate(self, T: Any, N: int) -> Any:
        """‖x_N − T(x_N)‖² ≤ 4R²/(N + 1)²."""
        return Fraction(4, (N + 1) ** 2)
