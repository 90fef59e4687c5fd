"""The Chebyshev iteration."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.quadratic import Quadratic
from certify.language import DISTANCE, Method, rate


class State(NamedTuple):
    """x_k, x_{k−1} and ω_k."""

    now: Any
    before: Any
    weight: Any


class Chebyshev(Method):
    """x_{k+1} = x_{k−1} + ω_{k+1}(x_k − x_{k−1} − (2/(L + μ))∇f(x_k)), from x₋₁ = x₀ and ω₁ = 1.

    With δ = (L − μ)/(L + μ), ω₂ = 1/(1 − δ²/2) and ω_{k+1} = 1/(1 − δ²ω_k/4) for k ≥ 2.
    """

    name = "chebyshev"
    title = "Chebyshev iteration"
    formula = (
        r"x_{k+1} = x_{k-1} + \omega_{k+1}\left(x_k - x_{k-1} - \tfrac{2}{L+\mu}\nabla f(x_k)\right), \quad"
        r" \omega_1 = 1,\ \omega_2 = \tfrac{1}{1 - \delta^2/2},\ \omega_{k+1} = \tfrac{1}{1 - \delta^2\omega_k/4}"
    )
    source = "Golub, Varga (1961)"

    def start(self, x: Any, f: Any) -> State:
        """x₋₁ = x₀."""
        return State(x, x, 0)

    def step(self, state: State, f: Any) -> State:
        """A gradient step with momentum."""
        ω = _weight(state.weight, (f.L - f.mu) / (f.L + f.mu))
        move = state.now - state.before - 2 / (f.L + f.mu) * f.gradient(state.now)
        return State(state.before + ω * move, state.now, ω)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.now

    @rate(
        Quadratic,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Golub, Varga (1961)",
        holds=lambda self, f, N: f.mu < f.L,
        at=[{"L": 1, "mu": "1/10", "N": 1}, {"L": 1, "mu": "1/10", "N": 3}, {"L": 2, "mu": "1/2", "N": 2}],
    )
    def distance_rate(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ R²/T_N((L + μ)/(L − μ))² with the Chebyshev polynomial T_N."""
        return 1 / chebyshev(N, (f.L + f.mu) / (f.L - f.mu)) ** 2


def chebyshev(N: int, x: Any) -> Any:
    """T_N(x)."""
    now, after = 1, x
    for _ in range(N):
        now, after = after, 2 * x * after - now
    return now


def _weight(ω: Any, δ: Any) -> Any:
    """ω_{k+1}; 0 stands for ω₀."""
    if not ω:
        return Fraction(1)
    return 1 / (1 - δ**2 * ω / (2 if ω == 1 else 4))
