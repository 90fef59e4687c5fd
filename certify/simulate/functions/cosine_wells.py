"""Sums of cosines: smooth and nonconvex with infinitely many wells, maxima and saddles.

Nothing but smoothness and a lower bound holds, and the curvature −L is attained as well as L.
"""

from __future__ import annotations

import math
from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rotated import Rotated


class CosineWells(Rotated):
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
        super().__init__(
            basis=basis, minimizer=minimizer, positive={"curvatures": curvatures, "frequencies": frequencies}
        )
        self._curvatures, self._frequencies = curvatures, frequencies
        self.constants = {"L": curvatures.amax(1, keepdim=True)}

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

    def _terms(self, z: Tensor) -> Tensor:
        return self._curvatures * 2 * ((0.5 * self._frequencies * z).sin() / self._frequencies) ** 2

    def _slopes(self, z: Tensor) -> Tensor:
        return self._curvatures * (self._frequencies * z).sin() / self._frequencies

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """Every zᵢ rounded to a multiple of 2π/kᵢ."""
        period = 2 * math.pi / self._frequencies
        return self._point(period * (self._coordinates(x) / period).round())
