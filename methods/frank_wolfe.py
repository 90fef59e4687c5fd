"""The Frank–Wolfe (conditional gradient) method on a bounded set."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.bounded_indicator import BoundedIndicator
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, rate


class State(NamedTuple):
    """x_k and k."""

    x: Any
    k: int


class FrankWolfe(Method):
    """s ∈ argmin {⟨∇f(x_k), z⟩ : z ∈ C}, x_{k+1} = (1 − γ_k)x_k + γ_k s, γ_k = 2/(k + 2), for the indicator c of C."""

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
        return State(x, 0)

    def step(self, state: State, f: Any, c: Any) -> State:
        """A step towards the point of C that a linear function likes best."""
        γ = Fraction(2, state.k + 2)
        s = c.shifted_minimizer(-f.gradient(state.x))
        return State((1 - γ) * state.x + γ * s, state.k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

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
