"""The radial Huber function: a norm whose kink is rounded off within distance δ.

It is smooth convex and Lipschitz at once, and the worst case of gradient descent on smooth convex
functions for a suitable δ.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._radial import polar, radial_brox
from certify.simulate.functions._rows import as_column, check_matrix, check_positive, norm
from certify.simulate.functions.base import LIPSCHITZ_CONVEX, SMOOTH_CONVEX, TestFunction


class HuberNorm(TestFunction):
    """f(x) = M r²/(2δ) for r ≤ δ and M (r − δ/2) beyond, with r = ‖x − x*‖.

    **Arguments**: `slope` M and `width` δ, both (B, 1) positive; `minimizer` x* (B, d).
    Constants: M, attained for r ≥ δ, and L = M/δ, attained for r < δ.
    """

    name = "huber-norm"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_CONVEX | LIPSCHITZ_CONVEX
    stretchable = frozenset({"slope", "width"})

    def __init__(self, *, slope: Tensor, width: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        column = (minimizer.shape[0], 1)
        self._slope = check_positive("slope", slope, column)
        self._width = check_positive("width", width, column)
        self.constants = {"L": slope / width, "M": slope}
        self.satisfies = self.may_satisfy
        self.minimum = torch.zeros_like(slope)
        self.parameters = {"slope": slope, "width": width, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Slopes and widths over four decades each."""
        return [
            cls(
                slope=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                width=_random.log_uniform(1e-3, 1e1, batch, 1, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        radius = norm(x - self.minimizer)
        inner = torch.minimum(radius, self._width)
        return self._slope * (inner**2 / (2 * self._width) + (radius - inner))

    def subgradient(self, x: Tensor) -> Tensor:
        """M (x − x*)/max(r, δ)."""
        offset = x - self.minimizer
        return self._slope / torch.maximum(norm(offset), self._width) * offset

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """Radius r δ/(δ + γM) if r ≤ δ + γM, and r − γM beyond."""
        move = as_column(gamma, like=x, name="gamma") * self._slope
        radius, unit = polar(x, self.minimizer)
        inner = radius * (self._width / (self._width + move))
        return self.minimizer + torch.maximum(inner, radius - move) * unit

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """A step of length min(t, ‖x − x*‖) towards x*."""
        return radial_brox(x, self.minimizer, t, lambda r: self._slope * (r / self._width).clamp_max(1.0))
