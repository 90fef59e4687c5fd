"""The difference-of-convex algorithm, also called the convex-concave procedure."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import Measure, Method, Run, best, measure, norm2, rate


def _gap(run: Run, k: int) -> Any:
    f, g = run.functions
    return f.value(run.points[k]) - g.value(run.points[k]) - (f - g).minimum


def _gradient(run: Run, k: int) -> Any:
    f, g = run.functions
    return norm2((f - g).gradient(run.points[k]))


DIFFERENCE: Measure = measure("difference-gap", "F({x}) − F⋆, F = f − g", _gap)
SLOPE: Measure = measure("difference-gradient", "‖∇f({x}) − ∇g({x})‖²", _gradient)
ZAMANI = "Abbaszadehpeivasti, de Klerk, Zamani (2024), Theorem 3"
POINTS = (
    {"f.L": 2, "f.mu": "1/5", "g.L": 3, "g.mu": "1/10", "N": 1},
    {"f.L": 3, "f.mu": "1/2", "g.L": 2, "g.mu": "1/5", "N": 2},
    {"f.L": 2, "f.mu": "1/10", "g.L": 5, "g.mu": "1/5", "N": 3},
)


class DifferenceOfConvex(Method):
    """x⁺ ∈ argmin_z f(z) − ⟨∇g(x), z⟩ for F = f − g."""

    name = "dca"
    title = "difference-of-convex algorithm"
    formula = r"x^+ \in \arg\min_z\, f(z) - \langle\nabla g(x), z\rangle"
    source = "Pham Dinh, Le Thi (1997)"
    functions = ("f", "g")

    def step(self, x: Any, f: Any, g: Any) -> Any:
        """f is minimised after g was replaced by its tangent."""
        return f.shifted_minimizer(g.gradient(x))

    def solution(self, f: Any, g: Any) -> Any:
        """A minimiser of the difference."""
        return (f - g).minimizer

    @rate(
        SmoothStronglyConvex,
        SmoothStronglyConvex,
        measure=best(SLOPE),
        initial=DIFFERENCE,
        tight=True,
        source=ZAMANI,
        holds=lambda self, f, g, N: (g.mu < f.L, f.mu < g.L),
        at=POINTS,
    )
    def gradient_rate(self, f: Any, g: Any, N: int) -> Any:
        """min ‖∇f(x_k) − ∇g(x_k)‖² ≤ A (F(x₀) − F⋆)/(B N + C), with A, B, C as in the source.

        S = L₁L₂ − μ₁L₂ if L₁ ≥ L₂, else L₁L₂ − μ₂L₁; A = 2S, C = S/(L₁ − μ₂), and B = L₁ + L₂ + μ₁(L₁/L₂ − 3) if
        L₁ ≥ L₂, else L₁ + L₂ + μ₂(L₂/L₁ − 3); L₁, μ₁ are the constants of f and L₂, μ₂ those of g;
        L₁ > μ₂ and L₂ > μ₁, so that F need be neither convex nor concave.
        """
        if f.L >= g.L:
            S = f.L * g.L - f.mu * g.L
            B = f.L + g.L + f.mu * (f.L / g.L - 3)
        else:
            S = f.L * g.L - g.mu * f.L
            B = f.L + g.L + g.mu * (g.L / f.L - 3)
        return 2 * S / (B * N + S / (f.L - g.mu))
