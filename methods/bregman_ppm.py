"""The proximal point method with Bregman distances."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.language import Measure, Method, Positive, Run, bregman, measure, rate


def _gap(run: Run, k: int) -> Any:
    f = run.role("f")
    return f.value(run.points[k]) - f.value(run.solution)


GAP_OF_F: Measure = measure("f-gap", "f({x}) − f(x⋆)", _gap)


class BregmanProximalPoint(Method):
    """x⁺ = argmin_z f(z) + D_h(z, x)/γ, so ∇h(x⁺) = ∇h(x) − γ g with g ∈ ∂f(x⁺)."""

    name = "bregman-ppm"
    title = "Bregman proximal point method"
    formula = r"x^+ = \arg\min_z\, f(z) + \tfrac1\gamma D_h(z, x)"
    source = "Censor, Zenios (1992)"
    functions = ("f", "h")
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, f: Any, h: Any) -> Any:
        """One Bregman proximal step."""
        return (h + self.step_size * f).shifted_minimizer(h.gradient(x))

    def solution(self, f: Any, h: Any) -> Any:
        """A minimiser of f; h is only the reference."""
        return f.minimizer

    @rate(
        Convex,
        Convex,
        measure=GAP_OF_F,
        initial=bregman("h"),
        tight=True,
        source="Censor, Zenios (1992); tight in the worst cases themselves",
        at=[{"gamma": 1, "N": 1}, {"gamma": 3, "N": 2}, {"gamma": "1/2", "N": 3}],
    )
    def gap_rate(self, f: Any, h: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ D_h(x⋆, x₀)/(γN)."""
        return 1 / (self.step_size * N)
