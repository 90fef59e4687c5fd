"""Gradient descent with a constant step size."""

from __future__ import annotations

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
    EnergyContraction,
    Goal,
    Potential,
    Telescoping,
    inner,
    norm2,
    theorem,
)
from certify.methods._gd_rates import TAYLOR, GradientDescentRates
from certify.methods._smooth_potentials import growing, shrinking


class GradientDescent(GradientDescentRates):
    """x⁺ = x − γ ∇f(x)."""

    name = "gd"
    title = "gradient descent"
    formula = r"x^+ = x - \gamma\,\nabla f(x)"
    source = "Cauchy (1847)"

    def step(self, x: Any, f: Any) -> Any:
        """One gradient step."""
        return x - self.step_size * f.gradient(x)

    @theorem(Smooth, measure=GRADIENT, source="Nesterov (2004), section 1.2.3")
    def descent(self, f: Any, x: Any, y: Any) -> Goal:
        """f decreases by a multiple of ‖∇f(x)‖²: the multiple is derived, and the steps for which it is positive."""
        return Telescoping(
            quantities=(norm2(f.gradient(x)),), before=f.value(x) - f.minimum, after=f.value(y) - f.minimum
        )

    @theorem(Smooth, measure=GRADIENT, source="Abbaszadehpeivasti, de Klerk, Zamani (2022)")
    def gradient(self, f: Any, x: Any, y: Any) -> Goal:
        """The smallest gradient norm for short steps, γ ≤ 1/L, with the gradients at both ends of a step."""
        γ, L = self.step_size, f.L
        return self._both_ends(f, x, y, (3 * γ - γ**2 * L) / 4, (1 / γ >= L,))

    @theorem(Smooth, measure=GRADIENT, source="Abbaszadehpeivasti, de Klerk, Zamani (2022)")
    def gradient_long(self, f: Any, x: Any, y: Any) -> Goal:
        """The smallest gradient norm for long steps, 1/L ≤ γ ≤ √3/L."""
        γ, L = self.step_size, f.L
        return self._both_ends(f, x, y, (3 * γ - γ**3 * L**2) / 4, (γ >= 1 / L, γ**2 <= 3 / L**2))

    def _both_ends(self, f: Any, x: Any, y: Any, weight: Any, given: tuple[Any, ...]) -> Goal:
        g = f.gradient(x)
        f.value(x - g / f.L)  # f⋆ is at most this value, so f(x_N) − f⋆ ≥ ‖∇f(x_N)‖²/(2L)
        return Telescoping(
            quantities=(norm2(g), norm2(f.gradient(y))),
            weights=(weight, self.step_size / 4),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            final_weight=1 / (2 * f.L),
            given=given,
        )

    @theorem(PolyakLojasiewicz, measure=GAP, source="Polyak (1963)")
    def gap_pl(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ (1 − μγ(2 − γL)) (f(x) − f⋆) for every γ ≤ 2/L."""
        γ = self.step_size
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=1 - f.mu * γ * (2 - γ * f.L),
            given=(2 / γ >= f.L,),
        )

    @theorem(PolyakLojasiewicz, measure=GAP)
    def gap_pl_short(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ (2 − μγ(3 − γL))/(2 + γμ) (f(x) − f⋆) for γ ≤ 1/L: the gradient at x⁺ counts too."""
        γ = self.step_size
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            rate=(2 - f.mu * γ * (3 - γ * f.L)) / (2 + γ * f.mu),
            given=(1 / γ >= f.L,),
        )

    @theorem(PolyakLojasiewicz, measure=GAP, source="Abbaszadehpeivasti, de Klerk, Zamani (2023), Theorem 3")
    def gap_pl_long(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x⁺) − f⋆ ≤ ρ (f(x) − f⋆) for 1/L ≤ γ ≤ √3/L, with ρ derived."""
        γ, L = self.step_size, f.L
        return Contraction(
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            given=(γ >= 1 / L, γ**2 <= 3 / L**2),
        )

    @theorem(SmoothStronglyConvex, measure=DISTANCE, source="Polyak (1963)")
    def distance(self, f: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ ρ ‖x − x⋆‖², with ρ derived."""
        return Contraction(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer))

    @theorem(SmoothStronglyConvex, measure=GAP, source="Nesterov (2004), Theorem 2.1.15")
    def gap_distance(self, f: Any, x: Any, y: Any) -> Goal:
        """f(x_N) − f⋆ ≤ (L/2) ρ^N ‖x₀ − x⋆‖² with ρ = max{(1 − Lγ)², (1 − μγ)²} for γ < 2/L."""
        γ, X, g = self.step_size, x - f.minimizer, f.gradient(x)
        return EnergyContraction(
            before=f.L / 2 * norm2(X),
            after=f.L / 2 * norm2(y - f.minimizer),
            rates=((1 - γ * f.mu) ** 2, (1 - γ * f.L) ** 2),
            quantity=f.value(y) - f.minimum,
            lemmas=((f.mu * norm2(X), inner(g, X)), (inner(g, X), f.L * norm2(X))),
        )

    @theorem(SmoothConvex, measure=GAP, indexed=True, source="Drori, Teboulle (2014), Theorem 3.1")
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ L‖x₀ − x⋆‖²/(4NγL + 2) for γ ≤ 1/L."""
        return shrinking(f, x, y, k, m, self.step_size, given=(1 / self.step_size >= f.L,))

    @theorem(SmoothConvex, measure=GAP, indexed=True, source=TAYLOR)
    def gap_long(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ L‖x₀ − x⋆‖²/(4NγL + 2) for 1/L ≤ γ ≤ 7/(5L) too."""
        γ, d, g, M = self.step_size, x - f.minimizer, f.gradient(x), k + 2 + 2 * m
        squares = (f.L * d - (1 + M * (γ * f.L - 1)) * g - M * f.gradient(y), f.gradient(y) - g)
        return shrinking(f, x, y, k, m, γ, given=(γ >= 1 / f.L, 7 / γ >= 5 * f.L), squares=squares)

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_longer(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ ‖x₀ − x⋆‖²/(2γN), the textbook bound, up to γL ≤ (1 + √5)/2."""
        h = self.step_size * f.L
        return growing(f, x, y, k, m, h, 0 * h, given=(h**2 <= 1 + h,))

    @theorem(SmoothConvex, measure=GAP, indexed=True)
    def gap_longest(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """f(x_N) − f⋆ ≤ L(γL − 1)²‖x₀ − x⋆‖²/(2(NγL(2 − γL) + γ²L² − γL − 1)) for (1 + √5)/2 ≤ γL < 2."""
        h = self.step_size * f.L
        return growing(f, x, y, k, m, h, (h**2 - h - 1) / (2 - h), given=(h > 1, h < 2, h**2 >= 1 + h))

    @theorem(SmoothConvex, measure=GRADIENT, indexed=True, source="Taylor, Hendrickx, Glineur (2017)")
    def gradient_last(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """‖∇f(x_N)‖ ≤ L‖x₀ − x⋆‖/(NγL + 1) for γ ≤ 1/L."""
        L, h, N = f.L, self.step_size * f.L, k + 1 + m

        def Φ(k: Any, x: Any) -> Any:
            gap, g = f.value(x) - f.minimum, norm2(f.gradient(x))
            return L**2 * norm2(x - f.minimizer) + 2 * k * h * L * gap + k * h * (k * h + 1) * g

        return Potential(
            phi=Φ,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=norm2(f.gradient(x)),
            scale=(N * h + 1) ** 2,
            initial=L**2 * norm2(x - f.minimizer),
            given=(1 / self.step_size >= L,),
        )
