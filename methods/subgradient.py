"""The subgradient method with a constant step size."""

from __future__ import annotations

from typing import Any

from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.language import GAP, Goal, Method, Positive, Telescoping, norm2, theorem


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
