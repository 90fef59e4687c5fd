"""The test functions in all dimensions, and points to try them at."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from certify.simulate.functions import (
    FAMILIES,
    POLYHEDRAL,
    Cliff,
    ClippedVee,
    TestFunction,
)

BATCH = 48
DIMENSIONS = (1, 2, 7)
PAIRS = 25
ROUNDING = 1e-11


def _generator(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def _normal(f: TestFunction, generator: torch.Generator) -> Tensor:
    return torch.randn(f.minimizer.shape, dtype=torch.float64, generator=generator)


def _around(f: TestFunction, generator: torch.Generator) -> Tensor:
    """Points at distances from 1e-4 to 1e2 of the minimiser."""
    exponent = 6 * torch.rand(f.minimizer.shape[0], 1, dtype=torch.float64, generator=generator)
    return f.minimizer + 10 ** (exponent - 4) * _normal(f, generator)


def _norm(x: Tensor) -> Tensor:
    return x.norm(dim=1, keepdim=True)


def _dot(x: Tensor, y: Tensor) -> Tensor:
    return (x * y).sum(1, keepdim=True)


def _radii(f: TestFunction, x: Tensor, generator: torch.Generator) -> Tensor:
    """Accepted radii, most of them shorter than the distance to the minimisers."""
    unit = torch.rand(x.shape[0], 1, dtype=torch.float64, generator=generator)
    distance = _norm(x - f.nearest_minimizer(x)).clamp_min(1e-6)
    t = distance * 10 ** (3.2 * unit - 3)
    smallest = f.parameters["radius"] if isinstance(f, ClippedVee | Cliff) else 0.0
    return torch.maximum(t, t.new_tensor(1.0) * smallest)


TABLE = {
    f"{f.name}-{index}-d{dimension}": f
    for dimension in DIMENSIONS
    for family in (*FAMILIES, *POLYHEDRAL)
    for index, f in enumerate(family.sample(batch=BATCH, dimension=dimension, generator=_generator(dimension)))
}


def _table(*oracles: str, assumption: str | None = None) -> pytest.MarkDecorator:
    rows = [
        pytest.param(f, id=name)
        for name, f in TABLE.items()
        if f.oracles.issuperset(oracles) and (assumption is None or assumption in f.satisfies)
    ]
    assert rows
    return pytest.mark.parametrize("f", rows)


def _lost(f: TestFunction, x: Tensor) -> Tensor:
    """How far rounding may move a point that is computed from x and x*."""
    return 1e-15 * (_norm(x) + _norm(f.minimizer))


def _one(value: float) -> Tensor:
    return torch.tensor([[value]], dtype=torch.float64)
