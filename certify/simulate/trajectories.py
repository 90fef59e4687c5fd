"""Thousands of runs of a declared method on random functions, every step compared with the theorem.

Nothing here knows the proof: the declaration's own `step` and `goal` run on batches of float64
tensors. A violation on a proved theorem means that Certify contradicts itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor

from certify.geometry import named
from certify.language import Assumption, Goal, Method, Scalar, Theorem
from certify.language import norm as norm_of
from certify.simulate import draws
from certify.simulate.claims import Claim, Comparison, Goals, NothingClaimed, comparisons
from certify.simulate.draws import Batch
from certify.simulate.evaluate import evaluate
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.noise import OUTCOMES, drawn, is_noise
from certify.simulate.normed import TensorSpace
from certify.simulate.recorded import Recorded
from certify.simulate.rows import lifted, plain, rows

MARGIN = 1e-9
SIGNIFICANT = 1e-3  # a ratio lhs/rhs counts where rhs exceeds this part of the terms it is made of
REDRAWS = 3
GPU_RUNS = 50_000  # with fewer runs a GPU only waits for the next kernel


@dataclass(frozen=True)
class Trajectories:
    """How runs compare with a theorem.

    - `runs`: runs in which something could be compared; each has at most `steps` steps;
    - `checked`: step inequalities compared, on all runs together;
    - `violations`: runs in which some inequality lhs ≤ rhs of the theorem (the step's, a support or
      an end) fails by more than `margin` times the sum of the magnitudes of its terms;
    - `worst_ratio`: the largest lhs/rhs of the step inequality, None if rhs was never significant;
    - `by_step`: the largest lhs/rhs at each step of the runs, None where rhs was never significant;
    - `families`: the families of functions that were tried;
    - `worst`: everything needed to replay the worst violation or, if there is none, the step with
      the worst ratio.
    """

    runs: int
    steps: int
    checked: int
    violations: int
    worst_ratio: float | None
    margin: float
    device: str
    families: tuple[str, ...]
    worst: Mapping[str, Any] | None
    by_step: tuple[float | None, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """JSON data; `worst` is included if it is a violation."""
        data = asdict(self) | {"families": list(self.families), "by_step": list(self.by_step)}
        return data if self.violations else data | {"worst": None}


def run(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    goals: Goals,
    values: Mapping[str, Scalar] | None = None,
    *,
    runs: int = 3000,
    steps: int = 10,
    seed: int = 0,
    norm: str = "euclidean",
    device: str | None = None,
) -> Trajectories | None:
    """Run the method on functions that satisfy all the assumptions and compare every step.

    **Arguments**: `goals`, the cases of a theorem with a derived number (`Proved.goals()`);
    `values`, parameters tied to formulas, such as γ = 1/L; all other parameters are drawn at
    random, over several orders of magnitude, within the theorem's conditions; `norm`, the name of
    the norm in which balls, distances and the constants of the class are meant.

    **Returns**: the comparison, the same for the same seed and device; None if no family of test
    functions satisfies the assumptions and offers the oracles, or no goal has the derived number.
    """
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, tuple(goals), values or {})
    steps = max(steps, theorem.steps)
    if device is None:
        device = "cuda" if runs >= GPU_RUNS and torch.cuda.is_available() else "cpu"
    generator = torch.Generator(device).manual_seed(seed)
    outcomes = []
    space = None if norm == "euclidean" else TensorSpace(named(norm))
    for batch in draws.batches(claim, runs=runs, generator=generator, space=space):
        try:
            outcomes.append(_Run(claim, batch, steps, generator).outcome())
        except UnsupportedOracle:
            continue
        except NothingClaimed:
            return None
    if not outcomes:
        return None
    violations = sum(o.violations for o in outcomes)
    worst = max(outcomes, key=lambda o: o.excess if violations else o.ratio)
    ratio = max(o.ratio for o in outcomes)
    return Trajectories(
        runs=sum(o.runs for o in outcomes),
        steps=steps,
        checked=sum(o.checked for o in outcomes),
        violations=violations,
        worst_ratio=ratio if ratio > -torch.inf else None,
        margin=MARGIN,
        device=device,
        families=tuple(dict.fromkeys(o.family for o in outcomes)),
        worst=worst.violation if violations else worst.closest,
        by_step=tuple(_finite(max(each)) for each in zip(*(o.by_step for o in outcomes), strict=False)),
    )


def _finite(ratio: float) -> float | None:
    return ratio if abs(ratio) < torch.inf else None


@dataclass(frozen=True)
class _Outcome:
    """What one batch contributes."""

    family: str
    runs: int
    checked: int
    violations: int
    excess: float
    ratio: float
    violation: Mapping[str, Any] | None
    closest: Mapping[str, Any] | None
    by_step: tuple[float, ...]


class _Run:
    """One batch under one claim, with parameters for which the first step is within the theorem."""

    def __init__(self, claim: Claim, batch: Batch, steps: int, generator: torch.Generator) -> None:
        self.claim, self.batch, self.steps, self.generator = claim, batch, steps, generator
        self.kinds = [a for a in claim.assumptions if is_noise(a)]
        self.outcomes: list[Tensor] = []
        self._choose(draws.parameters(claim, batch, generator))
        for _ in range(REDRAWS):
            accepted = self._first_step()
            if bool(accepted.all()):
                break
            again = draws.parameters(claim, batch, generator)
            self._choose({n: v.where(accepted, again[n]) for n, v in self.values.items()})

    def _choose(self, values: dict[str, Tensor]) -> None:
        self.values = {n: rows(v) for n, v in values.items()}
        self.valid = self.batch.valid
        for inside in self.claim.domain(values):
            self.valid = self.valid & inside

    def outcome(self) -> _Outcome:
        """Run all steps and compare at every one."""
        self._restart()
        found: list[tuple[Comparison, Tensor]] = []
        for step in range(self.steps):
            self._advance()
            if step + 1 >= self.claim.theorem.steps:
                goal, mask = self._goal()
                found += [(c, mask) for c in (self._mean() if self.kinds else comparisons(goal))]
        return self._judged(found)

    def _first_step(self) -> Tensor:
        """The rows in which the theorem speaks about the start."""
        self._restart()
        for _ in range(self.claim.theorem.steps):
            self._advance()
        return self._goal()[1]

    def _restart(self) -> None:
        self.f = Recorded(self.batch.function, {n: self.values[n] for n in self.claim.constants})
        self.method = self.claim.bound(self.values)
        self.points = [lifted(self.batch.start)]
        self.masks: list[Tensor] = []
        self.used: list[Mapping[str, Tensor]] = []

    def _advance(self) -> None:
        self._vary()
        if self.kinds:
            self._draw()
            return
        mark = self.f.calls
        self.points.append(self.method.advance(self.values.get("k"), self.points[-1], self.f))
        self.masks.append(self.valid & self.f.active(mark))

    def _vary(self) -> None:
        """Other numbers, up to tenfold, for the parameters that may change in every step."""
        if changing := [s for s in self.claim.method().changing() if s not in self.claim.values]:
            like = plain(self.values[changing[0]])
            unit = torch.rand(like.shape, dtype=like.dtype, device=like.device, generator=self.generator)
            self.values = self.values | {s: rows(plain(self.values[s]) * 10 ** (2 * unit - 1)) for s in changing}
            self.method = self.claim.bound(self.values)
        self.used.append(self.values)

    def _draw(self) -> None:
        """Both outcomes of a step, and one of them at random in each row."""
        x, own = self.points[-1], self.batch.function.constants
        noise = drawn(self.kinds[0], self.f.subgradient(x), self.values, own, self.generator)
        mark, self.outcomes = self.f.calls, []
        for outcome in OUTCOMES:
            self.f.noise, self.f.sampled = noise.at(outcome).applied, []
            self.outcomes.append(self.method.advance(self.values.get("k"), x, self.f))
            if not (len(self.f.sampled) == 1 and self.f.sampled[0] is x):
                raise UnsupportedOracle("two outcomes are those of one sample, drawn at the iterate")
        first = torch.rand(noise.possible.shape, device=noise.possible.device, generator=self.generator) < 0.5
        self.points.append(self.outcomes[0].where(first, self.outcomes[1]))
        self.masks.append(self.valid & noise.possible & self.f.active(mark))

    def _mean(self) -> list[Comparison]:
        """What the theorem says in the mean over both outcomes of the last step."""
        goals = [self.claim.goal(self.method, self.f, (self.points[-2], y), self.values) for y in self.outcomes]
        if goals[0].unknown:
            number, _ = self._derived()
            goals = [g.solved(number) for g in goals]
        both = zip(*(comparisons(g) for g in goals), strict=True)
        return [Comparison(a.role, (a.lhs + b.lhs) / 2, (a.rhs + b.rhs) / 2, (a.size + b.size) / 2) for a, b in both]

    def _goal(self) -> tuple[Goal, Tensor]:
        """The goal of the last steps, and the rows in which the theorem speaks about them."""
        window = self.claim.theorem.steps
        points = self.points[-window - 1 :]
        goal = self.claim.goal(self.method, self.f, points, self.values)
        mask = draws.resolved(self.batch, points[0], self.f.value(points[0]))
        if draws.bounded(self.claim):  # the run is one of the restricted function as long as it stays inside
            for x in points:
                mask = mask & (norm_of(x - self.f.minimizer) <= self.values["D"])
        for condition in (*self.masks[-window:], *goal.given):
            truth = torch.as_tensor(condition, device=mask.device)
            mask = mask & (truth if truth.dtype == torch.bool else truth >= 0)
        if goal.unknown:
            number, covered = self._derived()
            goal, mask = goal.solved(number), mask & covered
        return goal, mask

    def _derived(self) -> tuple[Tensor, Tensor]:
        """The derived number by the first case whose conditions hold, and where there is one."""
        number = torch.full_like(self.batch.distance, torch.nan)
        covered = torch.zeros_like(self.batch.valid)
        for conditions, scalar in self.claim.derived():
            here = ~covered
            for condition in conditions:
                here = here & (evaluate(condition, self.values) >= 0)
            number = torch.where(here, evaluate(scalar, self.values), number)
            covered |= here
        return number, covered

    def _judged(self, found: list[tuple[Comparison, Tensor]]) -> _Outcome:
        lhs = torch.stack([self._column(c.lhs) for c, _ in found])
        rhs = torch.stack([self._column(c.rhs) for c, _ in found])
        size = torch.stack([self._column(c.size) for c, _ in found])
        mask = torch.stack([m for _, m in found])
        mask &= lhs.isfinite() & rhs.isfinite() & size.isfinite()
        excess = ((lhs - rhs) / size.clamp_min(1e-300)).where(mask, -torch.inf)
        steps = torch.tensor([c.role == "step" for c, _ in found], device=mask.device)
        counts = mask & steps[:, None, None]
        ratio = (lhs / rhs).where(counts & (rhs > SIGNIFICANT * size), -torch.inf)

        def record(where: Tensor) -> dict[str, Any]:
            index, row = divmod(int(where.argmax()), where.shape[1])
            values = {"lhs": lhs, "rhs": rhs, "excess": excess}
            numbers = {n: float(v[index, row]) for n, v in values.items()}
            window = int(steps[: index + 1].sum()) - 1
            return self._record(row, window) | {"role": found[index][0].role} | numbers

        violated = excess > MARGIN
        return _Outcome(
            family=self.batch.function.name,
            runs=int(mask.any(0).sum()),
            checked=int(counts.sum()),
            violations=int(violated.any(0).sum()),
            excess=float(excess.max()),
            ratio=float(ratio.max()),
            violation=record(excess) if bool(violated.any()) else None,
            closest=record(ratio) if bool((ratio > -torch.inf).any()) else None,
            by_step=tuple(ratio[steps].flatten(1).amax(1).tolist()),
        )

    def _record(self, row: int, step: int) -> dict[str, Any]:
        """A run as data: the function, all parameters, the start and the points of one step."""
        function = self.batch.function
        last = step + self.claim.theorem.steps
        return {
            "family": function.name,
            "function": {n: v[row].tolist() for n, v in function.parameters.items()},
            "parameters": {n: float(v[row]) for n, v in self.used[last - 1].items()},
            "start": self.points[0][row].tolist(),
            "step": step,
            "points": [x[row].tolist() for x in self.points[step : last + 1]],
        }

    def _column(self, value: Any) -> Tensor:
        like = self.batch.distance
        return torch.as_tensor(value, dtype=like.dtype, device=like.device).expand_as(like)
