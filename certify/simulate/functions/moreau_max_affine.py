"""Moreau envelopes of the largest of affine functions: smooth, and flat nowhere but at the minimiser.

(The envelope of Σ wᵢ|zᵢ| is `CoordinateHuber`, that of the norm `HuberNorm`.)
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_positive
from certify.simulate.functions.base import SMOOTH_CONVEX, TestFunction
from certify.simulate.functions.max_affine import MaxAffine


class MoreauMaxAffine(TestFunction):
    """f(x) = min_u g(u) + ‖x − u‖²/(2λ) for g(u) = maxᵢ ⟨aᵢ, u − x*⟩ + bᵢ.

    **Arguments**: those of `MaxAffine`, and `width` λ (B, 1) positive. Constants: L = 1/λ, attained where
    ‖x − x*‖ ≤ λs, as prox_{λg} is x* there.
    """

    name = "moreau-max-affine"
    oracles = frozenset({"value", "gradient", "subgradient", "prox"})
    may_satisfy = SMOOTH_CONVEX

    def __init__(self, *, slopes: Tensor, offsets: Tensor, minimizer: Tensor, width: Tensor) -> None:
        self._inner = MaxAffine(slopes=slopes, offsets=offsets, minimizer=minimizer)
        self.minimizer = minimizer
        self._width = check_positive("width", width, (minimizer.shape[0], 1))
        self.constants = {"L": 1 / width}
        self.satisfies = SMOOTH_CONVEX
        self.minimum = torch.zeros_like(width)
        self.parameters = {**self._inner.parameters, "width": width}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Envelopes whose quadratic part around x* has a radius over three decades."""
        return [
            cls(
                **inner.parameters,
                width=_random.log_uniform(1e-2, 1e1, batch, 1, generator=generator) / inner.constants["s"],
            )
            for inner in MaxAffine.sample(batch=batch, dimension=dimension, generator=generator)
        ]

    def value(self, x: Tensor) -> Tensor:
        step = self._inner.prox_step(x.detach(), self._width)
        offset = x - self.minimizer
        away = offset - (offset.detach() - step)  # the derivative of a minimum does not see how u moves
        inner = self._inner.value_near(offset.detach() - step)
        return inner + away.square().sum(1, keepdim=True) / (2 * self._width)

    def subgradient(self, x: Tensor) -> Tensor:
        """(x − prox_{λg}(x))/λ."""
        return self._inner.prox_step(x, self._width) / self._width

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """x + γ/(γ + λ)·(prox_{(γ + λ)g}(x) − x)."""
        gamma = as_column(gamma, like=x, name="gamma")
        whole = gamma + self._width
        return x + gamma / whole * (self._inner.prox(x, whole) - x)
