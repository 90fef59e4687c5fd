"""Gradient descent with gradients of a given relative accuracy."""

from __future__ import annotations

from typing import Any

from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.language import GAP, Method, NonNegative, Positive, rate

TUNED = "2/((1+epsilon)*L+(1-epsilon)*mu)"


class InexactGradientDescent(Method):
    """x⁺ = x − γd with any d such that ‖d − ∇f(x)‖ ≤ ε‖∇f(x)‖."""

    name = "inexact-gd"
    title = "gradient descent with inexact gradients"
    formula = r"x^+ = x - \gamma d, \quad \|d - \nabla f(x)\| \le \epsilon\|\nabla f(x)\|"
    source = "de Klerk, Glineur, Taylor (2020)"
    step_size = Positive("gamma", "step size")
    accuracy = NonNegative("epsilon", "relative accuracy")

    def step(self, x: Any, f: Any) -> Any:
        """One step along an inexact gradient."""
        return x - self.step_size * f.inexact_gradient(x, relative=self.accuracy)

    @rate(
        SmoothStronglyConvex,
        measure=GAP,
        initial=GAP,
        tight=True,
        source="de Klerk, Glineur, Taylor (2020), Theorem 5.3",
        holds=lambda self, f, N: (
            self.accuracy < 1,
            self.step_size * ((1 + self.accuracy) * f.L + (1 - self.accuracy) * f.mu) == 2,
        ),
        at=[
            {"L": 1, "mu": "1/10", "epsilon": "1/10", "gamma": TUNED, "N": 1},
            {"L": 1, "mu": "1/4", "epsilon": "1/5", "gamma": TUNED, "N": 2},
        ],
    )
    def gap_rate(self, f: Any, N: int) -> Any:
        """f(x_N) − f⋆ ≤ ((A − B)/(A + B))²ᴺ (f(x₀) − f⋆), A = (1 + ε)L, B = (1 − ε)μ, for γ = 2/(A + B)."""
        A, B = (1 + self.accuracy) * f.L, (1 - self.accuracy) * f.mu
        return ((A - B) / (A + B)) ** (2 * N)
