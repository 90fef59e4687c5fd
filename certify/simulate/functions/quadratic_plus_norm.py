"""A quadratic bowl with a kink at its bottom: strongly convex and not differentiable.

It tells bounds for strongly convex functions from those that also need smoothness.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._radial import polar, radial_brox
from certify.simulate.functions._rows import as_column, check_matrix, check_positive
from certify.simulate.functions.base import STRONGLY_CONVEX, TestFunction


class QuadraticPlusNorm(TestFunction):
    """f(x) = μr²/2 + s r with r = ‖x − x*‖.

    **Arguments**: `curvature` μ and `slope` s, both (B, 1) positive; `minimizer` x* (B, d).
    Constants: μ, attained along rays.
    """

    name = "quadratic-plus-norm"
    oracles = frozenset({"value", "subgradient", "prox", "brox"})
    may_satisfy = STRONGLY_CONVEX
    stretchable = frozenset({"curvature", "slope"})

    def __init__(self, *, curvature: Tensor, slope: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        column = (minimizer.shape[0], 1)
        self._curvature = check_positive("curvature", curvature, column)
        self._slope = check_positive("slope", slope, column)
        self.constants = {"mu": curvature}
        self.satisfies = STRONGLY_CONVEX
        self.minimum = torch.zeros_like(slope)
        self.parameters = {"curvature": curvature, "slope": slope, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Curvatures over four and slopes over six decades."""
        return [
            cls(
                curvature=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                slope=_random.log_uniform(1e-4, 1e2, batch, 1, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        radius, _ = polar(x, self.minimizer)
        return (0.5 * self._curvature * radius + self._slope) * radius

    def subgradient(self, x: Tensor) -> Tensor:
        """μ (x − x*) + s (x − x*)/r, and 0 at x*."""
        _, unit = polar(x, self.minimizer)
        return self._curvature * (x - self.minimizer) + self._slope * unit

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """Radius (r − γs)₊/(1 + γμ)."""
        gamma = as_column(gamma, like=x, name="gamma")
        radius, unit = polar(x, self.minimizer)
        shrunk = (radius - gamma * self._slope).clamp_min(0.0) / (1 + gamma * self._curvature)
        return self.minimizer + shrunk * unit

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """A step of length min(t, ‖x − x*‖) towards x*."""
        return radial_brox(x, self.minimizer, t, lambda r: self._curvature * r + self._slope)
