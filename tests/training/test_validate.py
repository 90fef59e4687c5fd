"""Validation on problems whose answer is known: quadratics, noise, plateaus, explosions, and small networks."""

import itertools
import math

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
from certify.training.validate import validate
from certify.training.verdicts import Verdict

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


def test_a_probe_costs_two_forward_passes():
    model = mlp()
    calls = []
    model.register_forward_hook(lambda *_: calls.append(1))
    setup = make_setup(model, torch.optim.AdamW(model.parameters(), lr=1e-2), classification(8), CE)
    session = Session(setup)
    with session.open():
        step = session.update(0)
        before = len(calls)
        probe(session, step, [layer.block for layer in layers_of(setup)])
    assert len(calls) - before == 2


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


@pytest.mark.slow
@pytest.mark.parametrize("name", ["sgd", "adam", "muon"])
def test_the_verdict_is_the_same_for_nine_of_ten_seeds(name):
    def build(seed, scale):
        model = mlp(seed=seed)
        if name == "sgd":
            return model, sgd(model, 0.4 * scale)
        if name == "adam":
            return model, torch.optim.AdamW(model.parameters(), lr=0.02 * scale)
        matrices = [model[0].weight, model[2].weight]
        rest = [p for p in model.parameters() if all(p is not m for m in matrices)]
        return model, [SmallMuon(matrices, lr=0.05 * scale), torch.optim.AdamW(rest, lr=0.02 * scale)]

    for scale, allowed in ((1.0, {Verdict.PASS, Verdict.WARN}), (64.0, {Verdict.FAIL, Verdict.WARN})):
        found = [validate(*build(s, scale), classification(130, seed=s), CE).verdict for s in range(10)]
        assert set(found) <= allowed
        assert max(found.count(v) for v in Verdict) >= 9
