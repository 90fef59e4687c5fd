"""OS-PPM: the optimal proximal point method for strongly monotone inclusions."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.language import DISTANCE, OPERATOR, Method, Positive, rate


class State(NamedTuple):
    """x_k, y_k, y_{k−1} and φ_{k−1}, φ_k."""

    x: Any
    y: Any
    before: Any
    last: Any
    phi: Any


class OptimalProximalPoint(Method):
    """x_{k+1} = J_{γA}(y_k), with momentum from φ_k = Σ_{i≤k} (1 + 2γμ)^{2i}, φ₋₁ = 0.

    y_{k+1} = x_{k+1} + (φ_k − 1)/φ_{k+1} (x_{k+1} − x_k) − 2γμ φ_k/φ_{k+1} (y_k − x_{k+1})
    + (1 + 2γμ) φ_{k−1}/φ_{k+1} (y_{k−1} − x_k), from x₀ = y₀ = y₋₁.
    """

    name = "os-ppm"
    title = "optimal strongly monotone proximal point method"
    formula = (
        r"x_{k+1} = J_{\gamma A}(y_k),\quad"
        r" y_{k+1} = x_{k+1} + \tfrac{\varphi_k - 1}{\varphi_{k+1}}(x_{k+1} - x_k)"
        r" - \tfrac{2\gamma\mu\varphi_k}{\varphi_{k+1}}(y_k - x_{k+1})"
        r" + \tfrac{(1 + 2\gamma\mu)\varphi_{k-1}}{\varphi_{k+1}}(y_{k-1} - x_k)"
    )
    source = "Park, Ryu (2022)"
    functions = ("A",)
    step_size = Positive("gamma", "step size")

    def start(self, x: Any, A: Any) -> State:
        """x₀ = y₀ = y₋₁, φ₋₁ = 0 and φ₀ = 1."""
        return State(x, x, x, 0, 1)

    def step(self, state: State, A: Any) -> State:
        """A resolvent step from y, then momentum with two corrections."""
        m = 2 * self.step_size * A.mu
        x = A.resolvent(state.y, self.step_size)
        φ, following = state.phi, 1 + (1 + m) ** 2 * state.phi
        y = x + (φ - 1) / following * (x - state.x) - m * φ / following * (state.y - x)
        y = y + (1 + m) * state.last / following * (state.before - state.x)
        return State(x, y, state.y, φ, following)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        StronglyMonotone,
        measure=OPERATOR,
        initial=DISTANCE,
        tight=True,
        source="Park, Ryu (2022), Theorem 3.2, Corollary 4.2",
        at=[
            {"mu": "1/10", "gamma": 1, "N": 1},
            {"mu": "1/2", "gamma": 1, "N": 2},
            {"mu": "1/4", "gamma": "1/2", "N": 3},
        ],
    )
    def operator_rate(self, A: Any, N: int) -> Any:
        """‖A(x_N)‖² ≤ R²/(γ Σ_{k<N} (1 + 2γμ)^k)² with the element A(x_N) = (y_{N−1} − x_N)/γ."""
        return 1 / (self.step_size * sum((1 + 2 * self.step_size * A.mu) ** k for k in range(N))) ** 2
