"""The secular equation ‖b / (h + λ)‖ = t of ball-constrained quadratics, solved in every row.

Newton's method on 1/‖b/(h + λ)‖, which is concave and increasing in λ, approaches the root from
the left; a bracket guards against rounding.
"""

from __future__ import annotations

import torch
from torch import Tensor

from certify.simulate.functions._rows import norm

_EPSILON = torch.finfo(torch.float64).eps
_MAX_ITERATIONS = 200


def solve_secular(b: Tensor, h: Tensor, t: Tensor) -> Tensor:
    """λ ≥ 0, shape (B, 1), with ‖b / (h + λ)‖ = t to about 1e-15 relative.

    **Arguments**: b (B, d); h (B, d) positive; t (B, 1) positive with t ≤ ‖b / h‖.

    The root lies in [‖b‖/t − max h, ‖b‖/t − min h], clipped at zero.
    """
    total = norm(b) / t
    slack = 8 * _EPSILON * total
    low = (total - h.amax(1, keepdim=True) - slack).clamp_min(0.0)
    high = torch.maximum(total - h.amin(1, keepdim=True) + slack, low)
    root = low
    for _ in range(_MAX_ITERATIONS):
        step = b / (h + root)
        length = norm(step)
        low = torch.where(length > t, root, low)
        high = torch.where(length > t, high, root)
        curvature = (step**2 / (h + root)).sum(1, keepdim=True)
        newton = root + (length / t - 1) * length**2 / curvature
        inside = (newton >= low) & (newton <= high)
        updated = torch.where(inside, newton, 0.5 * (low + high))
        done = ((length / t - 1).abs() <= 2 * _EPSILON) | (updated == root)
        if bool(done.all()):
            break
        root = torch.where(done, root, updated)
    return root
