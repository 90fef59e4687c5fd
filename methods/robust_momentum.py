"""The robust momentum method."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import Method, NonNegative, Run, measure, norm2, rate, root, rounded
from certify.methods.triple_momentum import curvature_gap


class State(NamedTuple):
    """x_k and x_{k−1}."""

    now: Any
    before: Any


def _energy(run: Run, k: int) -> Any:
    method: Any = run.method
    (f,), state = run.functions, run.states[k]
    κ, ρ = f.L / f.mu, method.factor(f)
    after = method.step(state, f)
    z = after.now + ρ**2 / (1 - ρ**2) * (after.now - after.before)
    weight = f.mu**2 * (κ - κ * ρ**2 - 1) / (2 * ρ * (1 - ρ))
    return curvature_gap(f, method.ahead(state, f)) + weight * norm2(z - run.solution)


ENERGY = measure("energy", "q(y_k) + ℓ‖z_{k+1} − x⋆‖²", _energy, latex=r"q(y_k) + \ell\|z_{k+1} - x^\star\|^2")


class RobustMomentum(Method):
    """x_{k+1} = x_k + β(x_k − x_{k−1}) − α∇f(y_k) with y_k = x_k + γ(x_k − x_{k−1}), from x₋₁ = x₀.

    With κ = L/μ, ρ = λ(1 − 1/κ) + (1 − λ)(1 − 1/√κ), α = κ(1 − ρ)²(1 + ρ)/L, β = κρ³/(κ − 1) and
    γ = ρ³/((κ − 1)(1 − ρ)²(1 + ρ)); λ = 0 is the triple momentum method, λ = 1 gradient descent. The energy of its rate
    is q(y_k) + ℓ‖z_{k+1} − x⋆‖² with z_k = (x_k − ρ²x_{k−1})/(1 − ρ²), ℓ = μ²(κ − κρ² − 1)/(2ρ(1 − ρ)) and
    q(y) = (L − μ)(f(y) − f⋆ − (μ/2)‖y − x⋆‖²) − ½‖∇f(y) − μ(y − x⋆)‖². ρ is rounded to 64 bits; bounds are for
    the method with this ρ, and the rate holds for every ρ between 1 − 1/√κ and 1 − 1/κ.
    """

    name = "robust-momentum"
    title = "robust momentum method"
    formula = r"x_{k+1} = x_k + \beta(x_k - x_{k-1}) - \alpha\nabla f(y_k), \quad y_k = x_k + \gamma(x_k - x_{k-1})"
    source = "Cyrus, Hu, Van Scoy, Lessard (2018)"
    mix = NonNegative("lam", "robustness λ ≤ 1")

    def start(self, x: Any, f: Any) -> State:
        """x₋₁ = x₀."""
        return State(x, x)

    def factor(self, f: Any) -> Any:
        """ρ = λ(1 − 1/κ) + (1 − λ)(1 − 1/√κ)."""
        q = f.mu / f.L
        return rounded(self.mix * (1 - q) + (1 - self.mix) * (1 - root(q)))

    def step(self, state: State, f: Any) -> State:
        """A gradient step from y_k with momentum."""
        κ, ρ = f.L / f.mu, self.factor(f)
        α = κ * (1 - ρ) ** 2 * (1 + ρ) / f.L
        β = κ * ρ**3 / (κ - 1)
        move = state.now - state.before
        return State(state.now + β * move - α * f.gradient(self.ahead(state, f)), state.now)

    def ahead(self, state: State, f: Any) -> Any:
        """y_k = x_k + γ(x_k − x_{k−1}), where the gradient is taken."""
        κ, ρ = f.L / f.mu, self.factor(f)
        return state.now + ρ**3 / ((κ - 1) * (1 - ρ) ** 2 * (1 + ρ)) * (state.now - state.before)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.now

    @rate(
        SmoothStronglyConvex,
        measure=ENERGY,
        initial=ENERGY,
        tight=True,
        source="Cyrus, Hu, Van Scoy, Lessard (2018), Theorem 1",
        holds=lambda self, f, N: (self.mix > 0, self.mix <= 1),
        at=[{"L": 1, "mu": "1/4", "lam": "2/3", "N": 1}, {"L": 1, "mu": "1/4", "lam": 1, "N": 2}],
    )
    def energy_rate(self, f: Any, N: int) -> Any:
        """q(y_N) + ℓ‖z_{N+1} − x⋆‖² ≤ ρ²ᴺ (q(y₀) + ℓ‖z₁ − x⋆‖²) for 0 < λ ≤ 1."""
        return self.factor(f) ** (2 * N)
