"""Gradient ascent towards a contradiction: functions of the line, starts, constants and parameters move together.

A thousand rows start at random places (`certify.simulate.line_space`) and follow the derivative of how near they come
to contradicting the theorem, through the method's steps. All of this is floating point: the best rows are rounded to
drafts of rational numbers, which `certify.simulate.refute` decides exactly.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import torch
from torch import Tensor

from certify.simulate.claims import Claim, comparisons, rate_of
from certify.simulate.evaluate import evaluate
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.line_functions import Recipe
from certify.simulate.line_space import ROWS, Numbers, Space, column
from certify.simulate.recorded import NoOracle, Recorded
from certify.simulate.rows import number, plain, rows

ROUNDS = 80
REDRAWS = 10
"""Rows about which the theorem says nothing start again, as often as this."""
FIRST, LEAST = 0.3, 1e-5
"""The first step of every row, and the one with which it gives up."""
LEADS = 4
"""The steps of methods with memory that are looked at: the first ones."""
ROUNDING = 1e-12
BEST = 60
"""Rows that are rounded, each to every one of these denominators."""
DENOMINATORS = (4, 12, 60, 1000, 10**6)
_REFUSED = (
    UnsupportedOracle, NoOracle, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RuntimeError,
)  # fmt: skip
"""What a declaration raises that is not for numbers of these kinds."""


@dataclass(frozen=True)
class Found:
    """A rounded row: a function, all free names and a start; how near it came in floating point."""

    nearness: float
    recipe: Recipe
    free: Mapping[str, Fraction]
    start: Fraction
    lead: int


def ascended(claim: Claim, *, seed: int, deadline: float) -> Iterator[Found]:
    """Rounded rows, the nearest first, each with coarse numbers before fine ones.

    Nothing is yielded where floating point cannot run the claim. **Raises** nothing else than `NothingClaimed`.
    """
    space = Space(claim, torch.Generator().manual_seed(seed))
    runs = Runs(space)
    try:
        place, best = climb(runs, space.drawn(), deadline)
        numbers = space.numbers(place)
    except _REFUSED:
        return
    order = best.argsort(descending=True)[:BEST].tolist()
    for row in (i for i in order if best[i] > -torch.inf):
        for most in DENOMINATORS:
            found = space.rounded(place, numbers, row, most)
            if found is not None:
                yield Found(float(best[row]), *found, runs.lead(row))


def climb(runs: Runs, place: Numbers, deadline: float) -> tuple[Numbers, Tensor]:
    """The best place of every row on its way, and how near it comes there (B,)."""
    best = runs.nearness(place).detach()
    for _ in range(REDRAWS):
        if bool((best > -torch.inf).all()):
            break
        other = runs.space.drawn()
        reached = runs.nearness(other).detach()
        better = reached > best
        best = torch.where(better, reached, best)
        place = {n: torch.where(better[:, None], other[n], v) for n, v in place.items()}
    length = torch.full_like(best, FIRST)
    for _ in range(ROUNDS):
        if time.process_time() > deadline or bool((length < LEAST).all()):
            break
        moving = {n: v.clone().requires_grad_() for n, v in place.items()}
        near = runs.nearness(moving)
        alive = near.isfinite()
        if not near.requires_grad or not bool(alive.any()):
            break
        torch.where(alive, near, 0.0).sum().backward()
        tried = runs.space.moved(place, {n: v.grad for n, v in moving.items()}, length)
        reached = runs.nearness(tried).detach()
        better = reached > best
        best = torch.where(better, reached, best)
        length = torch.where(better, length * 1.3, length / 2).clamp_max(1.0)
        place = {n: torch.where(better[:, None], tried[n], v) for n, v in place.items()}
    return place, best


class Runs:
    """Steps from all places at once, held against the claim."""

    def __init__(self, space: Space) -> None:
        self.space, self.claim = space, space.claim
        self.leads = LEADS if space.memory else 1
        self.columns = 1

    def nearness(self, place: Numbers) -> Tensor:
        """(lhs − rhs)/(what is left of both sides) of one inequality, (B,); −∞ where the theorem does not speak."""
        values, function, start, inside = self.space.meaning(place)
        known = {n: rows(v) for n, v in values.items()}
        f = Recorded(function, {n: known[n] for n in self.claim.constants})
        method, x = self.claim.bound(known), rows(start)
        sides = []
        for states in self._runs(method, f, x, values):
            for lead in range(self.leads):
                clock = {"k": rows(torch.full_like(start, lead))} if self.space.memory else {}
                windows = [run[lead : lead + self.claim.theorem.steps + 1] for run in states]
                goals = [self.claim.goal(method, f, window, known | clock) for window in windows]
                sides.append(self._compared(goals, inside & plain(torch.as_tensor(f.active())), known))
        # one inequality for each row, or those that are equalities would keep all rows
        found = torch.cat(sides, 1)
        self.columns = found.shape[1]
        return found.gather(1, torch.arange(ROWS)[:, None] % self.columns)[:, 0]

    def lead(self, row: int) -> int:
        """How many steps come before those that this row is about."""
        return row % self.columns * self.leads // self.columns

    def _runs(self, method: Any, f: Recorded, x: Any, values: Numbers) -> Iterator[list[list[Any]]]:
        """All states; with noise, those of one step for each of its outcomes."""
        if not self.space.noise:
            clock = values.get("k")
            states = [method.start(x, f)]
            for k in range(self.leads + self.claim.theorem.steps - 1):
                states.append(method.advance(float(k) if self.space.memory else clock, states[-1], f))
            yield [states]
            return
        found = []
        for error in self._errors(values):
            f.noise, f.sampled = partial(_shifted, error), []
            found.append([x, method.advance(values.get("k"), x, f)])
        yield found

    def _compared(self, goals: list[Any], inside: Tensor, known: Mapping[str, Any]) -> Tensor:
        """How near each inequality comes, (B, ·)."""
        for condition in goals[0].given:
            truth = plain(torch.as_tensor(number(condition)))
            inside = inside & (truth if truth.dtype == torch.bool else truth >= 0)
        if goals[0].unknown and (rate := rate_of(goals[0])) is not None:
            goals = [g.solved(rate) for g in goals]
        elif goals[0].unknown:
            derived, covered = self._derived(known)
            goals, inside = [g.solved(derived) for g in goals], inside & covered
        sides = torch.cat([self._side(group, goals[0]) for group in zip(*map(comparisons, goals), strict=True)], 1)
        return torch.where(inside.expand_as(sides) & sides.isfinite(), sides, -torch.inf)

    def _side(self, group: Sequence[Any], goal: Any) -> Tensor:
        like = torch.zeros(ROWS, 1, dtype=torch.float64)
        lhs, rhs = (torch.cat([column(getattr(c, s), like) for c in group], 1).mean(1, True) for s in ("lhs", "rhs"))
        size = lhs.abs() + rhs.abs()
        if len(group) == 1 and group[0].role == "step" and hasattr(goal, "before"):
            before = column(goal.before, like)  # what both sides share says nothing about steps that are short
            size = torch.minimum(size, (lhs - before).abs() + (rhs - before).abs())
        good = (lhs - rhs).abs() > ROUNDING * column(group[0].size, like).abs()  # otherwise it may be an equality
        return torch.where(good, (lhs - rhs) / torch.where(good, size, 1.0), -torch.inf)

    def _errors(self, values: Numbers) -> tuple[Tensor, ...]:
        """The same outcomes as `certify.simulate.noise.on_the_line`."""
        size = values.get("sigma")
        if size is None or self.space.noise[0].name in ("second-moment", "interpolation"):
            return (torch.zeros(ROWS, 1, dtype=torch.float64),)
        return size, -size

    def _derived(self, known: Mapping[str, Any]) -> tuple[Tensor, Tensor]:
        found = torch.full((ROWS, 1), torch.nan, dtype=torch.float64)
        covered = torch.zeros(ROWS, 1, dtype=torch.bool)
        for conditions, scalar in self.claim.derived():
            here = ~covered
            for c in conditions:
                here = here & plain(torch.as_tensor(evaluate(c, known) >= 0))
            found = torch.where(here, column(evaluate(scalar, known), found), found)
            covered = covered | here
        return rows(found), covered


def _shifted(error: Tensor, gradient: Any) -> Tensor:
    return plain(gradient) + error
