"""Everything that training changes, remembered and put back bit for bit.

The walk starts at the model, the optimisers, schedulers and scalers and follows containers, tensors, modules and
objects from the same package as their owner. Nothing needs to be known about a class: a state that an optimiser creates
lazily, a buffer that a module replaces, a counter and a train/eval flag are all entries of some ``__dict__``.
Tensors keep their identity and their storage; restoring copies bytes.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Optimizer
from torch.optim.lr_scheduler import LRScheduler

Undo = Callable[[], None]
FOLLOWED = (nn.Module, Optimizer, LRScheduler)
ATOMS = (type, FunctionType, MethodType, ModuleType, str, bytes, int, float, bool, complex, type(None))


class Memory:
    """The state of all that is reachable from `roots` at the moment of construction."""

    def __init__(self, roots: Iterable[Any]) -> None:
        self._undo: list[Undo] = []
        self._seen: dict[int, Any] = {}  # holds the objects, so that their ids stay theirs
        self._storages: set[int] = set()
        self._pending: list[tuple[Any, str]] = [(root, _package(root)) for root in roots]
        while self._pending:
            self._visit(*self._pending.pop())

    def restore(self) -> None:
        """Put everything back; may be called many times."""
        with torch.no_grad():
            for undo in self._undo:
                undo()

    def _visit(self, item: Any, owner: str) -> None:
        if isinstance(item, ATOMS) or id(item) in self._seen:
            return
        self._seen[id(item)] = item
        if isinstance(item, Tensor):
            self._tensor(item)
        elif isinstance(item, dict):
            self._dict(item, owner)
        elif isinstance(item, (list, deque)):
            content = list(item)
            self._undo.append(lambda: _refill(item, item.extend, content))
            self._pending += [(part, owner) for part in content]
        elif isinstance(item, set):
            members = set(item)
            self._undo.append(lambda: _refill(item, item.update, members))
        elif isinstance(item, (tuple, frozenset)):
            self._pending += [(part, owner) for part in item]
        elif isinstance(item, np.ndarray):
            values = item.copy()
            self._undo.append(lambda: np.copyto(item, values))
        elif (generator := _generator(item)) is not None:
            self._undo.append(generator)
        elif self._followed(item, owner):
            self._dict(item.__dict__, _package(item))

    def _dict(self, item: dict[Any, Any], owner: str) -> None:
        content = dict(item)

        def undo() -> None:
            if item.keys() != content.keys() or any(item[key] is not value for key, value in content.items()):
                item.clear()
                item.update(content)

        self._undo.append(undo)
        self._pending += [(value, owner) for value in content.values()]

    def _tensor(self, tensor: Tensor) -> None:
        if tensor.is_leaf:
            self._gradient(tensor)
        if tensor.is_inference() or tensor.layout != torch.strided:
            return
        alias, wanted = tensor.detach(), tensor.requires_grad

        def undo() -> None:
            if not _same_place(tensor, alias):
                tensor.data = alias
            if tensor.is_leaf and tensor.requires_grad != wanted:
                tensor.requires_grad_(wanted)

        self._undo.append(undo)
        self._bytes(alias)

    def _gradient(self, tensor: Tensor) -> None:
        gradient = tensor.grad
        strided = gradient is None or gradient.layout == torch.strided
        kept = gradient if strided else gradient.clone()

        def undo() -> None:
            tensor.grad = kept if strided or kept is None else kept.clone()

        self._undo.append(undo)
        if kept is not None and strided:
            self._visit(kept, "torch")

    def _bytes(self, alias: Tensor) -> None:
        storage = alias.untyped_storage()
        place = storage.data_ptr()
        if place in self._storages or not storage.nbytes():
            return
        self._storages.add(place)
        saved = storage.clone()
        self._undo.append(lambda: storage.copy_(saved) and None)

    def _followed(self, item: Any, owner: str) -> bool:
        if not hasattr(item, "__dict__"):
            return False
        return isinstance(item, FOLLOWED) or _is_scaler(item) or _package(item) == owner


def _refill(item: Any, fill: Callable[[Any], Any], content: Any) -> None:
    item.clear()
    fill(content)


def _package(item: Any) -> str:
    return type(item).__module__.partition(".")[0]


def _is_scaler(item: Any) -> bool:
    return isinstance(item, torch.amp.GradScaler)


def _same_place(tensor: Tensor, alias: Tensor) -> bool:
    return (
        tensor.data_ptr() == alias.data_ptr()
        and tensor.shape == alias.shape
        and tensor.stride() == alias.stride()
        and tensor.dtype == alias.dtype
        and tensor.device == alias.device
    )


def _generator(item: Any) -> Undo | None:
    """How to put a random number generator back."""
    if isinstance(item, torch.Generator):
        state = item.get_state()
        return lambda: item.set_state(state) and None
    if isinstance(item, np.random.Generator):
        bits = item.bit_generator
        bit_state = bits.state
        return lambda: setattr(bits, "state", bit_state)
    if isinstance(item, random.Random):
        python = item.getstate()
        return lambda: item.setstate(python)
    return None
