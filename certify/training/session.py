"""A session: the user's real training loop, run step by step and looked at, and afterwards everything is as it was.

`Session.update` makes a real update. The gradient of its own batches can be replayed at other points, with the random
numbers (dropout masks, augmentation) of the first time.
"""

from __future__ import annotations

import inspect
import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from certify.training.errors import BadSetup, running
from certify.training.losses import loss_of, moved
from certify.training.memory import Memory
from certify.training.randomness import Randomness
from certify.training.setup import Setup

Tensors = dict[str, Tensor]


@dataclass(frozen=True)
class Replay:
    """Loss and gradient of some batches at one point; tensors without a gradient have none."""

    loss: float
    gradients: Tensors


@dataclass
class Step:
    """One real update from x to x⁺ = x + ΔX, with the batches and random numbers it used.

    `gradients` are those of the mean loss, before clipping and without a loss scale; `stepped_with` are those that the
    optimisers saw. `seconds` is the time of the update itself. A step that was not looked at has its loss only.
    """

    index: int
    group: Sequence[Any]
    randomness: Randomness | None = None
    before: Tensors = field(default_factory=dict)
    loss: float = float("nan")
    gradients: Tensors = field(default_factory=dict)
    stepped_with: Tensors = field(default_factory=dict)
    changes: Tensors = field(default_factory=dict)
    seconds: float = 0.0
    optimizer_steps: dict[int, int] = field(default_factory=dict)

    @property
    def finite(self) -> bool:
        """Whether the loss and all changes are numbers."""
        if not math.isfinite(self.loss):
            return False
        largest = torch._foreach_norm([c for c in self.changes.values() if c.numel()], math.inf) if self.changes else []
        return all(math.isfinite(value) for value in torch.stack(list(largest)).tolist()) if largest else True


class Session:
    """The set-up, with the names of its parameters and its batches; use it inside ``with session.open():``."""

    def __init__(self, setup: Setup) -> None:
        self.setup = setup
        self.loss = loss_of(setup.model, setup.loss_fn)
        self.named: dict[str, nn.Parameter] = {n: p for n, p in setup.model.named_parameters() if p.requires_grad}
        if not self.named:
            raise BadSetup("the model has no parameter that requires a gradient")
        self._modules = list(setup.model.modules())
        self.device = next(iter(self.named.values())).device
        self._with_closure = [needs_closure(optimizer) for optimizer in setup.optimizers]
        self._with_metric = [_wants_metric(scheduler) for scheduler in setup.schedulers]
        self._drawn: list[Any] = []
        self._generators: dict[str, bool] | None = None  # those of NumPy and Python that updates draw from
        self._source: Iterator[Any] | None = None

    @contextmanager
    def open(self) -> Generator[Session]:
        """Everything that happens inside is undone at the end, whatever happens."""
        randomness, memory = Randomness.now(), Memory(self.setup.roots)
        try:
            with torch.inference_mode(False), torch.enable_grad():
                yield self
        finally:
            memory.restore()
            randomness.restore()

    def group(self, index: int) -> list[Any]:
        """The batches of update number `index`: `accumulate` in a row; data that run out begin again."""
        count = self.setup.accumulate
        while len(self._drawn) < (index + 1) * count:
            self._drawn.append(self._next())
        return [moved(batch, self.device) for batch in self._drawn[index * count : (index + 1) * count]]

    def _next(self) -> Any:
        for _ in range(2):
            if self._source is None:
                self._source = iter(self.setup.data)
            with running("data"):
                for batch in self._source:
                    return batch
            self._source = None
        if self._drawn:  # an iterator that has come to its end: its batches again
            self._source = iter(list(self._drawn))
            return next(self._source)
        raise BadSetup("data gave no batch")

    def point(self) -> Tensors:
        """Copies of the parameters."""
        return {name: p.detach().clone() for name, p in self.named.items()}

    def move(self, point: Tensors, changes: Tensors | None = None, scale: float = 1.0) -> None:
        """Put the parameters to point + scale · changes."""
        with torch.no_grad():
            torch._foreach_copy_([self.named[name] for name in point], list(point.values()))
            if changes:
                torch._foreach_add_([self.named[name] for name in changes], list(changes.values()), alpha=scale)

    def update(self, index: int, look: bool = True, read: bool = True, group: int | None = None) -> Step:
        """One real update on the batches of update number `group`, `index` if that is not given.

        With `look` it can be replayed, and with `read` hooks note what the optimisers step with.
        """
        batches = self.group(index if group is None else group)
        step = Step(index, batches, self._randomness(), self.point()) if look else Step(index, batches)
        handles = (
            [o.register_step_pre_hook(self._reader(step, o)) for o in self.setup.optimizers] if look and read else []
        )
        start = time.perf_counter()
        try:
            step.loss = self._user_update(step, read) if self.setup.train_step else self._plain_update(step, look)
        finally:
            for handle in handles:
                handle.remove()
        step.seconds = time.perf_counter() - start
        if step.randomness is not None:
            self._generators = self._generators or step.randomness.drawn()
            with torch.no_grad():
                moved_by = torch._foreach_sub([self.named[name] for name in step.before], list(step.before.values()))
            step.changes = dict(zip(step.before, moved_by, strict=True))
        return step

    def _randomness(self) -> Randomness:
        """The states that a replay needs: all at first, then those that the first update has drawn from."""
        return Randomness.now(**self._generators) if self._generators else Randomness.now()

    def _reader(self, step: Step, optimizer: Optimizer) -> Callable[..., None]:
        number = self.setup.optimizers.index(optimizer)
        members = {id(p) for group in optimizer.param_groups for p in group["params"]}

        def read(*_: Any) -> None:
            seen = step.optimizer_steps[number] = step.optimizer_steps.get(number, 0) + 1
            if seen == 1:
                mine = {name: p for name, p in self.named.items() if id(p) in members}
                step.stepped_with.update(gradients_of(mine))

        return read

    def _user_update(self, step: Step, read: bool) -> float:
        train_step: Any = self.setup.train_step
        with running("train_step(batch)"):
            value = train_step(step.group[0] if len(step.group) == 1 else step.group)
        if value is None and not read:
            raise BadSetup("train_step(batch) returned no loss; let it return the loss of the batch")
        step.gradients = dict(step.stepped_with)
        return float(value.detach()) if isinstance(value, Tensor) else float(value if value is not None else "nan")

    def _plain_update(self, step: Step, look: bool) -> float:
        s = self.setup
        for optimizer in s.optimizers:
            optimizer.zero_grad(set_to_none=True)
        self._forget()
        loss = self._backward(step.group, s.autocast, s.scaler)
        if look:
            scale = float(s.scaler.get_scale()) if s.scaler is not None and s.scaler.is_enabled() else 1.0
            step.gradients = {n: g / scale if scale != 1 else g for n, g in gradients_of(self.named).items()}
        self._prepare()
        for optimizer, with_closure in zip(s.optimizers, self._with_closure, strict=True):
            with running(f"{type(optimizer).__name__}.step()"):
                self._step(optimizer, step.group if with_closure else None)
        if s.scaler is not None:
            s.scaler.update()
        for scheduler, with_metric in zip(s.schedulers, self._with_metric, strict=True):
            with running(f"{type(scheduler).__name__}.step()"):
                scheduler.step(loss) if with_metric else scheduler.step()
        return loss

    def _step(self, optimizer: Any, closure: Sequence[Any] | None) -> None:
        """step() of an optimiser, with a closure over these batches if it needs one."""
        if closure is not None:
            optimizer.step(lambda: torch.tensor(self._closure(closure)))
        elif self.setup.scaler is not None:
            self.setup.scaler.step(optimizer)
        else:
            optimizer.step()

    def _forget(self) -> None:
        for p in self.named.values():
            p.grad = None

    def _prepare(self) -> None:
        """Clipping, as the set-up says."""
        s = self.setup
        if s.scaler is not None and (s.clip_norm or s.clip_value or s.before_step):
            for optimizer in s.optimizers:
                s.scaler.unscale_(optimizer)
        if s.clip_norm is not None:
            nn.utils.clip_grad_norm_(s.model.parameters(), s.clip_norm)
        if s.clip_value is not None:
            nn.utils.clip_grad_value_(s.model.parameters(), s.clip_value)
        if s.before_step is not None:
            with running("before_step()"):
                s.before_step()

    def _closure(self, group: Sequence[Any]) -> float:
        self._forget()
        with torch.enable_grad():
            loss = self._backward(group, self.setup.autocast)
        self._prepare()
        return loss

    def _backward(
        self, group: Sequence[Any], autocast: Callable[[], AbstractContextManager[Any]] | None, scaler: Any = None
    ) -> float:
        total = 0.0
        for batch in group:
            with autocast() if autocast else nullcontext():
                loss = self.loss(batch) if len(group) == 1 else self.loss(batch) / len(group)
            if not loss.requires_grad:
                raise BadSetup(
                    f"the loss by {self.loss.convention} has no gradient: it is detached, computed under no_grad, or "
                    "does not depend on the model"
                )
            total += float(loss.detach())
            (scaler.scale(loss) if scaler is not None else loss).backward()
        return total

    @contextmanager
    def replays(self) -> Generator[Callable[[Step], Replay]]:
        """A function that gives loss and gradient of a step's batches at the present point.

        It computes in full precision, with the random numbers of the step. At the end buffers, ``.grad`` and the random
        numbers of the world outside are as they were; parameters are the caller's.
        """
        outside = self._randomness()
        buffers = Memory(module._buffers for module in self._modules if module._buffers)
        kept = {name: p.grad for name, p in self.named.items()}

        def again(step: Step) -> Replay:
            buffers.restore()
            self._forget()
            if step.randomness is not None:
                step.randomness.restore()
            loss = self._backward(step.group, None)
            return Replay(loss, gradients_of(self.named, copy=False))

        try:
            yield again
        finally:
            for name, p in self.named.items():
                p.grad = kept[name]
            buffers.restore()
            outside.restore()

    def replay(self, step: Step) -> Replay:
        """One of `replays`."""
        with self.replays() as again:
            return again(step)


def gradients_of(named: dict[str, nn.Parameter], copy: bool = True) -> Tensors:
    """The gradients there are, dense."""
    found = {}
    for name, p in named.items():
        if p.grad is not None:
            dense = p.grad.to_dense() if p.grad.layout != torch.strided else p.grad
            found[name] = dense.detach().clone() if copy else dense.detach()
    return found


def needs_closure(optimizer: Optimizer) -> bool:
    """Whether step() cannot be called without a closure (LBFGS)."""
    step = inspect.unwrap(type(optimizer).step)
    parameter = inspect.signature(step).parameters.get("closure")
    return parameter is not None and parameter.default is inspect.Parameter.empty


def _wants_metric(scheduler: Any) -> bool:
    return "metrics" in inspect.signature(scheduler.step).parameters
