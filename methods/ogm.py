"""The optimised gradient method."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Horizon, Method, rate, root, rounded

SMALL = ({"L": 1, "N": 1}, {"L": 1, "N": 2}, {"L": "1/2", "N": 4})


class State(NamedTuple):
    """x_k, the point y_k where the next gradient is taken, and k."""

    x: Any
    y: Any
    k: int


def inertia(N: int) -> list[Any]:
    """θ_0, …, θ_N: θ_0 = 1, θ_k = (1 + √(1 + 4θ_{k−1}²))/2, and in the end θ_N = (1 + √(1 + 8θ_{N−1}²))/2."""
    θ: list[Any] = [1]
    for k in range(1, N + 1):
        θ.append(rounded((1 + root(1 + (8 if k == N else 4) * θ[-1] ** 2)) / 2))
    return θ


class OptimizedGradient(Method):
    """x_{k+1} = y_k − ∇f(y_k)/L, y_{k+1} = x_{k+1} + ((θ_k − 1)/θ_{k+1})(x_{k+1} − x_k) + (θ_k/θ_{k+1})(x_{k+1} − y_k).

    From y₀ = x₀ and θ₀ = 1; the output is y_N, and the last factor θ_N is larger than its rule. No method that uses N
    gradients has a better worst case of f(y_N) − f⋆ in high dimension (Drori, 2017). The factors are rounded to 64
    bits; bounds are for the rounded method.
    """

    name = "ogm"
    title = "optimised gradient method"
    formula = (
        r"x_{k+1} = y_k - \tfrac1L\nabla f(y_k), \quad y_{k+1} = x_{k+1}"
        r" + \tfrac{\theta_k - 1}{\theta_{k+1}}(x_{k+1} - x_k) + \tfrac{\theta_k}{\theta_{k+1}}(x_{k+1} - y_k)"
    )
    source = "Drori, Teboulle (2014); Kim, Fessler (2016)"
    steps = Horizon("N", "number of steps")

    def start(self, x: Any, f: Any) -> State:
        """y₀ = x₀."""
        return State(x, x, 0)

    def step(self, state: State, f: Any) -> State:
        """A gradient step from y, and both kinds of momentum."""
        θ, k = inertia(int(self.steps)), state.k
        x = state.y - f.gradient(state.y) / f.L
        y = x + rounded((θ[k] - 1) / θ[k + 1]) * (x - state.x) + rounded(θ[k] / θ[k + 1]) * (x - state.y)
        return State(x, y, k + 1)

    def output(self, state: State) -> Any:
        """y_k."""
        return state.y

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Kim, Fessler (2016), Theorem 2; tight: Drori (2017), Theorem 3",
        at=SMALL,
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(y_N) − f⋆ ≤ L R²/(2θ_N²)."""
        return f.L / (2 * inertia(N)[N] ** 2)

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, source="Kim, Fessler (2016), Theorem 2", at=SMALL)
    def gap_rate_textbook(self, f: Any, N: int) -> Any:
        """f(y_N) − f⋆ ≤ L R²/((N + 1)(N + 1 + √2))."""
        return f.L / ((N + 1) * (N + 1 + root(2)))
