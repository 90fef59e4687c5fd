"""Sums of cosines: smooth and nonconvex with infinitely many wells, maxima and saddles.

Nothing but smoothness and a lower bound holds, and the curvature −L is attained as well as L.
"""

from __future__ import annotations

import math
from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import (
    apply,
    apply_transposed,
    check_matrix,
    check_orthogonal,
    check_positive,
)
from certify.simulate.functions.base import TestFunction


class CosineWells(TestFunction):
    """f(x) = Σᵢ hᵢ(1 − cos kᵢzᵢ)/kᵢ² with z = Qᵀ(x − x*).

    **Arguments**: `basis` Q (B, d, d) orthogonal; `curvatures` h and `frequencies` k, both (B, d)
    positive; `minimizer` x* (B, d). Constants: L = max h, because the Hessian is diagonal in z with
    entries hᵢ cos kᵢzᵢ; attained at x*.
    """

    name = "cosine-wells"
    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = frozenset({"smooth"})
    stretchable = frozenset({"curvatures", "frequencies"})

    def __init__(self, *, basis: Tensor, curvatures: Tensor, frequencies: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        shape = tuple(minimizer.shape)
        self._basis = check_orthogonal("basis", basis, *minimizer.shape)
        self._curvatures = check_positive("curvatures", curvatures, shape)
        self._frequencies = check_positive("frequencies", frequencies, shape)
        self.constants = {"L": curvatures.amax(1, keepdim=True)}
        self.satisfies = self.may_satisfy
        self.minimum = torch.zeros_like(self.constants["L"])
        self.parameters = {
            "basis": basis,
            "curvatures": curvatures,
            "frequencies": frequencies,
            "minimizer": minimizer,
        }

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Curvatures over four and frequencies over two decades."""
        return [
            cls(
                basis=_random.orthogonal(batch, dimension, generator=generator),
                curvatures=_random.log_uniform(1e-2, 1e2, batch, dimension, generator=generator),
                frequencies=_random.log_uniform(0.1, 10.0, batch, dimension, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        half = 0.5 * self._frequencies * self._coordinates(x)
        wells = 2 * (half.sin() / self._frequencies) ** 2
        return (self._curvatures * wells).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """Q (h sin(kz)/k)."""
        z, k = self._coordinates(x), self._frequencies
        return apply(self._basis, self._curvatures * (k * z).sin() / k)

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """Every zᵢ rounded to a multiple of 2π/kᵢ."""
        period = 2 * math.pi / self._frequencies
        return self.minimizer + apply(self._basis, period * (self._coordinates(x) / period).round())

    def _coordinates(self, x: Tensor) -> Tensor:
        return apply_transposed(self._basis, x - self.minimizer)
