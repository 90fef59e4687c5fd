"""The Euclidean norm, the simplest sharp function.

Subgradient methods and the ball-prox are analysed best on it: it is the worst case of many bounds.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._radial import polar, radial_brox
from certify.simulate.functions._rows import as_column, check_matrix, check_positive
from certify.simulate.functions.base import SHARP_LIPSCHITZ_CONVEX, TestFunction


class EuclideanNorm(TestFunction):
    """f(x) = M ‖x − x*‖.

    **Arguments**: `slope` M (B, 1) positive; `minimizer` x* (B, d). Constants: M = s, attained.
    """

    name = "euclidean-norm"
    oracles = frozenset({"value", "subgradient", "prox", "brox"})
    may_satisfy = SHARP_LIPSCHITZ_CONVEX

    def __init__(self, *, slope: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._slope = check_positive("slope", slope, (minimizer.shape[0], 1))
        self.constants = {"M": slope, "s": slope}
        self.satisfies = SHARP_LIPSCHITZ_CONVEX
        self.minimum = torch.zeros_like(slope)
        self.parameters = {"slope": slope, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Slopes over four decades."""
        slope = _random.log_uniform(1e-2, 1e2, batch, 1, generator=generator)
        return [cls(slope=slope, minimizer=_random.points(batch, dimension, generator=generator))]

    def value(self, x: Tensor) -> Tensor:
        radius, _ = polar(x, self.minimizer)
        return self._slope * radius

    def subgradient(self, x: Tensor) -> Tensor:
        """M (x − x*)/‖x − x*‖, and 0 at x*."""
        _, unit = polar(x, self.minimizer)
        return self._slope * unit

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """x* + (1 − γM/r)₊ (x − x*) with r = ‖x − x*‖."""
        gamma = as_column(gamma, like=x, name="gamma")
        radius, unit = polar(x, self.minimizer)
        return self.minimizer + (radius - gamma * self._slope).clamp_min(0.0) * unit

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """A step of length min(t, ‖x − x*‖) towards x*."""
        return radial_brox(x, self.minimizer, t, lambda _: self._slope)
