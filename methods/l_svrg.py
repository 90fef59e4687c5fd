"""Loopless SVRG: gradient steps on functions that are drawn, corrected at a point that is renewed now and then."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.sum_smooth_strongly_convex import SmoothStronglyConvexSum
from certify.language import (
    Contraction,
    Goal,
    Method,
    Outcomes,
    Positive,
    Run,
    Share,
    expected,
    measure,
    norm2,
    theorem,
)


class State(NamedTuple):
    """x_k and the point w_k at which all gradients are known."""

    x: Any
    w: Any


def _energy(run: Run, k: int) -> Any:
    method: Any = run.method
    return expected(run.states[k], lambda s: method.energy(run.functions[0], s))


ENERGY = measure("energy", "f(w_k) − f⋆ + p‖{x} − x⋆‖²/(2γ(1 − γμ))", _energy, latex=r"V({x}, w)")


class LooplessSVRG(Method):
    """x⁺ = x − γ(∇f_i(x) − ∇f_i(w) + ∇f(w)) with i drawn from 1, …, n, and w⁺ = x with probability p, else w⁺ = w."""

    name = "l-svrg"
    title = "loopless SVRG"
    formula = (
        r"x^+ = x - \gamma\left(\nabla f_i(x) - \nabla f_i(w) + \nabla f(w)\right), \quad"
        r" w^+ = x \text{ with probability } p, \text{ else } w^+ = w"
    )
    source = "Hofmann, Lucchi, Lacoste-Julien, McWilliams (2015); Kovalev, Horváth, Richtárik (2020)"
    step_size = Positive("gamma", "step size")
    probability = Share("p", "probability of a new point w")

    def start(self, x: Any, f: Any) -> State:
        """w = x."""
        return State(x, x)

    def step(self, state: State, f: Any) -> Outcomes:
        """One step along a corrected gradient, and both outcomes of the coin."""
        (x, w), p, f_i = state, self.probability, f.sample()
        y = x - self.step_size * (f_i.gradient(x) - f_i.gradient(w) + f.gradient(w))
        return Outcomes(((p, State(y, x)), (1 - p, State(y, w))))

    def output(self, state: Any) -> Any:
        """E x_k."""
        return expected(state, lambda s: s.x)

    def energy(self, f: Any, state: State) -> Any:
        """f(w) − f⋆ + p‖x − x⋆‖²/(2γ(1 − γμ))."""
        γ = self.step_size
        return f.value(state.w) - f.minimum + self.probability * norm2(state.x - f.minimizer) / (2 * γ * (1 - γ * f.mu))

    @theorem(SmoothStronglyConvexSum, measure=ENERGY)
    def energy_seldom(self, f: Any, before: State, after: Outcomes) -> Goal:
        """E V(x⁺, w⁺) ≤ (1 − p(1 − 2γL)/(1 − γL)) V(x, w) for γμ(1 − γL) ≥ p(1 − 2γL) ≥ 0, with
        V = f(w) − f⋆ + p‖x − x⋆‖²/(2γ(1 − γμ)); n does not matter."""
        γ, L, μ, p = self.step_size, f.L, f.mu, self.probability
        given = (γ * μ * (1 - γ * L) >= p * (1 - 2 * γ * L), 2 * γ * L <= 1)
        return self._contraction(f, before, after, 1 - p * (1 - 2 * γ * L) / (1 - γ * L), given, ())

    @theorem(SmoothStronglyConvexSum, measure=ENERGY)
    def energy_often(self, f: Any, before: State, after: Outcomes) -> Goal:
        """E V(x⁺, w⁺) ≤ (1 − γμ) V(x, w) for γμ(1 − γL) ≤ p(1 − 2γL), with V = f(w) − f⋆ + p‖x − x⋆‖²/(2γ(1 − γμ)):
        for γ = 1/(3L) and p ≥ 2μ/(3L), say; n does not matter."""
        γ, L, μ, p = self.step_size, f.L, f.mu, self.probability
        given = (γ * μ * (1 - γ * L) <= p * (1 - 2 * γ * L), 2 * γ * L <= 1)
        return self._contraction(f, before, after, 1 - γ * μ, given, ((γ * μ, p),))

    def _contraction(
        self, f: Any, before: State, after: Outcomes, rate: Any, given: tuple[Any, ...], lemmas: tuple[Any, ...]
    ) -> Goal:
        γ, L, s, (x, w), f_i = self.step_size, f.L, f.minimizer, before, f.drawn
        slope, mean = f.gradient(x), f.gradient(w)
        here, there = f_i.gradient(x) - f_i.gradient(s), f_i.gradient(w) - f_i.gradient(s)
        return Contraction(
            before=self.energy(f, before),
            after=expected(after, lambda state: self.energy(f, state)),
            rate=rate,
            given=(*given, 1 - γ * L > 0, 1 - γ * f.mu > 0),
            lemmas=lemmas,
            squares=(
                there - L * (w - s),
                slope - f.mu * (x - s),
                mean,
                there - mean,
                x - s,
                (1 - γ * L) * (here - slope) + γ * (L - f.mu) * (there - mean),
            ),
        )
