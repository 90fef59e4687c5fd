"""The fast gradient method whose momentum runs one step ahead."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, rate, rounded
from certify.methods.fgm import inertia, longer


class State(NamedTuple):
    """x_k, x_{k−1} and λ_k."""

    x: Any
    before: Any
    size: Any


class ShiftedFastGradient(Method):
    """y_k = x_k + ((λ_k − 1)/λ_{k+1})(x_k − x_{k−1}), x_{k+1} = y_k − ∇f(y_k)/L, from x₋₁ = x₀ and λ₀ = 1.

    λ_{k+1} = (1 + √(1 + 4λ_k²))/2. This is `fgm` with the momentum of the next step: here the second step has momentum
    already, and the bounds of the two differ. The momentum is rounded to 64 bits; bounds are for the rounded method.
    """

    name = "fgm-shifted"
    title = "fast gradient method, momentum one step ahead"
    formula = (
        r"y_k = x_k + \tfrac{\lambda_k - 1}{\lambda_{k+1}}(x_k - x_{k-1}), \quad"
        r" x_{k+1} = y_k - \tfrac1L\nabla f(y_k), \quad"
        r" \lambda_0 = 1,\ \lambda_{k+1} = \tfrac{1 + \sqrt{1 + 4\lambda_k^2}}{2}"
    )
    source = "Nesterov (1983), as indexed in Upadhyaya, Taylor, Banert, Giselsson (2025)"

    def start(self, x: Any, f: Any) -> State:
        """x₋₁ = x₀, λ₀ = 1."""
        return State(x, x, 1)

    def step(self, state: State, f: Any) -> State:
        """Momentum, and a gradient step from there."""
        size = longer(state.size)
        y = state.x + rounded((state.size - 1) / size) * (state.x - state.before)
        return State(y - f.gradient(y) / f.L, state.x, size)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        source="Upadhyaya, Taylor, Banert, Giselsson (2025), documentation of AutoLyap",
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 2}, {"L": 1, "N": 5}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(2λ_N²)."""
        return f.L / (2 * inertia(N + 1) ** 2)
