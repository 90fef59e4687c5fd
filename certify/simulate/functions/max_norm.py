"""The largest coordinate's distance: the function on which subgradient methods learn least.

Each subgradient shows a single coordinate, which is the mechanism of the classical lower bounds.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_matrix, check_positive, norm
from certify.simulate.functions.base import LIPSCHITZ_CONVEX, TestFunction


class MaxNorm(TestFunction):
    """f(x) = M max_i |x_i − x*_i|.

    **Arguments**: `slope` M (B, 1) positive; `minimizer` x* (B, d). Constants: M, attained.
    """

    name = "max-norm"
    oracles = frozenset({"value", "subgradient", "prox", "brox"})
    may_satisfy = LIPSCHITZ_CONVEX

    def __init__(self, *, slope: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._slope = check_positive("slope", slope, (minimizer.shape[0], 1))
        self.constants = {"M": slope}
        self.satisfies = LIPSCHITZ_CONVEX
        self.minimum = torch.zeros_like(slope)
        self.parameters = {"slope": slope, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Slopes over four decades."""
        slope = _random.log_uniform(1e-2, 1e2, batch, 1, generator=generator)
        return [cls(slope=slope, minimizer=_random.points(batch, dimension, generator=generator))]

    def value(self, x: Tensor) -> Tensor:
        return self._slope * (x - self.minimizer).abs().amax(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """± M times the unit vector of a largest coordinate, and 0 at x*."""
        offset = x - self.minimizer
        largest = offset.abs().argmax(1, keepdim=True)
        sign = offset.gather(1, largest).sign()
        return torch.zeros_like(x).scatter(1, largest, self._slope * sign)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """Clip x − x* to [−τ, τ] with Σᵢ (|xᵢ − x*ᵢ| − τ)₊ = γM, or τ = 0 if that is too much."""
        total = as_column(gamma, like=x, name="gamma") * self._slope
        offset = x - self.minimizer
        descending = offset.abs().sort(1, descending=True).values
        count = torch.arange(1, x.shape[1] + 1, dtype=x.dtype, device=x.device)
        level = ((descending.cumsum(1) - total) / count).amax(1, keepdim=True).clamp_min(0.0)
        return self.minimizer + offset.clamp(-level, level)

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The prox whose step has length t: piecewise explicit.

        Let eᵢ ≥ 0 be what |xᵢ − x*ᵢ| lacks to the largest of them, in increasing order. Clipping by
        θ moves the coordinates by (θ − eᵢ)₊, and with k of them active Σ (θ − eᵢ)² = t² is a
        quadratic equation; k is the number of i for which θ = eᵢ is not too much.
        """
        t = as_column(t, like=x, name="t")
        offset = x - self.minimizer
        reached = norm(offset) <= t
        size = offset.abs()
        missing = size.amax(1, keepdim=True) - size
        level = _clip(missing.sort(1).values, t)
        moved = offset.sign() * torch.minimum((level - missing).clamp_min(0.0), size)
        total = moved.abs().sum(1, keepdim=True)
        u = self.minimizer + torch.where(reached, 0.0, offset - moved)
        g = self._slope * moved / torch.where(total > 0, total, 1.0)
        return u, torch.where(reached, 0.0, g)


def _clip(missing: Tensor, t: Tensor) -> Tensor:
    """The θ ≥ 0, shape (B, 1), with Σᵢ ((θ − missingᵢ)₊)² = t², for missing (B, d) increasing."""
    count = torch.arange(1, missing.shape[1] + 1, dtype=t.dtype, device=t.device)
    mean = missing.cumsum(1) / count
    spread = (missing.square().cumsum(1) - count * mean**2).clamp_min(0.0)
    lengths = spread + count * (missing - mean) ** 2
    k = (lengths <= t**2).sum(1, keepdim=True) - 1
    room = (t**2 - spread.gather(1, k)).clamp_min(0.0) / count[k]
    return mean.gather(1, k) + room.sqrt()
