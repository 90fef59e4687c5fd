"""Douglas–Rachford splitting where one of the two proximal steps is inexact."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import DISTANCE, Method, NonNegative, Positive, norm2, rate


class InexactDouglasRachford(Method):
    """x = z − γ(∇f(x) − e), y = prox_{γg}(x − γ∇f(x)), z⁺ = z + y − x, with ‖γe‖ ≤ σ‖y − z + γ∇f(x)‖."""

    name = "inexact-douglas-rachford"
    title = "partially inexact Douglas–Rachford splitting"
    formula = (
        r"x = z - \gamma(\nabla f(x) - e),\quad y = \mathrm{prox}_{\gamma g}(x - \gamma\,\nabla f(x)),"
        r"\quad z^+ = z + y - x,\quad \|\gamma e\| \le \sigma\|y - z + \gamma\,\nabla f(x)\|"
    )
    source = "Eckstein, Yao (2018)"
    functions = ("f", "g")
    starts = ("z",)
    step_size = Positive("gamma", "step size")
    accuracy = NonNegative("sigma", "relative accuracy")

    def step(self, z: Any, f: Any, g: Any) -> Any:
        """An inexact proximal step on f, then one on g."""
        found = f.inexact_prox(z, self.step_size)
        y = g.prox(found.point - self.step_size * found.subgradient, self.step_size)
        found.within(self.accuracy**2 / 2 * norm2(y - z + self.step_size * found.subgradient))
        return z + y - found.point

    def solution(self, f: Any, g: Any) -> Any:
        """The fixed point z⋆ = x⋆ + γ∇f(x⋆), where x⋆ minimises f + g."""
        x = (f + g).minimizer
        return x + self.step_size * f.gradient(x)

    @rate(
        SmoothStronglyConvex,
        Convex,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Barré, Taylor, Bach (2020), Theorem 5.1",
        holds=lambda self, f, g, N: self.accuracy < 1,
        at=[
            {"f.L": 5, "f.mu": "1/10", "gamma": "7/5", "sigma": "1/5", "N": 1},
            {"f.L": 1, "f.mu": "1/2", "gamma": "1/2", "sigma": "1/2", "N": 1},
            {"f.L": 2, "f.mu": "1/2", "gamma": 1, "sigma": "1/10", "N": 2},
        ],
    )
    def distance_rate(self, f: Any, g: Any, N: int) -> Any:
        """‖z_N − z⋆‖² ≤ ρ²ᴺ R², ρ = max{(1 − σ + γμσ)/(1 − σ + γμ), (σ + (1 − σ)γL)/(1 + (1 − σ)γL)}, σ < 1."""
        σ, m, l = self.accuracy, self.step_size * f.mu, (1 - self.accuracy) * self.step_size * f.L
        return max((1 - σ + m * σ) / (1 - σ + m), (σ + l) / (1 + l)) ** (2 * N)
