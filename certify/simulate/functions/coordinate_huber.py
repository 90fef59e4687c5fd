"""Weighted sums of one-dimensional Huber functions in a rotated basis.

Smooth convex and Lipschitz like the radial Huber function, but with a curvature that switches
coordinate by coordinate, so that no step is radial.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import (
    apply,
    apply_transposed,
    as_column,
    check_matrix,
    check_orthogonal,
    check_positive,
    norm,
)
from certify.simulate.functions.base import LIPSCHITZ_CONVEX, SMOOTH_CONVEX, TestFunction
from certify.simulate.functions.prox_search import search_step


class CoordinateHuber(TestFunction):
    """f(x) = Σᵢ wᵢ·(zᵢ²/(2δᵢ) for |zᵢ| ≤ δᵢ, |zᵢ| − δᵢ/2 beyond) with z = Qᵀ(x − x*).

    **Arguments**: `basis` Q (B, d, d) orthogonal; `weights` w and `widths` δ, both (B, d) positive;
    `minimizer` x* (B, d). Constants: L = max wᵢ/δᵢ, attained at x*, and M = ‖w‖₂, attained far off.
    """

    name = "coordinate-huber"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_CONVEX | LIPSCHITZ_CONVEX
    stretchable = frozenset({"weights", "widths"})

    def __init__(self, *, basis: Tensor, weights: Tensor, widths: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        shape = tuple(minimizer.shape)
        self._basis = check_orthogonal("basis", basis, *minimizer.shape)
        self._weights = check_positive("weights", weights, shape)
        self._widths = check_positive("widths", widths, shape)
        self.constants = {"L": (weights / widths).amax(1, keepdim=True), "M": norm(weights)}
        self.satisfies = self.may_satisfy
        self.minimum = torch.zeros_like(self.constants["L"])
        self.parameters = {
            "basis": basis,
            "weights": weights,
            "widths": widths,
            "minimizer": minimizer,
        }

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

    def value(self, x: Tensor) -> Tensor:
        size = self._coordinates(x).abs()
        inner = torch.minimum(size, self._widths)
        terms = self._weights * (inner**2 / (2 * self._widths) + (size - inner))
        return terms.sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """Q (w · clip(z/δ, −1, 1))."""
        slopes = (self._coordinates(x) / self._widths).clamp(-1.0, 1.0)
        return apply(self._basis, self._weights * slopes)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """zᵢ loses min(γwᵢ, |zᵢ| γwᵢ/(δᵢ + γwᵢ)) of its size, in every coordinate."""
        gamma = as_column(gamma, like=x, name="gamma")
        z = self._coordinates(x)
        return self.minimizer + apply(self._basis, z - self._step(z, gamma))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The prox whose step has length t, by a search over γ."""
        t = as_column(t, like=x, name="t")
        z = self._coordinates(x)
        reached = norm(z) <= t
        slope = norm(self.subgradient(x))
        step, gamma = search_step(lambda gamma: self._step(z, gamma), t, slope=slope, skip=reached)
        step = torch.where(reached, z, step)
        u = self.minimizer + apply(self._basis, z - step)
        return u, torch.where(reached, 0.0, apply(self._basis, step / gamma))

    def _step(self, z: Tensor, gamma: Tensor) -> Tensor:
        move = gamma * self._weights
        return z.sign() * torch.minimum(move, z.abs() * (move / (self._widths + move)))

    def _coordinates(self, x: Tensor) -> Tensor:
        return apply_transposed(self._basis, x - self.minimizer)
