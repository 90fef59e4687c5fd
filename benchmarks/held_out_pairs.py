"""Models and data of the third set of pairs in `step_size_verdicts.py`: none was looked at when thresholds were chosen.

Data: digits, wine and diabetes of scikit-learn, text of the standard library, a noisy sine, spirals.
"""

from __future__ import annotations

import itertools
import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


class Characters(nn.Module):
    """Embedding, two convolutions over time, maximum over time; returns its loss."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(256, 16)
        self.first, self.second = nn.Conv1d(16, 24, 3, padding=1), nn.Conv1d(24, 24, 3, padding=1)
        self.head = nn.Linear(24, 8)

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        h = functional.relu(self.first(self.tokens(batch[0]).mT))
        return functional.cross_entropy(self.head(functional.relu(self.second(h)).amax(2)), batch[1])


class Squared(nn.Module):
    """A network with one output; returns its mean squared or Huber error."""

    def __init__(self, net: nn.Module, huber: bool = False) -> None:
        super().__init__()
        self.net, self.huber = net, huber

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        error = functional.huber_loss if self.huber else functional.mse_loss
        return error(self.net(batch[0])[:, 0], batch[1])


class Variational(nn.Module):
    """A variational autoencoder of images with 6 latent numbers; returns its loss."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Flatten(), nn.Linear(64, 40), nn.Tanh(), nn.Linear(40, 12))
        self.decode = nn.Sequential(nn.Linear(6, 40), nn.Tanh(), nn.Linear(40, 64))

    def forward(self, batch: Any) -> Tensor:
        """Reconstruction + 0.1 · divergence, a pixel."""
        mean, log = self.encode(batch[0]).chunk(2, 1)
        image = self.decode(mean + torch.randn_like(mean) * (log / 2).exp())
        divergence = 0.5 * (mean.square() + log.exp() - 1 - log).sum(1).mean()
        return functional.binary_cross_entropy_with_logits(image, batch[0].flatten(1)) + 0.1 * divergence / 64


class Attention(nn.Module):
    """Rows of an image as tokens, one attention layer, no norm."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.rows, self.mix = nn.Linear(8, width), nn.MultiheadAttention(width, 2, batch_first=True)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the classes."""
        h = self.rows(x[:, 0])
        return self.head((h + self.mix(h, h, h, need_weights=False)[0]).mean(1))


def net(sizes: tuple[int, ...], activation: type[nn.Module], dropout: float = 0.0) -> nn.Sequential:
    """Linear layers of these sizes."""
    layers: list[nn.Module] = [nn.Flatten()]
    for i, (a, b) in enumerate(itertools.pairwise(sizes)):
        layers.append(nn.Linear(a, b))
        if i < len(sizes) - 2:
            layers += [activation(), *([nn.Dropout(dropout)] if dropout else [])]
    return nn.Sequential(*layers)


def small_cnn() -> nn.Sequential:
    """Two convolutions without norms."""
    first = (nn.Conv2d(1, 8, 3, padding=1), nn.GELU(), nn.MaxPool2d(2))
    return nn.Sequential(
        *first, nn.Conv2d(8, 16, 3, padding=1), nn.GELU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(64, 10)
    )


def dense_cnn() -> nn.Sequential:
    """One convolution and two linear layers."""
    first = (nn.Conv2d(1, 8, 3, padding=1), nn.GELU(), nn.MaxPool2d(2), nn.Flatten())
    return nn.Sequential(*first, nn.Linear(128, 32), nn.GELU(), nn.Linear(32, 10))


OWN_LOSS = (Characters, Squared, Variational)
"""Models that take a batch and return its loss."""


def _picked(x: Tensor, y: Tensor, seed: int, count: int, size: int = 24) -> list[Any]:
    generator = torch.Generator().manual_seed(seed)
    picks = [torch.randint(0, len(x), (size,), generator=generator) for _ in range(count)]
    return [(x[i], y[i]) for i in picks]


def _standard(data: Tensor) -> Tensor:
    return (data - data.mean(0)) / data.std(0)


def wine(seed: int, count: int) -> list[Any]:
    """Batches of 24 wines of three kinds."""
    from sklearn.datasets import load_wine

    data = load_wine()
    return _picked(_standard(torch.tensor(data.data).float()), torch.tensor(data.target), seed, count)


def diabetes(seed: int, count: int) -> list[Any]:
    """Batches of 24 patients; the target has deviation 1."""
    from sklearn.datasets import load_diabetes

    data = load_diabetes()
    return _picked(
        _standard(torch.tensor(data.data).float()), _standard(torch.tensor(data.target).float()), seed, count
    )


def sine(seed: int, count: int) -> list[Any]:
    """Batches of 40 noisy values of sin(3a) + b²."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        x = 2 * torch.rand(40, 2, generator=generator) - 1
        found.append((x, (3 * x[:, 0]).sin() + x[:, 1] ** 2 + 0.1 * torch.randn(40, generator=generator)))
    return found


def spirals(seed: int, count: int) -> list[Any]:
    """Batches of 48 points of two spirals."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        y = torch.randint(0, 2, (48,), generator=generator)
        t = 1 + 5 * torch.rand(48, generator=generator)
        angle = t + math.pi * y
        x = torch.stack([t * angle.cos(), t * angle.sin()], 1) / 3 + 0.05 * torch.randn(48, 2, generator=generator)
        found.append((x, y))
    return found
