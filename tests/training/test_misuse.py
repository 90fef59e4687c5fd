"""What is given wrongly is told in one sentence; what looks unusual but is right works."""

import contextlib

import pytest
import torch
from small_models import classification, mlp
from torch import nn

import certify
from certify.training.errors import BadSetup
from certify.training.verdicts import Verdict

CE = nn.functional.cross_entropy
DATA = classification(20)


def checked(model=None, optimizer=..., data=DATA, loss_fn=CE, **options):
    model = mlp() if model is None else model
    made = torch.optim.AdamW(model.parameters(), lr=5e-3) if optimizer is ... else optimizer
    return certify.validate(model, made, data, loss_fn, **{"steps": 8, "probes": 8, **options})


def on_meta():
    with torch.device("meta"):
        return nn.Linear(16, 4)


def broken_data():
    yield DATA[0]
    raise OSError("disk gone")


def adam(model, **options):
    return torch.optim.AdamW(model.parameters(), lr=5e-3, **options)


def unknown(batch):
    raise KeyError("x")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (lambda: {"train_step": lambda b: None}, r"train_step\(batch\) returned no loss"),
        (lambda: {"loss_fn": None}, r"the loss by model\(\*\*batch\).loss failed: TypeError.*; give loss_fn="),
        (lambda: {"train_step": unknown}, r"train_step\(batch\) failed at test_misuse.py, line \d+: KeyError"),
        (lambda: {"optimizer": None}, "no optimizer was given"),
        (lambda: {"optimizer": torch.optim.AdamW}, "optimizer is type"),
        (lambda: {"optimizer": adam(mlp())}, "no trainable parameter of the model is in an optimizer"),
        (lambda: {"model": on_meta()}, "parameter weight is on the meta device"),
        (lambda: {"model": nn.LazyLinear(4)}, "parameter weight has no shape yet"),
        (lambda: {"data": []}, "data gave no batch"),
        (lambda: {"data": broken_data()}, "data failed at test_misuse.py, line .*disk gone"),
        (lambda: {"loss_fn": nn.CrossEntropyLoss(reduction="none")}, r"a tensor of shape \(32,\), not one number"),
        (lambda: {"loss_fn": lambda m, b: CE(m(b[0]), b[1]).item()}, "is a float, not a tensor"),
        (lambda: {"loss_fn": lambda m, b: CE(m(b[0]), b[1]).detach()}, "has no gradient: it is detached"),
        (lambda: {"loss_fn": lambda m, b: CE(m(b[0]), b[1]) * (1 + 0j)}, "is a complex number"),
        (
            lambda: {"loss_fn": lambda m, b: torch.ones(1, requires_grad=True)},
            "no parameter of the model has a gradient",
        ),
        (lambda: {"loss_fn": lambda m, b: m(b[0][:, :3])}, "failed at test_misuse.py, line .* shapes"),
        (lambda: {"scheduler": "cosine"}, "scheduler is 'cosine', not an object with step"),
        (lambda: {"scheduler": torch.optim.lr_scheduler.StepLR}, "not an object with step"),
        (lambda: {"accumulate": 1.5}, "accumulate is 1.5; it must be an integer"),
        (lambda: {"clip_norm": "1"}, "clip_norm is '1'; it must be a positive number"),
        (lambda: {"clip_value": -1}, "clip_value is -1"),
        (lambda: {"autocast": torch.bfloat16}, "autocast is torch.bfloat16, which cannot be called"),
        (lambda: {"scaler": 1024}, "scaler is 1024, not a torch.amp.GradScaler"),
        (lambda: {"before_step": 3}, "before_step is 3, which cannot be called"),
        (lambda: {"steps": "10"}, "'10' steps with 8 probes: give integers"),
        (lambda: {"seconds": None}, "seconds is None; it must be a positive number"),
    ],
)
def test_misuse_is_told_in_one_sentence(given, message):
    with pytest.raises(BadSetup, match=message) as raised:
        checked(**given())
    assert "\n" not in str(raised.value)


def test_an_optimizer_that_refuses_is_told():
    model = nn.Sequential(nn.EmbeddingBag(50, 16, sparse=True), nn.Linear(16, 4))
    data = [(torch.randint(0, 50, (8, 5)), torch.randint(0, 4, (8,))) for _ in range(9)]
    with pytest.raises(
        BadSetup, match=r"AdamW.step\(\) failed: RuntimeError: AdamW? does not support sparse gradients"
    ):
        checked(model, data=data)
    report = checked(model, torch.optim.SGD(model.parameters(), lr=0.1), data)
    assert len(report.trajectory.losses) >= 8


@pytest.mark.parametrize("flag", ["fused", "foreach", "amsgrad"])
def test_flags_of_optimizers_work(flag):
    model = mlp()
    assert checked(model, adam(model, **{flag: True})).verdict is Verdict.PASS


@pytest.mark.parametrize("mode", [torch.no_grad, torch.inference_mode, contextlib.nullcontext])
def test_the_mode_around_the_call_does_not_matter(mode):
    model = mlp()
    model.eval()
    with mode():
        report = checked(model)
    assert report.verdict is Verdict.PASS
    assert not model.training


def test_autocast_may_be_the_context_itself():
    assert checked(autocast=torch.autocast("cpu", torch.bfloat16)).verdict is Verdict.PASS
