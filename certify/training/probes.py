"""Probes: the gradient of the same batches, with the same random numbers, at x + ΔX and at x + ΔX/4.

With different batches ‖g' − g‖ measures their noise, about √2 ‖g‖, whatever the curvature. With the same ones it
measures how the gradient changes along the user's own update. The secants L̂ = ‖g' − g‖*/‖s ΔX‖ at s = 1/4 and s = 1
agree as long as the step is short; at a step that overshoots the full one saturates.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from certify.training.errors import BadSetup
from certify.training.measures import Measure, sizes
from certify.training.session import Replay, Session, Step, Tensors

QUARTER = 0.25


@dataclass(frozen=True)
class Block:
    """Tensors that are measured together: one tensor in a layer's norm, or all of an SGD in ℓ2."""

    name: str
    members: tuple[str, ...]
    measure: Measure


def measured(blocks: Sequence[Block], tensors: Tensors, dual: bool = False) -> list[float]:
    """‖X‖ (or ‖G‖*) of every block, the root of the sum of squares over its members that are there."""
    places = [[name for name in block.members if name in tensors] for block in blocks]
    pairs = [(block.measure, tensors[name]) for block, names in zip(blocks, places, strict=True) for name in names]
    values = iter(sizes(pairs, dual))
    found = []
    for names in places:
        own = [next(values) for _ in names]
        found.append(own[0] if len(own) == 1 else math.sqrt(sum(size**2 for size in own)))
    return found


@dataclass(frozen=True)
class Sample:
    """One block at one point: t = ‖ΔX‖, r = ‖g‖*, and ‖g(x + s ΔX) − g(x)‖* at s = 1/4 and s = 1.

    Where the quarter was not probed it and what follows from it are not a number.
    """

    step: float
    gradient: float
    quarter: float
    full: float

    @property
    def u(self) -> float:
        """‖Δg‖*/‖g‖* over the whole step: 1 means that the gradient has changed by as much as it was."""
        return _ratio(self.full, self.gradient)

    @property
    def u_quarter(self) -> float:
        """The same over a quarter of the step, times 4: what u would be without saturation."""
        return _ratio(self.quarter / QUARTER, self.gradient)

    @property
    def secant(self) -> float:
        """L̂ = the larger of the two secants."""
        return _ratio(max(self.full, self.quarter / QUARTER if self.quarter == self.quarter else 0.0), self.step)

    @property
    def agreement(self) -> float:
        """Full secant over quarter secant: near 1 as long as the model of the gradient holds."""
        return _ratio(self.full, self.quarter / QUARTER)


@dataclass(frozen=True)
class Probe:
    """All blocks at one frozen point, and the loss along the step.

    `linear` is −⟨g, ΔX⟩, `repeat` the relative difference of two replays at x; `replays` is what the probe cost.
    """

    index: int
    loss: float
    loss_quarter: float
    loss_full: float
    linear: float
    blocks: Mapping[str, Sample]
    repeat: float = 0.0
    replays: int = 2

    @property
    def rho(self) -> float:
        """Actual over linear decrease of the same batches' loss over the whole step."""
        return _ratio(self.loss - self.loss_full, self.linear)

    @property
    def rho_quarter(self) -> float:
        """The same over a quarter of it."""
        return _ratio(self.loss - self.loss_quarter, QUARTER * self.linear)


def probe(session: Session, step: Step, blocks: Sequence[Block], quarter: bool = True, check: bool = False) -> Probe:
    """Probe the update `step` at lr, and at lr/4 if `quarter`; the parameters end where they were.

    One forward and backward pass each; one more if the gradient of the update itself is not that of the plain loss in
    full precision (autocast, a loop of the user's own), and one if `check` asks to repeat it.
    """
    after = session.point()
    gradients, loss, repeat = step.gradients, step.loss, 0.0
    fresh = session.setup.autocast is not None or session.setup.train_step is not None
    short: Replay | None = None
    with session.replays() as replay:
        if fresh:
            session.move(step.before)
            here = replay(step)
            gradients, loss = here.gradients, here.loss
        if not gradients:
            raise BadSetup(f"no parameter of the model has a gradient of the loss by {session.loss.convention}")
        if check:
            session.move(step.before)
            repeat = _difference(gradients, replay(step).gradients)
        if quarter:
            session.move(step.before, step.changes, QUARTER)
            short = replay(step)
        session.move(step.before, step.changes)
        full = replay(step)
    session.move(after)
    return Probe(
        step.index,
        loss,
        short.loss if short else math.nan,
        full.loss,
        -_inner(gradients, step.changes),
        _samples(blocks, step, gradients, short, full),
        repeat,
        1 + quarter + fresh + check,
    )


def _samples(
    blocks: Sequence[Block], step: Step, gradients: Tensors, short: Replay | None, full: Replay
) -> dict[str, Sample]:
    steps, here = measured(blocks, step.changes), measured(blocks, gradients, dual=True)
    far = measured(blocks, _minus(full.gradients, gradients), dual=True)
    near = measured(blocks, _minus(short.gradients, gradients), dual=True) if short else [math.nan] * len(blocks)
    return {b.name: Sample(*numbers) for b, *numbers in zip(blocks, steps, here, near, far, strict=True)}


def _minus(a: Tensors, b: Tensors) -> Tensors:
    names = [name for name in a if name in b]
    if not names:
        return {}
    return dict(zip(names, torch._foreach_sub([a[n] for n in names], [b[n] for n in names]), strict=True))


def _inner(a: Mapping[str, Tensor], b: Mapping[str, Tensor]) -> float:
    products = [(a[name] * b[name]).sum(dtype=torch.float64) for name in a if name in b]
    return float(torch.stack(products).sum()) if products else 0.0


def _difference(a: Tensors, b: Tensors) -> float:
    size = math.sqrt(sum(float(g.double().square().sum()) for g in a.values()))
    gap = math.sqrt(sum(float((a[n].double() - b[n].double()).square().sum()) for n in a if n in b))
    return gap / size if size else (0.0 if gap == 0 else math.inf)


def _ratio(a: float, b: float) -> float:
    return a / b if b else (0.0 if a == 0 else math.inf)
