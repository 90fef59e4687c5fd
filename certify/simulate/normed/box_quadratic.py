"""Quadratics with any matrix in two or three dimensions, whose ball-prox in ℓ∞ or ℓ1 tries all active sets.

In these runs distances to x⋆ can grow, which separable functions never show.
"""

from __future__ import annotations

from itertools import product
from typing import Self

import torch
from torch import Tensor

from certify.geometry import L1
from certify.simulate.functions import _random
from certify.simulate.functions._rows import apply, as_column, check_like, check_matrix
from certify.simulate.functions.base import CONVEX
from certify.simulate.normed.base import InNorm

CONDITION = 1e4


class BoxQuadratic(InNorm):
    """f(x) = ½ (x − x*)ᵀ H (x − x*) with H (B, d, d) positive definite; in ℓ1 for d = 2 only, where the ball is a box
    after a rotation."""

    name = "box-quadratic"
    may_satisfy = CONVEX

    def __init__(self, *, matrix: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        rows, d = minimizer.shape
        self._matrix = check_like("matrix", matrix, (rows, d, d))
        self.constants = {"L": matrix.diagonal(dim1=1, dim2=2).sum(1, keepdim=True)}  # for rounding only
        self.satisfies = CONVEX
        self.minimum = torch.zeros_like(minimizer[:, :1])
        self.parameters = {"matrix": matrix, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Random axes, condition numbers up to 10⁴."""
        if dimension > (2 if cls.norm == L1 else 3):
            return []
        q = _random.orthogonal(batch, dimension, generator=generator)
        h = _random.log_uniform(1.0, CONDITION, batch, dimension, generator=generator)
        matrix = q @ (h[:, :, None] * q.mT)
        x = _random.points(batch, dimension, generator=generator)
        return [cls(matrix=(matrix + matrix.mT) / 2, minimizer=x)]

    def value(self, x: Tensor) -> Tensor:
        z = x - self.minimizer
        return 0.5 * (z * apply(self._matrix, z)).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """H (x − x*)."""
        return apply(self._matrix, x - self.minimizer)

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The best of the points that are stationary with each coordinate free or at a bound."""
        t = as_column(t, like=x, name="t")
        z = x - self.minimizer
        if self.norm != L1:
            u, g = _box_minimum(self._matrix, z, t)
            return self.minimizer + u, g
        turn = x.new_tensor([[0.5, 0.5], [0.5, -0.5]])  # z = turn @ (p, q), where the ball is a box
        v, slope = _box_minimum(turn @ self._matrix @ turn, 2 * z @ turn, t)
        return self.minimizer + v @ turn, 2 * slope @ turn


def _box_minimum(matrix: Tensor, centre: Tensor, t: Tensor) -> tuple[Tensor, Tensor]:
    """The minimiser of ½ zᵀHz over |zᵢ − centreᵢ| ≤ t and the gradient there, 0 along free coordinates."""
    rows, d = centre.shape
    best, slope, least = centre, torch.zeros_like(centre), torch.full_like(t, torch.inf)
    for sides in product((0, -1, 1), repeat=d):
        free = [i for i, side in enumerate(sides) if not side]
        bound = [i for i, side in enumerate(sides) if side]
        z = centre + t * centre.new_tensor(sides)
        if free:
            right = -(matrix[:, free][:, :, bound] @ z[:, bound, None]) if bound else z.new_zeros(rows, d, 1)
            z[:, free] = torch.linalg.solve(matrix[:, free][:, :, free], right)[..., 0]
        z = torch.minimum(torch.maximum(z, centre - t), centre + t)
        g = apply(matrix, z)
        value = (z * g).sum(1, keepdim=True)
        better = value < least
        g = torch.where((z > centre - t) & (z < centre + t), 0.0, g)
        best, slope = torch.where(better, z, best), torch.where(better, g, slope)
        least = torch.where(better, value, least)
    return best, slope
