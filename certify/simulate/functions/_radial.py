"""Radial functions f(x) = ψ(‖x − c‖): every oracle of theirs is a one-dimensional computation.

The families that use it differ in their profile ψ only.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from certify.simulate.functions._rows import as_column, norm


def polar(x: Tensor, center: Tensor) -> tuple[Tensor, Tensor]:
    """The radius r = ‖x − c‖ (B, 1) and the unit vector (x − c)/r (B, d), zero where x = c."""
    offset = x - center
    radius = norm(offset)
    return radius, offset / torch.where(radius > 0, radius, 1.0)


def radial_brox(
    x: Tensor, center: Tensor, t: Tensor | float, slope: Callable[[Tensor], Tensor]
) -> tuple[Tensor, Tensor]:
    """The ball-prox of a convex ψ(‖x − c‖) whose only minimiser is c; `slope` is ψ′ on r > 0.

    A step of length t towards c is optimal: g = ψ′(r − t)(x − c)/r is a subgradient there and
    points from u to x.
    """
    t = as_column(t, like=x, name="t")
    radius, unit = polar(x, center)
    reached = radius <= t
    u = torch.where(reached, center, x - t * unit)
    g = torch.where(reached, 0.0, slope((radius - t).clamp_min(0.0)) * unit)
    return u, g
