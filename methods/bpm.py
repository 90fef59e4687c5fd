"""The broximal (ball-proximal) point method: minimise over a ball around the current point."""

from __future__ import annotations

from typing import Any

from certify.assumptions.ball_convex import BallConvex
from certify.assumptions.ball_convex_lsc import BallConvexLsc
from certify.assumptions.bounded_domain import BoundedDomain
from certify.assumptions.convex import Convex
from certify.assumptions.growth_at_radius import GrowthAtRadius
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.sharp_growth import SharpGrowth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    STEP,
    SUBGRADIENT,
    Contraction,
    FiniteContraction,
    FiniteDecrease,
    Goal,
    Method,
    Monotone,
    Positive,
    ProductDecrease,
    Telescoping,
    norm,
    norm2,
    theorem,
)
from certify.methods._proximal import horizon_potential

PAPER = "Gruntkowska, Li, Rane, Richtárik (2025)"
ANY_NORM = ("euclidean", "any")
ASKED = ("any",)


class BroximalPoint(Method):
    """x⁺ ∈ brox_t f(x) = argmin { f(z) : ‖z − x‖ ≤ t }."""

    name = "bpm"
    title = "broximal point method"
    formula = r"x^+ \in \mathrm{brox}_t f(x) = \arg\min\{ f(z) : \|z - x\| \le t \}"
    source = PAPER
    radius = Positive("t", "radius")

    def step(self, x: Any, f: Any) -> Any:
        """One ball-proximal step."""
        return f.brox(x, self.radius)

    @theorem(BallConvex, measure=DISTANCE, source=PAPER, asked=(BallConvexLsc,), asked_norms=ASKED)
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ ‖x − x⋆‖² − t² − 2t (f(x⁺) − f⋆)/‖g⁺‖, so x_N is optimal after ⌈R²/t²⌉ steps."""
        t = self.radius
        return FiniteDecrease(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            amount=t**2,
            slack=2 * t * (f.value(y) - f.minimum) / norm(f.subgradient(y)),
        )

    @theorem(BallConvexLsc, measure=DISTANCE, source=PAPER, asked_norms=ASKED)
    def distance_monotone(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖ ≤ ‖x − x⋆‖: no step leads away from a minimiser."""
        return Monotone(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer))

    @theorem(BallConvexLsc, measure=STEP, source=PAPER, asked_norms=ASKED)
    def distance_step(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ ‖x − x⋆‖² − ‖x − x⁺‖²: what survives without continuity."""
        return Telescoping(
            quantities=(norm2(x - y),), weights=(1,), before=norm2(x - f.minimizer), after=norm2(y - f.minimizer)
        )

    @theorem(BallConvex, measure=GAP, source=PAPER, asked_norms=ASKED)
    def gap(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ (1 − t/‖x − x⋆‖)(f(x) − f⋆) while ‖x − x⋆‖ ≥ t."""
        t, d = self.radius, norm(x - f.minimizer)
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - t / d,
            uniform=lambda R: 1 - t / R,
            distance=d,
            support=((norm2(y - f.minimizer), norm2(x - f.minimizer)),),
            given=(d >= t,),
        )

    @theorem(BallConvex, measure=GAP, source=PAPER, asked_norms=ASKED)
    def gap_next(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ (1 + t/‖x⁺ − x⋆‖)⁻¹ (f(x) − f⋆)."""
        t, d = self.radius, norm(y - f.minimizer)
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=d / (d + t),
            uniform=lambda R: R / (R + t),
            distance=d,
            support=((norm2(y - f.minimizer), norm2(x - f.minimizer)),),
        )

    @theorem(BallConvex, measure=GAP, norms=ANY_NORM)
    def gap_any_norm(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x_N) − f⋆ ≤ (R − t)/(R + (N − 1)t) (f(x₀) − f⋆), without boundedness."""
        return ProductDecrease(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            step=self.radius,
            distance=norm(x - f.minimizer),
            next_distance=norm(y - f.minimizer),
            given=(norm(x - f.minimizer) >= self.radius,),
        )

    @theorem(BallConvex, measure=GAP, norms=ANY_NORM)
    def gap_next_any_norm(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x_N) − f⋆ ≤ (R + t)/(R + (N + 1)t) (f(x₀) − f⋆) for every t, by (1 + t/‖x⁺ − x⋆‖)⁻¹ a step."""
        before, after, t = f.value(x) - f.minimum, f.value(y) - f.minimum, self.radius
        d, next_d = norm(x - f.minimizer), norm(y - f.minimizer)
        return ProductDecrease(
            before=before,
            after=after,
            step=t,
            distance=d + 2 * t,
            next_distance=next_d + 2 * t,
            lemmas=((after, before * next_d / (next_d + t)),),
        )

    @theorem(BallConvex, BoundedDomain, measure=GAP, norms=ANY_NORM)
    def gap_bounded(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x_N) − f⋆ ≤ (1 − t/D)ᴺ (f(x₀) − f⋆) while ‖x − x⋆‖ ≥ t, where the level set of x₀ has radius D."""
        before, after, t = f.value(x) - f.minimum, f.value(y) - f.minimum, self.radius
        return Contraction(before=before, after=after, rate=1 - t / f.D, given=(norm(x - f.minimizer) >= t,))

    @theorem(BallConvex, BoundedDomain, measure=GAP, norms=ANY_NORM)
    def gap_next_bounded(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x_N) − f⋆ ≤ (1 + t/D)⁻ᴺ (f(x₀) − f⋆), where the level set of x₀ has radius D."""
        before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
        return Contraction(before=before, after=after, rate=f.D / (f.D + self.radius))

    @theorem(BallConvex, SharpGrowth, measure=GAP, norms=ANY_NORM)
    def gap_sharp(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ f(x) − f⋆ − st for a sharp minimum: optimal after ⌈(f(x₀) − f⋆)/(st)⌉ steps."""
        before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
        return FiniteDecrease(before=before, after=after, amount=f.s * self.radius, given=(norm(y - f.minimizer) > 0,))

    @theorem(BallConvex, GrowthAtRadius, measure=GAP, norms=ANY_NORM)
    def gap_growth(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ f(x) − f⋆ − ν if f ≥ f⋆ + ν at distance t: optimal after ⌈(f(x₀) − f⋆)/ν⌉ steps."""
        before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
        shrunk = (1 - self.radius / norm(x - f.minimizer)) * before
        return FiniteDecrease(before=before, after=after, amount=f.nu, lemmas=((after, shrunk),))

    @theorem(BallConvex, BoundedDomain, GrowthAtRadius, measure=GAP, norms=ANY_NORM)
    def gap_growth_bounded(self, f: Any, x: Any, y: Any) -> Goal:
        """Optimal after 1 + ⌈ln((f(x₀) − f⋆)/ν)/(−ln(1 − t/D))⌉ steps if f ≥ f⋆ + ν at distance t, where the level set
        of x₀ has radius D."""
        return FiniteContraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - self.radius / f.D,
            least=f.nu,
            excess=norm(x - f.minimizer) / self.radius,
        )

    @theorem(BallConvex, measure=SUBGRADIENT, steps=2, source=PAPER, norms=ANY_NORM)
    def subgradient(self, f: Any, x: Any, y: Any, z: Any) -> Goal:
        """Σ t‖g_k‖ ≤ f(x₀) − f⋆ and ‖g_k‖ never increases, so the last one is at most (f(x₀) − f⋆)/(Nt)."""
        return Telescoping(
            quantities=(norm(f.subgradient(y)),),
            weights=(self.radius,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            support=((norm(f.subgradient(z)), norm(f.subgradient(y))),),
            last=True,
        )

    @theorem(Convex, measure=SUBGRADIENT, source=PAPER, norms=ANY_NORM)
    def subgradient_start(self, f: Any, x: Any, y: Any) -> Goal:
        """‖g⁺‖ ≤ ‖g‖ for every g ∈ ∂f(x)."""
        return Monotone(before=norm(f.subgradient(x)), after=norm(f.subgradient(y)))

    @theorem(LipschitzConvex, measure=GAP)
    def gap_distance(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x_N) − f⋆ ≤ M (R² − N t²)/(2Nt) for M-Lipschitz f."""
        t = self.radius
        return Telescoping(
            quantities=(f.value(y) - f.minimum,),
            weights=(2 * t / f.M,),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=-(t**2),
            support=((f.value(y) - f.minimum, f.value(x) - f.minimum),),
            last=True,
        )

    @theorem(LipschitzConvex, measure=GAP, indexed=True)
    def gap_potential(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ M R²/(4Nt) for M-Lipschitz f: a proximal point method with steps t/‖g⁺‖ ≥ t/M."""
        t = self.radius
        return horizon_potential(f, x, y, k, m, t / norm(f.subgradient(y)), t / f.M)

    @theorem(SmoothConvex, measure=DISTANCE)
    def distance_smooth(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ ‖x − x⋆‖² − t² − 2t‖∇f(x⁺)‖/L for L-smooth f."""
        t = self.radius
        return FiniteDecrease(
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            amount=t**2,
            slack=2 * t * norm(f.gradient(y)) / f.L,
        )

    @theorem(StronglyConvex, measure=SUBGRADIENT, norms=ANY_NORM)
    def subgradient_decrease(self, f: Any, x: Any, y: Any) -> Goal:
        """‖g⁺‖ ≤ ‖g‖ − μt for μ-strongly convex f: optimal after ⌈‖g₀‖/(μt)⌉ steps."""
        return FiniteDecrease(before=norm(f.subgradient(x)), after=norm(f.subgradient(y)), amount=f.mu * self.radius)
