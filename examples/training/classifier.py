"""A small training script, for ``certify audit`` and ``certify validate``: a classifier of points in a spiral."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

Batch = tuple[Tensor, Tensor]


def spiral(points: int = 1200, arms: int = 3) -> Batch:
    """Points (n, 2) on noisy spiral arms, and the number of the arm of each."""
    generator = torch.Generator().manual_seed(0)
    arm = torch.arange(points) % arms
    radius = torch.rand(points, generator=generator)
    angle = 4 * radius + 2 * math.pi * arm / arms + 0.1 * torch.randn(points, generator=generator)
    return torch.stack((radius * angle.sin(), radius * angle.cos()), 1), arm


def build(lr: float = 3e-3) -> tuple[nn.Module, torch.optim.Optimizer, list[Batch], Callable[..., Any]]:
    """The model, its optimiser, batches and the loss: what the training loop uses."""
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(2, 64), nn.ReLU(), nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 3))
    x, y = spiral()
    order = torch.randperm(len(x))
    data = [(x[part], y[part]) for part in order.split(64)] * 8
    return model, torch.optim.Adam(model.parameters(), lr=lr), data, nn.CrossEntropyLoss()


def build_too_fast() -> tuple[nn.Module, torch.optim.Optimizer, list[Batch], Callable[..., Any]]:
    """The same with a learning rate a hundred times larger."""
    return build(lr=0.3)
