"""Davis–Yin splitting for three functions, one of them smooth."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, STEP, Method, Positive, rate


class DavisYin(Method):
    """x = prox_{γg}(z), y = prox_{γf}(2x − z − γ∇h(x)), z⁺ = z + λ(y − x)."""

    name = "davis-yin"
    title = "Davis–Yin three-operator splitting"
    formula = (
        r"x = \mathrm{prox}_{\gamma g}(z),\quad y = \mathrm{prox}_{\gamma f}(2x - z - \gamma\,\nabla h(x)),"
        r"\quad z^+ = z + \lambda(y - x)"
    )
    source = "Davis, Yin (2017)"
    functions = ("f", "g", "h")
    starts = ("z",)
    step_size = Positive("gamma", "step size")
    relaxation = Positive("lam", "relaxation")

    def step(self, z: Any, f: Any, g: Any, h: Any) -> Any:
        """Two proximal steps around a gradient step, then relaxation."""
        x = g.prox(z, self.step_size)
        y = f.prox(2 * x - z - self.step_size * h.gradient(x), self.step_size)
        return z + self.relaxation * (y - x)

    def solution(self, f: Any, g: Any, h: Any) -> Any:
        """The fixed point z⋆ = x⋆ + γ g' with g' ∈ ∂g(x⋆), where x⋆ minimises f + g + h."""
        x = (f + g + h).minimizer
        return x + self.step_size * g.subgradient(x)

    @rate(
        SmoothConvex,
        Convex,
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        source="Davis, Yin (2017)",
        holds=lambda self, f, g, h, N: (self.relaxation == 1, self.step_size * h.L == 1),
        at=[
            {"f.L": 1, "h.L": 2, "h.mu": 1, "gamma": "1/2", "lam": 1, "N": 1},
            {"f.L": 2, "h.L": 2, "h.mu": 1, "gamma": "1/2", "lam": 1, "N": 1},
        ],
    )
    def distance_rate(self, f: Any, g: Any, h: Any, N: int) -> Any:
        """‖z_N − z⋆‖² ≤ (1 − μ/(L_h (1 + L_f/L_h)²))^N R² for γ = 1/L_h and λ = 1, with h μ-strongly convex."""
        return (1 - h.mu / (h.L * (1 + f.L / h.L) ** 2)) ** N

    @rate(
        Convex,
        SmoothConvex,
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        source="Pedregosa, Gidel (2018)",
        holds=lambda self, f, g, h, N: (self.relaxation == 1, self.step_size * h.L == 1),
        at=[
            {"g.L": 2, "h.L": 2, "h.mu": 1, "gamma": "1/2", "lam": 1, "N": 1},
            {"g.L": 10, "h.L": 2, "h.mu": 1, "gamma": "1/2", "lam": 1, "N": 1},
        ],
    )
    def distance_rate_min(self, f: Any, g: Any, h: Any, N: int) -> Any:
        """‖z_N − z⋆‖² ≤ (1 − min{μ/L_h, 1/(1 + L_g/L_h)})^N R² for γ = 1/L_h and λ = 1, with h μ-strongly convex."""
        return (1 - min(h.mu / h.L, 1 / (1 + g.L / h.L))) ** N

    @rate(
        Convex,
        Convex,
        SmoothConvex,
        measure=STEP,
        initial=DISTANCE,
        source="Davis, Yin (2017), Proposition 2.1, with Lieder (2018), Theorem 4.9",
        holds=lambda self, f, g, h, N: (
            self.relaxation == 1,
            self.step_size * h.L < 2,
            N * (self.step_size * h.L) ** 2 <= (N - 1) * (4 - self.step_size * h.L) ** 2,
        ),
        at=[{"h.L": 1, "gamma": 1, "lam": 1, "N": 2}, {"h.L": 2, "gamma": "1/4", "lam": 1, "N": 3}],
    )
    def step_rate(self, f: Any, g: Any, h: Any, N: int) -> Any:
        """‖z_N − z_{N−1}‖² ≤ 2/(2 − γL) (1 − 1/N)^{N−1} R²/N for λ = 1, if γL/(4 − γL) ≤ √((N − 1)/N).

        The update is an averaged operator with constant 2/(4 − γL), to which the rate of Krasnosel'skiĭ–Mann applies.
        """
        return 2 / (2 - self.step_size * h.L) * Fraction(N - 1, N) ** (N - 1) / N
