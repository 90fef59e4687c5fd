"""A function on the line with a jump: ball-convex for t ≥ a but only lower semicontinuous.

Its ball-prox steps can end inside the ball, at the foot of a hill, so results that need a step of
length t (the squared distance falls by t²) are false on it. It tells the two notions apart.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_matrix, check_positive
from certify.simulate.functions.base import TestFunction


class Cliff(TestFunction):
    """f(x) = M a φ((x − x*)/a − 2) on R (d = 1), where, with the minimiser of φ at −2,

        φ(v) = 4v (v > 0),  −v (−1 < v ≤ 0),  2v − 1 (−2 ≤ v ≤ −1),  −4v − 13 (v < −2).

    **Arguments**: `slope` M and `radius` a, both (B, 1) positive; `minimizer` x* (B, 1).
    f* = −5Ma; no constants.

    Ball-convex exactly for t ≥ a. The convex hull of φ touches it on (−∞, −1], at 0 and on (0, ∞),
    with slopes −4, 2, any in [3, 4] at 0, and 4. Let τ = t/a ≥ 1 and suppose the ball does not
    reach −2. From v < −2 the step ends at v + τ < −2. From v > −2 it ends at v − τ if that is at
    most −1 or nonnegative, and at 0 if v − τ lies in (−1, 0), where 0 < v ≤ τ. In each case a slope
    of the hull at the end point has the sign of the way back. If τ < 1, then v = 0 stays at 0, and
    0 is not a slope there.
    """

    name = "cliff"
    oracles = frozenset({"value", "brox"})
    may_satisfy = frozenset({"ball-convex-lsc"})

    def __init__(self, *, slope: Tensor, radius: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        column = (minimizer.shape[0], 1)
        if minimizer.shape != column:
            raise ValueError(f"minimizer has shape {tuple(minimizer.shape)}; a cliff needs d = 1")
        self._slope = check_positive("slope", slope, column)
        self._radius = check_positive("radius", radius, column)
        self.constants = {}
        self.satisfies = self.may_satisfy
        self.minimum = -5 * slope * radius
        self.parameters = {"slope": slope, "radius": radius, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Slopes over four and radii over two decades; nothing unless d = 1."""
        if dimension != 1:
            return []
        return [
            cls(
                slope=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                radius=_random.log_uniform(0.1, 10.0, batch, 1, generator=generator),
                minimizer=_random.points(batch, 1, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        return self._slope * self._radius * _profile(self._local(x))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The best of both ends of the interval, 0 and −2; g is NaN where none exists."""
        t = as_column(t, like=x, name="t")
        v, tau = self._local(x), t / self._radius
        inner = v.new_tensor([[-2.0, 0.0]])
        inside = (inner - v).abs() <= tau
        candidates = torch.cat([torch.where(inside, inner, v), v - tau, v + tau], 1)
        kinks = torch.cat([self.minimizer, self.minimizer + 2 * self._radius], 1)
        points = torch.cat([torch.where(inside, kinks, x), x - t, x + t], 1)
        best = _profile(candidates).argmin(1, keepdim=True)
        u = points.gather(1, best)
        foot = candidates.gather(1, best)
        g = _hull_slope(foot)
        supported = (foot == -2) | (g.sign() == (v - foot).sign())
        return u, torch.where(supported, self._slope * g, torch.nan)

    def accepts_radius(self, t: Tensor | float) -> Tensor:
        """t ≥ a."""
        return as_column(t, like=self.minimizer, name="t") >= self._radius

    def _local(self, x: Tensor) -> Tensor:
        return (x - self.minimizer) / self._radius - 2


def _profile(v: Tensor) -> Tensor:
    hill = torch.where(v > 0, 4 * v, -v)
    valley = torch.where(v < -2, -4 * v - 13, 2 * v - 1)
    return torch.where(v > -1, hill, valley)


def _hull_slope(v: Tensor) -> Tensor:
    """A slope that supports φ from below at v (0 at −2, 3.5 at 0), NaN where there is none."""
    hill = torch.where(v > 0, 4.0, torch.where(v == 0, 3.5, torch.nan))
    valley = torch.where(v < -2, -4.0, torch.where(v == -2, 0.0, 2.0))
    return torch.where(v > -1, hill, valley)
