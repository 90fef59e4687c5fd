"""The greedy first-order method: exact search in the span of all gradients, conjugate gradients on quadratics."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, rate
from certify.methods.chebyshev import chebyshev
from certify.methods.ogm import inertia


class State(NamedTuple):
    """x_k and the directions of the span: all gradients and all steps so far."""

    x: Any
    directions: tuple[Any, ...]


class SpanSearch(Method):
    """x_{k+1} = argmin f over x₀ + span{g₀, …, g_k} with g_k ∈ ∂f(x_k).

    Of its iterates only orthogonality is used: g_{k+1} ⊥ g₀, …, g_k and g_{k+1} ⊥ x_{k+1} − x₀.
    """

    name = "span-search"
    title = "greedy first-order method"
    formula = (
        r"x_{k+1} \in \arg\min\{f(x) : x \in x_0 + \mathrm{span}\{g_0, \dots, g_k\}\}, \quad g_k \in \partial f(x_k)"
    )
    source = "Drori, Taylor (2020); on quadratics Hestenes, Stiefel (1952)"

    def start(self, x: Any, f: Any) -> State:
        """No directions yet."""
        return State(x, ())

    def step(self, state: State, f: Any) -> State:
        """The best point of the span."""
        directions = (*state.directions, f.subgradient(state.x))
        x = f.span_search(state.x, *directions)
        return State(x, (*directions, state.x - x))

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Drori, Taylor (2020); tight: Drori (2017), Theorem 3",
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 2}, {"L": "1/2", "N": 3}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(2θ_N²) with the θ_N of `ogm`."""
        return f.L / (2 * inertia(N)[N] ** 2)

    @rate(
        QGConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Goujaud, Taylor, Dieuleveut (2022), Theorems 2.3 and 2.4",
        at=[{"L": 1, "N": 1}, {"L": 1, "N": 3}],
    )
    def gap_rate_qg(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(2(N + 1))."""
        return f.L / (2 * (N + 1))

    @rate(
        Quadratic,
        measure=GAP,
        initial=GAP,
        tight=True,
        source="Hestenes, Stiefel (1952); Nemirovski, Yudin (1983)",
        holds=lambda self, f, N: f.mu < f.L,
        at=[{"L": 1, "mu": "1/10", "N": 1}, {"L": 1, "mu": "1/10", "N": 2}],
    )
    def gap_rate_quadratic(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (f(x₀) − f⋆)/T_N((L + μ)/(L − μ))² with the Chebyshev polynomial T_N."""
        return 1 / chebyshev(N, (f.L + f.mu) / (f.L - f.mu)) ** 2
