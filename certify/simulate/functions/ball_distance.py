"""The distance to a ball: convex and Lipschitz with a whole ball of minimisers.

Its declared x* is an arbitrary minimiser and rarely the nearest one, so that a bound that silently
needs a unique minimiser shows.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._radial import polar
from certify.simulate.functions._rows import (
    as_column,
    check_like,
    check_matrix,
    check_positive,
    norm,
)
from certify.simulate.functions.base import LIPSCHITZ_CONVEX, TestFunction


class BallDistance(TestFunction):
    """f(x) = M (‖x − c‖ − a)₊.

    **Arguments**: `slope` M and `radius` a, both (B, 1) positive; `center` c and `minimizer` x*,
    both (B, d), with ‖x* − c‖ ≤ a. Constants: M, attained outside the ball.
    """

    name = "ball-distance"
    oracles = frozenset({"value", "subgradient", "prox", "brox"})
    may_satisfy = LIPSCHITZ_CONVEX

    def __init__(self, *, slope: Tensor, radius: Tensor, center: Tensor, minimizer: Tensor) -> None:
        self._center = check_matrix("center", center)
        column = (center.shape[0], 1)
        self._slope = check_positive("slope", slope, column)
        self._radius = check_positive("radius", radius, column)
        self.minimizer = check_like("minimizer", minimizer, tuple(center.shape))
        if not bool((norm(minimizer - center) <= radius).all()):
            raise ValueError("minimizer must lie within radius of center in every row")
        self.constants = {"M": slope}
        self.satisfies = LIPSCHITZ_CONVEX
        self.minimum = torch.zeros_like(slope)
        self.parameters = {
            "slope": slope,
            "radius": radius,
            "center": center,
            "minimizer": minimizer,
        }

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Slopes over four and radii over two decades; x* anywhere in the ball."""
        center = _random.points(batch, dimension, generator=generator)
        radius = _random.log_uniform(0.1, 10.0, batch, 1, generator=generator)
        direction = _random.normal(batch, dimension, generator=generator)
        length = _random.uniform(0.0, 0.999, batch, 1, generator=generator) * radius
        return [
            cls(
                slope=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                radius=radius,
                center=center,
                minimizer=center + length * direction / norm(direction),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        radius, _ = polar(x, self._center)
        return self._slope * (radius - self._radius).clamp_min(0.0)

    def subgradient(self, x: Tensor) -> Tensor:
        """M (x − c)/‖x − c‖ outside the ball, 0 in it."""
        radius, unit = polar(x, self._center)
        return torch.where(radius > self._radius, self._slope * unit, 0.0)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """A step of length min(γM, dist) towards the ball."""
        move = as_column(gamma, like=x, name="gamma") * self._slope
        radius, unit = polar(x, self._center)
        return x - torch.minimum(move, (radius - self._radius).clamp_min(0.0)) * unit

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """A step of length min(t, dist) towards the ball, with g = 0 if it arrives."""
        t = as_column(t, like=x, name="t")
        radius, unit = polar(x, self._center)
        reached = radius - self._radius <= t
        u = torch.where(reached, self.nearest_minimizer(x), x - t * unit)
        return u, torch.where(reached, 0.0, self._slope * unit)

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """The projection onto the ball."""
        radius, unit = polar(x, self._center)
        return torch.where(radius > self._radius, self._center + self._radius * unit, x)
