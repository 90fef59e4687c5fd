"""Support vector machines: hinge losses with a ridge, whose support vectors are known by construction."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_like, check_matrix, check_positive
from certify.simulate.functions._support import support_prox
from certify.simulate.functions.base import STRONGLY_CONVEX, TestFunction


class SupportVectors(TestFunction):
    """f(x) = Σ (mᵢ − ⟨cᵢ, w⟩)₊ + (μ/2)‖w‖² with w = x − x* + w*, and w* = Σ αᵢcᵢ/μ its minimiser.

    cᵢ is a point times its label ±1 and mᵢ its margin, 1 in the textbook.

    **Arguments**: `points` cᵢ (B, n, d); `excess` mᵢ − ⟨cᵢ, w*⟩ (B, n); `multipliers` αᵢ ∈ [0, 1] (B, n), equal to 1
    where the excess is positive and to 0 where it is negative (at support vectors, on the margin, anything between);
    `curvature` μ (B, 1) positive; `minimizer` x* (B, d). Constants: μ, attained between any two kinks.
    """

    name = "hinge"
    oracles = frozenset({"value", "subgradient", "prox"})
    may_satisfy = STRONGLY_CONVEX

    def __init__(
        self, *, points: Tensor, excess: Tensor, multipliers: Tensor, curvature: Tensor, minimizer: Tensor
    ) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        rows, dimension = minimizer.shape
        self._excess = check_matrix("excess", excess)
        self._points = check_like("points", points, (rows, excess.shape[1], dimension))
        self._multipliers = check_like("multipliers", multipliers, tuple(excess.shape))
        self._curvature = check_positive("curvature", curvature, (rows, 1))
        known = torch.where(excess > 0, 1.0, torch.where(excess < 0, 0.0, multipliers))
        if not bool(((multipliers >= 0) & (multipliers <= 1) & (multipliers == known)).all()):
            raise ValueError("multipliers must be 1 where excess > 0, 0 where excess < 0, and in [0, 1] elsewhere")
        self._pull = (points.mT @ multipliers[:, :, None])[:, :, 0]
        self.constants = {"mu": curvature}
        self.satisfies = STRONGLY_CONVEX
        ridge = self._pull.square().sum(1, keepdim=True) / (2 * curvature)
        self.minimum = excess.clamp_min(0.0).sum(1, keepdim=True) + ridge
        self.parameters = {
            "points": points, "excess": excess, "multipliers": multipliers, "curvature": curvature,
            "minimizer": minimizer,
        }  # fmt: skip

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """d + 4 points, about a third of them support vectors; μ over four decades."""
        n = dimension + 4
        kind = torch.randint(3, (batch, n), generator=generator, device=generator.device)
        size = _random.log_uniform(1e-2, 3.0, batch, n, generator=generator)
        between = _random.uniform(0.01, 0.99, batch, n, generator=generator)
        scale = _random.log_uniform(1e-1, 1e1, batch, 1, 1, generator=generator)
        return [
            cls(
                points=scale * _random.normal(batch, n, dimension, generator=generator),
                excess=(kind - 1) * size,
                multipliers=torch.where(kind == 1, between, (kind == 2).double()),
                curvature=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        offset = x - self.minimizer
        w = offset + self._pull / self._curvature
        return self._slacks(offset).clamp_min(0.0).sum(1, keepdim=True) + self._curvature / 2 * w.square().sum(
            1, keepdim=True
        )

    def subgradient(self, x: Tensor) -> Tensor:
        """μw − Σ cᵢ over the points whose margin is violated, with the multipliers of x* for those on it."""
        offset = x - self.minimizer
        slack = self._slacks(offset)
        active = torch.where(slack == 0, self._multipliers, (slack > 0).to(x.dtype))
        pull = (self._points.mT @ (self._multipliers - active)[:, :, None])[:, :, 0]
        return self._curvature * offset + pull

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """The prox of the hinges with step γ/(1 + γμ), at what the ridge leaves of x."""
        gamma = as_column(gamma, like=x, name="gamma")
        shrink = 1 + gamma * self._curvature
        centre = (x - self.minimizer - gamma * self._pull) / shrink
        step = support_prox(-self._points, self._slacks(centre), gamma / shrink, low=0.0, high=1.0)
        return self.minimizer + centre - step

    def _slacks(self, offset: Tensor) -> Tensor:
        """mᵢ − ⟨cᵢ, w⟩, (B, n)."""
        return self._excess - (self._points @ offset[:, :, None])[:, :, 0]
