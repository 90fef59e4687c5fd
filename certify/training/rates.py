"""Learning rates of parameter groups: the present one, and the one that a schedule has yet to reach."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import Tensor
from torch.optim import Optimizer


def rate(group: dict[str, Any]) -> float:
    """The group's present learning rate."""
    return float(group.get("lr", float("nan")))


def set_rate(group: dict[str, Any], value: float) -> None:
    """Write it, in place if it is a tensor."""
    if isinstance(group.get("lr"), Tensor):
        group["lr"].fill_(value)
    else:
        group["lr"] = value


def peak(group: dict[str, Any]) -> float:
    """The largest rate the group's schedule names: a warm-up at step 0 shows less than what training will use."""
    named = [float(group[key]) for key in ("lr", "initial_lr", "max_lr") if key in group]
    return max(named, default=float("nan"))


def groups(optimizers: Iterable[Optimizer]) -> Iterable[tuple[int, int, dict[str, Any]]]:
    """All groups with the numbers of their optimiser and of themselves."""
    for number, optimizer in enumerate(optimizers):
        for index, group in enumerate(optimizer.param_groups):
            yield number, index, group


def warming_up(optimizers: Iterable[Optimizer]) -> bool:
    """Whether some group is below its peak."""
    return any(rate(group) < peak(group) for _, _, group in groups(optimizers))
