"""Stochastic gradient descent with a constant step size."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.expected_smoothness import ExpectedSmoothness
from certify.assumptions.interpolation import Interpolation
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.sampled_smooth_convex import SampledSmoothConvex
from certify.assumptions.second_moment import SecondMoment
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.variance import Variance
from certify.language import DISTANCE, GAP, GRADIENT, Contraction, Goal, Method, Positive, Telescoping, norm2, theorem


class StochasticGradient(Method):
    """x⁺ = x − γ g with E g = ∇f(x)."""

    name = "sgd"
    title = "stochastic gradient descent"
    formula = r"x^+ = x - \gamma\,g(x), \quad \mathbb{E}\,g(x) = \nabla f(x)"
    source = "Robbins, Monro (1951)"
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, f: Any) -> Any:
        """One step along a stochastic gradient."""
        return x - self.step_size * f.stochastic_gradient(x)

    @theorem(PolyakLojasiewicz, SecondMoment, measure=GAP, asked=(Variance,))
    def gap_pl(self, f: Any, x: Any, y: Any) -> Goal:
        """E f(x⁺) − f⋆ ≤ (1 − 2γμ)(f(x) − f⋆) + Lγ²σ²/2 for γ ≤ 1/(2μ), σ² a bound on the second moment."""
        γ = self.step_size
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - 2 * γ * f.mu,
            error=f.L * γ**2 * f.sigma**2 / 2,
            given=(2 * γ * f.mu <= 1,),
        )

    @theorem(PolyakLojasiewicz, Variance, measure=GAP)
    def gap_pl_variance(self, f: Any, x: Any, y: Any) -> Goal:
        """E f(x⁺) − f⋆ ≤ (1 − γμ(2 − γL))(f(x) − f⋆) + Lγ²σ²/2 for γ < 2/L, σ² a bound on the variance."""
        γ = self.step_size
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - γ * f.mu * (2 - γ * f.L),
            error=f.L * γ**2 * f.sigma**2 / 2,
            given=(γ * f.L < 2,),
        )

    @theorem(Convex, SecondMoment, measure=GAP)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """The average gap is at most ‖x₀ − x⋆‖²/(2γN) + γσ²/2, for every γ and without smoothness."""
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * self.step_size,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=self.step_size**2 * f.sigma**2,
        )

    @theorem(SmoothConvex, Variance, measure=GAP)
    def gap_variance(self, f: Any, x: Any, y: Any) -> Goal:
        """The average gap of x₁, …, x_N is at most ‖x₀ − x⋆‖²/(2γN) + γσ²(1 + γL)/2 for γ ≤ 1/L."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(y) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=γ**2 * f.sigma**2 * (1 + γ * f.L),
            given=(γ * f.L <= 1,),
        )

    @theorem(SmoothConvex, Variance, measure=GAP)
    def gap_variance_before(self, f: Any, x: Any, y: Any) -> Goal:
        """The average gap of x₀, …, x_{N−1} is at most ‖x₀ − x⋆‖²/(2γN) + γσ²/2 for γ ≤ 1/L."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=γ**2 * f.sigma**2,
            given=(γ * f.L <= 1,),
        )

    @theorem(SampledSmoothConvex, measure=GAP)
    def gap_sampled(self, f: Any, x: Any, y: Any) -> Goal:
        """The average gap is at most ‖x₀ − x⋆‖²/(2γN) + γσ²/(2(1 − γL)) for γ < 1/L, σ² the noise at x⋆."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=γ**2 * f.sigma**2 / (1 - γ * f.L),
            given=(γ * f.L < 1,),
        )

    @theorem(StronglyConvex, SampledSmoothConvex, measure=DISTANCE)
    def distance_sampled(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ (1 − γμ)‖x − x⋆‖² + γ²σ²/(1 − γL) for γ < 1/L, σ² the noise at x⋆."""
        γ = self.step_size
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=1 - γ * f.mu,
            error=γ**2 * f.sigma**2 / (1 - γ * f.L),
            given=(γ * f.L < 1, f.mu <= f.L),
        )

    @theorem(Convex, ExpectedSmoothness, measure=GAP)
    def gap_expected(self, f: Any, x: Any, y: Any) -> Goal:
        """The average gap is at most (‖x₀ − x⋆‖²/(2γN) + γσ²)/(1 − 2γL) for γ < 1/(2L), L the expected smoothness."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ * (1 - 2 * γ * f.L),),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=2 * γ**2 * f.sigma**2,
            given=(2 * γ * f.L < 1,),
        )

    @theorem(StronglyConvex, ExpectedSmoothness, measure=DISTANCE, source="Gower et al. (2019)")
    def distance_expected(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ (1 − γμ)‖x − x⋆‖² + 2γ²σ² for γ ≤ 1/(2L), L the expected smoothness."""
        γ = self.step_size
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=1 - γ * f.mu,
            error=2 * γ**2 * f.sigma**2,
            given=(2 * γ * f.L <= 1, f.mu <= f.L),
        )

    @theorem(Interpolation, measure=GAP)
    def gap_interpolation(self, f: Any, x: Any, y: Any) -> Goal:
        """The average gap is at most ‖x₀ − x⋆‖²/(2γN) for γ ≤ 1/L: without noise at x⋆ there is no floor."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            given=(γ * f.L <= 1,),
        )

    @theorem(StronglyConvex, SecondMoment, measure=DISTANCE)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """E‖x⁺ − x⋆‖² ≤ (1 − 2γμ)‖x − x⋆‖² + γ²σ² for γ ≤ 1/(2μ), σ² a bound on the second moment."""
        γ = self.step_size
        return Contraction(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            rate=1 - 2 * γ * f.mu,
            error=γ**2 * f.sigma**2,
            given=(2 * γ * f.mu <= 1,),
        )

    @theorem(Smooth, Variance, measure=GRADIENT)
    def gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """The average of E‖∇f(x_k)‖² is at most (f(x₀) − f⋆)/(γ(1 − γL/2)N) + γLσ²/(2 − γL) for γ < 2/L."""
        γ = self.step_size
        return Telescoping(
            quantities=(norm2(f.gradient(x)),),
            weights=(γ * (1 - γ * f.L / 2),),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=f.L * γ**2 * f.sigma**2 / 2,
            given=(γ * f.L < 2,),
        )
