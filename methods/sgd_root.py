"""Stochastic gradient descent with steps like 1/√k."""

from __future__ import annotations

from typing import Any

from certify.assumptions.convex import Convex
from certify.assumptions.sampled_smooth_convex import SampledSmoothConvex
from certify.assumptions.second_moment import SecondMoment
from certify.language import GAP, Averaging, Goal, Method, Positive, log2, norm2, root, theorem


class RootStochasticGradient(Method):
    """x_{k+1} = x_k − α g_k/√(k + 1) with E g_k = ∇f(x_k).

    The weights in the average are the step sizes; as f is convex, the bounds hold for f at the average point too.
    """

    name = "sgd-root"
    title = "stochastic gradient descent with steps like 1/√k"
    formula = r"x_{k+1} = x_k - \tfrac{\alpha}{\sqrt{k+1}}\,g_k, \quad \mathbb{E}\,g_k = \nabla f(x_k)"
    source = "Nemirovski, Juditsky, Lan, Shapiro (2009)"
    scale = Positive("alpha", "step size at the start")

    def step(self, x: Any, f: Any, *, k: Any) -> Any:
        """A shorter and shorter step."""
        return x - self.scale / root(k + 1) * f.stochastic_gradient(x)

    @theorem(Convex, SecondMoment, measure=GAP, indexed=True)
    def gap(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """The average gap is at most R²/(2α√N) + ασ² log₂(N + 1)/(2√N), for every α."""
        return self._average(f, x, y, k, 1, ())

    @theorem(SampledSmoothConvex, measure=GAP, indexed=True)
    def gap_sampled(self, f: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """The average gap is at most R²/(2α√N) + ασ² log₂(N + 1)/√N for α ≤ 1/(2L), σ² the noise at x⋆."""
        return self._average(f, x, y, k, 2, (2 * self.scale * f.L <= 1,))

    def _average(self, f: Any, x: Any, y: Any, k: Any, factor: int, given: tuple[Any, ...]) -> Goal:
        α, noise = self.scale, factor * self.scale**2 * f.sigma**2
        return Averaging(
            quantity=f.value(x) - f.minimum,
            weight=2 * α / root(k + 1),
            before=norm2(x - f.minimizer),
            after=norm2(y - f.minimizer),
            error=noise / root(k + 1) ** 2,
            clock=k,
            total=lambda k: 2 * α * root(k),
            spent=lambda k: noise * log2(k + 1),
            given=given,
        )
