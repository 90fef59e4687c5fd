"""Weighted sums of absolute values in a rotated basis: polyhedral, sharp, badly scaled.

With weights of very different sizes these are the functions on which the ball-prox needs as many
steps as its bound allows.
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
    is_identity,
    norm,
)
from certify.simulate.functions.base import SHARP_LIPSCHITZ_CONVEX, TestFunction


class WeightedL1(TestFunction):
    """f(x) = Σᵢ wᵢ |zᵢ| with z = Qᵀ(x − x*); that is ‖Ax − b‖₁ with A = diag(w)Qᵀ and b = Ax*.

    **Arguments**: `basis` Q (B, d, d) orthogonal; `weights` w (B, d) positive; `minimizer` x*
    (B, d). Constants: M = ‖w‖₂, attained wherever no zᵢ
    vanishes, and s = min w.
    """

    name = "weighted-l1"
    oracles = frozenset({"value", "subgradient", "prox", "brox"})
    may_satisfy = SHARP_LIPSCHITZ_CONVEX
    stretchable = frozenset({"weights"})

    def __init__(self, *, basis: Tensor, weights: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._basis = check_orthogonal("basis", basis, *minimizer.shape)
        self._weights = check_positive("weights", weights, tuple(minimizer.shape))
        self.constants = {"M": norm(weights), "s": weights.amin(1, keepdim=True)}
        self.satisfies = SHARP_LIPSCHITZ_CONVEX
        self.minimum = torch.zeros_like(self.constants["M"])
        self.parameters = {"basis": basis, "weights": weights, "minimizer": minimizer}

    @property
    def separable(self) -> bool:
        """Whether this is a sum over the given coordinates."""
        return is_identity(self._basis)

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Comparable weights, and weights over six decades."""
        return [
            cls(
                basis=_random.orthogonal(batch, dimension, generator=generator),
                weights=_random.log_uniform(low, 1e1, batch, dimension, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
            for low in (1.0, 1e-5)
        ]

    def value(self, x: Tensor) -> Tensor:
        return (self._weights * self._coordinates(x).abs()).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """Q (w · sign z), with sign 0 = 0."""
        return apply(self._basis, self._weights * self._coordinates(x).sign())

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """Soft thresholding of z at γw."""
        threshold = as_column(gamma, like=x, name="gamma") * self._weights
        z = self._coordinates(x)
        return self.minimizer + apply(self._basis, z - z.clamp(-threshold, threshold))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """Soft thresholding at the γ with ‖min(|z|, γw)‖ = t, which is piecewise explicit.

        Sort |z|/w. Where the k smallest are saturated, γ² = (t² − Σ_sat z²)/Σ_rest w².
        """
        t = as_column(t, like=x, name="t")
        z = self._coordinates(x)
        reached = norm(z) <= t
        gamma = torch.where(reached, 1.0, _threshold(z.abs(), self._weights, t))
        step = torch.where(reached, z, z.clamp(-gamma * self._weights, gamma * self._weights))
        g = (z / gamma).clamp(-self._weights, self._weights)
        u = self.minimizer + apply(self._basis, z - step)
        return u, torch.where(reached, 0.0, apply(self._basis, g))

    def _coordinates(self, x: Tensor) -> Tensor:
        return apply_transposed(self._basis, x - self.minimizer)


def _threshold(size: Tensor, weights: Tensor, t: Tensor) -> Tensor:
    """The γ > 0, shape (B, 1), with ‖min(size, γ weights)‖ = t; meaningful where ‖size‖ > t."""
    ratio, order = (size / weights).sort(1)
    saturated = size.gather(1, order).square().cumsum(1)
    squares = weights.gather(1, order).square()
    rest = squares.flip(1).cumsum(1).flip(1)
    before = torch.nn.functional.pad(saturated[:, :-1], (1, 0))
    lengths = before + ratio**2 * rest
    k = (lengths <= t**2).sum(1, keepdim=True).clamp_max(size.shape[1] - 1)
    gamma = ((t**2 - before.gather(1, k)).clamp_min(0.0) / rest.gather(1, k)).sqrt()
    previous = ratio.gather(1, (k - 1).clamp_min(0))
    return torch.where(k > 0, torch.maximum(gamma, previous), gamma)
