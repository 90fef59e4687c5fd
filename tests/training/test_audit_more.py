"""More set-ups for the audit: parameters where torch does not look, low rank, half precision, schedules."""

import pytest
import torch
from small_models import SmallMuon, Tokens, classification, mlp, tokens
from torch import nn

from certify.training.audit import audit_updates

CE = nn.functional.cross_entropy


def classify(make, model=None):
    model = model or mlp()
    return audit_updates(model, make(model), classification(), CE)


def language(make, model):
    return audit_updates(model, make(model), tokens(), lambda model, batch: CE(model(batch[0]), batch[1]))


def matrices(model):
    return [model.up.weight, model.down.weight]


def rest(model):
    return [p for n, p in model.named_parameters() if not n.startswith(("up", "down", "pos"))]


class Unregistered(nn.Module):
    """A layer in a plain list; with `quiet` it takes no part in the gradient, as a teacher does."""

    def __init__(self, quiet=False):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.layers, self.quiet = nn.Linear(16, 4), [{"x": nn.Linear(16, 4)}], quiet

    def forward(self, x):
        with torch.set_grad_enabled(not self.quiet):
            other = self.layers[0]["x"](x)
        return self.first(x) + other


class LowRank(nn.Module):
    """A frozen layer and two factors, the second of which starts at zero; with `bug` both do."""

    def __init__(self, bug=False):
        super().__init__()
        torch.manual_seed(0)
        self.base = nn.Linear(16, 4).requires_grad_(False)
        self.down, self.up = nn.Parameter(torch.randn(3, 16) * (not bug)), nn.Parameter(torch.zeros(4, 3))

    def forward(self, x):
        return self.base(x) + x @ self.down.T @ self.up.T


class Positions(Tokens):
    """With a bare positional parameter."""

    def __init__(self):
        super().__init__()
        self.pos = nn.Parameter(0.02 * torch.randn(24, 16))

    def forward(self, x):
        h = self.embedding(x) + self.pos
        return self.head(self.norm(h + self.down(nn.functional.gelu(self.up(h)))))


class Temperature(nn.Module):
    """A criterion with a parameter of its own."""

    def __init__(self):
        super().__init__()
        self.log = nn.Parameter(torch.zeros(()))

    def forward(self, output, target):
        return CE(output * self.log.exp(), target)


def with_criterion():
    model, criterion = mlp(), Temperature()
    optimizer = torch.optim.Adam([*model.parameters(), *criterion.parameters()], lr=1e-3)
    return audit_updates(model, optimizer, classification(), criterion)


def half_precision(lr):
    model = mlp().bfloat16()
    data = [(x.bfloat16(), y) for x, y in classification()]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)
    return audit_updates(model, optimizer, data, lambda model, batch: CE(model(batch[0]).float(), batch[1]))


def adamw(parameters=None):
    return lambda m: torch.optim.AdamW(list(parameters(m) if parameters else m.parameters()), lr=1e-3)


def negative(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    optimizer.param_groups[0]["lr"] = -0.1
    return optimizer


def scheduled():
    model = mlp()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1e-3, total_steps=100)
    return audit_updates(model, optimizer, classification(), CE, scheduler=cycle)


RIGHT = {
    "a hidden teacher": lambda: classify(adamw(), Unregistered(quiet=True)),
    "low-rank factors, one zero": lambda: classify(adamw(lambda m: [m.down, m.up]), LowRank()),
    "a criterion with a parameter": lambda: with_criterion(),
    "half precision": lambda: half_precision(1e-2),
    "one cycle": lambda: scheduled(),
    "adadelta": lambda: classify(lambda m: torch.optim.Adadelta(m.parameters())),
    "adafactor": lambda: classify(lambda m: torch.optim.Adafactor(m.parameters(), lr=1e-2)),
}

BUGS = {
    "unregistered-parameter": lambda: classify(adamw(), Unregistered()),
    "dead-layer (both factors zero)": lambda: classify(adamw(lambda m: [m.down, m.up]), LowRank(bug=True)),
    "embedding-in-muon (positions)": lambda: language(
        lambda m: [SmallMuon([*matrices(m), m.pos]), adamw(rest)(m)],
        Positions(),
    ),
    "lost-in-rounding": lambda: half_precision(1e-5),
    "bad-lr": lambda: classify(negative),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_set_up_is_silent(name):
    assert [str(f) for f in RIGHT[name]().findings] == []


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_is_found(name):
    report = BUGS[name]()
    assert name.partition(" ")[0] in {finding.code for finding in report.findings}, [str(f) for f in report.findings]
