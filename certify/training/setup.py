"""What the user trains: the real objects, given to the functions or returned by ``build()`` of a script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy
from torch.optim import Optimizer

from certify.training.errors import BadSetup

CALLED = {
    "autocast": 'a function such as lambda: torch.autocast("cuda", torch.bfloat16)',
    "before_step": "a function without arguments",
    "train_step": "a function of a batch",
}


@dataclass(frozen=True)
class Setup:
    """A training loop in parts.

    One update is: for each of `accumulate` batches forward under `autocast`, loss / `accumulate`, backward; clip the
    norm (`clip_norm`) or entries (`clip_value`) of all gradients, or call `before_step()`; `step()` of every optimiser,
    through `scaler` if there is one; `step()` of every scheduler. `train_step(batch)` replaces all that by a loop body
    of the user's own (zero_grad, backward, step); validation still needs the loss alone.

    `data` is a list of batches, a DataLoader or anything else that can be iterated; an iterator is consumed.
    """

    model: nn.Module
    optimizers: tuple[Optimizer, ...]
    data: Iterable[Any]
    loss_fn: Callable[..., Any] | None = None
    schedulers: tuple[Any, ...] = ()
    scaler: Any = None
    clip_norm: float | None = None
    clip_value: float | None = None
    accumulate: int = 1
    autocast: Callable[[], AbstractContextManager[Any]] | None = None
    before_step: Callable[[], Any] | None = None
    train_step: Callable[[Any], Any] | None = None

    def __post_init__(self) -> None:
        if isinstance(self.autocast, torch.autocast):  # the context itself, which may be entered again and again
            context = self.autocast
            object.__setattr__(self, "autocast", lambda: context)
        if not isinstance(self.model, nn.Module):
            raise BadSetup(f"model is {type(self.model).__name__}, not a torch.nn.Module")
        for optimizer in self.optimizers:
            if not isinstance(optimizer, Optimizer):
                raise BadSetup(f"optimizer is {type(optimizer).__name__}, not a torch.optim.Optimizer")
        if not self.optimizers:
            raise BadSetup("no optimizer was given")
        for name, p in self.model.named_parameters():
            if is_lazy(p) or p.is_meta:
                why = "has no shape yet: run one batch through the model" if is_lazy(p) else "is on the meta device"
                raise BadSetup(f"parameter {name} {why}; give a model with real weights")
        if not isinstance(self.accumulate, int) or isinstance(self.accumulate, bool) or self.accumulate < 1:
            raise BadSetup(f"accumulate is {self.accumulate!r}; it must be an integer, at least 1")
        if not isinstance(self.data, Iterable):
            raise BadSetup(f"data is {type(self.data).__name__}, which gives no batches; give a list or a DataLoader")
        for name in ("clip_norm", "clip_value"):
            value = getattr(self, name)
            if value is not None and not (isinstance(value, Real) and value > 0):
                raise BadSetup(f"{name} is {value!r}; it must be a positive number, or None for no clipping")
        for name, example in CALLED.items():
            value = getattr(self, name)
            if value is not None and (not callable(value) or isinstance(value, type)):
                raise BadSetup(f"{name} is {value!r}, which cannot be called; give {example}")
        for scheduler in self.schedulers:
            if isinstance(scheduler, type) or not callable(getattr(scheduler, "step", None)):
                raise BadSetup(f"scheduler is {scheduler!r}, not an object with step(), such as StepLR(optimizer, 10)")
        if self.scaler is not None and not hasattr(self.scaler, "unscale_"):
            raise BadSetup(f"scaler is {self.scaler!r}, not a torch.amp.GradScaler")

    @property
    def roots(self) -> list[Any]:
        """All objects whose state training changes, generators of the data loader included."""
        samplers = [getattr(self.data, name, None) for name in ("sampler", "batch_sampler")]
        samplers += [getattr(sampler, "sampler", None) for sampler in samplers]
        generators = [getattr(owner, "generator", None) for owner in (self.data, *samplers)]
        return [self.model, *self.optimizers, *self.schedulers, self.scaler, *generators]


NAMES = {field.name for field in fields(Setup)} - {"optimizers", "schedulers"}
ALIASES = {"optimizer": "optimizers", "scheduler": "schedulers", "optimizers": "optimizers", "schedulers": "schedulers"}


def make_setup(model: Any, optimizer: Any, data: Any, loss_fn: Any = None, **options: Any) -> Setup:
    """A setup from one optimiser or several, one scheduler or several; raises `BadSetup`."""
    return from_mapping({"model": model, "optimizers": optimizer, "data": data, "loss_fn": loss_fn, **options})


def from_mapping(given: Mapping[str, Any]) -> Setup:
    """A setup from names and values."""
    values: dict[str, Any] = {}
    for name, value in given.items():
        if name in ALIASES:
            values[ALIASES[name]] = () if value is None else _several(value)
        elif name in NAMES:
            values[name] = value
        else:
            raise BadSetup(f"there is no training option {name!r}; there are {', '.join(sorted(NAMES | set(ALIASES)))}")
    missing = [name for name in ("model", "optimizers", "data") if name not in values]
    if missing:
        raise BadSetup(f"the training set-up lacks {', '.join(missing)}")
    return Setup(**values)


def from_build(result: Any, target: str) -> Setup:
    """What ``build()`` returned: a Setup, a mapping, or a tuple (model, optimizer, data[, loss_fn])."""
    if isinstance(result, Setup):
        return result
    if isinstance(result, Mapping):
        return from_mapping(result)
    if isinstance(result, (tuple, list)) and 3 <= len(result) <= 4:
        return make_setup(*result)
    raise BadSetup(
        f"{target} returned {type(result).__name__}; return (model, optimizer, data, loss_fn) or a dict of these"
    )


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value,)
