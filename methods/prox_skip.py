"""ProxSkip: gradient steps with a control variate, and a proximal step now and then."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    Contraction,
    Goal,
    Method,
    Outcomes,
    Positive,
    Run,
    expected,
    inner,
    measure,
    norm2,
    rate,
    theorem,
)


class State(NamedTuple):
    """x_k and h_k."""

    x: Any
    h: Any


def _energy(run: Run, k: int) -> Any:
    method: Any = run.method
    x, h = run.solution
    c = method.step_size / method.probability
    return expected(run.states[k], lambda s: norm2(s.x - x) + c**2 * norm2(s.h - h))


ENERGY = measure("energy", "E(‖{x} − x⋆‖² + (γ/p)²‖h − ∇f(x⋆)‖²)", _energy, latex=r"\mathbb{E}\,\Psi({x}, h)")


class ProxSkip(Method):
    """x̂ = x − γ(∇f(x) − h), x⁺ = prox_{(γ/p)ψ}(x̂ − (γ/p)h), h⁺ = h + (p/γ)(x⁺ − x̂) with probability p, else x⁺ = x̂.

    For f + ψ. In bounds at numbers all outcomes are carried along, 2^k after k steps; measures that expect one iterate
    look at the means.
    """

    name = "prox-skip"
    title = "ProxSkip"
    formula = (
        r"\hat x = x - \gamma(\nabla f(x) - h), \quad"
        r" x^+ = \mathrm{prox}_{(\gamma/p)\psi}(\hat x - \tfrac{\gamma}{p} h),"
        r"\ h^+ = h + \tfrac{p}{\gamma}(x^+ - \hat x) \text{ with probability } p, \text{ else } x^+ = \hat x"
    )
    source = "Mishchenko, Malinovsky, Stich, Richtárik (2022)"
    functions = ("f", "psi")
    starts = ("x", "h")
    step_size = Positive("gamma", "step size")
    probability = Positive("p", "probability of a proximal step")

    def solution(self, f: Any, psi: Any) -> Any:
        """The minimiser of f + ψ and ∇f there."""
        s = (f + psi).minimizer
        return s, f.gradient(s)

    def start(self, x: Any, h: Any, f: Any, psi: Any) -> State:
        """The two starting points."""
        return State(x, h)

    def step(self, state: State, f: Any, psi: Any) -> Outcomes:
        """Both outcomes of the coin."""
        (x, h), γ, p = state, self.step_size, self.probability
        middle = x - γ * (f.gradient(x) - h)
        y = psi.prox(middle - γ / p * h, γ / p)
        return Outcomes(((p, State(y, h + p / γ * (y - middle))), (1 - p, State(middle, h))))

    def output(self, state: Any) -> Any:
        """E x_k and E h_k."""
        return expected(state, lambda s: s.x), expected(state, lambda s: s.h)

    @theorem(
        SmoothStronglyConvex,
        Convex,
        measure=ENERGY,
        source="Mishchenko, Malinovsky, Stich, Richtárik (2022), for γ ≤ 1/L",
    )
    def energy(self, f: Any, psi: Any, before: State, after: Outcomes) -> Goal:
        """E Ψ(x⁺, h⁺) ≤ max{(1 − γμ)², (1 − γL)², 1 − p²} Ψ(x, h) with Ψ = ‖x − x⋆‖² + (γ/p)²‖h − ∇f(x⋆)‖², γ < 2/L."""
        γ, p = self.step_size, self.probability
        x, h = self.solution(f, psi)

        def energy(s: State) -> Any:
            return norm2(s.x - x) + (γ / p) ** 2 * norm2(s.h - h)

        X, G = before.x - x, f.gradient(before.x) - h
        return Contraction(
            before=energy(before),
            after=expected(after, energy),
            rates=((1 - γ * f.mu) ** 2, (1 - γ * f.L) ** 2, 1 - p**2),
            given=(p <= 1,),
            lemmas=((f.mu * norm2(X), inner(G, X)), (inner(G, X), f.L * norm2(X))),
        )

    @rate(
        SmoothStronglyConvex,
        Convex,
        measure=ENERGY,
        initial=ENERGY,
        tight=True,
        source="Mishchenko, Malinovsky, Stich, Richtárik (2022), for γ ≤ 1/L",
        holds=lambda self, f, psi, N: (self.step_size * f.L < 2, self.probability <= 1, N == 1),
        at=[
            {"L": 1, "mu": "1/10", "gamma": 1, "p": "1/5", "N": 1},
            {"L": 1, "mu": "1/10", "gamma": "1/2", "p": "1/2", "N": 1},
            {"L": 1, "mu": "1/10", "gamma": "19/10", "p": "4/5", "N": 1},
        ],
    )
    def energy_rate(self, f: Any, psi: Any, N: int) -> Any:
        """E Ψ(x₁, h₁) ≤ max{(1 − γμ)², (1 − γL)², 1 − p²} Ψ(x₀, h₀) for γ < 2/L."""
        γ = self.step_size
        return max((1 - γ * f.mu) ** 2, (1 - γ * f.L) ** 2, 1 - self.probability**2)
