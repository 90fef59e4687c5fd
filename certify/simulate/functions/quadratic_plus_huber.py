"""A quadratic plus a radial Huber function: smooth, strongly convex and not quadratic.

Its curvature is L near the minimiser and μ along rays far away, the extremes that worst cases use.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._radial import polar, radial_brox
from certify.simulate.functions._rows import as_column, check_matrix, check_positive
from certify.simulate.functions.base import SMOOTH_STRONGLY_CONVEX, TestFunction


class QuadraticPlusHuber(TestFunction):
    """f(x) = μr²/2 + s·(r²/(2δ) for r ≤ δ, r − δ/2 beyond), with r = ‖x − x*‖.

    **Arguments**: `curvature` μ, `slope` s and `width` δ, all (B, 1) positive; `minimizer` (B, d).
    Constants: L = μ + s/δ, attained for r < δ, and μ, attained along rays for r > δ.
    """

    name = "quadratic-plus-huber"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_STRONGLY_CONVEX
    stretchable = frozenset({"curvature", "slope", "width"})

    def __init__(self, *, curvature: Tensor, slope: Tensor, width: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        column = (minimizer.shape[0], 1)
        self._curvature = check_positive("curvature", curvature, column)
        self._slope = check_positive("slope", slope, column)
        self._width = check_positive("width", width, column)
        self.constants = {"L": curvature + slope / width, "mu": curvature}
        self.satisfies = SMOOTH_STRONGLY_CONVEX
        self.minimum = torch.zeros_like(slope)
        self.parameters = {
            "curvature": curvature,
            "slope": slope,
            "width": width,
            "minimizer": minimizer,
        }

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Every parameter over four decades."""
        return [
            cls(
                curvature=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                slope=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                width=_random.log_uniform(1e-3, 1e1, batch, 1, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        radius, _ = polar(x, self.minimizer)
        inner = torch.minimum(radius, self._width)
        huber = self._slope * (inner**2 / (2 * self._width) + (radius - inner))
        return 0.5 * self._curvature * radius**2 + huber

    def subgradient(self, x: Tensor) -> Tensor:
        """(μ + s/max(r, δ)) (x − x*)."""
        radius, _ = polar(x, self.minimizer)
        factor = self._curvature + self._slope / torch.maximum(radius, self._width)
        return factor * (x - self.minimizer)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """Radius r/(1 + γL) where that is at most δ, and (r − γs)/(1 + γμ) beyond."""
        gamma = as_column(gamma, like=x, name="gamma")
        radius, unit = polar(x, self.minimizer)
        inner = radius / (1 + gamma * self.constants["L"])
        outer = (radius - gamma * self._slope) / (1 + gamma * self._curvature)
        return self.minimizer + torch.where(inner <= self._width, inner, outer) * unit

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """A step of length min(t, ‖x − x*‖) towards x*."""

        def slope(radius: Tensor) -> Tensor:
            kink = self._slope * (radius / self._width).clamp_max(1.0)
            return self._curvature * radius + kink

        return radial_brox(x, self.minimizer, t, slope)
