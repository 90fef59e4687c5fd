"""Small models, data and reference optimisers that the training tests share."""

import torch
from torch import nn
from torch.nn import functional


def classification(count=4, size=32, features=16, classes=4, seed=0):
    """Batches of a task that can be learned: classes are Gaussian clouds."""
    generator = torch.Generator().manual_seed(seed)
    centres = 2 * torch.randn(classes, features, generator=generator)
    found = []
    for _ in range(count):
        y = torch.randint(0, classes, (size,), generator=generator)
        found.append((centres[y] + torch.randn(size, features, generator=generator), y))
    return found


def mlp(features=16, hidden=24, classes=4, norm=False, seed=0):
    """Three matrices; with a LayerNorm if wanted."""
    torch.manual_seed(seed)
    middle = [nn.LayerNorm(hidden)] if norm else []
    return nn.Sequential(
        nn.Linear(features, hidden),
        *middle,
        nn.Tanh(),
        nn.Linear(hidden, hidden),
        nn.Tanh(),
        nn.Linear(hidden, classes),
    )


class Tokens(nn.Module):
    """Embedding, one mixing matrix and its return, norm, head: the roles of a language model in small."""

    def __init__(self, words=20, width=16, tied=False):
        super().__init__()
        torch.manual_seed(0)
        self.embedding = nn.Embedding(words, width)
        self.up = nn.Linear(width, 2 * width, bias=False)
        self.down = nn.Linear(2 * width, width, bias=False)
        self.norm = nn.LayerNorm(width)
        self.head = nn.Linear(width, words, bias=False)
        if tied:
            self.head.weight = self.embedding.weight

    def forward(self, x):
        h = self.embedding(x)
        return self.head(self.norm(h + self.down(functional.gelu(self.up(h)))))


def tokens(count=4, size=24, words=20, seed=0):
    """The next word is the word plus one."""
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        x = torch.randint(0, words, (size,), generator=generator)
        found.append((x, (x + 1) % words))
    return found


def newton_schulz(g, steps=5):
    """The usual quintic iteration, in float32."""
    x = g / (g.norm() + 1e-7)
    x = x.mT if g.shape[0] > g.shape[1] else x
    for _ in range(steps):
        a = x @ x.mT
        x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
    return x.mT if g.shape[0] > g.shape[1] else x


class SmallMuon(torch.optim.Optimizer):
    """Muon as in its reference code; `scaling`, `after` and `flatten` let tests put bugs in."""

    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.0, scaling=None, after=None, flatten=True):
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})
        self.scaling = scaling or (lambda m, n: max(1, m / n) ** 0.5)
        self.after = after or (lambda update: update)
        self.flatten = flatten

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                buffer = state.setdefault("momentum_buffer", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                g = p.grad.lerp(buffer, group["momentum"])
                g = g.reshape(len(g), -1) if self.flatten else g
                update = newton_schulz(g) if g.ndim > 1 else g / (g.norm() + 1e-7)
                m, n = (update.shape[-2], update.shape[-1]) if update.ndim > 1 else (1, 1)
                update = self.after(update * self.scaling(m, n)).reshape(p.shape)
                p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-group["lr"])


class Scion(torch.optim.Optimizer):
    """Scion after its public code: norm of a group by name, momentum = 1 − β, update = scale · lmo."""

    def __init__(self, params, lr=1e-3, momentum=1.0, norm="Spectral", scale=1.0, unconstrained=True):
        super().__init__(
            params, {"lr": lr, "momentum": momentum, "norm": norm, "scale": scale, "unconstrained": unconstrained}
        )

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                g = p.grad
                if group["momentum"] != 1:
                    state = self.state[p]
                    buffer = state.setdefault("momentum_buffer", torch.zeros_like(p))
                    buffer.mul_(1 - group["momentum"]).add_(g, alpha=group["momentum"])
                    g = buffer
                if not group["unconstrained"]:
                    p.mul_(1 - group["lr"])
                p.add_(self.lmo(g, group["norm"]), alpha=-group["lr"] * group["scale"])

    @staticmethod
    def lmo(g, norm):
        if norm == "Sign":
            return g.sign() / g.shape[-1]
        if norm == "BiasRMS":
            return g / (g.square().mean().sqrt() + 1e-12)
        if norm == "RowNorm":
            return g / (g.norm(dim=1, keepdim=True) + 1e-12) * g.shape[1] ** 0.5
        m, n = g.shape
        return newton_schulz(g) * (m / n) ** 0.5


class Lion(torch.optim.Optimizer):
    """Lion: sign of a mixture of the average and the gradient."""

    def __init__(self, params, lr=1e-4, betas=(0.9, 0.99), weight_decay=0.0):
        super().__init__(params, {"lr": lr, "betas": betas, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                average = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                update = average.lerp(p.grad, 1 - group["betas"][0]).sign()
                p.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-group["lr"])
                average.lerp_(p.grad, 1 - group["betas"][1])
