"""Stochastic gradient descent with steps like 1/k that begin short enough for a bounded variance."""

from __future__ import annotations

from typing import Any

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.variance import Variance
from certify.language import GAP, Goal, Method, Positive, Potential, theorem


class ShiftedStochasticGradient(Method):
    """x_{k+1} = x_k − γ_k g_k with E g_k = ∇f(x_k) and γ_k = (2(k + s) + 1)/(μ(k + s + 1)²).

    With s so large that γ_0 ≤ 1/L a bounded variance is enough.
    """

    name = "sgd-shifted"
    title = "stochastic gradient descent with steps like 1/(k + s)"
    formula = r"x_{k+1} = x_k - \tfrac{2(k+s)+1}{\mu(k+s+1)^2}\,g_k, \quad \mathbb{E}\,g_k = \nabla f(x_k)"
    source = "Karimi, Nutini, Schmidt (2016), Theorem 4"
    shift = Positive("s", "shift of the step sizes")

    def step(self, x: Any, f: Any, *, k: Any) -> Any:
        """A shorter and shorter step."""
        t = k + self.shift
        return x - (2 * t + 1) / (f.mu * (t + 1) ** 2) * f.stochastic_gradient(x)

    @theorem(PolyakLojasiewicz, Variance, measure=GAP, indexed=True)
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """E f(x_N) − f⋆ ≤ s²/(N + s)² (f(x₀) − f⋆) + 2Lσ²N/(μ(N + s))² if (2s + 1)L ≤ μ(s + 1)²."""
        N, s, error = k + 1 + m, self.shift, 2 * f.L * f.sigma**2 / f.mu**2
        return Potential(
            phi=lambda k, x: (k + s) ** 2 * (f.value(x) - f.minimum) + (N - k) * error,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            scale=(N + s) ** 2,
            initial=s**2 * (f.value(x) - f.minimum) + N * error,
            given=((2 * s + 1) * f.L <= f.mu * (s + 1) ** 2,),
        )
