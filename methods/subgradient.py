"""The subgradient method with a constant step size."""

from __future__ import annotations

from typing import Any

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.language import BEST_GAP, DISTANCE, GAP, Goal, Method, Positive, Telescoping, norm2, rate, root, theorem


class Subgradient(Method):
    """x⁺ = x − γ g, g ∈ ∂f(x)."""

    name = "subgradient"
    title = "subgradient method"
    formula = r"x^+ = x - \gamma\,g,\quad g \in \partial f(x)"
    source = "Shor (1962)"
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, f: Any) -> Any:
        """One subgradient step."""
        return x - self.step_size * f.subgradient(x)

    @theorem(LipschitzConvex, measure=GAP, source="Nesterov (2004), section 3.2.3")
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """The best (and the averaged) iterate satisfies f − f⋆ ≤ R²/(2γN) + γM²/2."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=γ**2 * f.M**2,
        )

    # -- rates of the literature -------------------------------------------------------------------------

    @rate(
        LipschitzConvex,
        measure=BEST_GAP,
        initial=DISTANCE,
        tight=True,
        source="Nesterov (2004), section 3.2.3; Drori, Teboulle (2016)",
        holds=lambda self, f, N, bound: (self.step_size * f.M) ** 2 * (N + 1) == bound,
        whole=True,
        at=[{"M": 1, "gamma": "1/2", "N": 3}],
    )
    def gap_rate_best_step(self, f: Any, N: int, bound: Any) -> Any:
        """min_{k ≤ N} f(x_k) − f⋆ ≤ MR/√(N + 1) for γ = R/(M√(N + 1))."""
        return f.M * root(bound / (N + 1))

    @rate(
        LipschitzConvex,
        measure=BEST_GAP,
        initial=DISTANCE,
        source="Nesterov (2004), section 3.2.3",
        whole=True,
        at=[{"M": 1, "gamma": "1/2", "N": 3}, {"M": 1, "gamma": "1/4", "N": 2}],
    )
    def gap_rate(self, f: Any, N: int, bound: Any) -> Any:
        """min_{k ≤ N} f(x_k) − f⋆ ≤ R²/(2(N + 1)γ) + γM²/2."""
        return bound / (2 * (N + 1) * self.step_size) + self.step_size * f.M**2 / 2
