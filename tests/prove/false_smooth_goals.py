"""Theorems about gradient descent that are subtly wrong; each docstring says why."""

from typing import Any

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    Contraction,
    FiniteDecrease,
    Goal,
    Monotone,
    Positive,
    Potential,
    Telescoping,
    norm2,
    theorem,
)
from certify.methods._smooth_potentials import growing, shrinking
from certify.methods.gd import GradientDescent


def distances(f: Any, x: Any, y: Any) -> dict[str, Any]:
    """‖x − x⋆‖² before and after."""
    return {"before": norm2(x - f.minimizer), "after": norm2(y - f.minimizer)}


def gaps(f: Any, x: Any, y: Any) -> dict[str, Any]:
    """f − f⋆ before and after."""
    return {"before": f.value(x) - f.minimum, "after": f.value(y) - f.minimum}


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
