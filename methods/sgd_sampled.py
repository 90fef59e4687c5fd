"""Stochastic gradient descent on samples that are all smooth and strongly convex: the rate of gradient descent."""

from __future__ import annotations

from typing import Any

from certify.assumptions.sampled_smooth_strongly_convex import SampledSmoothStronglyConvex
from certify.language import DISTANCE, Contraction, Goal, Method, Positive, norm2, theorem


class SampledStochasticGradient(Method):
    """x⁺ = x − γ g with E g = ∇f(x).

    The rate is that of gradient descent, the smallest possible one; `sgd-split` trades it for a smaller error.
    """

    name = "sgd-sampled"
    title = "stochastic gradient descent on smooth, strongly convex samples"
    formula = r"x^+ = x - \gamma\,g(x), \quad \mathbb{E}\,g(x) = \nabla f(x)"
    source = "Needell, Srebro, Ward (2016)"
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, f: Any) -> Any:
        """One step along a stochastic gradient."""
        return x - self.step_size * f.stochastic_gradient(x)

    @theorem(SampledSmoothStronglyConvex, measure=DISTANCE)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ (1 − γμ)²‖x − x⋆‖² + (1 − γμ)γ²σ²/(1 − γ(L + μ)/2) for γ < 2/(L + μ), σ² the noise at x⋆."""
        γ, middle = self.step_size, self.step_size * (f.L + f.mu) / 2
        return self._contraction(f, x, y, 1 - γ * f.mu, 1 - middle, (middle < 1,))

    @theorem(SampledSmoothStronglyConvex, measure=DISTANCE)
    def distance_long(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ (γL − 1)²‖x − x⋆‖² + (γL − 1)γ²σ²/(γ(L + μ)/2 − 1) for 2/(L + μ) < γ < 2/L."""
        γ, middle = self.step_size, self.step_size * (f.L + f.mu) / 2
        return self._contraction(f, x, y, γ * f.L - 1, middle - 1, (middle > 1, γ * f.L < 2))

    def _contraction(self, f: Any, x: Any, y: Any, root: Any, rest: Any, given: tuple[Any, ...]) -> Goal:
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=root**2,
            error=root * self.step_size**2 * f.sigma**2 / rest,
            given=given,
        )
