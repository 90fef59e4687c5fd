"""Theorems in the mean that are subtly false: in a constant, a range, an assumption or a measure."""

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.expected_smoothness import ExpectedSmoothness
from certify.assumptions.gradient_error import GradientError
from certify.assumptions.interpolation import Interpolation
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.sampled_smooth_convex import SampledSmoothConvex
from certify.assumptions.sampled_smooth_strongly_convex import SampledSmoothStronglyConvex
from certify.assumptions.sampled_strongly_convex import SampledStronglyConvex
from certify.assumptions.second_moment import SecondMoment
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.variance import Variance
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Averaging,
    Contraction,
    Goal,
    Method,
    Positive,
    Potential,
    Telescoping,
    log2,
    norm2,
    root,
    theorem,
)
from certify.methods.sgd_batch import BatchGradient
from certify.methods.sgd_decreasing import DecreasingStochasticGradient
from certify.methods.sgd_delayed import DelayedStochasticGradient
from certify.methods.sgd_root import RootStochasticGradient
from certify.methods.sgd_sampled import SampledStochasticGradient
from certify.methods.sppm import StochasticProximalPoint


def gaps(f: Any, x: Any, y: Any) -> dict[str, Any]:
    """f − f⋆ before and after."""
    return {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}


def distances(f: Any, x: Any, y: Any) -> dict[str, Any]:
    """‖x − x⋆‖² before and after."""
    return {"before": norm2(x - f.minimizer), "after": norm2(y - f.minimizer)}


class FalseStochasticGradient(Method):
    """x⁺ = x − γ g, with theorems that are false."""

    name = "false-sgd"
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, f: Any) -> Any:
        return x - self.step_size * f.stochastic_gradient(x)

    @theorem(PolyakLojasiewicz, SecondMoment, measure=GAP)
    def floor_too_low(self, f: Any, x: Any, y: Any) -> Goal:
        """The error is Lγ²σ²/2, and attained if L = μ."""
        γ = self.step_size
        error = f.L * γ**2 * f.sigma**2 * 49 / 100
        return Contraction(**gaps(f, x, y), rate=1 - 2 * γ * f.mu, error=error, given=(2 * γ * f.mu <= 1,))

    @theorem(PolyakLojasiewicz, Variance, measure=GAP)
    def variance_as_second_moment(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − 2γμ needs a second moment."""
        γ = self.step_size
        error = f.L * γ**2 * f.sigma**2 / 2
        return Contraction(**gaps(f, x, y), rate=1 - 2 * γ * f.mu, error=error, given=(γ * f.L <= 1,))

    @theorem(PolyakLojasiewicz, Variance, measure=GAP)
    def variance_beyond_the_range(self, f: Any, x: Any, y: Any) -> Goal:
        """γ < 2/L is needed: beyond it PL works in the wrong direction."""
        γ = self.step_size
        error = f.L * γ**2 * f.sigma**2 / 2
        return Contraction(**gaps(f, x, y), rate=1 - γ * f.mu * (2 - γ * f.L), error=error, given=(γ * f.L <= 3,))

    @theorem(PolyakLojasiewicz, SecondMoment, measure=GAP)
    def rate_too_good(self, f: Any, x: Any, y: Any) -> Goal:
        """The rate is 1 − 2γμ."""
        γ = self.step_size
        error = f.L * γ**2 * f.sigma**2 / 2
        return Contraction(
            **gaps(f, x, y), rate=1 - 2 * γ * f.mu - (γ * f.mu) ** 2 / 10, error=error, given=(4 * γ * f.mu <= 1,)
        )

    @theorem(PolyakLojasiewicz, SampledSmoothConvex, measure=GAP)
    def noise_at_the_solution_as_second_moment(self, f: Any, x: Any, y: Any) -> Goal:
        """σ² bounds the noise at x⋆ only."""
        γ = self.step_size
        error = f.L * γ**2 * f.sigma**2 / 2
        return Contraction(**gaps(f, x, y), rate=1 - 2 * γ * f.mu, error=error, given=(γ * f.L <= 1,))

    @theorem(Convex, Variance, measure=GAP)
    def nonsmooth_with_variance(self, f: Any, x: Any, y: Any) -> Goal:
        """Without smoothness a variance says nothing of ‖∇f(x)‖²."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,), weights=(2 * γ,), **distances(f, x, y), error=γ**2 * f.sigma**2
        )

    @theorem(Convex, SecondMoment, measure=GAP)
    def average_too_good(self, f: Any, x: Any, y: Any) -> Goal:
        """The error is γ²σ²."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,),
            weights=(2 * γ,),
            **distances(f, x, y),
            error=γ**2 * f.sigma**2 * 9 / 10,
        )

    @theorem(SmoothConvex, Variance, measure=GAP)
    def forgotten_growth(self, f: Any, x: Any, y: Any) -> Goal:
        """The error is γ²σ²(1 + γL)."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(y) - f.minimum,),
            weights=(2 * γ,),
            **distances(f, x, y),
            error=γ**2 * f.sigma**2,
            given=(γ * f.L <= 1,),
        )

    @theorem(Smooth, Variance, measure=GRADIENT)
    def nonconvex_too_good(self, f: Any, x: Any, y: Any) -> Goal:
        """The weight is γ(1 − γL/2)."""
        γ = self.step_size
        return Telescoping(
            quantities=(norm2(f.gradient(x)),),
            weights=(γ * (1 - γ * f.L / 3),),
            **gaps(f, x, y),
            error=f.L * γ**2 * f.sigma**2 / 2,
            given=(γ * f.L < 2,),
        )

    @theorem(Interpolation, measure=GAP)
    def interpolation_beyond_the_range(self, f: Any, x: Any, y: Any) -> Goal:
        """2γ is the weight up to γ = 1/L only."""
        γ = self.step_size
        return Telescoping(
            quantities=(f.value(x) - f.minimum,), weights=(2 * γ,), **distances(f, x, y), given=(γ * f.L <= 2,)
        )

    @theorem(StronglyConvex, SampledSmoothConvex, measure=DISTANCE)
    def sampled_error_halved(self, f: Any, x: Any, y: Any) -> Goal:
        """2γ²σ² is needed where the noise grows away from x⋆."""
        γ = self.step_size
        return Contraction(
            **distances(f, x, y),
            rate=1 - γ * f.mu,
            error=γ**2 * f.sigma**2 / 2,
            given=(2 * γ * f.L <= 1, f.mu <= f.L),
        )

    @theorem(StronglyConvex, SecondMoment, measure=DISTANCE)
    def forgotten_noise(self, f: Any, x: Any, y: Any) -> Goal:
        """There is a floor."""
        γ = self.step_size
        return Contraction(**distances(f, x, y), rate=1 - 2 * γ * f.mu, given=(2 * γ * f.mu <= 1,))


class BiasedGradient(BatchGradient):
    """x⁺ = x − g/L with a biased g."""

    name = "false-batch"

    @theorem(PolyakLojasiewicz, GradientError, measure=GAP)
    def half_of_the_error(self, f: Any, x: Any, y: Any) -> Goal:
        """With e parallel to the gradient nothing is gained."""
        return Contraction(**gaps(f, x, y), rate=1 - f.mu / f.L, error=f.sigma**2 / (3 * f.L))


class FalseDecreasing(DecreasingStochasticGradient):
    """Steps (2k + 1)/(2μ(k + 1)²)."""

    name = "false-decreasing"

    @theorem(PolyakLojasiewicz, SecondMoment, measure=GAP, indexed=True)
    def half_of_it(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """Lσ²/(2μ²N) is optimal for large N."""
        N, error = k + 1 + m, f.L * f.sigma**2 / (4 * f.mu**2)
        return Potential(
            phi=lambda k, x: k**2 * (f.value(x) - f.minimum) + (N - k) * error,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            scale=N**2,
            initial=N * error,
        )

    @theorem(PolyakLojasiewicz, Variance, measure=GAP, indexed=True)
    def with_variance(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """The first steps are longer than 2/L if L > 4μ."""
        N, error = k + 1 + m, f.L * f.sigma**2 / (2 * f.mu**2)
        return Potential(
            phi=lambda k, x: k**2 * (f.value(x) - f.minimum) + (N - k) * error,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            scale=N**2,
            initial=N * error,
        )


class FalseSampled(SampledStochasticGradient):
    """Smooth, strongly convex samples."""

    name = "false-sampled"

    @theorem(SampledSmoothStronglyConvex, measure=DISTANCE)
    def plain_error(self, f: Any, x: Any, y: Any) -> Goal:
        """γ²σ² is the error of the second moment, not of noise that grows away from x⋆."""
        γ = self.step_size
        return Contraction(
            **distances(f, x, y), rate=(1 - γ * f.mu) ** 2, error=γ**2 * f.sigma**2, given=(γ * (f.L + f.mu) < 2,)
        )

    @theorem(SampledSmoothStronglyConvex, measure=DISTANCE)
    def beyond_the_range(self, f: Any, x: Any, y: Any) -> Goal:
        """(1 − γμ)² is the rate up to 2/(L + μ) only."""
        γ = self.step_size
        error = 10 * γ**2 * f.sigma**2
        return Contraction(
            **distances(f, x, y), rate=(1 - γ * f.mu) ** 2, error=error, given=(2 * γ * (f.L + f.mu) <= 5, γ * f.L < 2)
        )

    @theorem(StronglyConvex, ExpectedSmoothness, measure=DISTANCE)
    def expected_smoothness_of_convex_samples(self, f: Any, x: Any, y: Any) -> Goal:
        """Up to γ = 1/L the noise at x⋆ must count less."""
        γ = self.step_size
        given = (γ * f.L <= 1, f.mu <= f.L)
        return Contraction(**distances(f, x, y), rate=1 - γ * f.mu, error=γ**2 * f.sigma**2, given=given)


class FalseDelayed(DelayedStochasticGradient):
    """Steps 2/(μ(k + s + 1))."""

    name = "false-delayed"

    @theorem(PolyakLojasiewicz, Variance, measure=GAP, indexed=True)
    def too_early(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """A first step of 4/L may diverge."""
        return self.square(f, x, y, k, m, 2 * f.L * f.sigma**2 / f.mu**2, 2 * f.mu * (self.delay + 1) >= f.L)

    @theorem(PolyakLojasiewicz, Variance, measure=GAP, indexed=True)
    def half_of_it(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """The error of a step is 2Lσ²/μ² exactly."""
        return self.square(f, x, y, k, m, f.L * f.sigma**2 / f.mu**2, f.mu * (self.delay + 1) >= 2 * f.L)

    def square(self, f: Any, x: Any, y: Any, k: Any, m: Any, error: Any, given: Any) -> Goal:
        N, s = k + 1 + m, self.delay
        return Potential(
            phi=lambda k, x: (k + s) ** 2 * (f.value(x) - f.minimum) + (N - k) * error,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            scale=(N + s) ** 2,
            initial=s**2 * (f.value(x) - f.minimum) + N * error,
            given=(given,),
        )


class FalseProximal(StochasticProximalPoint):
    """Proximal steps on samples."""

    name = "false-sppm"

    @theorem(SampledStronglyConvex, measure=DISTANCE)
    def rate_too_good(self, f: Any, x: Any, y: Any) -> Goal:
        """(1 + γμ)⁻² is attained."""
        γ, shrink = self.step_size, (1 + self.step_size * f.mu) ** 2
        rate = 1 / (shrink + γ**2 * f.mu**2 / 10)
        return Contraction(**distances(f, x, y), rate=rate, error=γ**2 * f.sigma**2 / shrink)

    @theorem(SampledStronglyConvex, measure=DISTANCE)
    def error_too_small(self, f: Any, x: Any, y: Any) -> Goal:
        """The noise counts in full."""
        γ, shrink = self.step_size, (1 + self.step_size * f.mu) ** 2
        return Contraction(**distances(f, x, y), rate=1 / shrink, error=γ**2 * f.sigma**2 * 99 / (100 * shrink))

    @theorem(StronglyConvex, SecondMoment, measure=DISTANCE)
    def noise_of_gradients(self, f: Any, x: Any, y: Any) -> Goal:
        """A second moment at x says nothing of a proximal step."""
        γ, shrink = self.step_size, (1 + self.step_size * f.mu) ** 2
        return Contraction(**distances(f, x, y), rate=1 / shrink, error=γ**2 * f.sigma**2 / shrink)


class FalseRoot(RootStochasticGradient):
    """Steps α/√(k + 1)."""

    name = "false-root"

    def sums(self, f: Any, x: Any, y: Any, k: Any, total: Any, spent: Any) -> Goal:
        """The true inequality of a step, with sums of weights and of errors."""
        α = self.scale
        return Averaging(
            quantity=f.value(x) - f.minimum,
            weight=2 * α / root(k + 1),
            **distances(f, x, y),
            error=α**2 * f.sigma**2 / root(k + 1) ** 2,
            clock=k,
            total=lambda k: 2 * α * total(k),
            spent=lambda k: α**2 * f.sigma**2 * spent(k),
        )

    @theorem(Convex, SecondMoment, measure=GAP, indexed=True)
    def weights_of_the_limit(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """Σ 1/√j is about 2√N, but less."""
        return self.sums(f, x, y, k, lambda k: 2 * root(k), lambda k: log2(k + 1))

    @theorem(Convex, SecondMoment, measure=GAP, indexed=True)
    def natural_logarithm(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """Σ 1/j is more than ln(N + 1): 69/100 of log₂ is too little."""
        return self.sums(f, x, y, k, root, lambda k: log2(k + 1) * 69 / 100)

    @theorem(Convex, SecondMoment, measure=GAP, indexed=True)
    def head_start(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """After no steps no weight has been collected."""
        return self.sums(f, x, y, k, lambda k: root(k + 1), lambda k: log2(k + 1))
