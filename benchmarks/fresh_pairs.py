"""Models, data and optimisers of the second set of pairs in `step_size_verdicts.py`.

Data: digits and breast_cancer of scikit-learn, text of the standard library, and two synthetic tasks (a low-rank
matrix, a teacher network).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

Build = Callable[[nn.Module, float], Any]


class Residual(nn.Module):
    """x + two convolutions with batch norm."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU())
        self.second = nn.Sequential(nn.Conv2d(width, width, 3, padding=1, bias=False), nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """relu(x + F(x))."""
        return functional.relu(x + self.second(self.first(x)))


def resnet() -> nn.Module:
    """A stem and two residual blocks on 8 × 8 images."""
    stem = (nn.Conv2d(1, 12, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(12), nn.ReLU())
    return nn.Sequential(*stem, Residual(12), Residual(12), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(48, 10))


def group_norm_cnn() -> nn.Module:
    """Two convolutions with group norm."""
    first = (nn.Conv2d(1, 8, 3, stride=2, padding=1), nn.GroupNorm(2, 8), nn.SiLU())
    second = (nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.GroupNorm(4, 16), nn.SiLU())
    return nn.Sequential(*first, *second, nn.Flatten(), nn.Linear(64, 10))


def batch_norm_mlp() -> nn.Module:
    """Two hidden layers with batch norm."""
    hidden = [nn.Linear(64, 48), nn.BatchNorm1d(48), nn.ReLU(), nn.Linear(48, 48), nn.BatchNorm1d(48), nn.ReLU()]
    return nn.Sequential(nn.Flatten(), *hidden, nn.Linear(48, 10))


def plain_mlp(depth: int, width: int, activation: Callable[[], nn.Module], norm: bool = False) -> nn.Module:
    """`depth` hidden layers on images."""
    layers: list[nn.Module] = [nn.Flatten()]
    size = 64
    for _ in range(depth):
        layers += [nn.Linear(size, width), *([nn.LayerNorm(width)] if norm else []), activation()]
        size = width
    return nn.Sequential(*layers, nn.Linear(size, 10))


class Vit(nn.Module):
    """Patches of 2 × 2, two encoder layers of torch's own, mean of tokens."""

    def __init__(self, width: int = 24) -> None:
        super().__init__()
        self.patches = nn.Conv2d(1, width, 2, stride=2)
        self.places = nn.Parameter(0.02 * torch.randn(16, width))
        layer = nn.TransformerEncoderLayer(width, 4, 2 * width, dropout=0.1, batch_first=True, norm_first=True)
        self.encoder = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
        self.head = nn.Linear(width, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the classes."""
        return self.head(self.encoder(self.patches(x).flatten(2).mT + self.places).mean(1))


class Rows(nn.Module):
    """A recurrent network that reads an image row by row."""

    def __init__(self, kind: Callable[..., nn.Module]) -> None:
        super().__init__()
        self.rnn, self.head = kind(8, 32, batch_first=True), nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Scores of the classes."""
        return self.head(self.rnn(x[:, 0])[0][:, -1])


class Autoencoder(nn.Module):
    """64 → 32 → 8 → 32 → 64; returns its mean squared error."""

    def __init__(self) -> None:
        super().__init__()
        self.encode = nn.Sequential(nn.Flatten(), nn.Linear(64, 32), nn.ReLU(), nn.Linear(32, 8))
        self.decode = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 64))

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        return functional.mse_loss(self.decode(self.encode(batch[0])), batch[0].flatten(1))


class Factors(nn.Module):
    """Matrix factorisation with biases; returns its mean squared error."""

    def __init__(self, size: int = 60, rank: int = 6) -> None:
        super().__init__()
        self.rows, self.columns = nn.Embedding(size, rank), nn.Embedding(size, rank)
        nn.init.normal_(self.rows.weight, std=0.3)
        nn.init.normal_(self.columns.weight, std=0.3)
        self.row_bias, self.column_bias = nn.Parameter(torch.zeros(size)), nn.Parameter(torch.zeros(size))

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        i, j, value = batch
        guess = (self.rows(i) * self.columns(j)).sum(1) + self.row_bias[i] + self.column_bias[j]
        return functional.mse_loss(guess, value)


class Bag(nn.Module):
    """An embedding bag of pairs of bytes, and a linear layer: which module is a piece of text from?"""

    def __init__(self) -> None:
        super().__init__()
        self.bag, self.head = nn.EmbeddingBag(1024, 24), nn.Linear(24, 8)

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        x, y = batch
        pairs = (x[:, :-1] * 31 + x[:, 1:]) % 1024
        return functional.cross_entropy(self.head(self.bag(pairs)), y)


class Regression(nn.Module):
    """A network on 16 features; returns its mean squared error."""

    def __init__(self) -> None:
        super().__init__()
        self.net = nn.Sequential(nn.Linear(16, 48), nn.SiLU(), nn.Linear(48, 48), nn.SiLU(), nn.Linear(48, 1))

    def forward(self, batch: Any) -> Tensor:
        """The loss."""
        return functional.mse_loss(self.net(batch[0])[:, 0], batch[1])


OWN_LOSS = (Autoencoder, Factors, Bag, Regression)
"""Models that take a batch and return its loss."""


def low_rank(seed: int, count: int, size: int = 60, rank: int = 4) -> list[Any]:
    """Batches of 64 noisy entries of a matrix."""
    fixed, generator = torch.Generator().manual_seed(7), torch.Generator().manual_seed(seed)
    matrix = torch.randn(size, rank, generator=fixed) @ torch.randn(rank, size, generator=fixed) / rank**0.5
    found = []
    for _ in range(count):
        i, j = torch.randint(0, size, (2, 64), generator=generator)
        found.append((i, j, matrix[i, j] + 0.1 * torch.randn(64, generator=generator)))
    return found


def teacher(seed: int, count: int) -> list[Any]:
    """Batches of 32 noisy values of a fixed network."""
    fixed, generator = torch.Generator().manual_seed(9), torch.Generator().manual_seed(seed)
    first, second = torch.randn(16, 8, generator=fixed) / 2, torch.randn(8, generator=fixed)
    found = []
    for _ in range(count):
        x = torch.randn(32, 16, generator=generator)
        found.append((x, torch.tanh(x @ first) @ second + 0.1 * torch.randn(32, generator=generator)))
    return found


def tumours(seed: int, count: int) -> list[Any]:
    """Batches of 32 standardised patients of breast_cancer."""
    from sklearn.datasets import load_breast_cancer

    data = load_breast_cancer()
    x, y = torch.tensor(data.data).float(), torch.tensor(data.target)
    x = (x - x.mean(0)) / x.std(0)
    generator = torch.Generator().manual_seed(seed)
    return [(x[i], y[i]) for i in (torch.randint(0, len(x), (32,), generator=generator) for _ in range(count))]


class Scion(torch.optim.Optimizer):
    """Unconstrained Scion: lr · scale · lmo of an average, in the norm that a group names."""

    def __init__(self, groups: Iterable[Any], lr: float, momentum: float = 0.1) -> None:
        super().__init__(groups, {"lr": lr, "momentum": momentum, "norm": "Sign", "scale": 1.0, "unconstrained": True})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """X⁺ = X − lr · scale · lmo(m)."""
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                buffer = self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
                buffer.lerp_(p.grad, group["momentum"])
                p.add_(_lmo(buffer, group["norm"]), alpha=-group["lr"] * group["scale"])


def _lmo(g: Tensor, norm: str) -> Tensor:
    if norm == "Sign":
        return g.sign() / g.shape[-1]
    if norm == "BiasRMS":
        return g / (g.square().mean().sqrt() + 1e-12)
    if norm == "RowNorm":
        return g / (g.norm(dim=1, keepdim=True) + 1e-12) * math.sqrt(g.shape[1])
    left, values, right = torch.linalg.svd(g, full_matrices=False)
    return math.sqrt(g.shape[0] / g.shape[1]) * (left * (values > 1e-12)) @ right


def scion(model: nn.Module, lr: float) -> Scion:
    """Spectral for hidden matrices, sign for the head, row norm for embeddings, RMS for the rest."""
    linear = [m.weight for m in model.modules() if isinstance(m, nn.Linear)]
    embeddings = [m.weight for m in model.modules() if isinstance(m, nn.Embedding)]
    thin = [p for p in model.parameters() if p.ndim < 2]
    groups = [
        {"params": linear[:-1], "norm": "Spectral", "scale": 5.0},
        {"params": linear[-1:], "norm": "Sign", "scale": 30.0},
        {"params": embeddings, "norm": "RowNorm"},
        {"params": thin, "norm": "BiasRMS"},
    ]
    return Scion([group for group in groups if group["params"]], lr)


def of(kind: Callable[..., torch.optim.Optimizer], **options: Any) -> Build:
    """An optimiser of torch's with options."""
    return lambda model, lr: kind(model.parameters(), lr=lr, **options)
