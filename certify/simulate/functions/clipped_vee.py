"""The distance to a sphere: nonconvex, yet ball-convex for every radius t ≥ a.

In one dimension it is M·| |x − c| − a |, two vees side by side with two minimisers. All its
nonconvexity sits inside the sphere, where no ball-prox of radius t ≥ a ever stops.
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
from certify.simulate.functions.base import BALL_CONVEX, TestFunction


class ClippedVee(TestFunction):
    """f(x) = M |‖x − c‖ − a|, with the sphere of radius a around c as its minimisers.

    **Arguments**: `slope` M and `radius` a, both (B, 1) positive; `center` c and `direction` v,
    both (B, d), v ≠ 0. The declared minimiser is c + a v/‖v‖. Constants: M (f is M-Lipschitz).

    Ball-convex exactly for t ≥ a. Put c = 0, r = ‖x‖, e = x/r. If |r − a| ≤ t the ball contains a
    minimiser. Otherwise t ≥ a leaves only r > a + t; then u = x − t e and, for every y,
    f(y) ≥ M(‖y‖ − a) ≥ M(⟨e, y⟩ − a) = f(u) + ⟨Me, y − u⟩, so g = Me = (M/t)(x − u). If t < a, then
    a point with 0 < r < a − t moves outwards to u = x + t e, where f(u) > 0, and y = −a e refutes
    every g = c (x − u) with c ≥ 0.
    """

    name = "clipped-vee"
    oracles = frozenset({"value", "subgradient", "brox"})
    may_satisfy = BALL_CONVEX

    def __init__(self, *, slope: Tensor, radius: Tensor, center: Tensor, direction: Tensor) -> None:
        self._center = check_matrix("center", center)
        column = (center.shape[0], 1)
        self._slope = check_positive("slope", slope, column)
        self._radius = check_positive("radius", radius, column)
        length = norm(check_like("direction", direction, tuple(center.shape)))
        self._direction = direction / check_positive("the norm of direction", length, column)
        self.minimizer = center + radius * self._direction
        self.constants = {"M": slope}
        self.satisfies = BALL_CONVEX
        self.minimum = torch.zeros_like(slope)
        self.parameters = {
            "slope": slope,
            "radius": radius,
            "center": center,
            "direction": direction,
        }

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Slopes over four and radii over two decades."""
        return [
            cls(
                slope=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                radius=_random.log_uniform(0.1, 10.0, batch, 1, generator=generator),
                center=_random.points(batch, dimension, generator=generator),
                direction=_random.normal(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        radius, _ = polar(x, self._center)
        return self._slope * (radius - self._radius).abs()

    def subgradient(self, x: Tensor) -> Tensor:
        """The gradient ±M (x − c)/‖x − c‖ off the sphere and c, and 0 on them."""
        radius, unit = polar(x, self._center)
        return self._slope * (radius - self._radius).sign() * unit

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """A step of length min(t, dist) towards the sphere; g is NaN if it ends inside it."""
        t = as_column(t, like=x, name="t")
        radius, unit = polar(x, self._center)
        unit = torch.where(radius > 0, unit, self._direction)
        excess = radius - self._radius
        reached = excess.abs() <= t
        u = torch.where(reached, self._center + self._radius * unit, x - t * excess.sign() * unit)
        outside = torch.where(excess > 0, self._slope * unit, torch.nan)
        return u, torch.where(reached, 0.0, outside)

    def accepts_radius(self, t: Tensor | float) -> Tensor:
        """t ≥ a."""
        return as_column(t, like=self.minimizer, name="t") >= self._radius

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """The projection onto the sphere; c goes to the declared minimiser."""
        radius, unit = polar(x, self._center)
        return self._center + self._radius * torch.where(radius > 0, unit, self._direction)
