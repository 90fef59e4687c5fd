"""Many functions of the line at once in floating point, with derivatives: what `line_ascent` moves.

Row i is the f with f(0) = 0 and f'' constant between knots, f' jumping upwards at knots, and 0 ∈ ∂f(0): the functions
that `certify.simulate.exact.kinked` builds exactly from the same numbers. Here one side of 0 at a time is looked at,
with z = |y|.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

SIDES = 2


class LineBatch:
    """B functions of one variable with their minimum 0 at 0.

    **Arguments**: `knots`, (B, 2, k), the distances from 0, increasing, on the left and on the right; `bends`,
    (B, 2, k + 1), the second derivatives outwards; `jumps`, (B, 2, k + 1) ≥ 0, those of the derivative, the first at 0
    (so that the subgradients there are [−left, right]); `constants`, of the class.
    """

    name = "functions of the line"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})

    def __init__(self, knots: Tensor, bends: Tensor, jumps: Tensor, constants: Mapping[str, Tensor]) -> None:
        self.constants, self.parameters = dict(constants), {"knots": knots, "bends": bends, "jumps": jumps}
        self.bends = bends
        self.places = torch.cat([torch.zeros_like(knots[..., :1]), knots], -1)
        self.widths = self.places.diff(dim=-1)
        values, slopes = [torch.zeros_like(knots[..., 0])], [jumps[..., 0]]
        for i in range(knots.shape[-1]):
            w, h, s = self.widths[..., i], bends[..., i], slopes[-1]
            values.append(values[-1] + s * w + h * w**2 / 2)
            slopes.append(s + h * w + jumps[..., i + 1])
        self.values, self.slopes = torch.stack(values, -1), torch.stack(slopes, -1)
        self.minimizer = torch.zeros_like(knots[:, 0, :1])
        self.minimum = torch.zeros_like(self.minimizer)

    def value(self, x: Tensor) -> Tensor:
        """f(x), (B, 1)."""
        value, slope, bend, over = self._cell(x)
        return value + slope * over + bend * over**2 / 2

    def subgradient(self, x: Tensor) -> Tensor:
        """The subgradient of least modulus."""
        _, slope, bend, over = self._cell(x)
        return x.sign() * (slope + bend * over)

    def prox(self, x: Tensor, gamma: Any) -> Tensor:
        """The best of the points where the slope of f(y) + (y − x)²/(2γ) vanishes, cell by cell."""
        step = torch.as_tensor(gamma, dtype=x.dtype).expand_as(x)[:, :, None]
        signs = torch.tensor([-1.0, 1.0], dtype=x.dtype)[None, :, None]
        reach = torch.cat([self.widths, torch.full_like(self.widths[..., :1], torch.inf)], -1)
        over = (signs * x[:, :, None] - self.places - step * self.slopes) / (1 + step * self.bends)
        over = torch.minimum(over.clamp_min(0), reach)
        there = signs * (self.places + over)
        cost = self.values + self.slopes * over + self.bends * over**2 / 2 + (there - x[:, :, None]) ** 2 / (2 * step)
        best = cost.flatten(1).argmin(1, keepdim=True)
        return there.flatten(1).gather(1, best)

    def brox(self, x: Tensor, t: Any) -> tuple[Tensor, Tensor]:
        """Towards 0 by t, and the derivative there: for f that do not decrease away from 0."""
        radius = torch.as_tensor(t, dtype=x.dtype).expand_as(x)
        u = torch.where(x.abs() > radius, x - radius * x.sign(), torch.zeros_like(x))
        return u, self.subgradient(u)

    def accepts_radius(self, t: Any) -> Tensor:
        """Every radius, as long as f is convex."""
        return torch.ones_like(self.minimizer, dtype=torch.bool)

    def steepest(self) -> Tensor:
        """The largest |f'(y)| at knots and just beyond them, (B, 1); on all of ℝ if f is straight far out."""
        ends = self.slopes[..., :-1] + self.bends[..., :-1] * self.widths
        return torch.cat([self.slopes, ends], -1).abs().flatten(1).amax(1, keepdim=True)

    def bounded(self) -> Tensor:
        """Where f ≥ 0 everywhere, (B, 1)."""
        return self._nowhere_negative(self.values, self.slopes, self.bends / 2)

    def dominated(self, mu: Tensor) -> Tensor:
        """Where f'² ≥ 2μf everywhere, (B, 1)."""
        m, h, s = mu[:, :, None], self.bends, self.slopes
        return self._nowhere_negative(s**2 - 2 * m * self.values, 2 * s * (h - m), h * (h - m))

    def _nowhere_negative(self, c: Tensor, b: Tensor, a: Tensor) -> Tensor:
        """Where a w² + b w + c ≥ 0 on every cell, up to rounding."""
        reach = torch.cat([self.widths, torch.full_like(self.widths[..., :1], 1e9)], -1)
        tip = torch.where(a > 0, -b / (2 * torch.where(a > 0, a, 1.0)), 0.0).clamp_min(0)
        least = torch.stack([(a * w + b) * w + c for w in (0 * reach, reach, torch.minimum(tip, reach))]).amin(0)
        scale = c.abs() + b.abs() + a.abs()
        return (least >= -1e-12 * scale).flatten(1).all(1, keepdim=True)

    def _cell(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Value, slope and second derivative at the inner end of the cell of x, and how far beyond it x lies."""
        side = (x > 0).long()[:, :, None]
        z = x.abs()

        def own(data: Tensor) -> Tensor:
            return data.gather(1, side.expand(-1, -1, data.shape[-1]))[:, 0]

        places = own(self.places)
        index = (places < z).sum(1, keepdim=True).clamp_min(1) - 1
        at, value, slope, bend = (
            v.gather(1, index) for v in map(own, (self.places, self.values, self.slopes, self.bends))
        )
        return value, slope, bend, z - at
