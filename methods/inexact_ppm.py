"""The proximal point method with relatively inexact proximal steps."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.language import DISTANCE, GAP, Method, NonNegative, Positive, norm2, rate, root


class InexactProximalPoint(Method):
    """x⁺ = x − γ g + e with g ∈ ∂f(x⁺) and ‖e‖ ≤ σ‖x⁺ − x‖."""

    name = "inexact-ppm"
    title = "relatively inexact proximal point method"
    formula = r"x^+ = x - \gamma g + e,\quad g \in \partial f(x^+),\quad \|e\| \le \sigma\|x^+ - x\|"
    source = "Rockafellar (1976), Solodov, Svaiter (1999)"
    step_size = Positive("gamma", "step size")
    accuracy = NonNegative("sigma", "relative accuracy")

    def step(self, x: Any, f: Any) -> Any:
        """One inexact proximal step."""
        found = f.inexact_prox(x, self.step_size)
        return found.within(self.accuracy**2 / 2 * norm2(found.point - x)).point

    @rate(
        Convex,
        measure=GAP,
        initial=DISTANCE,
        source="Barré, Taylor, Bach (2020), section 3.5.1, observed",
        holds=lambda self, f, N: self.accuracy <= 1,
        at=[{"gamma": 1, "sigma": "3/5", "N": 1}, {"gamma": "1/2", "sigma": "4/5", "N": 3}],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ (1 + σ) R²/(4γ N^√(1 − σ²)) for σ ≤ 1."""
        exponent = float(root(1 - self.accuracy**2))
        return float((1 + self.accuracy) / (4 * self.step_size)) / N**exponent
