"""Calibration of `certify validate`: sweeps of lr, and the verdict at the best lr, at 8 times that, and at a quarter.

    python benchmarks/step_size_verdicts.py [PAIR …] [--fresh | --held-out | --last] [--seeds 3] [--steps 150]

For every pair of model and optimiser each lr of a grid of powers of 2 is trained; the best has the least mean loss
over the last fifth of the steps (mean of two seeds). Then `certify.validate` is asked at multiples of it. Data:
scikit-learn's digits, and the text of modules of the standard library.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sysconfig
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import fresh_pairs as fresh
import held_out_pairs as held
import last_pairs as last
import torch
from torch import Tensor, nn
from torch.nn import functional

from certify.training.longer import behind
from certify.training.validate import Validation, validate

MODULES = ("argparse", "ast", "calendar", "csv", "datetime", "difflib", "enum", "heapq", "inspect", "pathlib", "typing")
MULTIPLES = (0.25, 1.0, 8.0)


class Conv(nn.Sequential):
    """Two convolutions with batch norm, dropout, one linear layer."""

    def __init__(self) -> None:
        first = (nn.Conv2d(1, 12, 3, padding=1), nn.BatchNorm2d(12), nn.ReLU())
        second = (nn.Conv2d(12, 24, 3, stride=2, padding=1), nn.BatchNorm2d(24), nn.ReLU())
        super().__init__(*first, *second, nn.Flatten(), nn.Dropout(0.1), nn.Linear(384, 10))


class Block(nn.Module):
    """Attention and a gated-free feed-forward layer, pre-norm."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width, bias=False), nn.Linear(width, width, bias=False)
        self.up, self.down = nn.Linear(width, 4 * width, bias=False), nn.Linear(4 * width, width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """x + attention, then x + feed-forward."""
        b, t, d = x.shape
        q, k, v = self.qkv(self.norm1(x)).view(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        seen = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(b, t, d))
        return x + self.down(functional.gelu(self.up(self.norm2(x))))


class Gpt(nn.Module):
    """A byte-level language model; returns its loss."""

    def __init__(self, width: int = 48, depth: int = 2) -> None:
        super().__init__()
        self.tokens, self.positions = nn.Embedding(256, width), nn.Embedding(64, width)
        self.blocks = nn.ModuleList(Block(width) for _ in range(depth))
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, 256, bias=False)
        for name, p in self.named_parameters():
            if p.ndim > 1:
                nn.init.normal_(p, std=p.shape[1] ** -0.5 if name.startswith("blocks") else 0.02)

    def forward(self, text: Tensor) -> Tensor:
        """Mean cross-entropy of the next byte."""
        x, y = text[:, :-1], text[:, 1:]
        h = self.tokens(x) + self.positions(torch.arange(x.shape[1]))
        for block in self.blocks:
            h = block(h)
        return functional.cross_entropy(self.head(self.norm(h)).flatten(0, 1), y.flatten())


class Lstm(nn.Module):
    """A recurrent byte-level language model; returns its loss."""

    def __init__(self, width: int = 48) -> None:
        super().__init__()
        self.tokens, self.rnn = nn.Embedding(256, width), nn.LSTM(width, width, batch_first=True)
        self.head = nn.Linear(width, 256)

    def forward(self, text: Tensor) -> Tensor:
        """Mean cross-entropy of the next byte."""
        h, _ = self.rnn(self.tokens(text[:, :-1]))
        return functional.cross_entropy(self.head(h).flatten(0, 1), text[:, 1:].flatten())


def mlp(activation: Callable[[], nn.Module]) -> nn.Sequential:
    """Three linear layers."""
    return nn.Sequential(
        nn.Flatten(), nn.Linear(64, 64), activation(), nn.Linear(64, 64), activation(), nn.Linear(64, 10)
    )


class Orthogonal(torch.optim.Optimizer):
    """Muon in float32 (torch's own iterates in bfloat16, which is slow without hardware for it)."""

    def __init__(self, params: Iterable[Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "use_muon": True})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """X⁺ = X − lr √max(1, m/n) NS(g + Nesterov momentum)."""
        for group in self.param_groups:
            for p in group["params"]:
                buffer = self.state[p].setdefault("momentum_buffer", torch.zeros_like(p))
                buffer.lerp_(p.grad, 1 - group["momentum"])
                x = p.grad.lerp(buffer, group["momentum"])
                x = x / (x.norm() + 1e-7)
                x = x.mT if p.shape[0] > p.shape[1] else x
                for _ in range(5):
                    a = x @ x.mT
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
                x = x.mT if p.shape[0] > p.shape[1] else x
                p.add_(x, alpha=-group["lr"] * max(1.0, p.shape[0] / p.shape[1]) ** 0.5)


class Lion(torch.optim.Optimizer):
    """The sign of a mixture of average and gradient."""

    def __init__(self, params: Iterable[Tensor], lr: float) -> None:
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self, closure: Any = None) -> Any:
        """X⁺ = X − lr sign(0.9 m + 0.1 g)."""
        for group in self.param_groups:
            for p in group["params"]:
                average = self.state[p].setdefault("exp_avg", torch.zeros_like(p))
                p.add_(average.lerp(p.grad, 0.1).sign(), alpha=-group["lr"])
                average.lerp_(p.grad, 0.01)


def muon_and_adamw(model: nn.Module, lr: float) -> list[torch.optim.Optimizer]:
    """Muon on the matrices of hidden layers, AdamW at lr/4 on everything else."""
    hidden = [m.weight for m in model.modules() if isinstance(m, nn.Linear)][:-1]
    ids = {id(p) for p in hidden}
    rest = [p for p in model.parameters() if id(p) not in ids]
    return [Orthogonal(hidden, lr), torch.optim.AdamW(rest, lr=lr / 4)]


@dataclass(frozen=True)
class Pair:
    """A model, an optimiser, batches, and the exponents e of lr = 2^e to try."""

    model: Callable[[], nn.Module]
    optimizer: Callable[[nn.Module, float], Any]
    data: Callable[[int, int], list[Any]]
    exponents: range


def digits(seed: int, count: int) -> list[Any]:
    """Batches of 32 images."""
    from sklearn.datasets import load_digits

    data = load_digits()
    x, y = torch.tensor(data.images).float()[:, None] / 16, torch.tensor(data.target)
    generator = torch.Generator().manual_seed(seed)
    picks = [torch.randint(0, len(x), (32,), generator=generator) for _ in range(count)]
    return [(x[i], y[i]) for i in picks]


def text(seed: int, count: int) -> list[Any]:
    """Batches of 16 pieces of 33 bytes."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    corpus = torch.tensor(list(b"".join((folder / f"{name}.py").read_bytes() for name in MODULES)))
    generator = torch.Generator().manual_seed(seed)
    starts = torch.randint(0, len(corpus) - 33, (count, 16), generator=generator)
    return [torch.stack([corpus[s : s + 33] for s in row]) for row in starts.tolist()]


def sgd(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Plain."""
    return torch.optim.SGD(model.parameters(), lr=lr)


def momentum(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Heavy ball, 0.9."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=0.9)


def adamw(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """Defaults."""
    return torch.optim.AdamW(model.parameters(), lr=lr)


PAIRS = {
    "mlp-sgd": Pair(lambda: mlp(nn.ReLU), sgd, digits, range(-5, 2)),
    "mlp-momentum": Pair(lambda: mlp(nn.Tanh), momentum, digits, range(-7, 0)),
    "mlp-adamw": Pair(lambda: mlp(nn.ReLU), adamw, digits, range(-10, -3)),
    "mlp-rmsprop": Pair(
        lambda: mlp(nn.GELU), lambda m, lr: torch.optim.RMSprop(m.parameters(), lr=lr), digits, range(-12, -5)
    ),
    "mlp-adagrad": Pair(
        lambda: mlp(nn.GELU), lambda m, lr: torch.optim.Adagrad(m.parameters(), lr=lr), digits, range(-8, -1)
    ),
    "mlp-muon": Pair(lambda: mlp(nn.ReLU), muon_and_adamw, digits, range(-8, -1)),
    "cnn-momentum": Pair(Conv, momentum, digits, range(-7, 0)),
    "cnn-adamw": Pair(Conv, adamw, digits, range(-10, -3)),
    "lstm-lion": Pair(Lstm, lambda m, lr: Lion(m.parameters(), lr), text, range(-10, -3)),
    "lstm-sgd": Pair(Lstm, sgd, text, range(-2, 5)),
    "gpt-adamw": Pair(Gpt, adamw, text, range(-10, -3)),
    "gpt-muon": Pair(Gpt, muon_and_adamw, text, range(-8, -1)),
}


def pieces(seed: int, count: int) -> list[Any]:
    """Batches of 32 pieces of 48 bytes, with the number of the module they are from."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    texts = [torch.tensor(list((folder / f"{name}.py").read_bytes())) for name in MODULES[:8]]
    generator = torch.Generator().manual_seed(seed)
    found = []
    for _ in range(count):
        y = torch.randint(0, 8, (32,), generator=generator)
        starts = [int(torch.randint(0, len(texts[k]) - 48, (1,), generator=generator)) for k in y.tolist()]
        found.append((torch.stack([texts[k][s : s + 48] for k, s in zip(y.tolist(), starts, strict=True)]), y))
    return found


SGD, Adam, AdamW = torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW
FRESH = {
    "resnet-momentum": Pair(fresh.resnet, fresh.of(SGD, momentum=0.9, weight_decay=5e-4), digits, range(-8, 1)),
    "resnet-adam": Pair(fresh.resnet, fresh.of(Adam), digits, range(-11, -2)),
    "bn-mlp-sgd": Pair(fresh.batch_norm_mlp, fresh.of(SGD), digits, range(-6, 4)),
    "bn-mlp-adamw": Pair(fresh.batch_norm_mlp, fresh.of(AdamW), digits, range(-11, -2)),
    "gn-cnn-adam": Pair(fresh.group_norm_cnn, fresh.of(Adam), digits, range(-11, -2)),
    "mlp-nesterov": Pair(
        lambda: fresh.plain_mlp(3, 40, nn.ReLU), fresh.of(SGD, momentum=0.9, nesterov=True), digits, range(-9, 1)
    ),
    "mlp-nadam": Pair(lambda: fresh.plain_mlp(2, 48, nn.SiLU), fresh.of(torch.optim.NAdam), digits, range(-11, -2)),
    "mlp-adamax": Pair(lambda: fresh.plain_mlp(2, 48, nn.ELU), fresh.of(torch.optim.Adamax), digits, range(-11, -1)),
    "ln-mlp-lion": Pair(
        lambda: fresh.plain_mlp(2, 48, nn.ReLU, norm=True),
        lambda m, lr: Lion(m.parameters(), lr),
        digits,
        range(-12, -3),
    ),
    "vit-adamw": Pair(fresh.Vit, fresh.of(AdamW, weight_decay=0.1), digits, range(-11, -2)),
    "lstm-adam": Pair(lambda: fresh.Rows(nn.LSTM), fresh.of(Adam), digits, range(-10, -1)),
    "gru-momentum": Pair(lambda: fresh.Rows(nn.GRU), fresh.of(SGD, momentum=0.9), digits, range(-8, 2)),
    "rnn-rmsprop": Pair(lambda: fresh.Rows(nn.RNN), fresh.of(torch.optim.RMSprop), digits, range(-13, -3)),
    "autoencoder-rmsprop": Pair(fresh.Autoencoder, fresh.of(torch.optim.RMSprop), digits, range(-13, -4)),
    "autoencoder-adam": Pair(fresh.Autoencoder, fresh.of(Adam), digits, range(-11, -2)),
    "factors-adagrad": Pair(fresh.Factors, fresh.of(torch.optim.Adagrad), fresh.low_rank, range(-7, 3)),
    "factors-sgd": Pair(fresh.Factors, fresh.of(SGD), fresh.low_rank, range(-4, 7)),
    "bag-adam": Pair(fresh.Bag, fresh.of(Adam), pieces, range(-10, 1)),
    "teacher-adamw": Pair(fresh.Regression, fresh.of(AdamW), fresh.teacher, range(-11, -2)),
    "teacher-sgd": Pair(fresh.Regression, fresh.of(SGD), fresh.teacher, range(-9, 1)),
    "logistic-momentum": Pair(lambda: nn.Linear(30, 2), fresh.of(SGD, momentum=0.9), fresh.tumours, range(-9, 3)),
    "logistic-adam": Pair(lambda: nn.Linear(30, 2), fresh.of(Adam), fresh.tumours, range(-9, 2)),
    "mlp-radam": Pair(lambda: fresh.plain_mlp(2, 48, nn.ReLU), fresh.of(torch.optim.RAdam), digits, range(-10, 0)),
    "small-gpt-muon": Pair(lambda: Gpt(32, 1), muon_and_adamw, text, range(-8, 0)),
    "small-gpt-scion": Pair(lambda: Gpt(32, 1), fresh.scion, text, range(-12, -1)),
    "small-gpt-adamw": Pair(lambda: Gpt(32, 1), fresh.of(AdamW, betas=(0.9, 0.95)), text, range(-11, -2)),
    "mlp-muon-all": Pair(lambda: fresh.plain_mlp(2, 48, nn.Tanh), muon_and_adamw, digits, range(-9, 0)),
}
"""A second set, other models and optimisers."""

HELD_OUT = {
    "characters-adam": Pair(held.Characters, fresh.of(Adam), pieces, range(-10, -1)),
    "dropout-momentum": Pair(
        lambda: held.net((64, 64, 64, 10), nn.ReLU, 0.2), fresh.of(SGD, momentum=0.9), digits, range(-8, 1)
    ),
    "deep-rmsprop": Pair(
        lambda: held.net((64, 32, 32, 32, 32, 10), nn.ELU),
        fresh.of(torch.optim.RMSprop, momentum=0.5),
        digits,
        range(-14, -4),
    ),
    "attention-adamw": Pair(held.Attention, fresh.of(AdamW, betas=(0.9, 0.95)), digits, range(-9, 0)),
    "vae-adam": Pair(held.Variational, fresh.of(Adam), digits, range(-11, -2)),
    "cnn-muon": Pair(held.dense_cnn, muon_and_adamw, digits, range(-9, 0)),
    "cnn-nesterov": Pair(held.small_cnn, fresh.of(SGD, momentum=0.9, nesterov=True), digits, range(-8, 2)),
    "gru-lion": Pair(lambda: fresh.Rows(nn.GRU), lambda m, lr: Lion(m.parameters(), lr), digits, range(-12, -3)),
    "wine-adagrad": Pair(lambda: nn.Linear(13, 3), fresh.of(torch.optim.Adagrad), held.wine, range(-8, 4)),
    "wine-sgd": Pair(lambda: held.net((13, 24, 3), nn.Tanh), fresh.of(SGD), held.wine, range(-5, 5)),
    "diabetes-adam": Pair(
        lambda: held.Squared(held.net((10, 32, 1), nn.ReLU)), fresh.of(Adam), held.diabetes, range(-11, 0)
    ),
    "sine-nadam": Pair(
        lambda: held.Squared(held.net((2, 32, 32, 1), nn.Tanh), True),
        fresh.of(torch.optim.NAdam),
        held.sine,
        range(-11, -1),
    ),
    "sine-sgd": Pair(lambda: held.Squared(held.net((2, 48, 1), nn.SiLU)), fresh.of(SGD), held.sine, range(-7, 3)),
    "spirals-adamw": Pair(lambda: held.net((2, 32, 32, 2), nn.ReLU), fresh.of(AdamW), held.spirals, range(-9, 0)),
    "spirals-momentum": Pair(
        lambda: held.net((2, 32, 32, 2), nn.Tanh), fresh.of(SGD, momentum=0.9), held.spirals, range(-7, 3)
    ),
    "dropout-adadelta": Pair(
        lambda: held.net((64, 48, 10), nn.GELU, 0.1), fresh.of(torch.optim.Adadelta), digits, range(-4, 7)
    ),
}
"""A third set: no threshold on strain was fitted to it; the rules for takes and longer runs were."""

LAST = {
    "residual-nadam": Pair(last.residual, fresh.of(torch.optim.NAdam), digits, range(-11, -2)),
    "tiny-gpt-lion": Pair(lambda: Gpt(32, 1), lambda m, lr: Lion(m.parameters(), lr), text, range(-12, -3)),
    "encoder-adam": Pair(last.Encoder, fresh.of(Adam), digits, range(-11, -2)),
    "mixer-muon": Pair(last.Mixer, muon_and_adamw, digits, range(-9, 0)),
    "tumours-rmsprop": Pair(lambda: nn.Linear(30, 2), fresh.of(torch.optim.RMSprop), fresh.tumours, range(-11, 0)),
    "houses-momentum": Pair(last.Prices, fresh.of(SGD, momentum=0.9), last.houses, range(-10, 0)),
    "houses-adamw": Pair(last.Prices, fresh.of(AdamW), last.houses, range(-11, -2)),
    "counts-adagrad": Pair(last.Counts, fresh.of(torch.optim.Adagrad), last.counts, range(-7, 3)),
    "sigmoid-sgd": Pair(lambda: held.net((64, 40, 10), nn.Sigmoid), fresh.of(SGD), digits, range(-3, 7)),
    "tumours-mlp-adam": Pair(lambda: held.net((30, 24, 2), nn.ReLU), fresh.of(Adam), fresh.tumours, range(-10, 0)),
}
"""A fourth set, run once under the final rule."""


def loss(model: nn.Module, batch: Any) -> Tensor:
    """Language models return it; for classifiers it is the cross-entropy."""
    if isinstance(batch, Tensor) or isinstance(model, (*fresh.OWN_LOSS, *held.OWN_LOSS, *last.OWN_LOSS)):
        return model(batch)
    return functional.cross_entropy(model(batch[0]), batch[1])


def built(pair: Pair, lr: float, seed: int) -> tuple[nn.Module, list[torch.optim.Optimizer]]:
    """A fresh model with its optimisers."""
    torch.manual_seed(seed)
    model = pair.model()
    made = pair.optimizer(model, lr)
    return model, made if isinstance(made, list) else [made]


def trained(pair: Pair, lr: float, seed: int, steps: int) -> float:
    """The mean loss over the last fifth of a run; infinite if it breaks."""
    model, optimizers = built(pair, lr, seed)
    losses: list[float] = []
    for batch in pair.data(1000 + seed, steps):
        value = loss(model, batch)
        if not math.isfinite(value.item()):
            return math.inf
        model.zero_grad()
        value.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(value.item())
    return statistics.fmean(losses[-steps // 5 :])


def _numbers(r: Validation) -> list[float]:
    found = r.signals
    late = behind(r.longer) if r.longer else math.nan
    return [found.strain, found.lost, found.rho_all, found.u_all, len(r.takes), late, r.overhead]


def main() -> None:
    """One line a pair and multiple: verdicts over the seeds, and the medians of the signals."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pairs", nargs="*", choices=[*PAIRS, *FRESH, *HELD_OUT, *LAST, []])
    parser.add_argument("--fresh", action="store_true", help="the pairs of FRESH instead of those of PAIRS")
    parser.add_argument("--held-out", action="store_true", help="the pairs of HELD_OUT")
    parser.add_argument("--last", action="store_true", help="the pairs of LAST")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=150)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    print("| pair | lr | × best | verdicts | strain | lost | ρ | u | takes | behind | probe / plain step |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    chosen = LAST if arguments.last else HELD_OUT if arguments.held_out else FRESH if arguments.fresh else PAIRS
    for name in arguments.pairs or chosen:
        pair = (PAIRS | FRESH | HELD_OUT | LAST)[name]
        swept = {
            e: statistics.fmean(trained(pair, 2.0**e, seed, arguments.steps) for seed in (0, 1)) for e in pair.exponents
        }
        best = 2.0 ** min(swept, key=lambda e: swept[e])
        for multiple in MULTIPLES:
            reports = []
            for seed in range(arguments.seeds):
                model, optimizers = built(pair, best * multiple, seed)
                reports.append(validate(model, optimizers, pair.data(seed, 120), loss, seconds=600))
            words = [report.verdict.value for report in reports]
            counted = ", ".join(f"{words.count(w)} {w}" for w in dict.fromkeys(words))
            numbers = [_numbers(r) for r in reports]
            told = " | ".join(f"{statistics.median(column):.2f}" for column in zip(*numbers, strict=True))
            print(f"| {name} | {best * multiple:.3g} | {multiple:g} | {counted} | {told} |", flush=True)


if __name__ == "__main__":
    main()
