"""Runs of methods that act coordinate by coordinate and remember, every step compared with the theorem.

Noise has two outcomes, so that means are exact: what a theorem says of means is compared in the mean of both, hints and
invariants for each outcome and in every coordinate. The run then follows one outcome, at random in each row. Every row
is an instance of its own: function, constants, parameters and start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Tensor

from certify.assumptions.bounded_samples import BoundedSamples
from certify.language import Assumption, Goal, Method, Scalar, Share, Theorem
from certify.simulate import draws
from certify.simulate.claims import Claim, Comparison, comparisons
from certify.simulate.evaluate import evaluate
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.noise import OUTCOMES, Noise, drawn
from certify.simulate.online import ChangingLosses
from certify.simulate.recorded import Recorded
from certify.simulate.rows import number, plain, rows
from certify.simulate.stateful import mixed
from certify.simulate.trajectories import MARGIN, SIGNIFICANT, Trajectories

ROUNDING = 1e-13
"""What is smaller than this part of 1 and of a run's largest terms so far is rounding: logarithms are of order 1."""
DECADES: Mapping[str, tuple[float, float]] = {"step": (-2.5, 0.5), "under": (-5, 0.5), "beside": (-3, 0.5)}
"""Steps in units of the distance to x⋆, offsets in units of a bound on samples or of its square."""
OTHERS = (-1.0, 1.0)
REDRAWS = 30
"""How often parameters are drawn again where they violate a theorem's conditions."""


@dataclass(frozen=True)
class Stage:
    """Rows to run: f, the starts, the bound M on samples (B, 1), the distance (B, 1), and rows that are valid."""

    f: Any
    start: Any
    bound: Tensor
    distance: Tensor
    valid: Tensor
    constants: Mapping[str, Tensor]


class Sampled(Recorded):
    """A function that knows the sample drawn last."""

    last: Any = None

    def stochastic_gradient(self, x: Any) -> Any:
        """∇f(x) with the noise of the outcome that is looked at."""
        self.last = super().stochastic_gradient(x)
        return self.last

    def drawn_at(self, x: Any) -> Any:
        """The sample that the step drew."""
        if self.last is None:
            raise UnsupportedOracle("the step draws no sample")
        return self.last


def run_coordinates(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    values: Mapping[str, Scalar] | None = None,
    *,
    runs: int = 3000,
    steps: int = 10,
    seed: int = 0,
) -> Trajectories | None:
    """Run the method on functions that satisfy the assumptions, with noise that does, and compare every step.

    **Returns**: the comparison; None if there are no functions for these assumptions. The same seed gives the same
    numbers.
    """
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, (), values or {})
    generator = torch.Generator().manual_seed(seed)
    found: list[_Run] = []
    for stage in _stages(claim, runs, generator):
        one = _Run(claim, stage, steps, generator)
        try:
            one.go()
        except UnsupportedOracle:
            continue
        found.append(one)
    if not found:
        return None
    violations = sum(int(r.violated.sum()) for r in found)
    by_step = [max(float(r.ratios[k]) for r in found) for k in range(steps)]
    ratio = max(by_step)
    return Trajectories(
        runs=sum(int(r.compared.sum()) for r in found),
        steps=steps,
        checked=sum(r.checked for r in found),
        violations=violations,
        worst_ratio=ratio if ratio > -torch.inf else None,
        margin=MARGIN,
        device="cpu",
        families=tuple(dict.fromkeys(r.family for r in found)),
        worst=next((r.worst for r in found if r.worst), None),
        by_step=tuple(r if r > -torch.inf else None for r in by_step),
    )


def _stages(claim: Claim, runs: int, generator: torch.Generator) -> Iterator[Stage]:
    if any(a.name == "online-convex" for a in claim.assumptions):
        for dimension in draws.DIMENSIONS:
            yield _online(claim, -(-runs // len(draws.DIMENSIONS)), dimension, generator)
        return
    for batch in draws.batches(claim, runs=runs, generator=generator):
        constants = {n: rows(v) for n, v in batch.constants.items()}
        f = Sampled(batch.function, constants)
        start: Any = batch.start
        steepest = plain(f.subgradient(rows(start))).abs().amax(1, keepdim=True)
        bound = batch.constants.get("M", 10 * steepest)
        yield Stage(f, start, bound, batch.distance, batch.valid, batch.constants)


def _online(claim: Claim, count: int, dimension: int, generator: torch.Generator) -> Stage:
    bound = _scaled(torch.ones((count, 1), dtype=torch.float64), (-1, 1), generator)
    bound = _tied(claim, {}, bound).get("G", bound)
    width = _scaled(torch.ones_like(bound), (-1, 1), generator)
    f = ChangingLosses(bound, width, dimension, generator)
    start = (torch.rand((count, dimension), dtype=torch.float64, generator=generator) - 0.5) * width
    return Stage(f, start, bound, width, bound > 0, {"G": bound})


class _Run:
    """One stage under one claim."""

    def __init__(self, claim: Claim, stage: Stage, steps: int, generator: torch.Generator) -> None:
        self.claim, self.stage, self.steps, self.generator = claim, stage, steps, generator
        self.family = str(getattr(stage.f, "name", "")) or stage.f.function.name
        like = stage.valid
        self.compared, self.violated = torch.zeros_like(like), torch.zeros_like(like)
        self.ratios = [torch.tensor(-torch.inf)] * steps
        self.checked = 0
        self.worst: Mapping[str, Any] | None = None
        self.largest: dict[tuple[str, ...], Tensor] = {}
        self.k = 0

    def go(self) -> None:
        """Run all steps and compare at every one."""
        values = self._admissible()
        self.values = {n: rows(v) for n, v in values.items()}
        self.alive = self.stage.valid
        for inside in self.claim.domain({**values, **self.stage.constants}):
            self.alive = self.alive & inside
        method, f = self.claim.bound(self.values), self.stage.f
        state = method.start(rows(self.stage.start), f)
        for k in range(self.steps):
            self.k = k
            state = self._step(method, f, state)

    def _admissible(self) -> dict[str, Tensor]:
        """Parameters for which the theorem's conditions hold in the first step, if a few draws find them."""
        values, f = self._parameters(), self.stage.f
        if isinstance(f, ChangingLosses):
            return values
        for _ in range(REDRAWS):
            method = self.claim.bound({n: rows(v) for n, v in values.items()})
            state = method.start(rows(self.stage.start), f)
            aside = torch.Generator().manual_seed(0)
            noise, f.sampled = self._noise(f.gradient(method.output(state)), aside), []
            f.noise = noise.at(OUTCOMES[0]).applied
            goal = self._goal(method, f, state, method.advance(self._clock(0), state, f))
            good = _given(goal, torch.ones_like(self.stage.valid))
            if bool(good.all()):
                break
            fresh = self._parameters()
            values = {n: v.where(good, fresh[n]) for n, v in values.items()}
        return values

    def _step(self, method: Method, f: Any, state: Any) -> Any:
        """One step from every row, compared; the state that the run follows."""
        x = method.output(state)
        noise = None
        if isinstance(f, ChangingLosses):
            f.turn()
        else:
            noise = self._noise(f.gradient(x))
            self.alive = self.alive & noise.possible
            f.sampled = []
        after, found, mask = [], [], self.alive & plain(x).isfinite().all(1, keepdim=True)
        for outcome in OUTCOMES if noise is not None else OUTCOMES[:1]:
            if noise is not None:
                f.noise = noise.at(outcome).applied
            after.append(method.advance(self._clock(self.k), state, f))
            goal = self._goal(method, f, state, after[-1])
            mask = _given(goal, mask)
            found.append(comparisons(goal))
            clock = self._clock(self.k + 1) if self.claim.theorem.indexed else None
            self._compare([Comparison(f"hint[{i}]", a, b, None) for i, (a, b) in enumerate(goal.lemmas)], mask)
            kept = () if goal.invariant is None else goal.invariant(after[-1], clock)
            self._compare([Comparison(f"kept[{i}]", a, b, None) for i, (a, b) in enumerate(kept)], mask)
        self._compare([_mean(each) for each in zip(*found, strict=True)], mask)
        if len(after) == 1:
            return after[0]
        first = torch.rand(mask.shape, dtype=torch.float64, generator=self.generator) < 0.5
        return mixed(first, *after)

    def _goal(self, method: Method, f: Any, before: Any, after: Any) -> Goal:
        indexed = self.claim.theorem.indexed
        index = {"k": self._clock(self.k), "m": self._clock(self.steps - self.k - 1)} if indexed else {}
        return self.claim.theorem.goal(method, f, before, after, **index)

    def _clock(self, k: int) -> Any:
        return rows(torch.full(self.stage.valid.shape, float(k), dtype=torch.float64))

    def _noise(self, gradient: Any, generator: torch.Generator | None = None) -> Noise:
        constants, generator = {"M": self.stage.bound}, generator or self.generator
        return drawn(BoundedSamples, plain(gradient), constants, self.stage.f.function.constants, generator)

    def _compare(self, found: Sequence[Comparison], mask: Tensor) -> None:
        """All of one kind at once: one tensor of left sides, one of right sides, one of sizes."""
        if not found:
            return
        left, right = ([_number(v) for v in side] for side in zip(*((c.lhs, c.rhs) for c in found), strict=True))
        sizes = [
            a.abs() + b.abs() if c.size is None else _number(c.size) for c, a, b in zip(found, left, right, strict=True)
        ]
        wide = torch.broadcast_tensors(*left, *right, *sizes, mask)[:-1]
        lhs, rhs, size = torch.stack(wide).unflatten(0, (3, len(found)))
        good = mask & lhs.isfinite() & rhs.isfinite() & size.isfinite()
        roles, terms = tuple(c.role for c in found), size.where(good, 0.0).abs()
        self.largest[roles] = largest = torch.maximum(self.largest.get(roles, terms), terms)
        rounding = ROUNDING * (1 + largest)
        broken = (good & (lhs - rhs > MARGIN * size + rounding)).any(-1, keepdim=True)
        if bool(broken.any()) and self.worst is None:
            first, row = map(int, broken.flatten(1).nonzero()[0])
            self.worst = self._record(roles[first], row, lhs[first], rhs[first])
        self.violated = self.violated | broken.any(0)
        if "step" in roles:
            i = roles.index("step")
            here = (lhs[i] / rhs[i]).where(good[i] & (rhs[i] > SIGNIFICANT * size[i] + rounding[i]), -torch.inf)
            self.ratios[self.k] = here.max()
            self.compared = self.compared | good[i].any(-1, keepdim=True)
            self.checked += int(good[i].any(-1).sum())

    def _record(self, role: str, row: int, lhs: Tensor, rhs: Tensor) -> Mapping[str, Any]:
        """What is needed to look at a violation again."""
        return {
            "family": self.family,
            "role": role,
            "step": self.k,
            "parameters": {n: float(v[row]) for n, v in self.values.items()},
            "start": self.stage.start[row].tolist(),
            "lhs": lhs[row % len(lhs)].tolist(),
            "rhs": rhs[row % len(rhs)].tolist(),
        }

    def _parameters(self) -> dict[str, Tensor]:
        """Random numbers (B, 1) for all names: those the theorem is confined to, and tied ones, as they are."""
        stage, declared = self.stage, self.claim.method.parameters()
        chosen: dict[str, Tensor] = dict(stage.constants)
        confined = dict(self.claim.theorem.at)
        for name in self.claim.free:
            if name in chosen:
                continue
            meaning = declared[name].meaning if name in declared else ""
            like = torch.ones_like(stage.bound)
            if name in confined:
                chosen[name] = like * float(confined[name])
            elif isinstance(declared.get(name), Share):
                chosen[name] = 1 - _scaled(like, (-3, -0.05), self.generator)
            elif name == "D" and "G" in stage.constants:
                chosen[name] = stage.distance
            else:
                chosen[name] = self._sized(meaning, like)
        return chosen | _tied(self.claim, chosen, stage.bound)

    def _sized(self, meaning: str, like: Tensor) -> Tensor:
        units = {"step": self.stage.distance, "under": self.stage.bound**2, "beside": self.stage.bound}
        for word, unit in units.items():
            if word in meaning:
                return _scaled(unit, DECADES[word], self.generator)
        return _scaled(like, OTHERS, self.generator)


def _number(value: Any) -> Tensor:
    return plain(torch.as_tensor(number(value), dtype=torch.float64))


def _given(goal: Goal, mask: Tensor) -> Tensor:
    """The rows of the mask in which the goal's conditions hold."""
    for condition in goal.given:
        truth = plain(torch.as_tensor(number(condition)))
        truth = truth if truth.dtype == torch.bool else truth >= 0
        mask = mask & (truth.all(1, keepdim=True) if truth.ndim == 2 else truth)
    return mask


def _mean(each: Sequence[Comparison]) -> Comparison:
    """The same inequality in the mean over outcomes."""
    count = len(each)
    lhs, rhs, size = (sum(getattr(c, n) for c in each) / count for n in ("lhs", "rhs", "size"))
    return replace(each[0], lhs=lhs, rhs=rhs, size=size)


def _tied(claim: Claim, chosen: Mapping[str, Tensor], like: Tensor) -> dict[str, Tensor]:
    """Tied names, (B, 1)."""
    known = chosen.keys()
    found = {n: evaluate(s, chosen) for n, s in claim.values.items() if s.variables <= known}
    return {n: torch.as_tensor(v, dtype=like.dtype).expand_as(like) for n, v in found.items()}


def _scaled(unit: Tensor, decades: tuple[float, float], generator: torch.Generator) -> Tensor:
    low, high = decades
    spread = torch.rand(unit.shape, dtype=torch.float64, generator=generator)
    return unit * 10 ** (low + (high - low) * spread)
