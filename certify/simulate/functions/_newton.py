"""Minimisers of strongly convex functions in every row, by Newton's method with halved steps."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

_STEPS, _HALVINGS = 60, 12
_NEGLIGIBLE = 1e-31
"""Of the squared Newton decrement: what is left is rounding."""
Map = Callable[[Tensor], Tensor]


def minimise(value: Map, slope: Map, bend: Map, start: Tensor) -> Tensor:
    """argmin f in every row, (B, d), until gradients are rounding errors.

    **Arguments**: `value` (B, 1), `slope` ∇f (B, d) and `bend` ∇²f (B, d, d), of points (B, d).
    """
    w = start
    for _ in range(_STEPS):
        gradient = slope(w)
        step = torch.linalg.solve(bend(w), gradient)
        decrease = (gradient * step).sum(1, keepdim=True)
        if bool((decrease < _NEGLIGIBLE).all()):
            break
        now, length = value(w), torch.ones_like(decrease)
        for _ in range(_HALVINGS):
            short = value(w - length * step) <= now - length * decrease / 4 + 1e-15
            length = torch.where(short, length, length / 2)
        w = w - length * step
    return w
