"""Stochastic gradient descent with steps like 1/k that begin as if some steps had been made before."""

from __future__ import annotations

from typing import Any

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.variance import Variance
from certify.language import GAP, Goal, Method, NonNegative, Potential, theorem


class DelayedStochasticGradient(Method):
    """x_{k+1} = x_k − 2/(μ(k + s + 1)) g_k with E g_k = ∇f(x_k).

    A variance does not bound ‖∇f(x)‖, so that no step may be longer than 1/L: s + 1 ≥ 2L/μ sees to that.
    """

    name = "sgd-delayed"
    title = "stochastic gradient descent with steps like 1/k from a later k on"
    formula = r"x_{k+1} = x_k - \tfrac{2}{\mu(k+s+1)}\,g_k, \quad \mathbb{E}\,g_k = \nabla f(x_k)"
    source = "Bottou, Curtis, Nocedal (2018), Theorem 4.7"
    delay = NonNegative("s", "steps before the first")

    def step(self, x: Any, f: Any, *, k: Any) -> Any:
        """A shorter and shorter step."""
        return x - 2 / (f.mu * (k + self.delay + 1)) * f.stochastic_gradient(x)

    @theorem(PolyakLojasiewicz, Variance, measure=GAP, indexed=True)
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """E f(x_N) − f⋆ ≤ s²/(N + s)² (f(x₀) − f⋆) + 2Lσ²N/(μ²(N + s)²) for s + 1 ≥ 2L/μ."""
        N, s, error = k + 1 + m, self.delay, 2 * f.L * f.sigma**2 / f.mu**2
        return Potential(
            phi=lambda k, x: (k + s) ** 2 * (f.value(x) - f.minimum) + (N - k) * error,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=f.value(x) - f.minimum,
            scale=(N + s) ** 2,
            initial=s**2 * (f.value(x) - f.minimum) + N * error,
            given=(f.mu * (s + 1) >= 2 * f.L,),
        )
