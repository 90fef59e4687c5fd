"""Point-SAGA on two functions, with all outcomes of a draw side by side."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import Conjecture, Method, Run, measure, norm2, rate, root, rounded
from certify.methods.sgd_finite_sum import average


class State(NamedTuple):
    """x_k and the table of gradients g₁, g₂."""

    x: Any
    first: Any
    second: Any


def step_size(L: Any, mu: Any) -> Any:
    """γ = (√((n − 1)² + 4nL/μ) − (n − 1))/(2Ln) for n = 2."""
    return rounded((root(1 + 8 * L / mu) - 1) / (4 * L))


def _energy(run: Run, k: int) -> Any:
    f1, _ = run.functions
    x, a, b = run.solution
    c = 1 / (2 * f1.mu * f1.L)
    values = [norm2(s.x - x) + c * (norm2(s.first - a) + norm2(s.second - b)) for s in run.states[k]]
    return average(values)


ENERGY = measure(
    "energy",
    "E(‖x_k − x⋆‖² + Σ‖g_i − ∇f_i(x⋆)‖²/(2μL))",
    _energy,
    latex=r"\mathbb{E}\,V(x_k, g_k)",
)


class PointSaga(Method):
    """z = x + γ(g_i − ½(g₁ + g₂)), x⁺ = prox_{γf_i}(z), g_i⁺ = (z − x⁺)/γ with i = 1 or 2 at random.

    For the sum of two functions, with γ = (√(1 + 8L/μ) − 1)/(4L), rounded to 64 bits; bounds are for the rounded
    method. A state is the tuple of all outcomes, 2^k after k steps; measures that expect one iterate look at the means.
    """

    name = "point-saga"
    title = "Point-SAGA"
    formula = (
        r"z = x + \gamma\left(g_i - \tfrac12\textstyle\sum_j g_j\right), \quad x^+ = \mathrm{prox}_{\gamma f_i}(z),"
        r" \quad g_i^+ = \tfrac1\gamma(z - x^+)"
    )
    source = "Defazio (2016)"
    functions = ("f1", "f2")
    starts = ("x", "g", "h")

    def solution(self, f1: Any, f2: Any) -> Any:
        """The minimiser of f₁ + f₂ and the two gradients there."""
        s = (f1 + f2).minimizer
        return s, f1.gradient(s), f2.gradient(s)

    def start(self, x: Any, g: Any, h: Any, f1: Any, f2: Any) -> tuple[State, ...]:
        """One outcome."""
        return (State(x, g, h),)

    def step(self, state: tuple[State, ...], f1: Any, f2: Any) -> tuple[State, ...]:
        """Both draws from each outcome."""
        γ, new = step_size(f1.L, f1.mu), []
        for x, g, h in state:
            z = x + γ / 2 * (g - h)
            y = f1.prox(z, γ)
            new.append(State(y, (z - y) / γ, h))
            z = x + γ / 2 * (h - g)
            y = f2.prox(z, γ)
            new.append(State(y, g, (z - y) / γ))
        return tuple(new)

    def output(self, state: tuple[State, ...]) -> Any:
        """E x_k, E g₁ and E g₂."""
        return tuple(average(points) for points in zip(*state, strict=True))

    @rate(
        SmoothStronglyConvex,
        SmoothStronglyConvex,
        measure=ENERGY,
        initial=ENERGY,
        source="Defazio (2016), Theorem 5",
        holds=lambda self, f1, f2, N: (f1.L == f2.L, f1.mu == f2.mu),
        at=[{"L": 1, "mu": "1/10", "N": 1}, {"L": 1, "mu": "1/15", "N": 1}],
    )
    def energy_rate(self, f1: Any, f2: Any, N: int) -> Any:
        """E V(x_N) ≤ (1 + μγ)^−N V(x₀) with V = ‖x − x⋆‖² + Σ‖g_i − ∇f_i(x⋆)‖²/(2μL)."""
        return 1 / (1 + f1.mu * step_size(f1.L, f1.mu)) ** N

    conjectures = (
        Conjecture(
            "energy-any-number",
            "For n functions and μγ(nLγ + n − 1) ≤ 1: E V(x⁺, g⁺) ≤ V(x, g)/(1 + μγ) with"
            " V = ‖x − x⋆‖² + γ(γ + (n − 1)/(nL))Σ‖g_i − ∇f_i(x⋆)‖².",
            source="Defazio (2016), Theorem 5, for the largest γ",
            note="at numbers two matrices of order 2 decide it; the proof in symbols was not found by the engine",
        ),
    )
