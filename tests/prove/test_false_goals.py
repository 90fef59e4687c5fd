"""Subtly wrong theorems: none of them may be proved, and for most of them the exact search finds a counterexample.

Every theorem here differs from a true one in a constant, a range, an assumption, a measure or a direction. Its
docstring says why it is false.
"""

from fractions import Fraction as Q
from typing import Any

import pytest

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.ball_convex_lsc import BallConvexLsc
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    SUBGRADIENT,
    Contraction,
    FiniteDecrease,
    Goal,
    Method,
    Monotone,
    Positive,
    Potential,
    ProductDecrease,
    Telescoping,
    Theorem,
    norm,
    norm2,
    pose,
    theorem,
)
from certify.methods._smooth_potentials import growing, shrinking
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.prove.prover import prove
from certify.simulate.refute import refute

# --- shapes that several false theorems share ----------------------------------------------------


def distances(f: Any, x: Any, y: Any) -> dict[str, Any]:
    """‖x − x⋆‖² before and after."""
    return {"before": norm2(x - f.minimizer), "after": norm2(y - f.minimizer)}


def gaps(f: Any, x: Any, y: Any) -> dict[str, Any]:
    """f − f⋆ before and after."""
    return {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}


def eighth(f: Any, x: Any, y: Any, s: Any, rest: Any, tick: Any, least_tick: Any = None) -> Goal:
    """The potential of the proximal point method with half of the weight of the distance: a gap of R²/(8S)."""
    S = s + tick + rest

    def Φ(s: Any, x: Any) -> Any:
        gap, distance = f.value(x) - f.minimum, norm2(x - f.minimizer)
        return 8 * S * (s / (2 * S - s) * gap + (S - s) / (2 * S - s) ** 2 / 2 * distance)

    return Potential(
        phi=Φ,
        x=x,
        y=y,
        clock=s,
        left=rest,
        measure=f.value(x) - f.minimum,
        scale=8 * S,
        initial=norm2(x - f.minimizer),
        tick=tick,
        least_tick=least_tick,
    )


class FalseGradientDescent(GradientDescent):
    """Gradient descent with a modulus μ of its own, which says nothing about f."""

    name = "false-gd"
    modulus = Positive("nu", "a number that is not the strong convexity of f")

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance_by_the_bottom(self, f: Any, x: Any, y: Any) -> Goal:
        """(1 − γμ)² holds up to γ = 2/(L + μ) only; on (L/2)y² with γ close to 2/L the ratio is (1 − γL)²."""
        γ = self.step_size
        return Contraction(**distances(f, x, y), rate=(1 - γ * f.mu) ** 2, given=(2 / γ >= f.L,))

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance_by_the_top(self, f: Any, x: Any, y: Any) -> Goal:
        """(1 − γL)² alone: on (μ/2)y² the ratio is (1 − γμ)²."""
        return Contraction(**distances(f, x, y), rate=(1 - self.step_size * f.L) ** 2)

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance_without_the_square(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − γμ holds up to γ = 1/L; on (L/2)y² with γ close to 2/L the ratio is close to 1."""
        γ = self.step_size
        return Contraction(**distances(f, x, y), rate=1 - γ * f.mu, given=(2 / γ >= f.L,))

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance_to_first_order(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − 2γμ forgets γ²μ²: on (μ/2)y² the ratio is 1 − 2γμ + γ²μ²."""
        γ = self.step_size
        return Contraction(**distances(f, x, y), rate=1 - 2 * γ * f.mu, given=(1 / γ >= 2 * f.L,))

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance_nesterov_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − 4γμL/(L + μ), twice the gain of Nesterov (2004), Theorem 2.1.15: false on (μ/2)y² for small γ."""
        γ, L, μ = self.step_size, f.L, f.mu
        given = (2 / γ >= L + μ, L + μ >= 4 * γ * μ * L)
        return Contraction(**distances(f, x, y), rate=1 - 4 * γ * μ * L / (L + μ), given=given)

    @theorem(SmoothConvex, measure=DISTANCE)
    def distance_without_curvature(self, f: Any, x: Any, y: Any) -> Goal:
        """A contraction by a constant under convexity only: false on any flat piece."""
        γ = self.step_size
        return Contraction(**distances(f, x, y), rate=1 - γ * f.L / 10, given=(1 / γ >= f.L,))

    @theorem(SmoothConvex, measure=DISTANCE)
    def distance_foreign_modulus(self, f: Any, x: Any, y: Any) -> Goal:
        """(1 − γν)² with a ν that f knows nothing of."""
        γ, ν = self.step_size, self.modulus
        return Contraction(**distances(f, x, y), rate=(1 - γ * ν) ** 2, given=(1 / γ >= f.L, ν <= f.L))

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance_finite(self, f: Any, x: Any, y: Any) -> Goal:
        """Gradient descent does not terminate: close to x⋆ no step gains a constant."""
        return FiniteDecrease(**distances(f, x, y), amount=self.step_size**2)

    @theorem(Smooth, measure=DISTANCE)
    def distance_nonconvex(self, f: Any, x: Any, y: Any) -> Goal:
        """Where f is concave the step leads away from x⋆."""
        return Monotone(**distances(f, x, y), given=(1 / self.step_size >= f.L,))

    @theorem(Smooth, measure=GRADIENT)
    def descent_quarter(self, f: Any, x: Any, y: Any) -> Goal:
        """γ(1 − γL/4) in place of γ(1 − γL/2), which (L/2)y² attains."""
        γ = self.step_size
        weight = γ * (1 - γ * f.L / 4)
        return Telescoping(**gaps(f, x, y), quantities=(norm2(f.gradient(x)),), weights=(weight,))

    @theorem(Smooth, measure=GRADIENT)
    def descent_at_the_end(self, f: Any, x: Any, y: Any) -> Goal:
        """The descent with the gradient at x⁺ doubled: γ‖∇f(x⁺)‖² is attained by linear pieces only half."""
        γ = self.step_size
        given = (1 / γ >= f.L,)
        return Telescoping(**gaps(f, x, y), quantities=(norm2(f.gradient(y)),), weights=(2 * γ,), given=given)

    @theorem(Smooth, measure=GRADIENT)
    def gradient_short_weights(self, f: Any, x: Any, y: Any) -> Goal:
        """The weights for γ ≤ 1/L used for longer steps: on (L/2)y² they need γ²L² ≤ γL."""
        γ, L = self.step_size, f.L
        return self._both_ends(f, x, y, (3 * γ - γ**2 * L) / 4, (γ >= 1 / L, γ**2 <= 3 / L**2))

    @theorem(Smooth, measure=GRADIENT)
    def gradient_beyond(self, f: Any, x: Any, y: Any) -> Goal:
        """The weights for γ ≤ √3/L used up to 2/L: two steps of the worst case for γL = 1.9 give c = 0.117."""
        γ, L = self.step_size, f.L
        return self._both_ends(f, x, y, (3 * γ - γ**3 * L**2) / 4, (γ**2 >= 3 / L**2, 2 / γ >= L))

    @theorem(Smooth, measure=GRADIENT)
    def gradient_final(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x) − f⋆ ≥ ‖∇f(x)‖²/L: twice what smoothness gives, see (L/2)y²."""
        γ, L = self.step_size, f.L
        goal = self._both_ends(f, x, y, (3 * γ - γ**2 * L) / 4, (1 / γ >= L,))
        return Telescoping(
            before=goal.before,
            after=goal.after,
            quantities=goal.quantities,
            weights=goal.weights,
            final_weight=1 / L,
            given=goal.given,
        )

    @theorem(Smooth, measure=GRADIENT)
    def gradient_monotone(self, f: Any, x: Any, y: Any) -> Goal:
        """‖∇f(x⁺)‖ ≤ ‖∇f(x)‖ needs convexity: a concave piece makes the slope grow."""
        before, after = norm2(f.gradient(x)), norm2(f.gradient(y))
        return Monotone(before=before, after=after, given=(1 / self.step_size >= f.L,))

    @theorem(PolyakLojasiewicz, measure=GAP)
    def gap_pl_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − 2μγ(2 − γL): on (μ/2)y² the ratio (1 − γμ)² is larger for small γ."""
        γ = self.step_size
        return Contraction(**gaps(f, x, y), rate=1 - 2 * f.mu * γ * (2 - γ * f.L), given=(2 / γ >= f.L,))

    @theorem(PolyakLojasiewicz, measure=GAP)
    def gap_pl_any_step(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − μγ(2 − γL) without γ ≤ 2/L: on (L/2)y² with γ = 3/L the ratio is 4."""
        γ = self.step_size
        return Contraction(**gaps(f, x, y), rate=1 - f.mu * γ * (2 - γ * f.L))

    @theorem(PolyakLojasiewicz, measure=GAP)
    def gap_pl_short_rate(self, f: Any, x: Any, y: Any) -> Goal:
        """The rate for γ ≤ 1/L used up to 2/L, where (L/2)y² has ratios close to 1."""
        γ = self.step_size
        rate = (2 - f.mu * γ * (3 - γ * f.L)) / (2 + γ * f.mu)
        return Contraction(**gaps(f, x, y), rate=rate, given=(2 / γ >= f.L,))

    @theorem(PolyakLojasiewicz, measure=DISTANCE)
    def distance_pl(self, f: Any, x: Any, y: Any) -> Goal:
        """PL bounds the gap, not the distance by 1 − 2γμ: a convex piece of curvature μ is enough."""
        γ = self.step_size
        return Contraction(**distances(f, x, y), rate=1 - 2 * γ * f.mu, given=(1 / γ >= 2 * f.L,))

    @theorem(Smooth, measure=GAP)
    def gap_nonconvex(self, f: Any, x: Any, y: Any) -> Goal:
        """(1/2γ)-potential of convex functions: nonconvex ones have other stationary points."""
        quantity = f.value(y) - f.minimum
        given = (1 / self.step_size >= f.L,)
        return Telescoping(**distances(f, x, y), quantities=(quantity,), weights=(2 * self.step_size,), given=given)

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_three(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """L R²/(4Nh + 3): the Huber function attains L R²/(4Nh + 2)."""
        return self._drori_teboulle(f, x, y, k, m, 3, 1 / self.step_size >= f.L)

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_long(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """L R²/(4Nh + 2) up to γ = 2/L: (L/2)y² has the gap (1 − γL)^(2N) L R²/2."""
        return self._drori_teboulle(f, x, y, k, m, 2, 2 / self.step_size >= f.L)

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_longer(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """R²/(2γN) up to γ = 2/L: on (L/2)y² the gap is close to LR²/2 for ever."""
        h = self.step_size * f.L
        return growing(f, x, y, k, m, h, 0 * h, given=(h <= 2,))

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_longest(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """Half of what a long step needs beside the growing weight: f need not fall fast enough."""
        h = self.step_size * f.L
        more = (h**2 - h - 1) / (2 * (2 - h))
        return growing(f, x, y, k, m, h, more, given=(h > 1, h < 2, h**2 >= 1 + h))

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_long_hinted(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """L R²/(4Nh + 2) up to γ = 3/(2L): the bound holds, but this Φ does not fall, whatever squares are named."""
        γ, d, g, M = self.step_size, x - f.minimizer, f.gradient(x), k + 2 + 2 * m
        squares = (f.L * d - (1 + M * (γ * f.L - 1)) * g - M * f.gradient(y), f.gradient(y) - g)
        return shrinking(f, x, y, k, m, γ, given=(γ >= 1 / f.L, 3 / γ >= 2 * f.L), squares=squares)

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_accelerated(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """Weights k² as for accelerated methods: on a straight piece the gap does not fall so fast."""
        γ = self.step_size

        def Φ(k: Any, x: Any) -> Any:
            return k**2 * γ * (f.value(x) - f.minimum) + norm2(x - f.minimizer)

        return Potential(
            phi=Φ,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            scale=(k + 1 + m) ** 2 * γ,
            initial=norm2(x - f.minimizer),
            given=(1 / γ >= f.L,),
        )

    @theorem(SmoothConvex, measure=GRADIENT, indexed=True)
    def gradient_last_doubled(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """‖∇f(x_N)‖ ≤ L R/(2Nh + 1): the Huber function attains L R/(Nh + 1)."""
        L, h, N = f.L, self.step_size * f.L, k + 1 + m

        def Φ(k: Any, x: Any) -> Any:
            gap, g = f.value(x) - f.minimum, norm2(f.gradient(x))
            return L**2 * norm2(x - f.minimizer) + 4 * k * h * L * gap + 2 * k * h * (2 * k * h + 1) * g

        return Potential(
            phi=Φ,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=norm2(f.gradient(x)),
            scale=(2 * N * h + 1) ** 2,
            initial=L**2 * norm2(x - f.minimizer),
            given=(1 / self.step_size >= L,),
        )

    def _drori_teboulle(self, f: Any, x: Any, y: Any, k: Any, m: Any, two: int, given: Any) -> Goal:
        γ, L, N = self.step_size, f.L, k + 1 + m
        h = γ * L

        def Φ(k: Any, x: Any) -> Any:
            a = k / (2 * N + 1 - k)
            energy = f.value(x) - f.minimum + γ / 2 * norm2(f.gradient(x))
            return a * energy + (1 - a) * L * norm2(x - f.minimizer) / (two + 2 * (2 * N - k) * h)

        return Potential(
            phi=Φ,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            initial=L * norm2(x - f.minimizer) / (4 * N * h + two),
            given=(given,),
        )


class FalseSubgradient(Subgradient):
    """The subgradient method with a slope bound of its own, which says nothing about f."""

    name = "false-subgradient"
    slope = Positive("K", "a number that is not the Lipschitz constant of f")

    @theorem(LipschitzConvex, measure=GAP)
    def gap_half_error(self, f: Any, x: Any, y: Any) -> Goal:
        """The error γ²M²/2 in place of γ²M², which M|y| attains."""
        return self._gap(f, x, y, self.step_size**2 * f.M**2 / 2)

    @theorem(LipschitzConvex, measure=GAP)
    def gap_wrong_sign(self, f: Any, x: Any, y: Any) -> Goal:
        """The error −γ²M²: this is the sign of the implicit method, not of the explicit one."""
        return self._gap(f, x, y, -(self.step_size**2) * f.M**2)

    @theorem(Convex, measure=GAP)
    def gap_not_lipschitz(self, f: Any, x: Any, y: Any) -> Goal:
        """A bound on slopes that f need not satisfy."""
        return self._gap(f, x, y, self.step_size**2 * self.slope**2)

    @theorem(LipschitzConvex, measure=GAP)
    def gap_last(self, f: Any, x: Any, y: Any) -> Goal:
        """The subgradient method is no descent method: |y| rises when a step jumps over 0."""
        γ = self.step_size
        gap = gaps(f, x, y)
        return Telescoping(
            **distances(f, x, y),
            quantities=(gap["before"],),
            weights=(2 * γ,),
            error=γ**2 * f.M**2,
            support=((gap["after"], gap["before"]),),
            last=True,
        )

    @theorem(LipschitzConvex, measure=DISTANCE)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """Close to x⋆ a step leads away from it."""
        return Monotone(**distances(f, x, y))

    def _gap(self, f: Any, x: Any, y: Any, error: Any) -> Goal:
        quantity = f.value(x) - f.minimum
        weight = 2 * self.step_size
        return Telescoping(**distances(f, x, y), quantities=(quantity,), weights=(weight,), error=error)


class FalseProximalPoint(ProximalPoint):
    """The proximal point method, faster than it is."""

    name = "false-ppm"

    @theorem(StronglyConvex, measure=DISTANCE)
    def distance_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """1/(1 + 2γμ)²: on (μ/2)y² the ratio is 1/(1 + γμ)²."""
        return Contraction(**distances(f, x, y), rate=1 / (1 + 2 * self.step_size * f.mu) ** 2)

    @theorem(Convex, measure=DISTANCE)
    def distance_convex(self, f: Any, x: Any, y: Any) -> Goal:
        """1/(1 + γ) without any curvature."""
        return Contraction(**distances(f, x, y), rate=1 / (1 + self.step_size))

    @theorem(StronglyConvex, measure=GAP)
    def gap_cubed(self, f: Any, x: Any, y: Any) -> Goal:
        """1/(1 + γμ)³ for the gap: on (μ/2)y² it is 1/(1 + γμ)²."""
        return Contraction(**gaps(f, x, y), rate=1 / (1 + self.step_size * f.mu) ** 3)

    @theorem(Convex, measure=GAP, indexed=True)
    def gap_eighth(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """R²/(8γN): |y| with γ = R/2N attains R²/(4γN)."""
        return eighth(f, x, y, k, m, self.step_size)


class FalseBroximalPoint(BroximalPoint):
    """The broximal point method, faster than it is."""

    name = "false-bpm"
    modulus = Positive("nu", "a number that is not the strong convexity of f")

    @theorem(BallConvex, measure=DISTANCE)
    def distance_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """The decrease 2t²: in many dimensions t² is attained, and on |y| it is 2td − t² with d close to t."""
        return FiniteDecrease(**distances(f, x, y), amount=2 * self.radius**2)

    @theorem(BallConvexLsc, measure=DISTANCE)
    def distance_discontinuous(self, f: Any, x: Any, y: Any) -> Goal:
        """The decrease t² without continuity: a step may end at a jump inside the ball."""
        return FiniteDecrease(**distances(f, x, y), amount=self.radius**2)

    @theorem(BallConvex, measure=DISTANCE)
    def distance_on_the_line(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖ ≤ ‖x − x⋆‖ − t holds on the line only, so the exact search cannot refute it."""
        t = self.radius
        d = norm(x - f.minimizer)
        return Contraction(**distances(f, x, y), rate=(1 - t / d) ** 2, given=(d >= t,))

    @theorem(BallConvex, measure=DISTANCE, norms=("any",))
    def distance_any_norm(self, f: Any, x: Any, y: Any) -> Goal:
        """The distance falls in Euclidean space only, so the exact search on the line cannot refute it."""
        return Monotone(**distances(f, x, y))

    @theorem(SmoothConvex, measure=DISTANCE)
    def distance_smooth_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """The slack 4t‖∇f(x⁺)‖/L in place of 2t‖∇f(x⁺)‖/L, which (L/2)y² attains."""
        t = self.radius
        slack = 4 * t * norm(f.gradient(y)) / f.L
        return FiniteDecrease(**distances(f, x, y), amount=t**2, slack=slack)

    @theorem(BallConvex, measure=GAP)
    def gap_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """1 − 2t/‖x − x⋆‖ in place of 1 − t/‖x − x⋆‖, which |y| attains."""
        d = norm(x - f.minimizer)
        return Contraction(**gaps(f, x, y), rate=1 - 2 * self.radius / d, given=(d >= 2 * self.radius,))

    @theorem(BallConvex, measure=GAP)
    def gap_next_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """(1 + 2t/‖x⁺ − x⋆‖)⁻¹ in place of (1 + t/‖x⁺ − x⋆‖)⁻¹, which |y| attains."""
        d = norm(y - f.minimizer)
        return Contraction(**gaps(f, x, y), rate=d / (d + 2 * self.radius))

    @theorem(BallConvex, measure=GAP)
    def gap_product_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """The product law with 2t for t."""
        d, after = norm(x - f.minimizer), norm(y - f.minimizer)
        t = 2 * self.radius
        return ProductDecrease(**gaps(f, x, y), step=t, distance=d, next_distance=after, given=(d >= t,))

    @theorem(BallConvex, measure=GAP, norms=("any",))
    def gap_any_norm_uniform(self, f: Any, x: Any, y: Any) -> Goal:
        """One rate for all steps needs a distance that falls: it is not so in every norm."""
        t, d = self.radius, norm(x - f.minimizer)
        return Contraction(
            **gaps(f, x, y),
            rate=1 - t / d,
            uniform=lambda R: 1 - t / R,
            distance=d,
            support=((norm(y - f.minimizer), d),),
            given=(d >= t,),
        )

    @theorem(LipschitzConvex, measure=GAP)
    def gap_distance_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """M(R² − 2Nt²)/(2Nt): on M|y| the decrease of the squared distance is 2td − t²."""
        t = self.radius
        quantity = f.value(y) - f.minimum
        return Telescoping(**distances(f, x, y), quantities=(quantity,), weights=(2 * t / f.M,), error=-2 * t**2)

    @theorem(LipschitzConvex, measure=GAP, indexed=True)
    def gap_eighth(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """M R²/(8Nt): M|y| with R = 2Nt attains M R²/(4Nt)."""
        return eighth(f, x, y, k, m, self.radius / norm(f.subgradient(y)), self.radius / f.M)

    @theorem(BallConvex, measure=SUBGRADIENT, steps=2)
    def subgradient_halved(self, f: Any, x: Any, y: Any, z: Any) -> Goal:
        """‖g₂‖ ≤ ½‖g₁‖: on |y| the subgradients do not change."""
        return Contraction(before=norm(f.subgradient(y)), after=norm(f.subgradient(z)), rate=Q(1, 2))

    @theorem(BallConvex, measure=SUBGRADIENT)
    def subgradient_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """2t‖g⁺‖ ≤ f(x) − f(x⁺): on |y| it is t‖g⁺‖."""
        weight = 2 * self.radius
        return Telescoping(**gaps(f, x, y), quantities=(norm(f.subgradient(y)),), weights=(weight,))

    @theorem(StronglyConvex, measure=SUBGRADIENT)
    def subgradient_decrease_doubled(self, f: Any, x: Any, y: Any) -> Goal:
        """‖g⁺‖ ≤ ‖g‖ − 2μt: on (μ/2)y² it falls by μt."""
        before, after = norm(f.subgradient(x)), norm(f.subgradient(y))
        return FiniteDecrease(before=before, after=after, amount=2 * f.mu * self.radius)

    @theorem(Convex, measure=SUBGRADIENT)
    def subgradient_foreign_modulus(self, f: Any, x: Any, y: Any) -> Goal:
        """‖g⁺‖ ≤ ‖g‖ − νt with a ν that f knows nothing of."""
        before, after = norm(f.subgradient(x)), norm(f.subgradient(y))
        return FiniteDecrease(before=before, after=after, amount=self.modulus * self.radius)


FALSE = [
    pytest.param(method, statement, id=f"{method.name}/{statement.name}")
    for method in (FalseGradientDescent, FalseSubgradient, FalseProximalPoint, FalseBroximalPoint)
    for statement in vars(method).values()
    if isinstance(statement, Theorem)
]
ONLY_IN_THE_PLANE = {"distance-on-the-line", "distance-any-norm", "gap-any-norm-uniform"}
REFUTED = [case for case in FALSE if case.values[1].name not in ONLY_IN_THE_PLANE]


def test_the_table_is_long_and_mostly_refuted() -> None:
    assert len(FALSE) == 51
    assert len(REFUTED) == len(FALSE) - len(ONLY_IN_THE_PLANE)


@pytest.mark.parametrize(("method", "statement"), FALSE)
def test_false_theorems_are_not_proved(method: type[Method], statement: Theorem) -> None:
    problem = pose(method, statement.assumptions, statement, norm=statement.norms[0])
    assert not prove(problem, seconds=0.25).proved


@pytest.mark.slow
@pytest.mark.parametrize(("method", "statement"), FALSE)
def test_false_theorems_are_not_proved_in_more_time(method: type[Method], statement: Theorem) -> None:
    problem = pose(method, statement.assumptions, statement, norm=statement.norms[0])
    assert not prove(problem, seconds=15).proved


@pytest.mark.parametrize(("method", "statement"), REFUTED)
def test_false_theorems_are_refuted(method: type[Method], statement: Theorem) -> None:
    found = refute(method, statement.assumptions, statement, seconds=60)  # it stops as soon as it can
    assert found is not None
    assert found.replay()
    assert Q(found.lhs) > Q(found.rhs)
    assert found.inequality == {"gap-last": "support[0]", "gradient-final": "end[0]", "gradient-beyond": "end[1]"}.get(
        statement.name, "step"
    )


# --- what the line cannot show --------------------------------------------------------------------


def test_the_plane_refutes_the_law_of_the_line() -> None:
    """f(z) = |z₁| and t = 1: from (3, 4) to (2, 4), while x⋆ = 0 is one of the minimisers."""
    x, x_next, t = (3, 4), (2, 4), 1
    distance = 5
    assert sum(v**2 for v in x) == distance**2
    assert sum(v**2 for v in x_next) > (1 - Q(t, distance)) ** 2 * distance**2


def test_the_maximum_norm_refutes_the_falling_distance() -> None:
    """f(z) = ½(3z₁ − z₂)² + (z₁² + z₂²)/20 from (1, 1) with t = 3/10: the ball-prox is (7/10, 13/10)."""
    hessian = ((Q(91, 10), Q(-3)), (Q(-3), Q(11, 10)))
    assert hessian[0][0] * hessian[1][1] > hessian[0][1] ** 2  # convex, and 0 is the minimiser
    x, t = (Q(1), Q(1)), Q(3, 10)
    y = (x[0] - t, x[1] + t)
    slope = [row[0] * y[0] + row[1] * y[1] for row in hessian]
    assert slope[0] > 0 > slope[1]  # y is the corner of the box around x where f is least
    assert max(map(abs, y)) > max(map(abs, x))
