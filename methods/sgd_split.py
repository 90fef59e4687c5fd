"""One step of stochastic gradient descent as tight as it gets: rate and error traded against each other."""

from __future__ import annotations

from typing import Any

from certify.assumptions.sampled_smooth_strongly_convex import SampledSmoothStronglyConvex
from certify.language import DISTANCE, Contraction, Goal, Method, Positive, norm2, theorem


class SplitStochasticGradient(Method):
    """x⁺ = x − γ g with E g = ∇f(x); s does not change the method, but how its bound is written.

    With a = γ(L − μ)/2 and b = 1 − γ(L + μ)/2, for every s > 0

        E‖x⁺ − x⋆‖² ≤ ((1 + 1/s)a² + (1 + s)b²)‖x − x⋆‖² + (1 + s)γ²σ²,

    and the least right-hand side, at s = aR/√(b²R² + γ²σ²) with R = ‖x − x⋆‖, is (aR + √(b²R² + γ²σ²))². This
    is the worst case of one step on a finite sum.
    """

    name = "sgd-split"
    title = "stochastic gradient descent, rate and error balanced"
    formula = r"x^+ = x - \gamma\,g(x), \quad \mathbb{E}\,g(x) = \nabla f(x)"
    source = "Taylor, Hendrickx, Glineur, PESTO (2017), example of stochastic gradient descent (numerical)"
    step_size = Positive("gamma", "step size")
    balance = Positive("s", "weight of the error")

    def step(self, x: Any, f: Any) -> Any:
        """One step along a stochastic gradient."""
        return x - self.step_size * f.stochastic_gradient(x)

    @theorem(SampledSmoothStronglyConvex, measure=DISTANCE)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ ((1 + 1/s)a² + (1 + s)b²)‖x − x⋆‖² + (1 + s)γ²σ² for γ ≤ 2/(L + μ)."""
        return self._split(f, x, y, self.step_size * (f.L + f.mu) <= 2)

    @theorem(SampledSmoothStronglyConvex, measure=DISTANCE)
    def distance_long(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ ((1 + 1/s)a² + (1 + s)b²)‖x − x⋆‖² + (1 + s)γ²σ² for γ ≥ 2/(L + μ)."""
        return self._split(f, x, y, self.step_size * (f.L + f.mu) >= 2)

    def _split(self, f: Any, x: Any, y: Any, given: Any) -> Goal:
        γ, s = self.step_size, self.balance
        a, b = γ * (f.L - f.mu) / 2, 1 - γ * (f.L + f.mu) / 2
        rate = (1 + 1 / s) * a**2 + (1 + s) * b**2
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=rate,
            error=(1 + s) * γ**2 * f.sigma**2,
            given=(given, rate < 1),
        )
