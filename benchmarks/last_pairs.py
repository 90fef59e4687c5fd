"""Models and data of the fourth set of pairs in `step_size_verdicts.py`: run once, under the rule as it stands.

Data: digits and breast_cancer of scikit-learn, text of the standard library, synthetic house prices, counts.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Pre(nn.Module):
    """x + two convolutions, each after group norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        first = (nn.GroupNorm(2, width), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1))
        self.body = nn.Sequential(*first, nn.GroupNorm(2, width), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """x + F(x)."""
        return x + self.body(x)


def residual() -> nn.Sequential:
    """A stem and two pre-activation blocks on 8 × 8 images."""
    stem = nn.Conv2d(1, 10, 3, stride=2, padding=1)
    return nn.Sequential(stem, Pre(10), Pre(10), nn.ReLU(), nn.Flatten(), nn.Linear(160, 10))


class Encoder(nn.Module):
    """Rows of an image as tokens, one post-norm encoder layer of torch's own."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.rows, self.places = nn.Linear(8, width), nn.Parameter(0.1 * torch.randn(8, width))
        self.layer = nn.TransformerEncoderLayer(width, 3, 48, dropout=0.0, batch_first=True)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the classes."""
        return self.head(self.layer(self.rows(x[:, 0]) + self.places).mean(1))


class Mixer(nn.Module):
    """Mixes over rows, then over columns; one block."""

    def __init__(self) -> None:
        super().__init__()
        self.lift, self.norm1, self.norm2 = nn.Linear(8, 24), nn.LayerNorm(24), nn.LayerNorm(24)
        self.rows = nn.Sequential(nn.Linear(8, 16), nn.GELU(), nn.Linear(16, 8))
        self.columns = nn.Sequential(nn.Linear(24, 48), nn.GELU(), nn.Linear(48, 24))
        self.head = nn.Linear(24, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the classes."""
        h = self.lift(x[:, 0])
        h = h + self.rows(self.norm1(h).mT).mT
        return self.head((h + self.columns(self.norm2(h))).mean(1))


class Prices(nn.Module):
    """A network on 8 features; returns its mean squared error."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(8, 40), nn.ReLU(), nn.Linear(40, 40), nn.ReLU(), nn.Linear(40, 1))

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        return functional.mse_loss(self.net(batch[0])[:, 0], batch[1])


class Counts(nn.Module):
    """Poisson regression by a network; returns its loss, which may be negative."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(6, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        return functional.poisson_nll_loss(self.net(batch[0])[:, 0], batch[1])


OWN_LOSS = (Prices, Counts)
"""Models that take a batch and return its loss."""


def houses(seed: int, count: int) -> list[Any]:
    """Batches of 32: skewed features, a price with interactions and heavy-tailed noise, cut at the top."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        z = torch.randn(32, 8, generator=generator)
        x = torch.cat([z[:, :4], (z[:, 4:] / 2).exp()], 1)
        noise = 0.2 * torch.randn(32, generator=generator) / torch.rand(32, generator=generator).clamp(0.05).sqrt()
        y = 0.8 * x[:, 0] - 0.5 * x[:, 1] * x[:, 4] + 0.4 * (2 * x[:, 2]).sin() + 0.3 * x[:, 5] + noise
        found.append((x, y.clamp(max=3.0)))
    return found


def counts(seed: int, count: int) -> list[Any]:
    """Batches of 48 counts with a rate that depends on 6 features."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        x = torch.randn(48, 6, generator=generator)
        rate = (0.8 + 0.6 * x[:, 0] - 0.5 * x[:, 1].abs() + 0.4 * x[:, 2] * x[:, 3]).clamp(max=3).exp()
        found.append((x, torch.poisson(rate, generator=generator)))
    return found
