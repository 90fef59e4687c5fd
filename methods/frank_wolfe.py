"""The Frank–Wolfe (conditional gradient) method on a bounded set."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.bounded_indicator import BoundedIndicator
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Energy, Goal, Method, inner, norm2, rate, theorem


class State(NamedTuple):
    """x_k."""

    x: Any


class FrankWolfe(Method):
    """s ∈ argmin {⟨∇f(x_k), z⟩ : z ∈ C}, x_{k+1} = (1 − γ_k)x_k + γ_k s, γ_k = 2/(k + 2), for the indicator c of C.

    As 0 ≤ γ_k ≤ 1 all iterates lie in C.
    """

    name = "frank-wolfe"
    title = "Frank–Wolfe method"
    formula = (
        r"s \in \arg\min_{z \in C} \langle\nabla f(x_k), z\rangle,\quad"
        r" x_{k+1} = \tfrac{k}{k+2}x_k + \tfrac{2}{k+2}s"
    )
    source = "Frank, Wolfe (1956)"
    functions = ("f", "c")

    def start(self, x: Any, f: Any, c: Any) -> State:
        """The start lies in C."""
        c.value(x)
        return State(x)

    def step(self, state: State, f: Any, c: Any, *, k: Any) -> State:
        """A step towards the point of C that a linear function likes best."""
        γ = Fraction(2) / (k + 2)
        s = c.shifted_minimizer(-f.gradient(state.x))
        return State((1 - γ) * state.x + γ * s)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @theorem(SmoothConvex, BoundedIndicator, measure=GAP, indexed=True, source="Jaggi (2013), Theorem 1")
    def gap(self, f: Any, c: Any, before: State, after: State, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ 2LD²/(N + 2): k(k + 1)(f(x_k) − f⋆) grows by at most 2LD²(k + 1)/(k + 2)."""
        F, star, x, g = f + c, (f + c).minimizer, before.x, f.gradient(before.x)
        before_gap, gap, size = F.value(x) - F.value(star), F.value(after.x) - F.value(star), 2 * f.L * c.D**2
        move, γ = after.x - x, Fraction(2) / (k + 2)
        return Energy(
            before=k * (k + 1) * before_gap,
            after=(k + 1) * (k + 2) * gap,
            quantity=gap,
            clock=k,
            scale=lambda N: N * (N + 1),
            error=size * (k + 1) / (k + 2),
            spent=lambda N: size * N * (N + 1) / (N + 2),
            lemmas=(
                (f.value(after.x), f.value(x) + inner(g, move) + f.L / 2 * norm2(move)),
                (inner(g, move), -γ * before_gap),
                (norm2(move), γ**2 * c.D**2),
            ),
        )

    @rate(
        SmoothConvex,
        BoundedIndicator,
        measure=GAP,
        initial=DISTANCE,
        source="Jaggi (2013), Theorem 1",
        holds=lambda self, f, c, N, bound: bound >= c.D**2,
        at=[{"f.L": 1, "c.D": 1, "N": 1}, {"f.L": 2, "c.D": "1/2", "N": 2}],
        whole=True,
    )
    def gap_rate(self, f: Any, c: Any, N: int, bound: Any) -> Any:
        """f(x_N) − f⋆ ≤ 2LD²/(N + 2) for x₀ anywhere in a set of diameter D, so with R² ≤ D²."""
        return 2 * f.L * c.D**2 / (N + 2)
