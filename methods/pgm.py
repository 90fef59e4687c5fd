"""The proximal gradient method for the sum of a smooth and a simple function."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, GAP, Method, Positive, rate

TAYLOR = "Taylor, Hendrickx, Glineur (2017)"
EXACT = "Taylor, Hendrickx, Glineur (2018), Theorem 3.1"
CURVED = (
    {"f.L": 1, "f.mu": "1/10", "gamma": 1, "N": 1},
    {"f.L": 2, "f.mu": "1/2", "gamma": "4/5", "N": 1},
    {"f.L": 1, "f.mu": "1/10", "gamma": "3/2", "N": 2},
)


class ProximalGradient(Method):
    """x⁺ = prox_{γh}(x − γ ∇f(x))."""

    name = "pgm"
    title = "proximal gradient method"
    formula = r"x^+ = \mathrm{prox}_{\gamma h}(x - \gamma\,\nabla f(x))"
    source = "Lions, Mercier (1979)"
    functions = ("f", "h")
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, f: Any, h: Any) -> Any:
        """A gradient step on f, then a proximal step on h."""
        return h.prox(x - self.step_size * f.gradient(x), self.step_size)

    @rate(
        SmoothConvex,
        Convex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source=TAYLOR,
        holds=lambda self, f, h, N: self.step_size * f.L <= 1,
        at=[{"f.L": 1, "gamma": 1, "N": 1}, {"f.L": 1, "gamma": "1/2", "N": 2}, {"f.L": 2, "gamma": "1/2", "N": 3}],
    )
    def gap_rate(self, f: Any, h: Any, N: int) -> Any:
        """F(x_N) − F⋆ ≤ R²/(4γN) for γ ≤ 1/L: L R²/(4N) for γ = 1/L."""
        return 1 / (4 * self.step_size * N)

    @rate(
        SmoothConvex,
        Convex,
        measure=GAP,
        initial=DISTANCE,
        source="Beck, Teboulle (2009), Theorem 3.1",
        holds=lambda self, f, h, N: self.step_size * f.L <= 1,
        at=[{"f.L": 1, "gamma": 1, "N": 2}, {"f.L": 1, "gamma": "1/2", "N": 2}],
    )
    def gap_rate_textbook(self, f: Any, h: Any, N: int) -> Any:
        """F(x_N) − F⋆ ≤ R²/(2γN) for γ ≤ 1/L."""
        return 1 / (2 * self.step_size * N)

    @rate(
        SmoothStronglyConvex,
        Convex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source=EXACT,
        holds=lambda self, f, h, N: self.step_size * f.L < 2,
        at=CURVED,
    )
    def distance_rate(self, f: Any, h: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ ρ^N R² with ρ = max{(1 − Lγ)², (1 − μγ)²} for γ < 2/L."""
        return self._contraction(f) ** N

    @rate(
        SmoothStronglyConvex,
        Convex,
        measure=GAP,
        initial=GAP,
        tight=True,
        source="Taylor, Hendrickx, Glineur (2018)",
        holds=lambda self, f, h, N: self.step_size * f.L < 2,
        at=CURVED,
    )
    def gap_contraction(self, f: Any, h: Any, N: int) -> Any:
        """F(x_N) − F⋆ ≤ ρ^N (F(x₀) − F⋆) with the same ρ for γ < 2/L."""
        return self._contraction(f) ** N

    def _contraction(self, f: Any) -> Any:
        return max((1 - self.step_size * f.L) ** 2, (1 - self.step_size * f.mu) ** 2)
