"""The primal–dual method of Condat and Vũ, with a smooth term."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.linear import Linear
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import Measure, Method, Positive, measure, rate
from certify.methods.chambolle_pock import ENERGY, saddle_gap, saddle_point

SADDLE_GAP: Measure = measure(
    "saddle-gap",
    "L(x̄_N, y⋆) − L(x⋆, ȳ_N), means of z_k, k = 1, …, N",
    lambda run, k: saddle_gap(run, k, "f", "h"),
)
POINTS = (
    {"K.L": 1, "h.L": 1, "tau": "1/3", "sigma": 1, "N": 1},
    {"K.L": 1, "h.L": 2, "tau": "1/4", "sigma": 1, "N": 2},
)


class CondatVu(Method):
    """x⁺ = prox_{τf}(x − τ ∇h(x) − τ Kᵀy), y⁺ = prox_{σg}(y + σ K(2x⁺ − x)).

    For the saddle function L(x, y) = f(x) + h(x) + ⟨Kx, y⟩ − g(y).
    """

    name = "condat-vu"
    title = "Condat–Vũ primal–dual method"
    formula = (
        r"x^+ = \mathrm{prox}_{\tau f}(x - \tau\,\nabla h(x) - \tau K^{\mathsf T}y),\quad"
        r" y^+ = \mathrm{prox}_{\sigma g}\bigl(y + \sigma K(2x^+ - x)\bigr)"
    )
    source = "Condat (2013), Vũ (2013)"
    functions = ("f", "g", "h", "K")
    starts = ("x", "y")
    primal_step = Positive("tau", "primal step size")
    dual_step = Positive("sigma", "dual step size")

    def step(self, state: Any, f: Any, g: Any, h: Any, K: Any) -> Any:
        """A primal forward-backward step, then a dual step at the extrapolated point."""
        x, y = state
        following = f.prox(x - self.primal_step * (h.gradient(x) + K.adjoint(y)), self.primal_step)
        return following, g.prox(y + self.dual_step * (2 * K(following) - K(x)), self.dual_step)

    def solution(self, f: Any, g: Any, h: Any, K: Any) -> Any:
        """A saddle point."""
        return saddle_point(f + h, g, K)

    @rate(
        Convex,
        Convex,
        SmoothConvex,
        Linear,
        measure=ENERGY,
        initial=ENERGY,
        tight=True,
        source="Condat (2013), Theorem 3.1; Vũ (2013)",
        holds=lambda self, f, g, h, K, N: 1 / self.primal_step - self.dual_step * K.L**2 >= h.L / 2,
        at=POINTS,
    )
    def energy_rate(self, f: Any, g: Any, h: Any, K: Any, N: int) -> Any:
        """‖z_N − z⋆‖²_M ≤ ‖z₀ − z⋆‖²_M for 1/τ − σ‖K‖² ≥ L/2, z = (x, y)."""
        return 1

    @rate(
        Convex,
        Convex,
        SmoothConvex,
        Linear,
        measure=SADDLE_GAP,
        initial=ENERGY,
        source="Chambolle, Pock (2016), Theorem 1",
        holds=lambda self, f, g, h, K, N: 1 / self.primal_step - h.L >= self.dual_step * K.L**2,
        at=[
            {"K.L": 1, "h.L": 1, "tau": "1/3", "sigma": 1, "N": 1},
            {"K.L": 1, "h.L": 2, "tau": "1/4", "sigma": 1, "N": 1},
        ],
    )
    def gap_rate(self, f: Any, g: Any, h: Any, K: Any, N: int) -> Any:
        """L(x̄_N, y⋆) − L(x⋆, ȳ_N) ≤ ‖z₀ − z⋆‖²_M/(2N) for 1/τ − L ≥ σ‖K‖²."""
        return Fraction(1, 2 * N)
