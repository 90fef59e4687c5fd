"""A small convolutional network on handwritten digits with AdamW.

certify audit examples/training/digits.py
certify validate examples/training/digits.py
certify validate examples/training/digits.py:hot   # lr 60 times larger
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def build(lr: float = 2e-3) -> dict[str, Any]:
    """Batches of 32; batch norm and dropout included."""
    from sklearn.datasets import load_digits

    data: Any = load_digits()
    x, y = torch.tensor(data.images).float()[:, None] / 16, torch.tensor(data.target)
    loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, y), batch_size=32, shuffle=True)
    torch.manual_seed(0)
    model = nn.Sequential(
        nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU(),
        nn.Conv2d(12, 24, 3, stride=2, padding=1), nn.BatchNorm2d(24), nn.ReLU(),
        nn.Flatten(), nn.Dropout(0.1), nn.Linear(384, 10),
    )  # fmt: skip
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
    return {"model": model, "optimizer": optimizer, "data": loader, "loss_fn": nn.CrossEntropyLoss()}


def hot() -> dict[str, Any]:
    """Far too long steps."""
    return build(lr=0.12)
