"""Quadratics that level off: smooth, nonconvex, with gradients that vanish far from the minimiser.

A method that relies on large gradients far away (PL, sharpness, coercivity) stalls here.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rotated import Rotated


class SaturatingQuadratic(Rotated):
    """f(x) = Σᵢ (hᵢ/2) zᵢ²/(1 + zᵢ²/sᵢ²) with z = Qᵀ(x − x*).

    **Arguments**: `basis` Q (B, d, d) orthogonal; `curvatures` h and `scales` s, both (B, d)
    positive; `minimizer` x* (B, d). Constants: L = max h, because the Hessian is diagonal in z with
    entries hᵢ(1 − 3v)/(1 + v)³, v = zᵢ²/sᵢ², and these factors lie in [−1/4, 1]; attained at x*.
    """

    name = "saturating-quadratic"
    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = frozenset({"smooth"})
    stretchable = frozenset({"curvatures", "scales"})

    def __init__(self, *, basis: Tensor, curvatures: Tensor, scales: Tensor, minimizer: Tensor) -> None:
        super().__init__(basis=basis, minimizer=minimizer, positive={"curvatures": curvatures, "scales": scales})
        self._curvatures, self._scales = curvatures, scales
        self.constants = {"L": curvatures.amax(1, keepdim=True)}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Curvatures over four and scales over two decades."""
        return [
            cls(
                basis=_random.orthogonal(batch, dimension, generator=generator),
                curvatures=_random.log_uniform(1e-2, 1e2, batch, dimension, generator=generator),
                scales=_random.log_uniform(0.1, 10.0, batch, dimension, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def _terms(self, z: Tensor) -> Tensor:
        return 0.5 * self._curvatures * z**2 / (1 + (z / self._scales) ** 2)

    def _slopes(self, z: Tensor) -> Tensor:
        return self._curvatures * z / (1 + (z / self._scales) ** 2) ** 2
