"""The stochastic proximal point method: a proximal step on a sampled function."""

from __future__ import annotations

from typing import Any

from certify.assumptions.sampled_strongly_convex import SampledStronglyConvex
from certify.language import DISTANCE, Contraction, Goal, Method, Positive, norm2, theorem


class StochasticProximalPoint(Method):
    """x⁺ = prox_{γf_i}(x) = argmin_z f_i(z) + ‖z − x‖²/(2γ) with i drawn at random, f = E f_i.

    No step is too long: γ trades the rate against the floor γσ²/(2μ + γμ²).
    """

    name = "sppm"
    title = "stochastic proximal point method"
    formula = r"x^+ = \mathrm{prox}_{\gamma f_i}(x), \quad f = \mathbb{E} f_i"
    source = "Bertsekas (2011)"
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, f: Any) -> Any:
        """One proximal step on a sample."""
        return f.stochastic_prox(x, self.step_size)

    @theorem(SampledStronglyConvex, measure=DISTANCE)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ (‖x − x⋆‖² + γ²σ²)/(1 + γμ)² for every γ, attained by (μ/2)‖x‖² ± ⟨v, x⟩."""
        γ = self.step_size
        shrink = (1 + γ * f.mu) ** 2
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=1 / shrink,
            error=γ**2 * f.sigma**2 / shrink,
        )
