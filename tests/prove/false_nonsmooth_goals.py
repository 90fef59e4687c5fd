"""Theorems about subgradient and proximal steps that are subtly wrong; each docstring says why."""

from fractions import Fraction as Q
from typing import Any

from false_smooth_goals import distances, gaps

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.ball_convex_lsc import BallConvexLsc
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    SUBGRADIENT,
    Contraction,
    FiniteDecrease,
    Goal,
    Monotone,
    Positive,
    Potential,
    ProductDecrease,
    Telescoping,
    norm,
    norm2,
    theorem,
)
from certify.methods.bpm import BroximalPoint
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient


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

    @theorem(Convex, measure=SUBGRADIENT)
    def subgradient_halved(self, f: Any, x: Any, y: Any) -> Goal:
        """‖g⁺‖ ≤ ½‖g‖: on |y| the subgradients do not change."""
        return Contraction(before=norm(f.subgradient(x)), after=norm(f.subgradient(y)), rate=Q(1, 2))

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
