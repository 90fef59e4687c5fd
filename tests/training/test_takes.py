"""Several takes: when they are run, on which batches, and what they say together."""

import math
from dataclasses import replace

import pytest
import torch
from small_models import classification, mlp
from torch import nn

from certify.training.randomness import Randomness
from certify.training.session import Session
from certify.training.setup import make_setup
from certify.training.takes import together, undecided
from certify.training.trajectory import Order, Plan, observe
from certify.training.validate import validate
from certify.training.verdicts import STRAIN_FAIL, STRAIN_PASS, Signals, Verdict, judge

CE = nn.functional.cross_entropy
CLEAR = Signals(
    u=(0.3, 0.3),
    u_quarter=(0.3, 0.3),
    rho=(1.0, 1.0),
    rho_quarter=(1.0, 1.0),
    rho_all=1.0,
    u_all=0.3,
    lost=-0.8,
    lost_error=0.02,
    rose=-0.5,
    rose_error=0.05,
    spike=0.0,
    repeat=0.0,
    cleared=3.0,
    start=2.0,
    end=1.0,
    shadow_end=1.5,
    seems=True,
    trains=True,
)


def take(lost, **changes):
    return replace(CLEAR, lost=lost, **changes)


def verdict(*takes):
    return judge(None, together(takes)).verdict


@pytest.mark.parametrize(
    ("takes", "more"),
    [
        ([take(-0.8)], False),
        ([take(STRAIN_PASS - 0.1)], True),
        ([take(STRAIN_PASS + 0.1)], True),
        ([take(STRAIN_FAIL - 0.1)], False),  # longer runs settle WARN or FAIL
        ([take(STRAIN_FAIL + 0.1)], False),
        ([take(-0.75, rho_all=0.5)], True),  # the same strain: without overshooting one take will do
        ([take(-0.375)], False),
        ([take(-0.75, rho_all=0.5)] * 5, True),
        ([take(-0.75, rho_all=0.5)] * 8, False),
        ([take(-0.6, lost_error=0.4)], True),  # may be chance
        ([take(1.5)], False),
        ([take(0.1)], False),
        ([take(-0.5), take(-0.5)], False),
        ([take(-0.5), take(0.1)], True),  # they disagree
        ([take(-0.8, cleared=0.9)], True),
        ([take(-0.8, cleared=0.4)], True),
        ([take(-0.8, cleared=0.4, rose=-0.1)], False),  # labels without meaning fall as far
        ([take(-0.8, cleared=0.1)], False),
        ([take(-0.8, jumped=True)], True),
        ([take(-0.8, risen=True)], True),
        ([take(-0.8), take(-0.8, risen=True)], True),
        ([take(0.3, risen=True)], False),
        ([take(1.5, risen=True)], False),  # fails anyway
        ([take(-0.2, finite=False)], False),
        ([take(-0.2, repeat=1.0)], False),
        ([take(-0.2, enough=False)], False),
    ],
)
def test_another_take_is_run_only_near_a_threshold(takes, more):
    assert undecided(takes) is more


def test_takes_are_averaged_and_one_explosion_does_not_decide():
    assert together([take(-0.5), take(-0.1)]).lost == pytest.approx(-0.3)
    assert together([take(-0.1, rho_all=0.6), take(-0.1, rho_all=0.8)]).strain == pytest.approx(-0.1 + 0.75 * 0.3)
    assert verdict(take(-0.8), take(-0.8), take(40.0, risen=True, jumped=True)) is not Verdict.FAIL
    assert verdict(take(-0.8), take(2.0, risen=True), take(2.0, risen=True)) is Verdict.FAIL
    assert verdict(take(-0.8), take(-0.8, finite=True), take(-0.8, jumped=True)) is Verdict.PASS
    assert together([take(-0.5), take(-0.1)]).lost_error == pytest.approx(0.4 / math.sqrt(2) / math.sqrt(2))
    assert together([take(-0.5)]) == take(-0.5)


@pytest.mark.parametrize(("rose", "expected"), [(-0.3, Verdict.PASS), (-0.1, Verdict.INCONCLUSIVE)])
def test_falls_that_are_each_too_noisy_count_together_only_if_they_are_large(rose, expected):
    """A fall by a tenth is what labels without meaning allow."""
    assert verdict(*[take(-0.8, cleared=0.8, rose=rose, seems=False)] * 4) is expected
    assert verdict(take(-0.8, cleared=0.8, rose=rose, seems=False)) is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(("lr", "told"), [(1e30, "the loss jumped"), (1e38, "not a number")])
def test_an_explosion_needs_one_take(lr, told):
    report = validate(model := mlp(), torch.optim.SGD(model.parameters(), lr=lr), classification(20), CE, steps=8)
    assert report.verdict is Verdict.FAIL
    assert len(report.takes) == 1
    assert told in report.judgement.reason


def test_the_first_take_follows_the_data_and_later_ones_mix_what_comes_after():
    assert [Order(0, 0, 4)[i] for i in range(8)] == list(range(8))
    second = [Order(1, 8, 4)[i] for i in range(8)]
    assert sorted(second[:4]) == [8, 9, 10, 11]
    assert sorted(second[4:]) == [12, 13, 14, 15]
    assert second != list(range(8, 16))
    assert second == [Order(1, 8, 4)[i] for i in range(8)]


def observed(model, data, takes=3, **options):
    setup = make_setup(model, torch.optim.AdamW(model.parameters(), lr=5e-3), data, CE, **options)
    return observe(setup, [], Plan(steps=8, takes=takes), lambda _: True)


def test_data_that_begin_again_do_not_give_the_same_take_again():
    takes = observed(mlp(), classification(8))
    assert len(takes) == 3
    ends = {round(seen.end, 6) for seen in takes}
    assert len(ends) == 3
    assert len({round(seen.shadow_end, 6) for seen in takes}) == 3


def test_takes_of_trained_weights_start_from_the_same_point_and_leave_no_trace():
    torch.manual_seed(3)
    model = nn.Sequential(nn.Linear(16, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.2), nn.Linear(8, 4))
    before = {name: value.clone() for name, value in model.state_dict().items()}
    randomness = Randomness.now()
    batch = classification(1)
    takes = observed(model, batch)
    assert [seen.losses for seen in takes] == [seen.losses for seen in observed(model, batch)]
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert torch.equal(randomness.cpu, Randomness.now().cpu)
    assert randomness.python == Randomness.now().python
    trained = mlp()
    optimizer = torch.optim.Adam(trained.parameters(), lr=0.01)
    for _ in range(40):
        optimizer.zero_grad()
        CE(trained(batch[0][0]), batch[0][1]).backward()
        optimizer.step()
    again = observed(trained, batch)
    assert [seen.start for seen in again] == [again[0].start] * 3
    assert not any(seen.shuffled for seen in again)
    assert len({seen.start for seen in takes}) == 3  # other dropout masks


def test_no_take_is_begun_that_time_does_not_allow():
    model = mlp()
    setup = make_setup(model, torch.optim.AdamW(model.parameters()), classification(8), CE)
    session = Session(setup)
    assert len(session.group(0)) == 1
    takes = observe(setup, [], Plan(steps=8, takes=4, seconds=1e-3), lambda _: True)
    assert len(takes) == 1
    assert takes[0].out_of_time


def test_a_report_tells_its_takes():
    model = mlp()
    report = validate(model, torch.optim.AdamW(model.parameters(), lr=0.08), classification(120), CE)
    more = len(report.takes) - 1
    assert report.signals.takes == len(report.takes)
    assert (f"{more} more take" in report.observed) is (more > 0)
    assert len(report.rows[0].samples) == sum(len(seen.probes) for seen in report.takes)
