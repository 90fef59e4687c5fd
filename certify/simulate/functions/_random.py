"""The few random ingredients of the families: all explicit in a `torch.Generator`.

Tensors live on the generator's device and are float64.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor


def normal(*shape: int, generator: torch.Generator) -> Tensor:
    """Independent standard normal entries."""
    return torch.randn(*shape, dtype=torch.float64, device=generator.device, generator=generator)


def uniform(low: float, high: float, *shape: int, generator: torch.Generator) -> Tensor:
    """Independent entries, uniform on [low, high)."""
    unit = torch.rand(*shape, dtype=torch.float64, device=generator.device, generator=generator)
    return low + (high - low) * unit


def log_uniform(low: float, high: float, *shape: int, generator: torch.Generator) -> Tensor:
    """Independent positive entries whose logarithm is uniform on [log low, log high)."""
    return uniform(math.log(low), math.log(high), *shape, generator=generator).exp()


def points(batch: int, dimension: int, *, generator: torch.Generator) -> Tensor:
    """Random points (B, d) whose length varies from row to row by two orders of magnitude."""
    scale = log_uniform(0.1, 10.0, batch, 1, generator=generator)
    return scale * normal(batch, dimension, generator=generator) / math.sqrt(dimension)


def orthogonal(batch: int, dimension: int, *, generator: torch.Generator) -> Tensor:
    """Uniformly distributed orthogonal matrices, shape (B, d, d)."""
    q, r = torch.linalg.qr(normal(batch, dimension, dimension, generator=generator))
    sign = torch.where(r.diagonal(dim1=1, dim2=2) < 0, -1.0, 1.0)
    return q * sign[:, None, :]


def spectrum(batch: int, dimension: int, *, generator: torch.Generator) -> Tensor:
    """Positive spectra (B, d), both ends attained: μ first, L last.

    L varies over four decades and L/μ over eight; the first row has L = μ.
    """
    top = log_uniform(1e-2, 1e2, batch, 1, generator=generator)
    ratio = log_uniform(1.0, 1e8, batch, 1, generator=generator)
    ratio[0] = 1.0
    exponent = uniform(0.0, 1.0, batch, dimension, generator=generator)
    exponent[:, 0] = 1.0
    exponent[:, -1] = 0.0
    return top * ratio**-exponent
