"""The information-theoretic exact method."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, Method, rate, root, rounded


class State(NamedTuple):
    """x_k, z_k and A_k."""

    x: Any
    z: Any
    size: Any


def grown(A: Any, q: Any) -> Any:
    """A_{k+1} = ((1 + q)A_k + 2(1 + √((1 + A_k)(1 + qA_k))))/(1 − q)²."""
    return rounded(((1 + q) * A + 2 * (1 + root((1 + A) * (1 + q * A)))) / (1 - q) ** 2)


class InformationTheoreticExact(Method):
    """y_k = (1 − β_k)z_k + β_k x_k, x_{k+1} = y_k − ∇f(y_k)/L, z_{k+1} = (1 − qδ_k)z_k + qδ_k y_k − (δ_k/L)∇f(y_k).

    From z₀ = x₀ and A₀ = 0, with q = μ/L, A_{k+1} = ((1 + q)A_k + 2(1 + √((1 + A_k)(1 + qA_k))))/(1 − q)²,
    β_k = A_k/((1 − q)A_{k+1}) and δ_k = ((1 − q)²A_{k+1} − (1 + q)A_k)/(2(1 + q + qA_k)). The output is z_N. No method
    that uses N gradients has a better worst case of ‖z_N − x⋆‖² in high dimension (Drori, Taylor, 2022). The factors
    are rounded to 64 bits; bounds are for the rounded method.
    """

    name = "item"
    title = "information-theoretic exact method"
    formula = (
        r"y_k = (1 - \beta_k)z_k + \beta_k x_k, \quad x_{k+1} = y_k - \tfrac1L\nabla f(y_k), \quad"
        r" z_{k+1} = (1 - q\delta_k)z_k + q\delta_k y_k - \tfrac{\delta_k}{L}\nabla f(y_k)"
    )
    source = "Taylor, Drori (2023)"

    def start(self, x: Any, f: Any) -> State:
        """z₀ = x₀, A₀ = 0."""
        return State(x, x, 0)

    def step(self, state: State, f: Any) -> State:
        """A gradient step from y_k, and a longer one from z_k."""
        q, A = f.mu / f.L, state.size
        more = grown(A, q)
        β = rounded(A / ((1 - q) * more))
        δ = rounded(((1 - q) ** 2 * more - (1 + q) * A) / (2 * (1 + q + q * A)))
        y = state.z + β * (state.x - state.z)
        g = f.gradient(y) / f.L
        return State(y - g, state.z + q * δ * (y - state.z) - δ * g, more)

    def output(self, state: State) -> Any:
        """z_k."""
        return state.z

    @rate(
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Taylor, Drori (2023), Theorem 3",
        at=[{"L": 1, "mu": "1/200", "N": 1}, {"L": 1, "mu": "1/10", "N": 2}, {"L": 2, "mu": "1/2", "N": 3}],
    )
    def distance_rate(self, f: Any, N: int) -> Any:
        """‖z_N − x⋆‖² ≤ R²/(1 + qA_N)."""
        A, q = 0, f.mu / f.L
        for _ in range(N):
            A = grown(A, q)
        return 1 / (1 + q * A)
