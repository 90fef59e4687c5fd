"""Stochastic gradient descent with steps 2/(μ(k + 2)) and growing weights in the average."""

from __future__ import annotations

from typing import Any

from certify.assumptions.second_moment import SecondMoment
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import GAP, Averaging, Goal, Method, norm2, theorem


class WeightedStochasticGradient(Method):
    """x_{k+1} = x_k − 2/(μ(k + 2)) g_k with E g_k = ∇f(x_k).

    Point x_k has the weight k + 1 in the average; f need not be smooth, and no condition number occurs.
    """

    name = "sgd-weighted"
    title = "stochastic gradient descent with weighted averages"
    formula = r"x_{k+1} = x_k - \tfrac{2}{\mu(k+2)}\,g_k, \quad \mathbb{E}\,g_k = \nabla f(x_k)"
    source = "Lacoste-Julien, Schmidt, Bach (2012)"

    def step(self, x: Any, f: Any, *, k: Any) -> Any:
        """A shorter and shorter step."""
        return x - 2 / (f.mu * (k + 2)) * f.stochastic_gradient(x)

    @theorem(StronglyConvex, SecondMoment, measure=GAP, indexed=True)
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """The average gap with weights k + 1 is at most 2σ²/(μ(N + 1)), from any start."""

        def V(k: Any, x: Any) -> Any:
            return f.mu * k * (k + 1) / 4 * norm2(x - f.minimizer)

        return Averaging(
            quantity=f.value(x) - f.minimum,
            weight=k + 1,
            before=V(k, x),
            after=V(k + 1, y),
            error=f.sigma**2 / f.mu,
            clock=k,
            total=lambda k: k * (k + 1) / 2,
            spent=lambda k: k * f.sigma**2 / f.mu,
        )
