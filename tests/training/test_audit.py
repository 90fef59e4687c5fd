"""The audit finds seeded bugs by name and is silent on set-ups that are right."""

import pytest
import torch
from small_models import Lion, Scion, SmallMuon, Tokens, classification, mlp, newton_schulz, tokens
from torch import nn

from certify.training.audit import audit, audit_updates
from certify.training.setup import make_setup

CE = nn.functional.cross_entropy


def lm_loss(model, batch):
    return CE(model(batch[0]), batch[1])


def matrices(model):
    return [model.up.weight, model.down.weight]


def rest(model):
    return [p for n, p in model.named_parameters() if not n.startswith(("up", "down"))]


def codes(report):
    return {finding.code for finding in report.findings}


def classify(make, model=None, **options):
    model = model or mlp()
    return audit_updates(model, make(model), classification(), CE, **options)


def language(make, model=None, **options):
    model = model or Tokens()
    return audit_updates(model, make(model), tokens(), lm_loss, **options)


def muon_and_adamw(model, **options):
    return [torch.optim.Muon(matrices(model), lr=0.02, weight_decay=0.0), torch.optim.AdamW(rest(model), lr=3e-3)]


def scion_groups(model, momentum=0.1, unconstrained=True, lr=0.01):
    groups = [
        {"params": matrices(model), "norm": "Spectral", "scale": 5.0},
        {"params": [model.head.weight], "norm": "Sign", "scale": 30.0},
        {"params": [model.embedding.weight], "norm": "RowNorm", "scale": 1.0},
        {"params": list(model.norm.parameters()), "norm": "BiasRMS", "scale": 1.0},
    ]
    return Scion(groups, lr=lr, momentum=momentum, unconstrained=unconstrained)


RIGHT = {
    "sgd": lambda: classify(lambda m: torch.optim.SGD(m.parameters(), lr=0.1)),
    "momentum": lambda: classify(lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9)),
    "nesterov with decay": lambda: classify(
        lambda m: torch.optim.SGD(m.parameters(), lr=0.1, momentum=0.9, nesterov=True, weight_decay=5e-4)
    ),
    "sgd clipped": lambda: classify(lambda m: torch.optim.SGD(m.parameters(), lr=0.1), clip_norm=0.1),
    "adamw": lambda: classify(lambda m: torch.optim.AdamW(m.parameters(), lr=1e-3)),
    "adamw clipped and accumulated": lambda: classify(
        lambda m: torch.optim.AdamW(m.parameters(), lr=1e-3), clip_norm=1.0, accumulate=2
    ),
    "adam fused groups": lambda: classify(
        lambda m: torch.optim.Adam([{"params": m[0].parameters(), "lr": 1e-2}, {"params": m[2:].parameters()}])
    ),
    "adam capturable rate": lambda: classify(lambda m: torch.optim.Adam(m.parameters(), lr=torch.tensor(1e-3))),
    "rmsprop": lambda: classify(lambda m: torch.optim.RMSprop(m.parameters(), lr=1e-3)),
    "adagrad": lambda: classify(lambda m: torch.optim.Adagrad(m.parameters(), lr=1e-2)),
    "nadam": lambda: classify(lambda m: torch.optim.NAdam(m.parameters(), lr=1e-3)),
    "radam": lambda: classify(lambda m: torch.optim.RAdam(m.parameters(), lr=1e-3)),
    "adamax": lambda: classify(lambda m: torch.optim.Adamax(m.parameters(), lr=1e-3)),
    "lbfgs": lambda: classify(lambda m: torch.optim.LBFGS(m.parameters(), lr=0.5, max_iter=2)),
    "lion": lambda: classify(lambda m: Lion(m.parameters(), lr=1e-3, weight_decay=0.1)),
    "adamw without decay on norms": lambda: classify(
        lambda m: torch.optim.AdamW(
            [
                {"params": [p for p in m.parameters() if p.ndim > 1], "weight_decay": 0.1},
                {"params": [p for p in m.parameters() if p.ndim <= 1], "weight_decay": 0.0},
            ],
            lr=1e-3,
        ),
        mlp(norm=True),
    ),
    "torch muon and adamw": lambda: language(muon_and_adamw),
    "torch muon matched to adamw": lambda: language(
        lambda m: [
            torch.optim.Muon(matrices(m), lr=0.02, adjust_lr_fn="match_rms_adamw"),
            torch.optim.AdamW(rest(m), lr=3e-3),
        ]
    ),
    "reference muon and adamw": lambda: language(
        lambda m: [SmallMuon(matrices(m)), torch.optim.AdamW(rest(m), lr=3e-3)]
    ),
    "scion": lambda: language(scion_groups),
    "constrained scion": lambda: language(lambda m: scion_groups(m, unconstrained=False)),
    "scion without momentum": lambda: language(lambda m: scion_groups(m, momentum=1.0)),
    "tied weights in one group": lambda: language(
        lambda m: torch.optim.AdamW(m.parameters(), lr=1e-3), Tokens(tied=True)
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_set_up_is_silent(name):
    report = RIGHT[name]()
    assert [str(f) for f in report.findings] == []
    assert report.exit_code == 0
    assert report.steps == 4


def test_a_warm_up_at_step_zero_is_a_note_and_sizes_are_those_of_the_peak():
    model = mlp()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: step / 100)
    report = audit_updates(model, optimizer, classification(), CE, scheduler=scheduler)
    assert report.passed
    assert "schedule-at-start" in {note.code for note in report.notes}
    assert report.rows[0].lr == 1e-3
    assert optimizer.param_groups[0]["lr"] == 0.0


def changed_after(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model[-1] = nn.Linear(24, 4)
    return optimizer


def frozen_in(model):
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model[0].weight.requires_grad_(False)
    return optimizer


class Twice(torch.optim.AdamW):
    def step(self, closure=None):
        super().step()
        return super().step()


class Halved(torch.optim.AdamW):
    @torch.no_grad()
    def step(self, closure=None):
        old = [p.clone() for g in self.param_groups for p in g["params"]]
        super().step()
        for before, p in zip(old, [p for g in self.param_groups for p in g["params"]], strict=True):
            p.copy_(before + 0.5 * (p - before))


class DeadMiddle(nn.Module):
    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.first, self.second, self.unused = nn.Linear(16, 8), nn.Linear(8, 4), nn.Linear(3, 3)
        with torch.no_grad():
            self.first.bias.fill_(-100.0)

    def forward(self, x):
        return self.second(torch.relu(self.first(x)))


class Copied(Tokens):
    def __init__(self):
        super().__init__()
        self.head.weight = nn.Parameter(self.embedding.weight.data)


def muon_with(**bug):
    return lambda m: [SmallMuon(matrices(m), **bug), torch.optim.AdamW(rest(m), lr=3e-3)]


def conv_net():
    torch.manual_seed(0)
    return nn.Sequential(nn.Unflatten(1, (1, 4, 4)), nn.Conv2d(1, 8, 3), nn.Flatten(), nn.Linear(32, 4))


def conv_muon(model, **options):
    return [
        SmallMuon([model[1].weight], **options),
        torch.optim.AdamW([model[1].bias, *model[3].parameters()], lr=1e-3),
    ]


BUGS = {
    "missing-parameter": lambda: classify(lambda m: torch.optim.SGD(m[:2].parameters(), lr=0.1)),
    "stale-parameter": lambda: classify(changed_after),
    "frozen-parameter": lambda: classify(frozen_in),
    "zero-lr": lambda: classify(
        lambda m: torch.optim.SGD([{"params": m[0].parameters(), "lr": 0.0}, {"params": m[1:].parameters()}], lr=0.1)
    ),
    "duplicate-parameter": lambda: language(
        lambda m: [torch.optim.AdamW(m.parameters(), lr=1e-3), torch.optim.SGD([m.head.weight], lr=0.1)]
    ),
    "tied-twice": lambda: language(lambda m: torch.optim.AdamW(m.parameters(), lr=1e-3), Copied()),
    "embedding-in-muon": lambda: language(
        lambda m: [
            torch.optim.Muon([*matrices(m), m.embedding.weight], lr=0.02),
            torch.optim.AdamW([m.head.weight, *m.norm.parameters()]),
        ]
    ),
    "head-in-muon": lambda: language(
        lambda m: [
            torch.optim.Muon([*matrices(m), m.head.weight], lr=0.02),
            torch.optim.AdamW([m.embedding.weight, *m.norm.parameters()]),
        ]
    ),
    "vector-in-muon": lambda: language(
        lambda m: [
            SmallMuon([*matrices(m), *m.norm.parameters()]),
            torch.optim.AdamW([m.embedding.weight, m.head.weight]),
        ]
    ),
    "conv-in-muon": lambda: classify(conv_muon, conv_net()),
    "not-orthogonal": lambda: classify(
        lambda m: [
            SmallMuon([m[0].weight, m[2].weight], after=lambda u: u + 2 * torch.eye(*u.shape)[:, :1] @ u[:1]),
            torch.optim.AdamW([m[0].bias, m[2].bias, *m[4].parameters()]),
        ]
    ),
    "decay-on-norms": lambda: classify(
        lambda m: torch.optim.AdamW(m.parameters(), lr=1e-3, weight_decay=0.1), mlp(norm=True)
    ),
    "betas-swapped": lambda: classify(lambda m: torch.optim.AdamW(m.parameters(), lr=1e-3, betas=(0.999, 0.9))),
    "wrong-size": lambda: classify(lambda m: Halved(m.parameters(), lr=1e-3)),
    "wrong-size (twice)": lambda: classify(lambda m: Twice(m.parameters(), lr=1e-3)),
    "wrong-scaling": lambda: language(muon_with(scaling=lambda m, n: max(1, n / m) ** 0.5)),
    "wrong-scaling (root)": lambda: language(muon_with(scaling=lambda m, n: 0.2 * max(m, n))),
    "wrong-scaling (large)": lambda: language(muon_with(scaling=lambda m, n: 8.0)),
    "update-rescaled": lambda: language(muon_with(after=lambda u: u * min(1.0, 0.5 / float(u.norm())))),
    "scion-momentum": lambda: language(lambda m: scion_groups(m, momentum=0.9)),
    "short-momentum": lambda: language(muon_with(momentum=0.05)),
    "dead-layer": lambda: classify(lambda m: torch.optim.SGD(m.parameters(), lr=0.1), DeadMiddle()),
    "unused-parameter": lambda: classify(lambda m: torch.optim.SGD(m.parameters(), lr=0.1), DeadMiddle()),
    "non-finite": lambda: classify(lambda m: torch.optim.SGD(m.parameters(), lr=1e30)),
    "no-update": lambda: classify(lambda m: torch.optim.SGD(m.parameters(), lr=1e-30)),
}


@pytest.mark.parametrize("name", BUGS)
def test_a_seeded_bug_is_found(name):
    report = BUGS[name]()
    assert name.partition(" ")[0] in codes(report), [str(f) for f in report.findings]
    assert report.exit_code == 1
    assert all(f.change for f in report.findings)


def gradient_hook_muon(model):
    def orthogonalise():
        for p in matrices(model):
            p.grad.copy_(newton_schulz(p.grad))
        nn.utils.clip_grad_norm_(matrices(model), 0.5)

    return orthogonalise


def test_clipping_after_orthogonalising_gradients_is_found():
    model = Tokens()
    report = audit_updates(
        model,
        torch.optim.SGD(model.parameters(), lr=0.02),
        tokens(),
        lm_loss,
        before_step=gradient_hook_muon(model),
    )
    assert "update-rescaled" in codes(report)


LOOPS = {
    "none": ("", lambda o, loss: (o.zero_grad(), loss.backward(), o.step())),
    "no-zero-grad": ("no-zero-grad", lambda o, loss: (loss.backward(), o.step())),
    "scaled": ("scaled-gradient", lambda o, loss: (o.zero_grad(), (1024 * loss).backward(), o.step())),
    "no-step": ("no-step", lambda o, loss: (o.zero_grad(), loss.backward())),
    "twice": ("stepped-twice", lambda o, loss: (o.zero_grad(), loss.backward(), o.step(), o.step())),
}


@pytest.mark.parametrize("name", LOOPS)
def test_loops_of_the_users_own(name):
    code, body = LOOPS[name]
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)

    def train_step(batch):
        loss = CE(model(batch[0]), batch[1])
        body(optimizer, loss)
        return loss

    report = audit_updates(model, optimizer, classification(), CE, train_step=train_step)
    assert (code in codes(report)) if code else report.passed, [str(f) for f in report.findings]


def test_accumulation_that_sums_is_found():
    model = mlp()
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-2)

    def train_step(batches):
        optimizer.zero_grad()
        for x, y in batches:
            CE(model(x), y).backward()
        optimizer.step()

    report = audit_updates(model, optimizer, classification(), CE, train_step=train_step, accumulate=2)
    assert "not-averaged" in codes(report)


def test_the_audit_leaves_no_trace():
    model = mlp()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    before = {n: p.detach().clone() for n, p in model.named_parameters()}
    audit(make_setup(model, optimizer, classification(), CE))
    assert all(torch.equal(before[n], p) for n, p in model.named_parameters())
    assert not optimizer.state
