"""Sums of hyperbolic cosines: no Lipschitz gradient, curvature that grows with the gradient."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import TestFunction, _random
from certify.simulate.functions._rows import check_like, check_matrix
from certify.simulate.functions.base import CONVEX


class CoshSum(TestFunction):
    """f(x) = Σⱼ cⱼ (cosh⟨uⱼ, x − x*⟩ − 1), j = 1, …, d, with directions uⱼ that couple all coordinates."""

    name = "cosh-sum"
    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = CONVEX

    def __init__(self, *, scale: Tensor, directions: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        count, d = minimizer.shape
        self._scale = check_like("scale", scale, (count, d))
        self._directions = check_like("directions", directions, (count, d, d))
        self.constants = {}
        self.satisfies = CONVEX
        self.minimum = torch.zeros_like(minimizer[:, :1])
        self.parameters = {"scale": scale, "directions": directions, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Gaussian directions, scales over four decades."""
        x = _random.points(batch, dimension, generator=generator)
        c = _random.log_uniform(1e-2, 1e2, batch, dimension, generator=generator)
        shape = (batch, dimension, dimension)
        u = torch.randn(shape, dtype=torch.float64, device=generator.device, generator=generator) / dimension
        return [cls(scale=c, directions=u, minimizer=x)]

    def value(self, x: Tensor) -> Tensor:
        """2 sinh² of half the angle, which is precise near x*."""
        half = self._angles(x) / 2
        return (2 * self._scale * half.sinh() ** 2).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """Σⱼ cⱼ sinh⟨uⱼ, x − x*⟩ uⱼ."""
        return ((self._scale * self._angles(x).sinh())[:, None, :] @ self._directions)[:, 0]

    def _angles(self, x: Tensor) -> Tensor:
        return (self._directions @ (x - self.minimizer)[:, :, None])[:, :, 0].clamp(-50, 50)
