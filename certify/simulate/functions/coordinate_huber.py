"""Weighted sums of one-dimensional Huber functions in a rotated basis.

Smooth convex and Lipschitz like the radial Huber function, but with a curvature that switches
coordinate by coordinate, so that no step is radial.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rotated import Rotated
from certify.simulate.functions._rows import apply, as_column, norm
from certify.simulate.functions.base import LIPSCHITZ_CONVEX, SMOOTH_CONVEX
from certify.simulate.functions.prox_search import search_step


class CoordinateHuber(Rotated):
    """f(x) = Σᵢ wᵢ·(zᵢ²/(2δᵢ) for |zᵢ| ≤ δᵢ, |zᵢ| − δᵢ/2 beyond) with z = Qᵀ(x − x*).

    **Arguments**: `basis` Q (B, d, d) orthogonal; `weights` w and `widths` δ, both (B, d) positive;
    `minimizer` x* (B, d). Constants: L = max wᵢ/δᵢ, attained at x*, and M = ‖w‖₂, attained far off.
    """

    name = "coordinate-huber"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_CONVEX | LIPSCHITZ_CONVEX
    stretchable = frozenset({"weights", "widths"})

    def __init__(self, *, basis: Tensor, weights: Tensor, widths: Tensor, minimizer: Tensor) -> None:
        super().__init__(basis=basis, minimizer=minimizer, positive={"weights": weights, "widths": widths})
        self._weights, self._widths = weights, widths
        self.constants = {"L": (weights / widths).amax(1, keepdim=True), "M": norm(weights)}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Weights and widths over four decades each."""
        return [
            cls(
                basis=_random.orthogonal(batch, dimension, generator=generator),
                weights=_random.log_uniform(1e-2, 1e2, batch, dimension, generator=generator),
                widths=_random.log_uniform(1e-3, 1e1, batch, dimension, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def _terms(self, z: Tensor) -> Tensor:
        size = z.abs()
        inner = torch.minimum(size, self._widths)
        return self._weights * (inner**2 / (2 * self._widths) + (size - inner))

    def _slopes(self, z: Tensor) -> Tensor:
        return self._weights * (z / self._widths).clamp(-1.0, 1.0)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """zᵢ loses min(γwᵢ, |zᵢ| γwᵢ/(δᵢ + γwᵢ)) of its size, in every coordinate."""
        gamma = as_column(gamma, like=x, name="gamma")
        z = self._coordinates(x)
        return self._point(z - self._step(z, gamma))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The prox whose step has length t, by a search over γ."""
        t = as_column(t, like=x, name="t")
        z = self._coordinates(x)
        reached = norm(z) <= t
        slope = norm(self.subgradient(x))
        step, gamma = search_step(lambda gamma: self._step(z, gamma), t, slope=slope, skip=reached)
        step = torch.where(reached, z, step)
        return self._point(z - step), torch.where(reached, 0.0, apply(self._basis, step / gamma))

    def _step(self, z: Tensor, gamma: Tensor) -> Tensor:
        move = gamma * self._weights
        return z.sign() * torch.minimum(move, z.abs() * (move / (self._widths + move)))
