"""The triple momentum method."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, GAP, Method, Run, measure, norm2, rate, root, rounded

CURVED = ({"L": 1, "mu": "1/4", "N": 1}, {"L": 1, "mu": "1/9", "N": 2})
SOURCE = "Van Scoy, Freeman, Lynch (2018), Theorem 1"


class State(NamedTuple):
    """ξ_k, ξ_{k−1} and the output x_k."""

    now: Any
    before: Any
    point: Any


def curvature_gap(f: Any, y: Any) -> Any:
    """q(y) = (L − μ)(f(y) − f⋆ − (μ/2)‖y − x⋆‖²) − ½‖∇f(y) − μ(y − x⋆)‖², which is ≥ 0."""
    s = f.minimizer
    excess = f.value(y) - f.value(s) - f.mu / 2 * norm2(y - s)
    return (f.L - f.mu) * excess - norm2(f.gradient(y) - f.mu * (y - s)) / 2


def _energy(run: Run, k: int) -> Any:
    (f,), method, state = run.functions, run.method, run.states[k]
    after = method.step(state, f)
    return curvature_gap(f, ahead(state, f)) + f.mu * f.L * norm2(method.output(after) - run.solution)


ENERGY = measure("energy", "q(y_k) + μL‖x_{k+1} − x⋆‖²", _energy, latex=r"q(y_k) + \mu L\|x_{k+1} - x^\star\|^2")


def factor(f: Any) -> Any:
    """ρ = 1 − √(μ/L)."""
    return 1 - root(f.mu / f.L)


def ahead(state: State, f: Any) -> Any:
    """y_k = (1 + γ)ξ_k − γξ_{k−1}, where the gradient is taken."""
    ρ = factor(f)
    return state.now + rounded(ρ**2 / ((1 + ρ) * (2 - ρ))) * (state.now - state.before)


class TripleMomentum(Method):
    """ξ_{k+1} = (1 + β)ξ_k − βξ_{k−1} − α∇f(y_k) with y_k = (1 + γ)ξ_k − γξ_{k−1}; x_k = (1 + δ)ξ_k − δξ_{k−1}.

    From ξ₋₁ = ξ₀ = x₀, with ρ = 1 − √(μ/L), α = (1 + ρ)/L, β = ρ²/(2 − ρ), γ = ρ²/((1 + ρ)(2 − ρ)) and
    δ = ρ²/(1 − ρ²). The energy of its rate is q(y_k) + μL‖x_{k+1} − x⋆‖², where
    q(y) = (L − μ)(f(y) − f⋆ − (μ/2)‖y − x⋆‖²) − ½‖∇f(y) − μ(y − x⋆)‖². The factors are rounded to 64 bits; bounds are
    for the rounded method.
    """

    name = "triple-momentum"
    title = "triple momentum method"
    formula = (
        r"\xi_{k+1} = (1 + \beta)\xi_k - \beta\xi_{k-1} - \alpha\nabla f(y_k), \quad"
        r" y_k = (1 + \gamma)\xi_k - \gamma\xi_{k-1}, \quad x_k = (1 + \delta)\xi_k - \delta\xi_{k-1}"
    )
    source = "Van Scoy, Freeman, Lynch (2018)"

    def start(self, x: Any, f: Any) -> State:
        """ξ₋₁ = ξ₀ = x₀."""
        return State(x, x, x)

    def step(self, state: State, f: Any) -> State:
        """A gradient step from y_k with momentum."""
        ρ = factor(f)
        heavy = rounded(ρ**2 / (2 - ρ)) * (state.now - state.before)
        new = state.now + heavy - rounded((1 + ρ) / f.L) * f.gradient(ahead(state, f))
        return State(new, state.now, new + rounded(ρ**2 / (1 - ρ**2)) * (new - state.now))

    def output(self, state: State) -> Any:
        """x_k."""
        return state.point

    @rate(
        SmoothStronglyConvex,
        measure=ENERGY,
        initial=ENERGY,
        tight=True,
        source=SOURCE,
        holds=lambda self, f, N: root(f.mu / f.L) ** 2 == f.mu / f.L,
        at=CURVED,
    )
    def energy_rate(self, f: Any, N: int) -> Any:
        """q(y_N) + μL‖x_{N+1} − x⋆‖² ≤ ρ²ᴺ (q(y₀) + μL‖x₁ − x⋆‖²) if √(μ/L) is rational: not for a rounded method."""
        return factor(f) ** (2 * N)

    @rate(SmoothStronglyConvex, measure=GAP, initial=DISTANCE, tight=True, source=SOURCE, at=CURVED)
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ ρ²ᴺ (L²/(2μ)) R²."""
        return factor(f) ** (2 * N) * f.L**2 / (2 * f.mu)
