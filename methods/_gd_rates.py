"""What the literature says of gradient descent after N steps."""

from __future__ import annotations

from typing import Any

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.rsi_eb import RSIEB
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import BEST_GRADIENT, DISTANCE, GAP, GRADIENT, Method, Positive, best, rate

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


class GradientDescentRates(Method):
    """Rates of x⁺ = x − γ ∇f(x)."""

    step_size = Positive("gamma", "step size")

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
        """f(x_N) − f⋆ ≤ (L R²/2) max{1/(2NLγ + 1), (1 − Lγ)²ᴺ} for γ < 2/L."""
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
        """f(x_N) − f⋆ ≤ (L R²/2) max{q/(q − 1 + (1 − γμ)⁻²ᴺ), (1 − γL)²ᴺ}, q = μ/L, for γ < 2/L."""
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
        """f(x_N) − f⋆ ≤ (L R²/2) max{α(1 − αγL)²ᴺ, (1 − γL)²ᴺ}, α the nearest to 1/(γL(2N + 1)) in [μ/L, 1]."""
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
