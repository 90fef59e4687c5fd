"""Alternating projections onto two subspaces, in terms of the angle between them."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.linear import Linear
from certify.language import DISTANCE, Method, rate


class State(NamedTuple):
    """x_k, and whether it is still the start in U."""

    x: Any
    first: bool


class SubspaceProjections(Method):
    """x_k = (P_V P_U)^k x₀ from x₀ ∈ U, in coordinates of the subspaces U, V with U ∩ V = {0}.

    K is P_V restricted to U, and Kᵀ is P_U restricted to V: x₁ = K x₀ and x_{k+1} = K Kᵀ x_k. The norm of K is the
    Friedrichs cosine of the two subspaces, and every K with ‖K‖ ≤ 1 belongs to two subspaces (Halmos, 1950).
    """

    name = "subspace-projections"
    title = "alternating projections onto subspaces"
    formula = r"x_k = (P_V P_U)^k x_0,\quad K = P_V|_U,\quad x_1 = Kx_0,\quad x_{k+1} = KK^{\mathsf T}x_k"
    source = "von Neumann (1950)"
    functions = ("K",)

    def start(self, x: Any, K: Any) -> State:
        """The start lies in U."""
        return State(x, True)

    def step(self, state: State, K: Any) -> State:
        """Project onto U, if not there yet, and then onto V."""
        return State(K(state.x if state.first else K.adjoint(state.x)), False)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    def solution(self, K: Any) -> Any:
        """0, the only common point."""
        return 0 * K.zero

    @rate(
        Linear,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Aronszajn (1950); Kayalar, Weinert (1988)",
        holds=lambda self, K, N: K.L <= 1,
        at=[{"L": "1/2", "N": 1}, {"L": "1/2", "N": 2}, {"L": "9/10", "N": 3}],
    )
    def distance_rate(self, K: Any, N: int) -> Any:
        """‖x_N‖² ≤ c^{4N − 2} ‖x₀‖² for the Friedrichs cosine c = ‖K‖."""
        return K.L ** (4 * N - 2)
