"""SAGA on two functions and a third one with a proximal operator, with all outcomes of a draw side by side."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import Method, Positive, Run, inner, measure, norm2, rate
from certify.methods.sgd_finite_sum import average


class State(NamedTuple):
    """x_k and the points φ₁, φ₂ of the table of gradients."""

    x: Any
    first: Any
    second: Any


def _energy(run: Run, k: int) -> Any:
    f1, f2, _ = run.functions
    method: Any = run.method
    (s, *_), γ = run.solution, method.step_size
    c = 1 / (4 * γ * (1 - γ * f1.mu))

    def value(state: State) -> Any:
        total = c * norm2(state.x - s)
        for f, φ in ((f1, state.first), (f2, state.second)):
            total = total + (f.value(φ) - f.value(s) - inner(f.gradient(s), φ - s)) / 2
        return total

    return average([value(state) for state in run.states[k]])


ENERGY = measure(
    "energy",
    "E V(x_k), V = ½Σ(f_i(φ_i) − f_i⋆ − ⟨∇f_i(x⋆), φ_i − x⋆⟩) + c‖x − x⋆‖²",
    _energy,
    latex=r"\mathbb{E}\,V(x_k, \varphi_k)",
)


class SagaPair(Method):
    """x⁺ = prox_{γh}(x − γ(∇f_i(x) − ∇f_i(φ_i) + ½∇f₁(φ₁) + ½∇f₂(φ₂))) and φ_i⁺ = x with i = 1 or 2 at random.

    For ½(f₁ + f₂) + h; `saga` is for any number of functions, without h. A state is the tuple of all outcomes, 2^k
    after k steps; measures that expect one iterate look at their means. The energy of the rate is
    V = ½Σ_i (f_i(φ_i) − f_i(x⋆) − ⟨∇f_i(x⋆), φ_i − x⋆⟩) + c‖x − x⋆‖² with c = 1/(4γ(1 − γμ)).
    """

    name = "saga-pair"
    title = "SAGA on two functions"
    formula = (
        r"x^+ = \mathrm{prox}_{\gamma h}\left(x - \gamma\left(\nabla f_i(x) - \nabla f_i(\varphi_i)"
        r" + \tfrac12\textstyle\sum_j\nabla f_j(\varphi_j)\right)\right), \quad \varphi_i^+ = x"
    )
    source = "Defazio, Bach, Lacoste-Julien (2014)"
    functions = ("f1", "f2", "h")
    starts = ("x", "p", "q")
    step_size = Positive("gamma", "step size")

    def solution(self, f1: Any, f2: Any, h: Any) -> Any:
        """The minimiser of ½(f₁ + f₂) + h, three times."""
        s = ((f1 + f2) / 2 + h).minimizer
        return s, s, s

    def start(self, x: Any, p: Any, q: Any, f1: Any, f2: Any, h: Any) -> tuple[State, ...]:
        """One outcome."""
        return (State(x, p, q),)

    def step(self, state: tuple[State, ...], f1: Any, f2: Any, h: Any) -> tuple[State, ...]:
        """Both draws from each outcome."""
        γ, new = self.step_size, []
        for x, p, q in state:
            table = (f1.gradient(p) + f2.gradient(q)) / 2
            new.append(State(h.prox(x - γ * (f1.gradient(x) - f1.gradient(p) + table), γ), x, q))
            new.append(State(h.prox(x - γ * (f2.gradient(x) - f2.gradient(q) + table), γ), p, x))
        return tuple(new)

    def output(self, state: tuple[State, ...]) -> Any:
        """E x_k, E φ₁ and E φ₂."""
        return tuple(average(points) for points in zip(*state, strict=True))

    @rate(
        SmoothStronglyConvex,
        SmoothStronglyConvex,
        Convex,
        measure=ENERGY,
        initial=ENERGY,
        tight=True,
        source="Defazio, Bach, Lacoste-Julien (2014), Theorem 1",
        holds=lambda self, f1, f2, h, N: (
            f1.L == f2.L,
            f1.mu == f2.mu,
            self.step_size == 1 / (2 * (2 * f1.mu + f1.L)),
        ),
        at=[{"L": 1, "mu": "1/10", "gamma": "5/12", "N": 1}],
    )
    def energy_rate(self, f1: Any, f2: Any, h: Any, N: int) -> Any:
        """E V(x_N) ≤ (1 − γμ)^N V(x₀) for γ = 1/(2(2μ + L))."""
        return (1 - self.step_size * f1.mu) ** N

    @rate(
        SmoothStronglyConvex,
        SmoothStronglyConvex,
        Convex,
        measure=ENERGY,
        initial=ENERGY,
        source="Defazio, Bach, Lacoste-Julien (2014), section 2",
        holds=lambda self, f1, f2, h, N: (f1.L == f2.L, f1.mu == f2.mu, self.step_size * f1.L == Fraction(1, 3)),
        at=[
            {"L": 1, "mu": "1/10", "gamma": "1/3", "N": 1},
            {"L": 1, "mu": "1/2", "gamma": "1/3", "N": 1},
        ],
    )
    def energy_rate_adaptive(self, f1: Any, f2: Any, h: Any, N: int) -> Any:
        """E V(x_N) ≤ (1 − min{1/8, μ/(3L)})^N V(x₀) for γ = 1/(3L)."""
        return (1 - min(Fraction(1, 8), f1.mu / (3 * f1.L))) ** N
