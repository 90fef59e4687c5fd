"""Callbacks with the real libraries, where they are installed."""

import warnings

import pytest
import torch
from small_models import classification, mlp
from torch import nn

from certify.training import callbacks
from certify.training.verdicts import Verdict

CE = nn.functional.cross_entropy
QUICK = {"steps": 12, "probes": 6}


def rows():
    return [(x[i], y[i]) for x, y in classification(30) for i in range(len(x))]


def lightning_module(library, lr):
    class Module(library.LightningModule):
        def __init__(self):
            super().__init__()
            self.net = mlp()

        def training_step(self, batch, index):
            loss = CE(self.net(batch[0]), batch[1])
            self.log("loss", loss)
            return loss

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), lr=lr)

    return Module()


def fit(library, callback, lr, folder):
    module = lightning_module(library, lr)
    trainer = library.Trainer(
        max_steps=2, callbacks=[callback], logger=False, enable_checkpointing=False, enable_progress_bar=False,
        enable_model_summary=False, accelerator="cpu", default_root_dir=folder,
    )  # fmt: skip
    torch.manual_seed(0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trainer.fit(module, torch.utils.data.DataLoader(rows(), batch_size=32))
    return module


@pytest.fixture
def lightning():
    for name in ("lightning.pytorch", "pytorch_lightning"):
        try:
            return pytest.importorskip(name)
        except pytest.skip.Exception:
            continue
    pytest.skip("Lightning is not installed")


def test_lightning_looks_and_changes_nothing(lightning, tmp_path):
    callback = callbacks.lightning(report=tmp_path / "r.txt", **QUICK)
    looked = fit(lightning, callback, 0.1, tmp_path)
    plain = fit(lightning, lightning.Callback(), 0.1, tmp_path)
    assert callback.check.validation.verdict in (Verdict.PASS, Verdict.WARN)
    assert callback.check.audit.passed
    assert "observed on steps" in (tmp_path / "r.txt").read_text()
    assert all(torch.equal(a, b) for a, b in zip(looked.parameters(), plain.parameters(), strict=True))


def test_lightning_can_refuse(lightning, tmp_path):
    with pytest.raises(callbacks.StepSizesRefused, match="step sizes"):
        fit(lightning, callbacks.lightning(action="raise", report=tmp_path / "r.txt", **QUICK), 50.0, tmp_path)


class Labelled(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = mlp()

    def forward(self, inputs, labels):
        logits = self.net(inputs)
        return {"loss": CE(logits, labels), "logits": logits}


def train(library, callback, lr, folder, **options):
    torch.manual_seed(0)
    model = Labelled()
    arguments = library.TrainingArguments(
        output_dir=str(folder), max_steps=2, learning_rate=lr, report_to=[], save_strategy="no", use_cpu=True,
        per_device_train_batch_size=32, disable_tqdm=True, **options,
    )  # fmt: skip
    data = [{"inputs": x, "labels": y} for x, y in rows()]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        library.Trainer(model=model, args=arguments, train_dataset=data, callbacks=[callback]).train()
    return model


def test_transformers_looks_and_changes_nothing(tmp_path):
    library = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    callback = callbacks.transformers(report=tmp_path / "r.txt", **QUICK)
    looked = train(library, callback, 5e-3, tmp_path)
    plain = train(library, library.TrainerCallback(), 5e-3, tmp_path)
    assert callback.check.validation.verdict is not Verdict.FAIL
    assert all(torch.equal(a, b) for a, b in zip(looked.parameters(), plain.parameters(), strict=True))


def test_transformers_can_refuse(tmp_path):
    library = pytest.importorskip("transformers")
    pytest.importorskip("accelerate")
    with pytest.raises(callbacks.StepSizesRefused, match="step sizes"):
        train(
            library, callbacks.transformers(action="raise", report=tmp_path / "r.txt", **QUICK), 20.0, tmp_path,
            warmup_steps=1,
        )  # fmt: skip


def test_a_missing_library_and_a_wrong_action_are_told(monkeypatch):
    def absent(name):
        raise ModuleNotFoundError(name)

    monkeypatch.setattr(callbacks, "import_module", absent)
    with pytest.raises(ValueError, match="needs lightning, which is not installed"):
        callbacks.lightning()
    with pytest.raises(ValueError, match="needs transformers, which is not installed"):
        callbacks.transformers()
    with pytest.raises(ValueError, match="action is 'shout'"):
        callbacks._check("shout", None, 40, 16, 1.0)


def test_the_check_warns_or_raises(tmp_path):
    model = mlp()
    setup = callbacks.Setup(model, (torch.optim.SGD(model[:2].parameters(), lr=0.1),), classification(20), CE)
    check = callbacks._check("warn", tmp_path / "r.txt", 12, 6, 60.0)
    with pytest.warns(UserWarning, match="missing-parameter"):
        check(setup)
    check = callbacks._check("raise", tmp_path / "r.txt", 12, 6, 60.0)
    with pytest.raises(callbacks.StepSizesRefused, match="missing-parameter"):
        check(setup)
