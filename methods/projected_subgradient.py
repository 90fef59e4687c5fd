"""The projected subgradient method with steps like 1/k, for strongly convex functions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from certify.assumptions.indicator import Indicator
from certify.assumptions.lipschitz_strongly_convex import LipschitzStronglyConvex
from certify.language import DISTANCE, Method, Run, measure, rate


class State(NamedTuple):
    """x_k and k."""

    x: Any
    k: int


def _weighted_gap(run: Run, k: int) -> Any:
    f, total = run.role("f"), Fraction(k * (k + 1), 2)
    average = run.points[0] * (1 / total)
    for i, x in enumerate(run.points[1:k], start=2):
        average = average + x * (i / total)
    return f.value(average) - f.value(run.solution)


WEIGHTED_GAP = measure(
    "weighted-gap", "f(x̄_N) − f⋆, x̄_N = Σ_{k<N} 2(k + 1)x_k/(N(N + 1))", _weighted_gap, latex=r"f(\bar x_N) - f^\star"
)


class ProjectedSubgradient(Method):
    """x_{k+1} = P(x_k − (2/(μ(k + 2))) g_k), g_k ∈ ∂f(x_k), P the projection onto the set whose indicator is h."""

    name = "projected-subgradient"
    title = "projected subgradient method for strongly convex functions"
    formula = r"x_{k+1} = P_C\!\left(x_k - \tfrac{2}{\mu(k+2)}\,g_k\right), \quad g_k \in \partial f(x_k)"
    source = "Lacoste-Julien, Schmidt, Bach (2012)"
    functions = ("f", "h")

    def start(self, x: Any, f: Any, h: Any) -> State:
        """x₀."""
        return State(x, 0)

    def step(self, state: State, f: Any, h: Any) -> State:
        """A shorter and shorter subgradient step, projected."""
        γ = 2 / (f.mu * (state.k + 2))
        return State(h.prox(state.x - γ * f.subgradient(state.x), 1), state.k + 1)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        LipschitzStronglyConvex,
        Indicator,
        measure=WEIGHTED_GAP,
        initial=DISTANCE,
        source="Lacoste-Julien, Schmidt, Bach (2012)",
        whole=True,
        at=[{"M": 1, "mu": 1, "N": 2}, {"M": 1, "mu": "1/2", "N": 3}],
    )
    def gap_rate(self, f: Any, h: Any, N: int, bound: Any) -> Any:
        """f(x̄_N) − f⋆ ≤ 2M²/(μ(N + 1)) for x̄_N = Σ_{k<N} 2(k + 1)x_k/(N(N + 1)), however far x₀ is from x⋆."""
        return 2 * f.M**2 / (f.mu * (N + 1))
