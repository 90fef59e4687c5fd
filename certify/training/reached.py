"""Parameters that the loss depends on, and those of them that a model holds where torch does not look."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor, nn


def reached(loss: Tensor) -> dict[int, Tensor]:
    """The leaves of the loss's graph that require a gradient, by id."""
    found: dict[int, Tensor] = {}
    seen: set[Any] = set()
    pending = [loss.grad_fn]
    while pending:
        node: Any = pending.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        leaf = getattr(node, "variable", None)
        if isinstance(leaf, Tensor):
            found[id(leaf)] = leaf
        pending += [parent for parent, _ in node.next_functions]
    return found


def unregistered(model: nn.Module) -> Iterator[tuple[str, nn.Parameter]]:
    """Parameters in plain lists, tuples and dicts of the model's modules, which `parameters()` does not give."""
    known = {id(p) for p in model.parameters()}
    for path, module in model.named_modules():
        for name, value in vars(module).items():
            if name in ("_modules", "_parameters", "_buffers") or not isinstance(value, (list, tuple, dict)):
                continue
            for p in _inside(value):
                if id(p) not in known:
                    known.add(id(p))
                    yield f"{path}.{name}".strip("."), p


def _inside(value: Any) -> Iterator[nn.Parameter]:
    if isinstance(value, nn.Parameter):
        yield value
    elif isinstance(value, nn.Module):
        yield from value.parameters()
    elif isinstance(value, (list, tuple, dict)):
        parts: Iterable[Any] = value.values() if isinstance(value, dict) else value
        for part in parts:
            yield from _inside(part)
