"""The best lr of a sweep never fails, 8 times that never passes, and seeds agree on the verdict at both.

Two pairs lie on the threshold between WARN and FAIL at 8 times the best: there seeds may differ.
"""

import statistics

import pytest
import torch
from small_models import Lion, SmallMuon
from torch import nn

from certify.training.validate import validate
from certify.training.verdicts import Verdict

CE = nn.functional.cross_entropy
CENTRES = 1.2 * torch.randn(5, 16, generator=torch.Generator().manual_seed(11))


def batches(seed, count):
    """Five overlapping clouds of points in 4 × 4 grids: they cannot be told apart perfectly."""
    generator = torch.Generator().manual_seed(seed)
    labels = [torch.randint(0, 5, (32,), generator=generator) for _ in range(count)]
    return [(CENTRES[y] + torch.randn(32, 16, generator=generator), y) for y in labels]


class Rows(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn, self.head = nn.GRU(4, 16, batch_first=True), nn.Linear(16, 5)

    def forward(self, x):
        return self.head(self.rnn(x.view(-1, 4, 4))[0][:, -1])


def mlp(activation=nn.ReLU, norm=None):
    norms = [norm(24)] if norm else []
    return nn.Sequential(nn.Linear(16, 24), *norms, activation(), nn.Linear(24, 24), activation(), nn.Linear(24, 5))


def muon(model, lr):
    matrices = [m.weight for m in model if isinstance(m, nn.Linear)][:-1]
    rest = [p for p in model.parameters() if all(p is not m for m in matrices)]
    return [SmallMuon(matrices, lr=lr), torch.optim.AdamW(rest, lr=lr / 4)]


def of(kind, **options):
    return lambda model, lr: kind(model.parameters(), lr=lr, **options)


PAIRS = {
    "sgd": (mlp, of(torch.optim.SGD), range(-5, 3)),
    "momentum": (lambda: mlp(nn.Tanh), of(torch.optim.SGD, momentum=0.9), range(-8, 0)),
    "batch norm, adamw": (lambda: mlp(norm=nn.BatchNorm1d), of(torch.optim.AdamW), range(-9, -1)),
    "muon and adamw": (mlp, muon, range(-8, 0)),
    "lion": (lambda: mlp(nn.GELU), of(Lion), range(-10, -2)),
    "recurrent, adam": (Rows, of(torch.optim.Adam), range(-9, -1)),
    "linear, nadam": (lambda: nn.Linear(16, 5), of(torch.optim.NAdam), range(-9, -1)),
}


ON_THE_THRESHOLD = ("linear, nadam", "lion")


def built(name, exponent, seed):
    torch.manual_seed(seed)
    make, optimizer, _ = PAIRS[name]
    model = make()
    return model, optimizer(model, 2.0**exponent)


def trained(name, exponent, seed, steps=100):
    model, made = built(name, exponent, seed)
    optimizers = made if isinstance(made, list) else [made]
    losses = []
    for x, y in batches(100 + seed, steps):
        loss = CE(model(x), y)
        model.zero_grad()
        loss.backward()
        for optimizer in optimizers:
            optimizer.step()
        losses.append(loss.item())
    mean = statistics.fmean(losses[-steps // 5 :])
    return mean if mean == mean else float("inf")


def verdicts(name, exponent):
    return [validate(*built(name, exponent, seed), batches(seed, 120), CE).verdict for seed in range(10)]


@pytest.mark.slow
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("name", PAIRS)
def test_best_rate_and_eight_times_it_over_ten_seeds(name):
    swept = {e: statistics.fmean(trained(name, e, seed) for seed in range(3)) for e in PAIRS[name][2]}
    best = min(swept, key=lambda e: swept[e])
    at_best = verdicts(name, best)
    assert Verdict.FAIL not in at_best, (best, at_best)
    assert max(at_best.count(v) for v in Verdict) >= 9, (best, at_best)
    far_above = verdicts(name, best + 3)
    assert Verdict.PASS not in far_above, (best + 3, far_above)
    told = [far_above.count(v) for v in (Verdict.FAIL, Verdict.WARN)]
    assert (sum(told) if name in ON_THE_THRESHOLD else max(told)) >= 9, (best + 3, far_above)
