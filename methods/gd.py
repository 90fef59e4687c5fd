"""Gradient descent with a constant step size."""

from __future__ import annotations

from typing import Any

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.rsi_eb import RSIEB
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import (
    BEST_GRADIENT,
    DISTANCE,
    GAP,
    GRADIENT,
    Contraction,
    EnergyContraction,
    Goal,
    Method,
    Positive,
    Potential,
    Telescoping,
    best,
    inner,
    norm2,
    rate,
    theorem,
)
from certify.methods._smooth_potentials import growing, shrinking

TAYLOR = "Taylor, Hendrickx, Glineur (2017)"
EXACT = "Taylor, Hendrickx, Glineur (2018)"
SMOOTH = ({"L": 1, "gamma": 1, "N": 3}, {"L": 1, "gamma": "1/2", "N": 2})
CURVED = ({"L": 1, "mu": "1/10", "gamma": 1, "N": 2}, {"L": 1, "mu": "1/10", "gamma": "2/(L+mu)", "N": 1})
DOMINATED = ({"L": 1, "mu": "1/2", "gamma": 1, "N": 1},)
ZAMANI = "Abbaszadehpeivasti, de Klerk, Zamani"


def short(method: Any, f: Any, N: int) -> bool:
    """γ ≤ 1/L."""
    return method.step_size * f.L <= 1


def stable(method: Any, f: Any, N: int) -> bool:
    """γ < 2/L."""
    return method.step_size * f.L < 2


def long(method: Any, f: Any, N: int) -> bool:
    """1/L ≤ γ ≤ √3/L."""
    return method.step_size * f.L >= 1 and (method.step_size * f.L) ** 2 <= 3


class GradientDescent(Method):
    """x⁺ = x − γ ∇f(x)."""

    name = "gd"
    title = "gradient descent"
    formula = r"x^+ = x - \gamma\,\nabla f(x)"
    source = "Cauchy (1847)"
    step_size = Positive("gamma", "step size")

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

    # -- rates of the literature -------------------------------------------------------------------------

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Drori, Teboulle (2014), Theorem 3.1",
        holds=short,
        at=[{"L": 1, "gamma": 1, "N": 5}, {"L": 1, "gamma": "1/2", "N": 3}, {"L": 2, "gamma": "1/(2*L)", "N": 1}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ L R²/(4NγL + 2) for γ ≤ 1/L."""
        return f.L / (4 * N * self.step_size * f.L + 2)

    @rate(
        SmoothConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source=TAYLOR,
        holds=stable,
        at=[{"L": 1, "gamma": "3/2", "N": 1}, {"L": 1, "gamma": "3/2", "N": 2}, {"L": 1, "gamma": "9/5", "N": 5}],
    )
    def gap_rate_all_steps(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (L R²/2) max{1/(2NLγ + 1), (1 − Lγ)^2N} for γ < 2/L."""
        h = self.step_size * f.L
        return f.L / 2 * max(1 / (2 * N * h + 1), (1 - h) ** (2 * N))

    @rate(SmoothConvex, measure=GAP, initial=DISTANCE, source="folklore", holds=short, at=SMOOTH)
    def gap_rate_textbook(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ R²/(2γN) for γ ≤ 1/L."""
        return 1 / (2 * self.step_size * N)

    @rate(
        SmoothConvex, measure=GAP, initial=DISTANCE, source="Nesterov (2004), Theorem 2.1.14", holds=stable, at=SMOOTH
    )
    def gap_rate_nesterov(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ 2L R²/(4 + NγL(2 − γL)) for γ < 2/L."""
        h = self.step_size * f.L
        return 2 * f.L / (4 + N * h * (2 - h))

    @rate(SmoothConvex, measure=GRADIENT, initial=GAP, tight=True, source=TAYLOR, holds=short, at=SMOOTH)
    def gradient_from_gap(self, f: Any, N: int) -> Any:
        """‖∇f(x_N)‖² ≤ 2L (f(x₀) − f⋆)/(2NγL + 1) for γ ≤ 1/L."""
        return 2 * f.L / (2 * N * self.step_size * f.L + 1)

    @rate(SmoothConvex, measure=GRADIENT, initial=DISTANCE, tight=True, source=TAYLOR, holds=short, at=SMOOTH)
    def gradient_from_distance(self, f: Any, N: int) -> Any:
        """‖∇f(x_N)‖² ≤ L² R²/(NγL + 1)² for γ ≤ 1/L."""
        return f.L**2 / (N * self.step_size * f.L + 1) ** 2

    @rate(
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Polyak (1963)",
        holds=stable,
        at=CURVED,
    )
    def distance_rate(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ ρ^N R² with ρ = max{(1 − Lγ)², (1 − μγ)²} for γ < 2/L."""
        return self._contraction(f) ** N

    @rate(SmoothStronglyConvex, measure=GAP, initial=GAP, tight=True, source=EXACT, holds=stable, at=CURVED)
    def gap_contraction(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ ρ^N (f(x₀) − f⋆) with the same ρ for γ < 2/L."""
        return self._contraction(f) ** N

    @rate(SmoothStronglyConvex, measure=GRADIENT, initial=GRADIENT, tight=True, source=EXACT, holds=stable, at=CURVED)
    def gradient_contraction(self, f: Any, N: int) -> Any:
        """‖∇f(x_N)‖² ≤ ρ^N ‖∇f(x₀)‖² with the same ρ for γ < 2/L."""
        return self._contraction(f) ** N

    @rate(
        SmoothStronglyConvex,
        measure=DISTANCE,
        initial=DISTANCE,
        source="Nesterov (2004), Theorem 2.1.15",
        holds=lambda self, f, N: self.step_size * (f.L + f.mu) <= 2,
        at=CURVED,
    )
    def distance_rate_nesterov(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ (1 − 2γμL/(μ + L))^N R² for γ ≤ 2/(L + μ)."""
        return (1 - 2 * self.step_size * f.mu * f.L / (f.mu + f.L)) ** N

    @rate(SmoothStronglyConvex, measure=DISTANCE, initial=DISTANCE, source="folklore", holds=short, at=CURVED[:1])
    def distance_rate_textbook(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ (1 − γμ)^N R² for γ ≤ 1/L."""
        return (1 - self.step_size * f.mu) ** N

    @rate(
        SmoothStronglyConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source=TAYLOR,
        holds=lambda self, f, N: (stable(self, f, N), self.step_size * f.mu != 1),
        at=[{"L": 1, "mu": "1/10", "gamma": 1, "N": 3}, {"L": 1, "mu": "1/10", "gamma": "19/10", "N": 2}],
    )
    def gap_from_distance(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (L R²/2) max{q/(q − 1 + (1 − γμ)^−2N), (1 − γL)^2N}, q = μ/L, for γ < 2/L."""
        q, γ = f.mu / f.L, self.step_size
        return f.L / 2 * max(q / (q - 1 + (1 - γ * f.mu) ** (-2 * N)), (1 - γ * f.L) ** (2 * N))

    @rate(PolyakLojasiewicz, measure=GAP, initial=GAP, source="Polyak (1963)", holds=stable, at=DOMINATED)
    def gap_rate_pl(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (1 − μγ(2 − Lγ))^N (f(x₀) − f⋆) for γ < 2/L."""
        return (1 - f.mu * self.step_size * (2 - f.L * self.step_size)) ** N

    @rate(PolyakLojasiewicz, measure=GAP, initial=GAP, source=f"{ZAMANI} (2023), Theorem 3", holds=long, at=DOMINATED)
    def gap_rate_pl_long(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (1 − μγ(4 − (Lγ)²)/(2 + μγ))^N (f(x₀) − f⋆) for 1/L ≤ γ ≤ √3/L."""
        γ = self.step_size
        return (1 - f.mu * γ * (4 - (f.L * γ) ** 2) / (2 + f.mu * γ)) ** N

    @rate(
        Smooth,
        measure=BEST_GRADIENT,
        initial=GAP,
        tight=True,
        source=f"{ZAMANI} (2022)",
        holds=long,
        at=[{"L": 1, "gamma": 1, "N": 1}, {"L": 1, "gamma": 1, "N": 2}, {"L": 1, "gamma": 1, "N": 5}],
    )
    def best_gradient_rate(self, f: Any, N: int) -> Any:
        """min_{k ≤ N} ‖∇f(x_k)‖² ≤ 4L (f(x₀) − f⋆)/(NγL(4 − γ²L²) + 2) for 1/L ≤ γ ≤ √3/L."""
        h = self.step_size * f.L
        return 4 * f.L / (N * h * (4 - h**2) + 2)

    @rate(
        Smooth,
        measure=best(GRADIENT, before=1),
        initial=GAP,
        source="Nesterov (2004), section 1.2.3",
        holds=stable,
        at=[{"L": 1, "gamma": 1, "N": 2}],
    )
    def best_gradient_descent_lemma(self, f: Any, N: int) -> Any:
        """min_{k < N} ‖∇f(x_k)‖² ≤ (f(x₀) − f⋆)/(Nγ(1 − Lγ/2)) for γ < 2/L."""
        return 1 / (N * self.step_size * (1 - f.L * self.step_size / 2))

    @rate(
        Quadratic,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Bousselmi, Hendrickx, Glineur (2024), equation (4.17)",
        holds=lambda self, f, N: self.step_size * f.L <= 2,
        at=[
            {"L": 1, "mu": 0, "gamma": 1, "N": 2},
            {"L": 1, "mu": "1/10", "gamma": "1/2", "N": 1},
            {"L": 2, "mu": 1, "gamma": "2/5", "N": 3},
        ],
    )
    def gap_rate_quadratic(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (L R²/2) max{α(1 − αγL)^2N, (1 − γL)^2N}, α the nearest to 1/(γL(2N + 1)) in [μ/L, 1]."""
        h = self.step_size * f.L
        α = min(max(1 / (h * (2 * N + 1)), f.mu / f.L), 1)
        return f.L / 2 * max(α * (1 - α * h) ** (2 * N), (1 - h) ** (2 * N))

    @rate(
        RSIEB,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Guille-Escuret, Ibrahim, Goujaud, Mitliagkas (2022), Proposition 1 and Theorem 2",
        at=[{"L": 1, "mu": "1/10", "gamma": "mu/L^2", "N": 2}, {"L": 1, "mu": "1/2", "gamma": 1, "N": 1}],
    )
    def distance_rate_rsi_eb(self, f: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ (1 − 2γμ + γ²L²)^N R²."""
        return (1 - 2 * self.step_size * f.mu + self.step_size**2 * f.L**2) ** N

    @rate(
        QGConvex,
        measure=GAP,
        initial=DISTANCE,
        tight=True,
        source="Goujaud, Taylor, Dieuleveut (2022), Theorem 2.2",
        holds=lambda self, f, N: self.step_size * f.L < 1,
        at=[{"L": 1, "gamma": "1/5", "N": 2}, {"L": 1, "gamma": "1/2", "N": 3}],
    )
    def gap_rate_qg(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (L R²/2) max{1/(2NγL + 1), γL} for γ < 1/L."""
        h = self.step_size * f.L
        return f.L / 2 * max(1 / (2 * N * h + 1), h)

    def _contraction(self, f: Any) -> Any:
        return max((1 - f.L * self.step_size) ** 2, (1 - f.mu * self.step_size) ** 2)
