"""Proximal steps whose sizes may be any numbers, and the potential that their best bound comes from."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.language import GAP, SUBGRADIENT2, Goal, Method, Positive, Potential, norm2, theorem

TAYLOR = "Taylor, Hendrickx, Glineur (2017), Theorem 4.1"
EQUAL = f"{TAYLOR}, for equal steps"


def horizon_potential(f: Any, x: Any, y: Any, s: Any, rest: Any, tick: Any, least_tick: Any = None) -> Goal:
    """Φ = 4S (s/(2S − s) (f − f⋆) + (S − s)/(2S − s)² ‖x − x⋆‖²) with S = s + tick + rest."""
    S = s + tick + rest

    def Φ(s: Any, x: Any) -> Any:
        gap, distance = f.value(x) - f.minimum, norm2(x - f.minimizer)
        return 4 * S * (s / (2 * S - s) * gap + (S - s) / (2 * S - s) ** 2 * distance)

    return Potential(
        phi=Φ,
        x=x,
        y=y,
        clock=s,
        left=rest,
        measure=f.value(x) - f.minimum,
        scale=4 * S,
        initial=norm2(x - f.minimizer),
        tick=tick,
        least_tick=least_tick,
    )


def slope_potential(f: Any, x: Any, y: Any, s: Any, rest: Any, tick: Any) -> Goal:
    """Φ = ‖x − x⋆‖² + 2s(f − f⋆) + s²‖g‖²."""

    def Φ(s: Any, x: Any) -> Any:
        gap, slope = f.value(x) - f.minimum, norm2(f.subgradient(x))
        return norm2(x - f.minimizer) + 2 * s * gap + s**2 * slope

    return Potential(
        phi=Φ,
        x=x,
        y=y,
        clock=s,
        left=rest,
        measure=norm2(f.subgradient(x)),
        scale=(s + tick + rest) ** 2,
        initial=norm2(x - f.minimizer),
        tick=tick,
    )


class VaryingProximalPoint(Method):
    """x_{k+1} = prox_{γ_k f}(x_k), where γ_k may be another number in every step."""

    name = "ppm-varying"
    title = "proximal point method with varying step sizes"
    formula = r"x_{k+1} = \mathrm{prox}_{\gamma_k f}(x_k)"
    step_size = Positive("gamma", "step size", changing=True)

    def step(self, x: Any, f: Any) -> Any:
        """One proximal step."""
        return f.prox(x, self.step_size)

    @theorem(Convex, measure=GAP, indexed=True, source=EQUAL)
    def gap_varying(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ ‖x₀ − x⋆‖²/(4Σγ_k) for step sizes γ₀, …, γ_{N−1} of any kind."""
        return horizon_potential(f, x, y, k, m, self.step_size)

    @theorem(Convex, measure=GAP, indexed=True, source="Güler (1991)")
    def gap_varying_textbook(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ ‖x₀ − x⋆‖²/(2Σγ_k): the textbook bound, with a potential that knows no horizon."""

        def Φ(s: Any, x: Any) -> Any:
            return 2 * s * (f.value(x) - f.minimum) + norm2(x - f.minimizer)

        return self._potential(Φ, f, x, y, k, m, f.value(x) - f.minimum, lambda S: 2 * S)

    @theorem(Convex, measure=SUBGRADIENT2, indexed=True, source=EQUAL)
    def subgradient_varying(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """‖g_N‖ ≤ ‖x₀ − x⋆‖/Σγ_k for the subgradient g_N = (x_{N−1} − x_N)/γ_{N−1}."""
        return slope_potential(f, x, y, k, m, self.step_size)

    def _potential(self, Φ: Any, f: Any, x: Any, y: Any, k: Any, m: Any, measure: Any, scale: Any) -> Goal:
        return Potential(
            phi=Φ,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=measure,
            scale=scale(k + self.step_size + m),
            initial=norm2(x - f.minimizer),
            tick=self.step_size,
        )
