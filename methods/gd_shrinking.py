"""Subgradient steps that shrink, for convex functions with a quadratic upper bound."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.qg_convex import QGConvex
from certify.language import DISTANCE, GAP, Method, rate, root, rounded


class State(NamedTuple):
    """x_k and u_k."""

    x: Any
    size: Any


def grown(u: Any) -> Any:
    """u_{k+1} = u_k/2 + √(u_k²/4 + 2)."""
    return rounded(u / 2 + root(u**2 / 4 + 2))


class ShrinkingGradient(Method):
    """x_{k+1} = x_k − ∇f(x_k)/(Lu_{k+1}), ∇f any subgradient, with u₀ = 1 and u_{k+1} = u_k/2 + √(u_k²/4 + 2).

    The u_k are rounded to 64 bits; bounds are for the rounded method.
    """

    name = "gd-shrinking"
    title = "gradient descent with shrinking steps"
    formula = (
        r"x_{k+1} = x_k - \tfrac{1}{L u_{k+1}}\nabla f(x_k), \quad"
        r" u_0 = 1,\ u_{k+1} = \tfrac{u_k}{2} + \sqrt{\tfrac{u_k^2}{4} + 2}"
    )
    source = "Goujaud, Taylor, Dieuleveut (2022)"

    def start(self, x: Any, f: Any) -> State:
        """x₀, u₀ = 1."""
        return State(x, Fraction(1))

    def step(self, state: State, f: Any) -> State:
        """A gradient step of length 1/(Lu_{k+1})."""
        u = grown(state.size)
        return State(state.x - f.subgradient(state.x) / (f.L * u), u)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        QGConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Goujaud, Taylor, Dieuleveut (2022), Conjecture A.3",
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 3}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(2u_N) (conjectured)."""
        u = Fraction(1)
        for _ in range(N):
            u = grown(u)
        return f.L / (2 * u)
