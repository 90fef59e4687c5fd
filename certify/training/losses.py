"""How a loss is computed from a batch: the calling conventions that are understood, and the one that was chosen.

- no `loss_fn`: ``model(**batch).loss`` for mappings (Hugging Face style), else ``model(*batch)`` is the loss;
- ``loss_fn(model, batch)``, ``loss_fn(batch)`` (a bound method, or one that knows the model);
- ``loss_fn(model(inputs), targets)`` for criteria such as `nn.CrossEntropyLoss()` or `F.cross_entropy`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from certify.training.errors import BadSetup, running

MODEL_NAMES = frozenset({"model", "net", "network", "module", "m"})
TARGET_NAMES = frozenset({"target", "targets", "label", "labels", "y", "y_true", "yb", "t"})
OUTPUT_NAMES = frozenset(
    {"input", "inputs", "output", "outputs", "out", "logits", "pred", "preds", "prediction", "y_pred"}
)


GIVE = "; give loss_fn=(model, batch) → loss"


@dataclass(frozen=True)
class Loss:
    """A loss of one batch, with the convention in words; not `chosen` if no loss_fn was given."""

    model: nn.Module
    convention: str
    compute: Callable[[Any], Any]
    chosen: bool = True

    def __call__(self, batch: Any) -> Tensor:
        """The loss, a tensor with one element that has a graph; raises `BadSetup` otherwise."""
        with running(f"the loss by {self.convention}", "" if self.chosen else GIVE):
            value = self.compute(batch)
        value = getattr(value, "loss", value) if not isinstance(value, (Tensor, Mapping, tuple)) else value
        if isinstance(value, Mapping) and "loss" in value:
            value = value["loss"]
        if isinstance(value, tuple) and value and isinstance(value[0], Tensor):
            value = value[0]
        if not isinstance(value, Tensor) or value.numel() != 1:
            kind = f"tensor of shape {tuple(value.shape)}" if isinstance(value, Tensor) else type(value).__name__
            what = "not one number" if isinstance(value, Tensor) else "not a tensor with one number"
            raise BadSetup(f"the loss by {self.convention} is a {kind}, {what}{GIVE}")
        if value.is_complex():
            raise BadSetup(f"the loss by {self.convention} is a complex number; take its real part or its modulus")
        return value.reshape(())


def loss_of(model: nn.Module, loss_fn: Callable[..., Any] | None) -> Loss:
    """Choose the convention by the signature of `loss_fn`."""
    if loss_fn is None:
        return Loss(model, "model(**batch).loss", lambda batch: _call(model, batch), chosen=False)
    if not callable(loss_fn):
        raise BadSetup(
            f"loss_fn is {type(loss_fn).__name__}, which cannot be called; give a function (model, batch) → loss"
        )
    names = _positional(loss_fn)
    if isinstance(loss_fn, nn.Module) or _from_torch(loss_fn):
        return _criterion(model, loss_fn)
    if names is not None and len(names) == 1:
        return Loss(model, "loss_fn(batch)", loss_fn)
    if names is not None and len(names) >= 3:
        return Loss(model, "loss_fn(model, inputs, targets)", lambda batch: loss_fn(model, *_pair(batch)))
    first, second = (names[0].lower(), names[1].lower()) if names else ("", "")
    if first not in MODEL_NAMES and (first in OUTPUT_NAMES or second in TARGET_NAMES):
        return _criterion(model, loss_fn)
    return Loss(model, "loss_fn(model, batch)", lambda batch: loss_fn(model, batch))


def _criterion(model: nn.Module, loss_fn: Callable[..., Any]) -> Loss:
    def compute(batch: Any) -> Any:
        inputs, targets = _pair(batch)
        output = _call(model, inputs) if isinstance(inputs, Mapping) else model(inputs)
        return loss_fn(getattr(output, "logits", output), targets)

    return Loss(model, "loss_fn(model(inputs), targets)", compute)


def _call(model: nn.Module, batch: Any) -> Any:
    if isinstance(batch, Mapping):
        return model(**batch)
    return model(*batch) if isinstance(batch, (tuple, list)) else model(batch)


def _pair(batch: Any) -> tuple[Any, Any]:
    if isinstance(batch, Mapping):
        for name in ("labels", "targets", "target", "label", "y"):
            if name in batch:
                rest = {key: value for key, value in batch.items() if key != name}
                return (next(iter(rest.values())) if len(rest) == 1 else rest), batch[name]
    if isinstance(batch, Sequence) and len(batch) == 2:
        return batch[0], batch[1]
    raise BadSetup("a batch is not a pair (inputs, targets); give loss_fn=(model, batch) → loss")


def _positional(function: Callable[..., Any]) -> list[str] | None:
    """Names of the parameters that must be given by position; None if there is no signature."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [p.name for p in parameters if p.kind in kinds and p.default is inspect.Parameter.empty]


def _from_torch(function: Callable[..., Any]) -> bool:
    return (getattr(function, "__module__", None) or "").partition(".")[0] == torch.__name__


def moved(batch: Any, device: torch.device) -> Any:
    """The batch with its tensors on the device of the model."""
    if isinstance(batch, Tensor):
        return batch.to(device)
    if isinstance(batch, Mapping):
        return {key: moved(value, device) for key, value in batch.items()}
    if isinstance(batch, (list, tuple)):
        parts = [moved(value, device) for value in batch]
        return type(batch)(*parts) if hasattr(batch, "_fields") else type(batch)(parts)
    return batch
