"""A session leaves no trace, and a replay is the same computation again."""

import copy
import random

import numpy as np
import pytest
import torch
from torch import nn

from certify.training.randomness import Randomness
from certify.training.session import Session
from certify.training.setup import make_setup


def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(144, 10)
    )


def batches(count=4, size=16):
    generator = torch.Generator().manual_seed(1)
    return [
        (torch.randn(size, 1, 8, 8, generator=generator), torch.randint(0, 10, (size,), generator=generator))
        for _ in range(count)
    ]


OPTIMIZERS = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "adamw": lambda p: torch.optim.AdamW(p, lr=1e-3),
    "adagrad": lambda p: torch.optim.Adagrad(p, lr=1e-2),
    "lbfgs": lambda p: torch.optim.LBFGS(p, lr=0.1, max_iter=2),
    "groups": lambda p: torch.optim.Adam([{"params": list(p)[:2], "lr": 1e-3}, {"params": list(p)[2:]}], lr=1e-2),
}


def flat(item, prefix=""):
    """Everything in a state, as comparable bytes."""
    if isinstance(item, torch.Tensor):
        yield prefix, (item.dtype, tuple(item.shape), item.detach().numpy().tobytes(), item.requires_grad)
    elif isinstance(item, dict):
        for key, value in item.items():
            yield from flat(value, f"{prefix}/{key}")
    elif isinstance(item, (list, tuple)):
        yield prefix + "/len", len(item)
        for i, value in enumerate(item):
            yield from flat(value, f"{prefix}/{i}")
    else:
        yield prefix, repr(item)


def everything(model, optimizers, extra=()):
    states = [model.state_dict(), *[o.state_dict() for o in optimizers], *[e.state_dict() for e in extra]]
    states.append([p.grad for p in model.parameters()])
    states.append([m.training for m in model.modules()])
    states.append([(id(p), p.data_ptr()) for p in model.parameters()])
    python = (torch.get_rng_state(), repr(random.getstate()), repr(np.random.get_state()))  # noqa: NPY002
    return list(flat([*states, python]))


def run(session, steps=3):
    with session.open():
        for index in range(steps):
            step = session.update(index)
            after = session.point()
            session.move(step.before, step.changes, 0.25)
            session.replay(step)
            session.move(after)


@pytest.mark.parametrize("fresh", [True, False], ids=["lazy state", "warm state"])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_everything_is_put_back_bit_for_bit(name, fresh):
    model = net()
    optimizer = OPTIMIZERS[name](model.parameters())
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    setup = make_setup(model, optimizer, batches(), nn.CrossEntropyLoss(), scheduler=scheduler, clip_norm=1.0)
    if not fresh:
        Session(setup).update(0)
    model[1].eval()
    before = everything(model, [optimizer], [scheduler])
    run(Session(setup))
    assert everything(model, [optimizer], [scheduler]) == before


def test_training_goes_on_as_if_nothing_had_happened():
    def losses(look):
        torch.manual_seed(3)
        model = net()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
        setup = make_setup(model, optimizer, batches(), nn.CrossEntropyLoss())
        if look:
            run(Session(setup))
        return [Session(setup).update(i).loss for i in range(4)]

    assert losses(look=True) == losses(look=False)


def test_an_error_inside_still_puts_everything_back():
    model = net()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    session = Session(make_setup(model, optimizer, batches(), nn.CrossEntropyLoss()))
    before = everything(model, [optimizer])

    def fail():
        with session.open():
            session.update(0)
            raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        fail()
    assert everything(model, [optimizer]) == before


def test_a_scaler_and_autocast_are_put_back():
    model = net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    scaler = torch.amp.GradScaler("cpu", init_scale=1024.0, growth_interval=2)
    setup = make_setup(
        model,
        optimizer,
        batches(),
        nn.CrossEntropyLoss(),
        scaler=scaler,
        clip_norm=1.0,
        autocast=lambda: torch.autocast("cpu", torch.bfloat16),
    )
    before = everything(model, [optimizer], [scaler])
    run(Session(setup))
    assert everything(model, [optimizer], [scaler]) == before


def test_module_attributes_replaced_buffers_and_frozen_flags_are_put_back():
    class Odd(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(4, 2)
            self.register_buffer("seen", torch.zeros(1))
            self.calls, self.history = 0, []

        def forward(self, x):
            self.calls += 1
            self.seen = self.seen + 1
            self.history.append(float(x.sum()))
            self.linear.bias.requires_grad_(False)
            return self.linear(x)

    model = Odd()
    session = Session(
        make_setup(
            model, torch.optim.SGD(model.parameters(), lr=0.1), [torch.ones(3, 4)], lambda m, x: m(x).square().mean()
        )
    )
    buffer = model.seen
    run(session, 2)
    assert (model.calls, model.history, model.seen.item()) == (0, [], 0.0)
    assert model.seen is buffer
    assert model.linear.bias.requires_grad


def test_a_loader_with_its_own_generator_is_put_back():
    model = net()
    x, y = torch.cat([b[0] for b in batches()]), torch.cat([b[1] for b in batches()])
    generator = torch.Generator().manual_seed(5)
    data = torch.utils.data.DataLoader(
        torch.utils.data.TensorDataset(x, y), batch_size=8, shuffle=True, generator=generator
    )
    state, world = generator.get_state(), Randomness.now()
    run(Session(make_setup(model, torch.optim.SGD(model.parameters(), lr=0.1), data, nn.CrossEntropyLoss())))
    assert torch.equal(generator.get_state(), state)
    assert torch.equal(world.cpu, torch.get_rng_state())


def test_a_replay_at_the_same_point_is_the_same_bits_dropout_included():
    model = net()
    session = Session(make_setup(model, torch.optim.SGD(model.parameters(), lr=0.1), batches(), nn.CrossEntropyLoss()))
    with session.open():
        step = session.update(0)
        statistics = copy.deepcopy(model[1].state_dict())
        session.move(step.before)
        replay = session.replay(step)
        assert replay.loss == step.loss
        for name, gradient in step.gradients.items():
            assert torch.equal(replay.gradients[name], gradient)
        for name, value in statistics.items():
            if name.startswith("running") or name.startswith("num"):
                assert torch.equal(model[1].state_dict()[name], value)


def test_accumulation_is_the_gradient_of_the_mean_loss():
    model = nn.Linear(3, 1)
    data = [torch.randn(5, 3) for _ in range(4)]
    loss = lambda m, x: m(x).square().mean()  # noqa: E731
    session = Session(make_setup(model, torch.optim.SGD(model.parameters(), lr=0.1), data, loss, accumulate=2))
    with session.open():
        step = session.update(1)
        session.move(step.before)
        wanted = torch.autograd.grad((loss(model, data[2]) + loss(model, data[3])) / 2, list(model.parameters()))
        assert torch.allclose(step.gradients["weight"], wanted[0])
        assert torch.allclose(step.changes["weight"], -0.1 * wanted[0], atol=1e-7)


def test_clipping_changes_what_the_optimizer_sees_and_not_the_gradient():
    model = nn.Linear(3, 1)
    session = Session(
        make_setup(
            model,
            torch.optim.SGD(model.parameters(), lr=1.0),
            [torch.randn(5, 3) * 10],
            lambda m, x: m(x).square().mean(),
            clip_norm=0.5,
        )
    )
    with session.open():
        step = session.update(0)
    seen = torch.cat([g.flatten() for g in step.stepped_with.values()]).norm()
    real = torch.cat([g.flatten() for g in step.gradients.values()]).norm()
    assert seen == pytest.approx(0.5, rel=1e-4)
    assert real > 1


class HuggingFaceStyle(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear = nn.Linear(3, 1)

    def forward(self, inputs, labels):
        return type("Output", (), {"loss": (self.linear(inputs) - labels).square().mean()})()


@pytest.mark.parametrize(
    ("loss_fn", "convention"),
    [
        (None, "model(**batch).loss"),
        (lambda model, batch: model(**batch).loss, "loss_fn(model, batch)"),
        (lambda m, b: m(**b).loss, "loss_fn(model, batch)"),
    ],
)
def test_dict_batches(loss_fn, convention):
    model = HuggingFaceStyle()
    data = [{"inputs": torch.ones(2, 3), "labels": torch.zeros(2, 1)}]
    session = Session(make_setup(model, torch.optim.SGD(model.parameters(), lr=0.1), data, loss_fn))
    assert session.loss.convention == convention
    with session.open():
        assert session.update(0).loss > 0


def test_three_arguments_and_criteria_and_closures():
    model = nn.Linear(3, 2)
    batch = (torch.ones(4, 3), torch.zeros(4, dtype=torch.long))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    criterion = nn.functional.cross_entropy
    forms = [
        criterion,
        nn.CrossEntropyLoss(),
        lambda model, x, y: criterion(model(x), y),
        lambda output, target: criterion(output, target),
        lambda batch: criterion(model(batch[0]), batch[1]),
        lambda net, xy: criterion(net(xy[0]), xy[1]),
    ]
    values = {float(Session(make_setup(model, optimizer, [batch], form)).loss(batch).detach()) for form in forms}
    assert len(values) == 1


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": 3}, "optimizer is int"),
        ({"model": "m"}, "model is str"),
        ({"data": 5}, "gives no batches"),
        ({"accumulate": 0}, "at least 1"),
        ({"klip": 1}, "no training option 'klip'"),
        ({"optimizer": []}, "no optimizer"),
    ],
)
def test_bad_set_ups_are_told_in_a_sentence(change, message):
    model = nn.Linear(2, 1)
    given = {"model": model, "optimizer": torch.optim.SGD(model.parameters(), lr=0.1), "data": [torch.ones(1, 2)]}
    with pytest.raises(ValueError, match=message):
        make_setup(**{**given, **change})


def test_a_loss_that_is_no_number_is_told():
    model = nn.Linear(2, 2)
    session = Session(
        make_setup(model, torch.optim.SGD(model.parameters(), lr=0.1), [torch.ones(1, 2)], lambda m, x: m(x))
    )
    with pytest.raises(ValueError, match="not one number"):
        session.loss(torch.ones(1, 2))
