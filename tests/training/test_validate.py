"""Validation on problems whose answer is known: quadratics, noise, plateaus, explosions, and small networks."""

import itertools
import math
import random
from dataclasses import replace

import numpy as np
import pytest
import torch
from small_models import Scion, SmallMuon, Tokens, classification, mlp, tokens
from torch import nn

import certify
from certify.training.blocks import layers_of
from certify.training.kinds import Kind
from certify.training.probes import probe
from certify.training.session import Session
from certify.training.setup import make_setup
from certify.training.trajectory import Plan, Trajectory
from certify.training.validate import validate
from certify.training.verdicts import Verdict, signals

CE = nn.functional.cross_entropy


class Quadratic(nn.Module):
    """½ Σ hᵢ xᵢ², plus ⟨noise, x⟩ of the batch."""

    def __init__(self, curvatures, start=1.0):
        super().__init__()
        self.x = nn.Parameter(torch.full((len(curvatures),), start))
        self.h = torch.tensor(curvatures)

    def forward(self, batch):
        return 0.5 * (self.h * self.x * self.x).sum() + (batch * self.x).sum()


def quiet(count=10, size=1):
    return [torch.zeros(size) for _ in range(count)]


def noise(count, size, scale, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return [scale * torch.randn(size, generator=generator) for _ in range(count)]


def sgd(model, lr, **options):
    return torch.optim.SGD(model.parameters(), lr=lr, **options)


def loss(model, batch):
    return model(batch)


@pytest.mark.parametrize("lr", [0.1, 0.5])
def test_a_probe_of_a_quadratic_is_exact(lr):
    model = Quadratic([2.0])
    setup = make_setup(model, sgd(model, lr), quiet(), loss)
    session = Session(setup)
    with session.open():
        found = probe(session, session.update(0), [layers_of(setup)[0].block])
    (sample,) = found.blocks.values()
    assert sample.u == pytest.approx(2 * lr, rel=1e-5)
    assert sample.u_quarter == pytest.approx(2 * lr, rel=1e-4)
    assert sample.secant == pytest.approx(2.0, rel=1e-4)
    assert found.rho == pytest.approx(1 - lr, rel=1e-4)
    assert found.rho_quarter == pytest.approx(1 - lr / 4, rel=1e-4)
    assert found.repeat == 0


def test_the_probe_does_not_disturb_the_trajectory():
    def losses(probes):
        model = mlp()
        setup = make_setup(model, torch.optim.AdamW(model.parameters(), lr=1e-2), classification(8), CE)
        session = Session(setup)
        blocks = [layer.block for layer in layers_of(setup)]
        found = []
        with session.open():
            for index in range(8):
                step = session.update(index)
                found.append(step.loss)
                if probes:
                    probe(session, step, blocks, check=True)
        return found

    assert losses(probes=True) == losses(probes=False)


def counted():
    """A model, and its numbers of forward and backward passes."""
    model, calls = mlp(), {"forward": 0, "backward": 0}

    def count(module, inputs, output):
        calls["forward"] += 1
        if output.requires_grad:
            output.register_hook(lambda _: calls.__setitem__("backward", calls["backward"] + 1))

    model.register_forward_hook(count)
    return model, calls


@pytest.mark.parametrize(("quarter", "check"), [(True, False), (False, False), (True, True)])
def test_a_probe_is_one_forward_and_backward_pass_for_each_length(quarter, check):
    model, calls = counted()
    session = Session(setup := make_setup(model, torch.optim.AdamW(model.parameters()), classification(8), CE))
    with session.open():
        step = session.update(0)
        before = dict(calls)
        found = probe(session, step, [layer.block for layer in layers_of(setup)], quarter, check)
    assert {key: calls[key] - before[key] for key in calls} == dict.fromkeys(calls, 1 + quarter + check)
    assert found.replays == 1 + quarter + check
    assert all(math.isfinite(s.u_quarter) == quarter for s in found.blocks.values())


@pytest.mark.parametrize(("steps", "probes"), [(40, 40), (30, 60), (12, 8)])
def test_validation_costs_at_most_two_plain_steps_a_probe(steps, probes):
    """All passes, those of the shadow and of repeated gradients included."""
    model, calls = counted()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    takes = validate(model, optimizer, classification(40), CE, steps=steps, probes=probes).takes
    run, replays = sum(len(seen.losses) for seen in takes), sum(seen.replays for seen in takes)
    assert calls["forward"] == calls["backward"] == 2 * run + replays
    if probes >= steps:
        assert sum(len(seen.probes) for seen in takes) == run
        assert calls["forward"] - run <= 2 * replays


def test_a_good_step_passes_and_one_far_too_long_does_not():
    good = validate(model := mlp(), sgd(model, 0.1), classification(60), CE)
    assert good.verdict is Verdict.PASS, good.judgement
    assert good.exit_code == 0
    assert "observed on steps 0.." in good.observed
    bad = validate(model := mlp(), sgd(model, 8.0), classification(60), CE)
    assert bad.verdict in (Verdict.FAIL, Verdict.WARN), bad.judgement
    assert bad.exit_code == 1
    assert bad.judgement.change


def test_divergence_fails():
    report = validate(model := Quadratic([1.0]), sgd(model, 3.0), quiet(), loss)
    assert report.verdict is Verdict.FAIL


def test_an_infinite_loss_fails():
    report = validate(model := Quadratic([1.0], 1e10), sgd(model, 1e20), quiet(), loss)
    assert report.verdict is Verdict.FAIL
    assert "not a number" in report.judgement.reason


def test_a_tiny_step_is_inconclusive_because_the_loss_stays_on_its_plateau():
    report = validate(model := mlp(), sgd(model, 1e-5), classification(20), CE, steps=12, probes=8)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "plateau" in report.judgement.reason
    assert report.exit_code == 3


@pytest.mark.parametrize("lr", [1e-3, 0.1, 10.0])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_pure_noise_never_passes(lr, seed):
    model = Quadratic([0.0] * 20)
    report = validate(model, sgd(model, lr), noise(150, 20, 1.0, seed), loss)
    assert report.verdict is not Verdict.PASS


@pytest.mark.parametrize("lr", [0.01, 0.1, 1.0])
def test_fresh_batches_at_every_call_never_pass(lr):
    model = mlp()
    data = itertools.cycle(classification(50))
    report = validate(model, sgd(model, lr), [None], lambda model, _: (lambda b: CE(model(b[0]), b[1]))(next(data)))
    assert report.verdict in (Verdict.INCONCLUSIVE, Verdict.FAIL)
    if math.isfinite(report.trajectory.end) and report.signals.rose < 0.2:
        assert "does not repeat" in report.judgement.reason


def test_too_little_time_is_inconclusive():
    report = validate(model := mlp(), sgd(model, 0.1), classification(20), CE, seconds=1e-3)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "time budget" in report.judgement.reason


def test_a_warm_up_at_step_zero_is_judged_at_its_peak():
    def report(lr):
        model = mlp()
        optimizer = torch.optim.AdamW(model.parameters(), lr=lr)
        scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1.0, step / 1000))
        found = validate(model, optimizer, classification(60), CE, scheduler=scheduler)
        assert optimizer.param_groups[0]["lr"] == 0.0
        return found

    good, bad = report(5e-3), report(2.0)
    assert good.trajectory.warmed
    assert good.rows[0].step > 1e-3
    assert good.verdict in (Verdict.PASS, Verdict.WARN)
    assert bad.verdict is Verdict.FAIL


def test_a_schedule_that_starts_at_its_peak_is_followed():
    model = mlp()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 1000)
    report = validate(model, optimizer, classification(60), CE, scheduler=scheduler)
    assert not report.trajectory.warmed
    assert report.verdict in (Verdict.PASS, Verdict.WARN)


def test_the_set_up_is_as_before_and_generators_too():
    model = mlp()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    state = torch.get_rng_state()
    certify.validate(model, optimizer, classification(30), CE, steps=10, probes=6)
    assert all(torch.equal(before[name], value) for name, value in model.state_dict().items())
    assert not optimizer.state
    assert torch.equal(state, torch.get_rng_state())


def test_geometry_follows_the_optimizer():
    model = Tokens()
    matrices = [model.up.weight, model.down.weight]
    rest = [p for n, p in model.named_parameters() if not n.startswith(("up", "down"))]
    muon = make_setup(model, [SmallMuon(matrices), sgd(nn.ParameterList(rest), 0.1)], tokens(), None)
    layers = {layer.block.name: layer for layer in layers_of(muon)}
    assert layers["up.weight"].block.measure.name == "spectral"
    (joint,) = [layer for layer in layers.values() if layer.kind is Kind.SGD]
    assert set(joint.block.members) == {"embedding.weight", "norm.weight", "norm.bias", "head.weight"}
    adam = layers_of(make_setup(model, torch.optim.Adam(model.parameters()), tokens(), None))
    assert {layer.block.measure.name for layer in adam} == {"largest entry (ℓ∞)"}
    scion = layers_of(make_setup(model, Scion(model.parameters(), norm="Auto"), tokens(), None))
    assert {layer.block.name: layer.block.measure.name for layer in scion} == {
        "embedding.weight": "largest row",
        "up.weight": "spectral",
        "down.weight": "spectral",
        "norm.weight": "RMS",
        "norm.bias": "RMS",
        "head.weight": "largest entry (sign)",
    }
    with pytest.raises(ValueError, match="geometry 'round' is unknown"):
        layers_of(muon, "round")


def test_rows_name_theorem_and_certificate():
    report = validate(model := mlp(), sgd(model, 0.1), classification(20), CE, steps=10, probes=6)
    (row,) = report.rows
    assert row.theorem.identifier == "gd/smooth/descent"
    assert len(row.theorem.certificate) == 64
    assert "‖∇f(x⁺) − ∇f(x)‖₂ ≤ L" in row.assumption


def test_layer_wise_rows_rest_on_gluon():
    report = validate(
        model := mlp(), torch.optim.AdamW(model.parameters(), lr=5e-3), classification(20), CE, steps=10, probes=6
    )
    assert {row.theorem.identifier for row in report.rows} == {"gluon/layerwise-smooth/descent"}
    assert all(row.theorem.certificate and "L0 + L1" in row.assumption for row in report.rows)


def test_many_options_at_once():
    model = Tokens()
    optimizers = [
        SmallMuon([model.up.weight, model.down.weight]),
        torch.optim.AdamW([p for n, p in model.named_parameters() if not n.startswith(("up", "down"))], lr=3e-3),
    ]
    report = validate(
        model,
        optimizers,
        [{"x": x, "y": y} for x, y in tokens(60)],
        lambda model, batch: CE(model(batch["x"]), batch["y"]),
        accumulate=2,
        clip_norm=1.0,
        autocast=lambda: torch.autocast("cpu", torch.bfloat16),
        steps=12,
        probes=6,
    )
    assert len(report.rows) == 6
    assert report.verdict in Verdict


@pytest.mark.parametrize("lr", [0.02, 0.5])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_labels_without_meaning_never_pass(lr, seed):
    generator = torch.Generator().manual_seed(seed)
    data = [
        (torch.randn(16, 16, generator=generator), torch.randint(0, 4, (16,), generator=generator)) for _ in range(120)
    ]
    report = validate(model := mlp(seed=seed), torch.optim.Adam(model.parameters(), lr=lr / 20), data, CE, probes=20)
    assert report.verdict is not Verdict.PASS, report.judgement


def test_what_cannot_be_judged_is_refused():
    model = mlp()
    with pytest.raises(ValueError, match="LBFGS evaluates the loss several times"):
        validate(model, torch.optim.LBFGS(model.parameters()), classification(4), CE)
    with pytest.raises(ValueError, match="SGD has maximize=True"):
        validate(model, sgd(model, 0.1, maximize=True), classification(4), CE)


def test_a_loss_that_is_no_number_from_the_start_is_not_blamed_on_lr():
    report = validate(model := mlp(), sgd(model, 0.1), classification(4), lambda m, b: CE(m(b[0]), b[1]) * math.nan)
    assert report.verdict is Verdict.FAIL
    assert report.judgement.reason == "the loss is not a number before anything is updated"


def test_nothing_moves_at_rate_zero():
    report = validate(model := mlp(), sgd(model, 0.0), classification(12), CE, steps=8, probes=8)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert "no update moves anything" in report.judgement.reason


@pytest.mark.parametrize("source", ["numpy", "python"])
def test_random_numbers_of_numpy_and_python_are_replayed(source):
    def noisy(model, batch):
        scale = random.random() if source == "python" else np.random.rand()  # noqa: NPY002, S311
        return CE(model(batch[0] * (1 + scale)), batch[1])

    report = validate(model := mlp(), sgd(model, 0.1), classification(20), noisy, steps=12, probes=12)
    assert report.signals.repeat == 0


def test_an_iterator_that_runs_out_begins_again():
    report = validate(model := mlp(), sgd(model, 0.1), iter(classification(3)), CE, steps=12)
    assert len(report.trajectory.losses) >= 12


def test_strain_weighs_what_is_lost_and_what_a_step_misses():
    seen = Trajectory(losses=[4.0] * 3 + [1.0] * 9, shadow=[4.0] * 3 + [2.0] * 9)
    found = signals(seen, Plan(steps=12))
    assert found.lost == pytest.approx(-0.5)  # log(1/2) / log(4)
    assert replace(found, rho_all=0.8).strain == pytest.approx(-0.5 + 0.75 * 0.2)
    lowered = Trajectory(losses=[loss - 4 for loss in seen.losses], shadow=[loss - 4 for loss in seen.shadow])
    assert signals(lowered, Plan(steps=12)).lost == pytest.approx(-1 / 3)  # no logarithm of negative losses
