"""SAGA: gradient steps on functions that are drawn, with a table of points at which their gradients are remembered."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.sum_smooth_strongly_convex import SmoothStronglyConvexSum
from certify.language import Contraction, Goal, Method, Positive, Run, inner, measure, norm2, theorem


class State(NamedTuple):
    """x_k and the points w_1, …, w_n."""

    x: Any
    w: Any


def _energy(run: Run, k: int) -> Any:
    method: Any = run.method
    return method.energy(run.functions[0], run.states[k])


ENERGY = measure(
    "energy",
    "(1/n)Σ(f_j(w_j) − f_j(x⋆) − ⟨∇f_j(x⋆), w_j − x⋆⟩) + ‖{x} − x⋆‖²/(2γ(1 − γμ)n)",
    _energy,
    latex=r"V({x}, w)",
)


class Saga(Method):
    """x⁺ = x − γ(∇f_i(x) − ∇f_i(w_i) + (1/n)Σ_j ∇f_j(w_j)) and w_i⁺ = x with i drawn from 1, …, n."""

    name = "saga"
    title = "SAGA"
    formula = (
        r"x^+ = x - \gamma\left(\nabla f_i(x) - \nabla f_i(w_i)"
        r" + \tfrac1n\textstyle\sum_j\nabla f_j(w_j)\right), \quad w_i^+ = x"
    )
    source = "Defazio, Bach, Lacoste-Julien (2014)"
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, f: Any) -> State:
        """All points are x."""
        return State(x, f.table(lambda f_i: x))

    def step(self, state: State, f: Any) -> State:
        """One step along a gradient that is corrected by the table."""
        (x, w), f_i = state, f.sample()
        mean = w.mean(lambda f_j, w_j: f_j.gradient(w_j))
        return State(x - self.step_size * (f_i.gradient(x) - f_i.gradient(w[f_i]) + mean), w.replaced(f_i, x))

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    def energy(self, f: Any, state: State) -> Any:
        """(1/n)Σ(f_j(w_j) − f_j(x⋆) − ⟨∇f_j(x⋆), w_j − x⋆⟩) + ‖x − x⋆‖²/(2γ(1 − γμ)n)."""
        s, γ = f.minimizer, self.step_size
        gaps = state.w.mean(lambda f_j, p: f_j.value(p) - f_j.value(s) - inner(f_j.gradient(s), p - s))
        return gaps + norm2(state.x - s) / (2 * γ * (1 - γ * f.mu) * f.n)

    @theorem(SmoothStronglyConvexSum, measure=ENERGY, source="after Defazio, Bach, Lacoste-Julien (2014), Theorem 1")
    def energy_few(self, f: Any, before: State, after: State) -> Goal:
        """E V(x⁺, w⁺) ≤ (1 − γμ) V(x, w) for nγμ(1 − γL) ≤ 1 − 2γL, such as γ = 1/(2(μn + L)), with
        V = (1/n)Σ(f_j(w_j) − f_j(x⋆) − ⟨∇f_j(x⋆), w_j − x⋆⟩) + ‖x − x⋆‖²/(2γ(1 − γμ)n)."""
        γ, L, μ, n = self.step_size, f.L, f.mu, f.n
        given = (n * γ * μ * (1 - γ * L) <= 1 - 2 * γ * L, 2 * γ * L <= 1)
        return self._contraction(f, before, after, 1 - γ * μ, given, ((n * γ * μ, 1),))

    @theorem(SmoothStronglyConvexSum, measure=ENERGY, source="after Defazio, Bach, Lacoste-Julien (2014), Theorem 1")
    def energy_many(self, f: Any, before: State, after: State) -> Goal:
        """E V(x⁺, w⁺) ≤ (1 − (1 − 2γL)/(n(1 − γL))) V(x, w) for nγμ(1 − γL) ≥ 1 − 2γL ≥ 0, such as
        γ = 1/(3L) and 2nμ ≥ 3L: then the rate is 1 − 1/(2n)."""
        γ, L, μ, n = self.step_size, f.L, f.mu, f.n
        given = (n * γ * μ * (1 - γ * L) >= 1 - 2 * γ * L, 2 * γ * L <= 1)
        return self._contraction(f, before, after, 1 - (1 - 2 * γ * L) / (n * (1 - γ * L)), given, ())

    def _contraction(
        self, f: Any, before: State, after: State, rate: Any, given: tuple[Any, ...], lemmas: tuple[Any, ...]
    ) -> Goal:
        γ = self.step_size
        return Contraction(
            before=self.energy(f, before),
            after=self.energy(f, after),
            rate=rate,
            given=(*given, 1 - γ * f.L > 0, 1 - γ * f.mu > 0),
            lemmas=lemmas,
            squares=self.squares(f, before),
        )

    def squares(self, f: Any, before: State) -> tuple[Any, ...]:
        """Hints at the squares in the proof."""
        (x, w), γ, μ, L = before, self.step_size, f.mu, f.L
        s, f_i, slope = f.minimizer, f.drawn, f.gradient(x)
        mean = w.mean(lambda f_j, p: f_j.gradient(p))
        here, there = f_i.gradient(x) - f_i.gradient(s), f_i.gradient(w[f_i]) - f_i.gradient(s)
        return (
            there - L * (w[f_i] - s),
            slope - μ * (x - s),
            mean,
            there - mean,
            x - s,
            (1 - γ * L) * (here - slope) + γ * (L - μ) * (there - mean),
        )
