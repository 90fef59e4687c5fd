"""The proximal point method with a constant step size."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    SUBGRADIENT2,
    Contraction,
    Goal,
    Method,
    Positive,
    Telescoping,
    norm2,
    rate,
    theorem,
)
from certify.methods._proximal import TAYLOR, VaryingProximalPoint, horizon_potential, slope_potential


class ProximalPoint(Method):
    """x⁺ = prox_{γf}(x) = argmin_z f(z) + ‖z − x‖²/(2γ)."""

    name = "ppm"
    title = "proximal point method"
    formula = r"x^+ = \mathrm{prox}_{\gamma f}(x) = \arg\min_z\, f(z) + \tfrac{1}{2\gamma}\|z - x\|^2"
    source = "Martinet (1970), Rockafellar (1976)"
    step_size = Positive("gamma", "step size")
    variants = (VaryingProximalPoint,)

    def step(self, x: Any, f: Any) -> Any:
        """One proximal step."""
        return f.prox(x, self.step_size)

    @theorem(Convex, measure=GAP, indexed=True, source=TAYLOR)
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ ‖x₀ − x⋆‖²/(4γN), half of the textbook bound."""
        return horizon_potential(f, x, y, k, m, self.step_size)

    @theorem(Convex, measure=GAP, source="Güler (1991)")
    def gap_textbook(self, f: Any, x: Any, y: Any) -> Goal:
        """The average gap is at most ‖x₀ − x⋆‖²/(2γN)."""
        return Telescoping(
            quantities=(f.value(y) - f.minimum,),
            weights=(2 * self.step_size,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
        )

    @theorem(Convex, measure=SUBGRADIENT2, indexed=True, source=TAYLOR)
    def subgradient_last(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """‖g_N‖ ≤ ‖x₀ − x⋆‖/(γN) for the subgradient g_N = (x_{N−1} − x_N)/γ."""
        return slope_potential(f, x, y, k, m, self.step_size)

    @theorem(StronglyConvex, measure=GAP)
    def gap_strongly(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ (f(x) − f⋆)/(1 + γμ)², attained by (μ/2)‖x‖²."""
        lowest = f.value(f.minimizer)
        rate = 1 / (1 + self.step_size * f.mu) ** 2
        return Contraction(before=f.value(x) - lowest, after=f.value(y) - lowest, rate=rate)

    @theorem(StronglyConvex, measure=SUBGRADIENT2)
    def subgradient(self, f: Any, x: Any, y: Any) -> Goal:
        """‖g⁺‖² ≤ ‖g‖²/(1 + γμ)² for every g ∈ ∂f(x)."""
        before, after = norm2(f.subgradient(x)), norm2(f.subgradient(y))
        return Contraction(before=before, after=after, rate=1 / (1 + self.step_size * f.mu) ** 2)

    @theorem(StronglyConvex, measure=DISTANCE, source="Rockafellar (1976)")
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ ρ ‖x − x⋆‖², with ρ derived."""
        return Contraction(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer))

    # -- rates of the literature -------------------------------------------------------------------------

    @rate(
        Convex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source=TAYLOR,
        at=[{"gamma": 1, "N": 1}, {"gamma": "1/2", "N": 3}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ R²/(4γN)."""
        return 1 / (4 * self.step_size * N)

    @rate(
        Convex,
        measure=SUBGRADIENT2,
        initial=DISTANCE,
        tight=True,
        source=TAYLOR,
        at=[{"gamma": 1, "N": 1}, {"gamma": "1/2", "N": 3}],
    )
    def subgradient_rate(self, f: Any, N: int) -> Any:
        """‖g_N‖² ≤ R²/(γN)² with the subgradient g_N = (x_{N−1} − x_N)/γ."""
        return 1 / (self.step_size * N) ** 2

    @rate(
        StronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Rockafellar (1976)",
        at=[{"mu": "1/2", "gamma": 1, "N": 1}, {"mu": 1, "gamma": "1/3", "N": 2}],
    )
    def distance_rate(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ R²/(1 + γμ)²ᴺ."""
        return 1 / (1 + self.step_size * f.mu) ** (2 * N)

    @rate(
        StronglyConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Taylor, Hendrickx, Glineur (2017), for μ → 0",
        at=[{"mu": "1/2", "gamma": 1, "N": 1}, {"mu": 1, "gamma": "1/3", "N": 2}],
    )
    def gap_strongly_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ μR²/(2((1 + γμ)²ᴺ − 1))."""
        return f.mu / (2 * ((1 + self.step_size * f.mu) ** (2 * N) - 1))
