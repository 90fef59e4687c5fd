"""A byte-level transformer on sources of the standard library: Muon on hidden matrices and AdamW elsewhere, or Scion.

certify audit examples/training/language_model.py
certify validate examples/training/language_model.py
certify audit examples/training/language_model.py:misrouted   # embedding and head in Muon
certify validate examples/training/language_model.py:scion
"""

from __future__ import annotations

import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

MODULES = ("argparse", "ast", "calendar", "csv", "datetime", "difflib", "enum", "heapq", "inspect", "pathlib", "typing")
WIDTH, LENGTH, BATCH = 48, 32, 16


class Block(nn.Module):
    """Attention and feed-forward, pre-norm."""

    def __init__(self) -> None:
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH), nn.LayerNorm(WIDTH)
        self.qkv, self.out = nn.Linear(WIDTH, 3 * WIDTH, bias=False), nn.Linear(WIDTH, WIDTH, bias=False)
        self.up, self.down = nn.Linear(WIDTH, 4 * WIDTH, bias=False), nn.Linear(4 * WIDTH, WIDTH, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """Both with a residual."""
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, 4, d // 4).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(b, t, d))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class LanguageModel(nn.Module):
    """Logits of the next byte."""

    def __init__(self) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(256, WIDTH), nn.Embedding(LENGTH, WIDTH)
        self.blocks = nn.ModuleList(Block() for _ in range(2))
        self.norm, self.head = nn.LayerNorm(WIDTH), nn.Linear(WIDTH, 256, bias=False)
        for table in (self.tokens, self.positions, self.head):
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, x: Tensor) -> Tensor:
        """(batch, time) to (batch, time, 256)."""
        h = self.tokens(x) + self.positions(torch.arange(x.shape[1], device=x.device))
        for block in self.blocks:
            h = block(h)
        return self.head(self.norm(h))


def polar(x: Tensor) -> Tensor:
    """The usual five Newton–Schulz steps in float32 (torch's own Muon takes bfloat16, slow on many CPUs)."""
    y = (x.mT if x.shape[0] > x.shape[1] else x) / (x.norm() + 1e-7)
    for _ in range(5):
        a = y @ y.mT
        y = 3.4445 * y + (-4.7750 * a + 2.0315 * a @ a) @ y
    return y.mT if x.shape[0] > x.shape[1] else y


class Muon(torch.optim.Optimizer):
    """X⁺ = X − lr √max(1, m/n) · polar factor of the Nesterov momentum."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One update."""
        for group in self.param_groups:
            for p in group["params"]:
                average = self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
                average.lerp_(p.grad, 1 - group["momentum"])
                update = polar(p.grad.lerp(average, group["momentum"]))
                p.add_(update, alpha=-group["lr"] * max(1.0, p.shape[0] / p.shape[1]) ** 0.5)


class Scion(torch.optim.Optimizer):
    """X⁺ = X − lr · scale · lmo of the average, in the norm of the group; `momentum` is 1 − β as in the public code."""

    def __init__(self, params: Any, lr: float, momentum: float = 0.1) -> None:
        super().__init__(
            params, {"lr": lr, "momentum": momentum, "norm": "Spectral", "scale": 1.0, "unconstrained": True}
        )

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """One update."""
        for group in self.param_groups:
            for p in group["params"]:
                average = self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
                average.mul_(1 - group["momentum"]).add_(p.grad, alpha=group["momentum"])
                p.add_(self.lmo(average, group["norm"]), alpha=-group["lr"] * group["scale"])

    @staticmethod
    def lmo(g: Tensor, norm: str) -> Tensor:
        """Minus the minimiser of ⟨g, ·⟩ over the unit ball."""
        if norm == "Sign":
            return g.sign() / g.shape[1]
        if norm == "RowNorm":
            return g / (g.norm(dim=1, keepdim=True) + 1e-12) * g.shape[1] ** 0.5
        if norm == "BiasRMS":
            return g / (g.square().mean().sqrt() + 1e-12)
        return polar(g) * (g.shape[0] / g.shape[1]) ** 0.5


def batches(count: int = 120) -> list[Tensor]:
    """Random pieces of the corpus."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    corpus = torch.tensor(list(b"".join((folder / f"{name}.py").read_bytes() for name in MODULES)))
    generator = torch.Generator().manual_seed(0)
    starts = torch.randint(0, len(corpus) - LENGTH - 1, (count, BATCH), generator=generator)
    return [torch.stack([corpus[s : s + LENGTH + 1] for s in row]) for row in starts.tolist()]


def loss(model: nn.Module, batch: Tensor) -> Tensor:
    """Cross-entropy of the next byte."""
    return functional.cross_entropy(model(batch[:, :-1]).flatten(0, 1), batch[:, 1:].flatten())


def build() -> tuple[Any, ...]:
    """Muon and AdamW, as meant."""
    torch.manual_seed(0)
    model = LanguageModel()
    hidden = [p for p in model.blocks.parameters() if p.ndim == 2]
    rest = [p for name, p in model.named_parameters() if p.ndim < 2 or not name.startswith("blocks")]
    return model, [Muon(hidden, lr=0.02), torch.optim.AdamW(rest, lr=5e-3)], batches(), loss


def misrouted() -> tuple[Any, ...]:
    """All matrices in Muon."""
    torch.manual_seed(0)
    model = LanguageModel()
    matrices = [p for p in model.parameters() if p.ndim == 2]
    vectors = [p for p in model.parameters() if p.ndim < 2]
    return model, [Muon(matrices, lr=0.02), torch.optim.AdamW(vectors, lr=5e-3)], batches(), loss


def scion() -> tuple[Any, ...]:
    """Spectral norm for hidden matrices, rows for embeddings, sign for the head, RMS for vectors."""
    torch.manual_seed(0)
    model = LanguageModel()
    groups = [
        {"params": [p for p in model.blocks.parameters() if p.ndim == 2]},
        {"params": [model.tokens.weight, model.positions.weight], "norm": "RowNorm"},
        {"params": [model.head.weight], "norm": "Sign", "scale": 10.0},
        {"params": [p for p in model.parameters() if p.ndim < 2], "norm": "BiasRMS"},
    ]
    return model, Scion(groups, lr=0.01), batches(), loss
