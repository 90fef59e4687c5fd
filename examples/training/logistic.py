"""Logistic regression with gradient descent: L is enclosed rigorously, and lr is judged by the proved range.

certify validate examples/training/logistic.py           # inside 0 < γ < 2/L
certify validate examples/training/logistic.py:too_long  # outside the guarantee, which is not to say it diverges
"""

from __future__ import annotations

from typing import Any

import torch
from torch import nn


def build(lr: float = 0.5) -> tuple[Any, ...]:
    """Full batches, weight decay 1e-3."""
    from sklearn.datasets import load_breast_cancer

    data: Any = load_breast_cancer()
    x, y = torch.tensor(data.data).float(), torch.tensor(data.target).float()[:, None]
    x = (x - x.mean(0)) / x.std(0)
    torch.manual_seed(0)
    model = nn.Linear(x.shape[1], 1)
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, weight_decay=1e-3)
    return model, optimizer, [(x, y)], nn.BCEWithLogitsLoss()


def too_long() -> tuple[Any, ...]:
    """Eight times 2/L."""
    return build(lr=5.0)
