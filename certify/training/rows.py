"""One row a tensor and step: where it is updated, how large the update is, and what it was expected to be."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

from certify.training.kinds import BETA_KEYS, Kind, kind_of, shrinkage
from certify.training.measures import matrix, measure_of, spectral, stretch
from certify.training.rates import groups, rate
from certify.training.roles import Role
from certify.training.session import Step
from certify.training.setup import Setup
from certify.training.sizes import Average, Expected, average_of, declared_scaling, expected


@dataclass(frozen=True)
class Place:
    """Where a tensor is updated."""

    name: str
    parameter: nn.Parameter
    optimizer: Optimizer
    group: dict[str, Any]
    where: str
    kind: Kind
    role: Role


@dataclass(frozen=True)
class Row:
    """One tensor at one step: ‖ΔX‖ (decay taken off) in the norm its optimiser implies, and what was expected.

    `relative` is ‖ΔX‖₂/‖X‖₂, `gradient` the ℓ2 norm of the gradient, `moved` the part of the entries that changed,
    `coarse` whether it is in half precision, `stretch` how far from orthogonal an update is, `orthogonal_gradient` the
    size of one that was orthogonalised.
    """

    name: str
    shape: tuple[int, ...]
    optimizer: str
    kind: Kind
    role: Role
    lr: float
    norm: str
    size: float
    relative: float
    gradient: float
    expected: Expected | None = None
    average: Average | None = None
    stretch: float = 1.0
    orthogonal_gradient: float | None = None
    moved: float = 1.0
    coarse: bool = False
    finite: bool = True
    scale: float = 1.0
    momentum: float | None = None
    declared: str | None = None

    @property
    def ratio(self) -> float | None:
        """size / expected."""
        return self.size / self.expected.size if self.expected and self.expected.size > 0 else None


def places_of(setup: Setup, names: dict[int, str], role_of: dict[str, Role]) -> list[Place]:
    """Every trainable parameter of the model that some optimiser holds."""
    found: dict[str, Place] = {}
    for number, index, group in groups(setup.optimizers):
        optimizer = setup.optimizers[number]
        for p in group["params"]:
            name = names.get(id(p))
            if name is not None and p.requires_grad and name not in found:
                where = f"{type(optimizer).__name__}[{index}]"
                found[name] = Place(name, p, optimizer, group, where, kind_of(optimizer, group), role_of[name])
    return list(found.values())


def averages_before(place: Place) -> dict[str, Tensor]:
    """Copies of the optimiser's averages of gradients."""
    state = place.optimizer.state.get(place.parameter, {})
    return {key: value.detach().clone() for key, value in state.items() if key in BETA_KEYS and _is_tensor(value)}


def _is_tensor(value: Any) -> bool:
    return isinstance(value, Tensor)


def row_of(place: Place, step: Step, averages: dict[str, Tensor], setup: Setup) -> Row:
    """The row of a tensor after a step; `averages` are those before it."""
    before, change = step.before[place.name], step.changes[place.name]
    gradient = step.stepped_with.get(place.name)
    lr = rate(place.group)
    once = len(setup.optimizers) == 1 or step.optimizer_steps.get(setup.optimizers.index(place.optimizer), 1) == 1
    shrink = shrinkage(place.optimizer, place.group, lr)
    update = change + shrink * before if shrink else change
    measure = measure_of(place.kind, place.role, tuple(change.shape), place.group.get("norm"))
    finite = math.isfinite(float(change.norm())) and (gradient is None or bool(gradient.isfinite().all()))
    raw = step.gradients.get(place.name)
    rule = average = None
    if gradient is not None and finite and once:
        rule = expected(place.kind, place.optimizer, place.group, lr, place.parameter, before, gradient)
        average = average_of(averages, place.optimizer.state.get(place.parameter, {}), gradient)
    size, weight = float(update.norm()), float(before.norm())
    wide = min(matrix(change).shape) >= 4
    return Row(
        name=place.name,
        shape=tuple(change.shape),
        optimizer=place.where,
        kind=place.kind,
        role=place.role,
        lr=lr,
        norm=measure.name,
        size=measure.size(update) if finite else math.nan,
        relative=size / weight if weight else math.nan,
        gradient=float(raw.norm()) if raw is not None else math.nan,
        expected=rule,
        average=average,
        stretch=stretch(update) if finite and wide and place.kind in (Kind.MUON, Kind.SCION) else 1.0,
        orthogonal_gradient=_orthogonalised(gradient, raw) if finite and wide else None,
        moved=float((change != 0).to(torch.float32).mean()) if change.numel() else 1.0,
        coarse=change.dtype in (torch.float16, torch.bfloat16),
        finite=finite,
        scale=float(place.group["scale"]) if place.kind is Kind.SCION and "scale" in place.group else 1.0,
        momentum=float(place.group["momentum"]) if "momentum" in place.group else None,
        declared=declared_scaling(place.optimizer, place.group),
    )


def _orthogonalised(gradient: Tensor | None, raw: Tensor | None) -> float | None:
    """The spectral norm of what the optimiser steps with, if it was orthogonalised on the way from backward."""
    if gradient is None or raw is None or torch.equal(gradient, raw):
        return None
    return spectral(matrix(gradient)) if stretch(gradient) < 1.8 < 2.5 < stretch(raw) else None
