"""Stochastic gradient descent with steps like 1/k."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.second_moment import SecondMoment
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import DISTANCE, GAP, Goal, Method, Potential, norm2, theorem


class DecreasingStochasticGradient(Method):
    """x_{k+1} = x_k − γ_k g_k with E g_k = ∇f(x_k) and γ_k = (2k + 1)/(2μ(k + 1)²).

    1 − 2γ_kμ is k²/(k + 1)², so that k² times the gap never grows but for the noise, and where the method started does
    not matter at all.
    """

    name = "sgd-decreasing"
    title = "stochastic gradient descent with steps like 1/k"
    formula = r"x_{k+1} = x_k - \tfrac{2k+1}{2\mu(k+1)^2}\,g_k, \quad \mathbb{E}\,g_k = \nabla f(x_k)"
    source = "Karimi, Nutini, Schmidt (2016), Theorem 4"

    def step(self, x: Any, f: Any, *, k: Any) -> Any:
        """A shorter and shorter step."""
        return x - (2 * k + 1) / (2 * f.mu * (k + 1) ** 2) * f.stochastic_gradient(x)

    @theorem(PolyakLojasiewicz, SecondMoment, measure=GAP, indexed=True)
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """E f(x_N) − f⋆ ≤ Lσ²/(2μ²N), from any start."""
        return self._potential(lambda x: f.value(x) - f.minimum, f.L * f.sigma**2 / (2 * f.mu**2), x, y, k, m)

    @theorem(StronglyConvex, SecondMoment, measure=DISTANCE, indexed=True)
    def distance(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """E‖x_N − x⋆‖² ≤ σ²/(μ²N), from any start and without smoothness."""
        return self._potential(lambda x: norm2(x - f.minimizer), f.sigma**2 / f.mu**2, x, y, k, m)

    def _potential(self, of: Callable[[Any], Any], error: Any, x: Any, y: Any, k: Any, m: Any) -> Goal:
        """k² times the measure, and the errors of the steps that are left."""
        N = k + 1 + m
        return Potential(
            phi=lambda k, x: k**2 * of(x) + (N - k) * error,
            x=x,
            y=y,
            clock=k,
            left=m,
            measure=of(x),
            scale=N**2,
            initial=N * error,
        )
