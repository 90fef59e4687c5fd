"""Longer runs and shuffled starts: damage that lasts FAILs, damage that is repaired does not; trained weights stay."""

import copy
import math

import pytest
import torch
from small_models import classification, mlp
from torch import nn

from certify.training.longer import BEHIND, MOST, Longer, after_longer, behind, may_change, run_on, undecided
from certify.training.probes import probe
from certify.training.session import Session
from certify.training.setup import make_setup
from certify.training.starts import can_shuffle, shuffle
from certify.training.trajectory import Plan, observe, session_of
from certify.training.validate import validate
from certify.training.verdicts import Judgement, Verdict

CE = nn.functional.cross_entropy
WARN, FAIL = Judgement(Verdict.WARN, "why"), Judgement(Verdict.FAIL, "why", "lr/4")


def runs(end, quarter, start=2.0, steps=16):
    return Longer((start, *[end] * (steps - 1)), (start, *[quarter] * (steps - 1)))


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        (runs(1.0, 0.5), 0.5),  # half of the way, in log loss
        (runs(0.5, 1.0), -0.5),
        (runs(0.0, 1.0), -1.0),
        (runs(0.0, 0.0), 0.0),
        (runs(-1.0, -3.0), 0.4),  # losses that are not positive: of the difference
        (runs(2.2, 2.1), 0.05),  # neither trains
        (runs(1e9, 3.0), 1.0),
        (runs(math.nan, 1.0), 1.0),
        (runs(1.0, math.inf), 0.0),
    ],
)
def test_how_far_a_longer_run_is_behind(run, expected):
    assert run.behind == pytest.approx(expected)


@pytest.mark.parametrize(
    ("short", "longer", "verdict", "word"),
    [
        (FAIL, [runs(0.1, 0.5)], Verdict.WARN, "recovers"),
        (FAIL, [runs(1.5, 0.5)], Verdict.FAIL, "stays ahead"),
        (WARN, [runs(1.5, 0.5)], Verdict.FAIL, "stays ahead"),
        (WARN, [runs(0.5, 0.5)], Verdict.WARN, "after 16 steps"),
        (FAIL, [runs(1.99, 1.99)], Verdict.FAIL, "nor later"),  # as good as lr/4, but neither trains
        (FAIL, [runs(0.1, 0.5), runs(1.9, 0.1), runs(1.9, 0.1)], Verdict.FAIL, ""),  # the mean decides
        (FAIL, [runs(0.1, 0.5), runs(math.nan, 0.5)], Verdict.FAIL, "not a number"),
    ],
)
def test_fail_if_the_damage_lasts(short, longer, verdict, word):
    found = after_longer(short, longer)
    assert found.verdict is verdict
    assert word in found.reason
    assert "why" in found.reason


def test_more_pairs_are_run_near_the_threshold_and_where_one_would_overrule_the_takes():
    near, far, ahead = runs(2.0**0.5, 1.0, steps=8), runs(1.9, 0.2), runs(0.2, 1.0)
    assert abs(near.behind - BEHIND) < 0.1
    assert undecided([near], Verdict.FAIL)
    assert undecided([far], Verdict.WARN)
    assert undecided([ahead], Verdict.FAIL)
    assert not undecided([far], Verdict.FAIL)
    assert not undecided([ahead], Verdict.WARN)
    assert not undecided([ahead, ahead], Verdict.FAIL)
    assert undecided([ahead, far], Verdict.FAIL)  # they disagree
    assert behind([ahead, far]) == pytest.approx((ahead.behind + far.behind) / 2)


class Point(nn.Module):
    """Two numbers."""

    def __init__(self):
        super().__init__()
        self.x = nn.Parameter(torch.tensor([0.5, 0.5]))


class Shrinking(torch.optim.Optimizer):
    """Gradient steps whose length falls from far too long to right within 30 steps, as Adagrad's may."""

    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr, "count": 0})

    @torch.no_grad()
    def step(self, closure=None):
        group = self.param_groups[0]
        group["count"] += 1
        for p in group["params"]:
            p.sub_(p.grad, alpha=group["lr"] / (1 + group["count"] ** 1.5 / 4))


def test_a_run_that_explodes_and_recovers_warns_and_one_that_does_not_fails():
    def quadratic(model, batch):
        return 0.5 * (model.x * torch.tensor([1.0, 0.05])).square().sum() / 0.05**2 + 0.01 + batch.sum() * 0.0

    def report(kind, lr):
        model = Point()
        return validate(model, kind(model.parameters(), lr=lr), [torch.zeros(1)], quadratic, steps=12)

    recovers = report(Shrinking, 0.05)
    assert recovers.trajectory.end > recovers.trajectory.start, recovers.trajectory.losses
    assert recovers.verdict is Verdict.WARN, recovers.judgement
    assert "recovers" in recovers.judgement.reason
    assert recovers.longer
    assert "of 48 steps" in recovers.observed
    lasts = report(torch.optim.SGD, 0.00501)
    assert lasts.verdict is Verdict.FAIL, lasts.judgement


def test_a_run_that_passes_has_no_longer_run():
    report = validate(model := mlp(), torch.optim.AdamW(model.parameters(), lr=5e-3), classification(60), CE)
    assert report.verdict is Verdict.PASS, report.judgement
    assert not report.longer
    assert not may_change(report.signals, report.verdict)


def test_longer_runs_leave_no_trace_and_need_time():
    model = mlp()
    before = copy.deepcopy(model.state_dict())
    session = session_of(make_setup(model, torch.optim.SGD(model.parameters(), lr=50.0), classification(6), CE))
    plan = Plan(steps=8, takes=1)
    takes = observe(session.setup, [], plan, session=session)
    found = run_on(session, takes, plan, Verdict.FAIL, 1e9)
    assert 1 <= len(found) <= MOST
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert run_on(session, takes, plan, Verdict.FAIL, 0.0) == []


def prepared(model, data, steps=0, lr=0.01):
    """A session of the model after some training, with an optimiser that has made no step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for x, y in (data * steps)[:steps]:
        optimizer.zero_grad()
        CE(model(x), y).backward()
        optimizer.step()
    return Session(make_setup(model, torch.optim.Adam(model.parameters(), lr=lr), data, CE))


@pytest.mark.parametrize("make", [mlp, lambda: nn.Linear(16, 4)])
def test_fresh_weights_may_be_shuffled_and_trained_ones_not(make):
    data = classification(4)
    torch.manual_seed(4)
    assert can_shuffle(prepared(make(), data))
    assert not can_shuffle(prepared(make(), data, 60))


def test_a_new_head_on_trained_layers_is_not_a_fresh_start():
    """The loss at the start does not tell; singular values and the spread of rows do."""
    model, data = mlp(hidden=64), classification(4)
    assert can_shuffle(prepared(model, data))
    prepared(model, data, 100)
    model[-1].reset_parameters()
    assert not can_shuffle(prepared(model, data))


@pytest.mark.parametrize("special", [torch.eye(24), torch.outer(torch.arange(24.0), torch.randn(24))])
def test_matrices_that_were_not_drawn_are_left_alone(special):
    model = mlp()
    with torch.no_grad():
        model[2].weight.copy_(special)
    assert not can_shuffle(prepared(model, classification(4)))


@pytest.mark.parametrize("kind", [torch.optim.Adam, torch.optim.Adagrad])
def test_an_optimiser_that_has_stepped_is_no_start(kind):
    model, data = mlp(), classification(4)
    optimizer = kind(model.parameters(), lr=1e-6)
    session = Session(make_setup(model, optimizer, data, CE))
    assert can_shuffle(session)
    CE(model(data[0][0]), data[0][1]).backward()
    optimizer.step()
    assert not can_shuffle(session)


def test_shuffling_keeps_entries_and_singular_values_and_differs_by_take():
    session = prepared(mlp(norm=True), classification(4))
    before = session.point()
    shuffle(session, 1)
    first = session.point()
    session.move(before)
    shuffle(session, 2)
    second = session.point()
    for name, old in before.items():
        assert torch.equal(old.flatten().sort().values, first[name].flatten().sort().values)
        if old.ndim == 2:
            assert torch.allclose(torch.linalg.svdvals(old), torch.linalg.svdvals(first[name]), atol=1e-5)
            assert not torch.equal(first[name], second[name])
        else:
            assert torch.equal(old, first[name])


def test_a_dead_gradient_repeats_itself():
    model = nn.Linear(3, 2)
    with torch.no_grad():
        model.weight.zero_()
        model.bias.copy_(torch.tensor([1e4, 0.0]))
    data = [(torch.randn(4, 3), torch.zeros(4, dtype=torch.long))]
    setup = make_setup(model, torch.optim.SGD(model.parameters(), lr=1.0), data, CE)
    session = Session(setup)
    with session.open():
        assert probe(session, session.update(0), [], check=True).repeat == 0.0
