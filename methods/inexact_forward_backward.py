"""The accelerated inexact forward-backward method."""

from __future__ import annotations

from typing import Any, NamedTuple

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, NonNegative, Positive, norm2, rate, root, rounded


class State(NamedTuple):
    """x_k, z_k and A_k."""

    x: Any
    z: Any
    A: Any


class InexactForwardBackward(Method):
    """y = x + (a/A⁺)(z − x), x⁺ ≈ prox_{γh}(y − γ∇f(y)) with dual v, z⁺ = z − a(v + ∇f(y)), γ = 1/L.

    A⁺ = A + a with a = (η + √(η² + 4ηA))/2, η = (1 − ζ²)γ, rounded to rational numbers: what is certified holds for the
    method with these coefficients. The primal-dual gap of (x⁺, v) is at most ½ζ²γ²‖v + ∇f(y)‖².
    """

    name = "inexact-forward-backward"
    title = "accelerated inexact forward-backward method"
    formula = (
        r"y = x + \tfrac{a}{A^+}(z - x),\quad x^+ \approx \mathrm{prox}_{\gamma h}(y - \gamma\,\nabla f(y)),\quad"
        r" z^+ = z - a(v + \nabla f(y)),\quad a = \tfrac12\bigl(\eta + \sqrt{\eta^2 + 4\eta A}\bigr)"
    )
    source = "Barré, Taylor, Bach (2021)"
    functions = ("f", "h")
    step_size = Positive("gamma", "step size")
    accuracy = NonNegative("zeta", "relative accuracy")

    def start(self, x: Any, f: Any, h: Any) -> State:
        """z₀ = x₀ and A₀ = 0."""
        return State(x, x, 0)

    def step(self, state: State, f: Any, h: Any) -> State:
        """An inexact proximal gradient step from y, and a dual step."""
        γ, ζ = self.step_size, self.accuracy
        η = (1 - ζ**2) * γ
        a = (η + root(η**2 + 4 * η * state.A)) / 2
        following = rounded(state.A + a)
        y = state.x + a / following * (state.z - state.x)
        slope = f.gradient(y)
        found = h.inexact_prox(y - γ * slope, γ, criterion="gap")
        total = found.dual + slope
        found.within((ζ * γ) ** 2 / 2 * norm2(total))
        return State(found.point, state.z - a * total, following)

    def output(self, state: State) -> Any:
        """x_k."""
        return state.x

    @rate(
        SmoothConvex,
        Convex,
        measure=GAP,
        initial=DISTANCE,
        source="Barré, Taylor, Bach (2021), Corollary 3.5",
        holds=lambda self, f, h, N: (self.step_size * f.L == 1, self.accuracy < 1),
        at=[
            {"f.L": 1, "gamma": 1, "zeta": "1/2", "N": 1},
            {"f.L": 2, "gamma": "1/2", "zeta": "1/3", "N": 2},
        ],
    )
    def gap_rate(self, f: Any, h: Any, N: int) -> Any:
        """F(x_N) − F⋆ ≤ 2L R²/((1 − ζ²) N²) for γ = 1/L and ζ < 1."""
        return 2 * f.L / ((1 - self.accuracy**2) * N**2)
