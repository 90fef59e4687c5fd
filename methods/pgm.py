"""The proximal gradient method for the sum of a smooth and a simple function."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    Contraction,
    Goal,
    Method,
    Positive,
    Telescoping,
    inner,
    norm2,
    rate,
    theorem,
)

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

    @theorem(SmoothConvex, Convex, measure=GAP, source="Beck, Teboulle (2009), Theorem 3.1")
    def gap(self, f: Any, h: Any, x: Any, y: Any) -> Goal:
        """F(x_N) − F⋆ ≤ ‖x₀ − x⋆‖²/(2γN) for γ ≤ 1/L."""
        F = f + h
        lowest = F.value(F.minimizer)
        before, gap = F.value(x) - lowest, F.value(y) - lowest
        return Telescoping(
            quantities=(gap,),
            weights=(2 * self.step_size,),
            before=norm2(x - F.minimizer),
            after=norm2(y - F.minimizer),
            last=True,
            support=((gap, before),),
            given=(1 / self.step_size >= f.L,),
        )

    @theorem(SmoothStronglyConvex, Convex, measure=DISTANCE, source=EXACT)
    def distance(self, f: Any, h: Any, x: Any, y: Any) -> Goal:
        """‖x_N − x⋆‖² ≤ ρ^N ‖x₀ − x⋆‖² with ρ = max{(1 − Lγ)², (1 − μγ)²} for γ < 2/L."""
        γ, s = self.step_size, (f + h).minimizer
        X, G = x - s, f.gradient(x) - f.gradient(s)
        return Contraction(
            before=norm2(X),
            after=norm2(y - s),
            rates=((1 - γ * f.mu) ** 2, (1 - γ * f.L) ** 2),
            lemmas=((f.mu * norm2(X), inner(G, X)), (inner(G, X), f.L * norm2(X))),
        )

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
