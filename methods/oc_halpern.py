"""OC-Halpern: the optimal Halpern iteration for contractive operators."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.lipschitz import Lipschitz
from certify.language import DISTANCE, RESIDUAL, Method, rate


class State(NamedTuple):
    """x_k, the anchor x₀ and φ_k."""

    x: Any
    anchor: Any
    phi: Any


class OptimalHalpern(Method):
    """x_{k+1} = (1 − 1/φ_{k+1}) T(x_k) + x₀/φ_{k+1}, φ_k = Σ_{i≤k} L^{−2i}, for an L-Lipschitz T with L < 1."""

    name = "oc-halpern"
    title = "optimal contractive Halpern iteration"
    formula = (
        r"x_{k+1} = \bigl(1 - \tfrac{1}{\varphi_{k+1}}\bigr)T(x_k) + \tfrac{1}{\varphi_{k+1}}x_0,"
        r"\quad \varphi_k = \textstyle\sum_{i=0}^k L^{-2i}"
    )
    source = "Park, Ryu (2022)"
    functions = ("T",)

    def start(self, x: Any, T: Any) -> State:
        """The start is the anchor, φ₀ = 1."""
        return State(x, x, 1)

    def step(self, state: State, T: Any) -> State:
        """A mean of the anchor and the image."""
        φ = 1 + state.phi / T.L**2
        return State((1 - 1 / φ) * T(state.x) + state.anchor / φ, state.anchor, φ)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    def solution(self, T: Any) -> Any:
        """The fixed point."""
        return T.fixed_point

    @rate(
        Lipschitz,
        measure=RESIDUAL,
        initial=DISTANCE,
        tight=True,
        source="Park, Ryu (2022), Corollary 3.3, Theorem 4.1",
        holds=lambda self, T, N: T.L <= 1,
        at=[{"L": "9/10", "N": 1}, {"L": "1/2", "N": 2}, {"L": "10/11", "N": 3}],
    )
    def residual_rate(self, T: Any, N: int) -> Any:
        """‖x_N − T(x_N)‖² ≤ (1 + L)² R²/(Σ_{k≤N} L^{−k})² for L ≤ 1."""
        return ((1 + T.L) / sum(T.L ** (-k) for k in range(N + 1))) ** 2
