"""The largest of a few affine functions, sharp around its only minimiser.

Cutting planes, and the resisting oracles of lower bounds, are functions of this kind.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_like, check_matrix
from certify.simulate.functions._support import support_prox
from certify.simulate.functions.base import SHARP_LIPSCHITZ_CONVEX, TestFunction


class MaxAffine(TestFunction):
    """f(x) = maxᵢ ⟨aᵢ, x − x*⟩ + bᵢ, of k ≥ d + 1 pieces.

    **Arguments**: `slopes` aᵢ (B, k, d), the first d + 1 the corners of a simplex with 0 in its interior; `offsets`
    b (B, k), zero for these and negative for the others; `minimizer` x* (B, d).

    Constants: M = max ‖aᵢ‖, attained far away, and s = the distance from 0 to the boundary of the simplex: for a unit
    vector u the largest ⟨aᵢ, u⟩ with i ≤ d + 1 is at least s, with equality for the normal of the nearest facet, and
    close to x* the other pieces are below.
    """

    name = "max-affine"
    oracles = frozenset({"value", "subgradient", "prox"})
    may_satisfy = SHARP_LIPSCHITZ_CONVEX

    def __init__(self, *, slopes: Tensor, offsets: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        rows, dimension = minimizer.shape
        self._slopes = check_like("slopes", slopes, (rows, offsets.shape[1], dimension))
        self._offsets = check_matrix("offsets", offsets)
        corners, sharpness = slopes[:, : dimension + 1], _inradius(slopes[:, : dimension + 1])
        if corners.shape[1] <= dimension or not bool((sharpness > 0).all()):
            raise ValueError("the first d + 1 slopes must be the corners of a simplex with 0 in its interior")
        if bool((offsets[:, : dimension + 1] != 0).any() | (offsets[:, dimension + 1 :] >= 0).any()):
            raise ValueError("offsets must be zero in the first d + 1 columns and negative in the others")
        self.constants = {"M": slopes.norm(dim=2).amax(1, keepdim=True), "s": sharpness}
        self.satisfies = SHARP_LIPSCHITZ_CONVEX
        self.minimum = torch.zeros_like(sharpness)
        self.parameters = {"slopes": slopes, "offsets": offsets, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Half as many pieces again as the simplex has; offsets over three decades."""
        more = (dimension + 2) // 2
        free = _random.normal(batch, dimension + more, dimension, generator=generator)
        weights = _random.log_uniform(0.3, 3.0, batch, dimension, 1, generator=generator)
        last = -(weights * free[:, :dimension]).sum(1, keepdim=True)
        scale = _random.log_uniform(1e-2, 1e2, batch, 1, generator=generator)
        raised = _random.log_uniform(1e-3, 1.0, batch, more, generator=generator)
        return [
            cls(
                slopes=scale[:, :, None] * torch.cat((free[:, :dimension], last, free[:, dimension:]), 1),
                offsets=-scale * torch.nn.functional.pad(raised, (dimension + 1, 0)),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        return self.value_near(x - self.minimizer)

    def subgradient(self, x: Tensor) -> Tensor:
        """The slope of a largest piece, and 0 at x*."""
        largest = self._pieces(x).argmax(1)
        slope = self._slopes[torch.arange(len(x), device=x.device), largest]
        return torch.where((x == self.minimizer).all(1, keepdim=True), 0.0, slope)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """x − γ Σ wᵢ aᵢ with weights w that maximise Σ wᵢ pieceᵢ(x) − (γ/2)‖Σ wᵢ aᵢ‖² over the simplex."""
        return x - self.prox_step(x, as_column(gamma, like=x, name="gamma"))

    def prox_step(self, x: Tensor, gamma: Tensor) -> Tensor:
        """x − prox_{γf}(x) without the subtraction."""
        return support_prox(self._slopes, self._pieces(x), gamma, low=0.0, high=1.0, simplex=True)

    def value_near(self, offset: Tensor) -> Tensor:
        """f(x* + offset), without adding x*."""
        return ((self._slopes @ offset[:, :, None])[:, :, 0] + self._offsets).amax(1, keepdim=True)

    def _pieces(self, x: Tensor) -> Tensor:
        return (self._slopes @ (x - self.minimizer)[:, :, None])[:, :, 0] + self._offsets


def _inradius(corners: Tensor) -> Tensor:
    """The distance (B, 1) from 0 to the nearest facet of simplices (B, d + 1, d); negative or 0 if 0 is not inside.

    The barycentric coordinate of a corner is an affine function of the point, and 0 on the facet opposite.
    """
    rows, _, dimension = corners.shape
    if corners.shape[1] != dimension + 1:
        return corners.new_zeros(rows, 1)
    inverse = torch.linalg.inv(torch.nn.functional.pad(corners, (0, 1), value=1.0).mT)
    return (inverse[:, :, -1] / inverse[:, :, :-1].norm(dim=2)).amin(1, keepdim=True)
