"""Point-SAGA on two functions, with all outcomes of a draw side by side, for worst cases at numbers."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    Method,
    Outcomes,
    Positive,
    Run,
    expected,
    measure,
    norm2,
    rate,
)


class State(NamedTuple):
    """x_k and the table of gradients g₁, g₂."""

    x: Any
    first: Any
    second: Any


def _energy(run: Run, k: int) -> Any:
    method: Any = run.method
    x, a, b = run.solution
    c = method.weight(run.functions[0])
    return expected(run.states[k], lambda s: norm2(s.x - x) + c * (norm2(s.first - a) + norm2(s.second - b)))


ENERGY = measure(
    "energy",
    "E(‖{x} − x⋆‖² + (γ² + γ/(2L))Σ‖g_i − ∇f_i(x⋆)‖²)",
    _energy,
    latex=r"\mathbb{E}\,V({x}, g)",
)


class PointSagaPair(Method):
    """z = x + γ(g_i − ½(g₁ + g₂)), x⁺ = prox_{γf_i}(z), g_i⁺ = (z − x⁺)/γ with i = 1 or 2 at random.

    For the sum of two functions; `point-saga` is for any number of them. In bounds at numbers all outcomes are carried
    along, 2^k after k steps; measures that expect one iterate look at the means.
    """

    name = "point-saga-pair"
    title = "Point-SAGA on two functions"
    formula = (
        r"z = x + \gamma\left(g_i - \tfrac12\textstyle\sum_j g_j\right), \quad x^+ = \mathrm{prox}_{\gamma f_i}(z),"
        r" \quad g_i^+ = \tfrac1\gamma(z - x^+)"
    )
    source = "Defazio (2016)"
    functions = ("f1", "f2")
    starts = ("x", "g", "h")
    step_size = Positive("gamma", "step size")

    def solution(self, f1: Any, f2: Any) -> Any:
        """The minimiser of f₁ + f₂ and the two gradients there."""
        s = (f1 + f2).minimizer
        return s, f1.gradient(s), f2.gradient(s)

    def start(self, x: Any, g: Any, h: Any, f1: Any, f2: Any) -> State:
        """The point and the table."""
        return State(x, g, h)

    def step(self, state: State, f1: Any, f2: Any) -> Outcomes:
        """Both draws."""
        (x, g, h), γ = state, self.step_size
        z = x + γ / 2 * (g - h)
        y = f1.prox(z, γ)
        first = State(y, (z - y) / γ, h)
        z = x + γ / 2 * (h - g)
        y = f2.prox(z, γ)
        half = (1 + 0 * γ) / 2
        return Outcomes(((half, first), (half, State(y, g, (z - y) / γ))))

    def output(self, state: Any) -> Any:
        """E x_k, E g₁ and E g₂."""
        return tuple(expected(state, lambda s, i=i: s[i]) for i in range(3))

    def weight(self, f: Any) -> Any:
        """What the table counts beside the distance."""
        return self.step_size**2 + self.step_size / (2 * f.L)

    @rate(
        SmoothStronglyConvex,
        SmoothStronglyConvex,
        measure=ENERGY,
        initial=ENERGY,
        source="after Defazio (2016), Theorem 5",
        holds=lambda self, f1, f2, N: (
            f1.L == f2.L,
            f1.mu == f2.mu,
            f1.mu * self.step_size * (2 * self.step_size * f1.L + 1) <= 1,
            N == 1,
        ),
        at=[
            {"L": 1, "mu": "1/10", "gamma": 2, "N": 1},
            {"L": 1, "mu": "1/15", "gamma": "5/2", "N": 1},
        ],
    )
    def energy_rate(self, f1: Any, f2: Any, N: int) -> Any:
        """E V(x₁) ≤ V(x₀)/(1 + μγ) for μγ(2γL + 1) ≤ 1."""
        return 1 / (1 + f1.mu * self.step_size)
