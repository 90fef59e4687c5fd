"""Gradient ascent towards the worst run: starts and functions move so that a run attains more of its bound.

The run is differentiated as it is: the declaration's own steps, unrolled, on tensors. What moves stays in the class by
construction: starts keep their distance from x⋆, positive data of a family (slopes, widths, spectra, weights) are
multiplied by positive numbers, and the family is then made to have the constants that were asked for, as it was when it
was drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from certify.language import Method
from certify.simulate.bounds import RowBound, TheoremBound
from certify.simulate.curved import Curved
from certify.simulate.engine import Batch, simulate
from certify.simulate.functions import TestFunction
from certify.simulate.members import fit
from certify.simulate.oracle import BatchFunction
from certify.simulate.scaled import Scaled

Limit = RowBound | TheoremBound
ROUNDS = 60
RATE = 0.1
"""Step size of Adam, on logarithms of data and on directions of length 1."""
CLIMBERS = 24
"""Rows of a batch that climb: those that come nearest to the bound."""
NEGLIGIBLE = 1e-12
"""Of the largest value in a run: bounds below it say nothing."""


@dataclass(frozen=True)
class _Place:
    """What moves: logarithms of the factors of stretchable data, and directions of the starts."""

    logarithms: Mapping[str, Tensor]
    directions: tuple[Tensor, ...]

    @property
    def tensors(self) -> list[Tensor]:
        """All of them."""
        return [*self.logarithms.values(), *self.directions]

    def each(self, change: Callable[[Tensor], Tensor]) -> _Place:
        """The same with every tensor changed."""
        logarithms = {n: change(v) for n, v in self.logarithms.items()}
        return _Place(logarithms, tuple(map(change, self.directions)))

    def where(self, mask: Tensor, other: _Place) -> _Place:
        """This place in the rows of the mask (B,), the other elsewhere."""
        pairs = iter([torch.where(mask[:, None], a, b) for a, b in zip(self.tensors, other.tensors, strict=True)])
        return self.each(lambda _: next(pairs))


def climbed(
    method: Method, batch: Batch, limit: Limit, steps: int, constants: Mapping[str, Fraction], *, rounds: int = ROUNDS
) -> Batch | None:
    """The rows of a batch that come nearest to a bound, moved so that they come nearer still.

    **Arguments**: `batch`, runs without noise on functions drawn by `certify.simulate.members`; `limit`, the bound;
    `constants`, those of the class that the functions are to have.

    **Returns**: for each such row the best place on its way, which may be where it was; None where there is nothing to
    climb: on functions of several roles, or if no bound is compared.
    """
    if len(batch.functions) != 1 or batch.values or batch.minimizer is not None:
        return None
    ratios = _ratios(method, batch, limit, steps)
    rows = ratios.argsort(descending=True)[:CLIMBERS]
    rows = rows[ratios[rows] > 0]
    if not len(rows):
        return None
    batch, best = batch.take(rows), ratios[rows]
    family = _family(batch.functions[0])
    offsets = tuple(x - batch.functions[0].minimizer for x in batch.starts)
    moving = {n: torch.zeros_like(family.parameters[n]) for n in sorted(family.stretchable)} if family else {}
    found = _Place(moving, offsets)
    place = found.each(lambda v: v.clone().requires_grad_())
    adam = torch.optim.Adam(place.tensors, lr=RATE)
    for _ in range(rounds):
        moved = _moved(batch, family, place, constants)
        ratios = _ratios(method, moved, limit, steps) if moved else best
        good = ratios.isfinite() & (ratios > 0)
        if moved is None or not ratios.requires_grad or not bool(good.any()):
            break
        better = good & (ratios > best)
        found = place.each(lambda v: v.detach().clone()).where(better, found)
        best = torch.where(better, ratios.detach(), best)
        adam.zero_grad()
        (-torch.where(good, ratios, 1.0).log().sum()).backward()
        for tensor in place.tensors:  # where a derivative is lost the row stays
            if tensor.grad is not None:
                tensor.grad.nan_to_num_(0.0, 0.0, 0.0)
        adam.step()
    return _moved(batch, family, found, constants)


def _family(function: BatchFunction) -> TestFunction | None:
    """What was drawn, before it was given its constants; None if nothing of it can be stretched."""
    while isinstance(function, Scaled | Curved):
        function = function.function
    return function if isinstance(function, TestFunction) and function.stretchable else None


def _moved(
    batch: Batch, family: TestFunction | None, place: _Place, constants: Mapping[str, Fraction]
) -> Batch | None:  # fmt: skip
    """The runs at this place; None if some function there cannot have the constants."""
    function: Any = batch.functions[0]
    if family is not None:
        stretched = {n: family.parameters[n] * v.exp() for n, v in place.logarithms.items()}
        try:
            function = fit(type(family)(**{**family.parameters, **stretched}), constants)
        except ValueError:  # factors that are no numbers any more
            return None
    if function is None or len(function.minimizer) != len(batch):
        return None
    star = batch.functions[0].minimizer
    starts = tuple(
        star + (x - star).norm(dim=1, keepdim=True) * v / v.norm(dim=1, keepdim=True)
        for x, v in zip(batch.starts, place.directions, strict=True)
    )
    return replace(batch, functions=(function,), starts=starts)


def _ratios(method: Method, batch: Batch, limit: Limit, steps: int) -> Tensor:
    """The largest attained/bound of every run, (B,); −∞ where nothing is compared."""
    attained, bound = limit.compare(simulate(method, batch, steps, limit.observers))
    largest = attained.detach().nan_to_num(0.0).abs().amax(0, keepdim=True)
    said = (bound > NEGLIGIBLE * largest) & attained.isfinite() & bound.isfinite()
    safe = torch.where(said, bound, 1.0)
    return torch.where(said, torch.where(said, attained, 0.0) / safe, -torch.inf).amax(0)
