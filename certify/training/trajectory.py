"""A short real trajectory with probes at frozen points of it, and the same batches again at a quarter of the step.

The second run (the *shadow*) starts from the same state with every lr divided by 4. What it reaches is not theory but
what the user would have got: a step that is too long loses to it.
"""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from certify.training.probes import QUARTER, Block, Probe, probe
from certify.training.rates import groups, peak, rate, set_rate
from certify.training.session import Session
from certify.training.setup import Setup

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Plan:
    """How much is run: `steps` updates a round, `probes` of them probed, at most `rounds` rounds, `seconds` in all."""

    steps: int = 40
    probes: int = 40
    rounds: int = 3
    seconds: float = 300.0
    plateau: float = 0.05

    def is_probed(self, index: int) -> bool:
        """Whether update `index` is: evenly spaced, the last of a round among them."""
        probes = min(self.probes, self.steps)
        return (index + 1) * probes // self.steps > index * probes // self.steps


@dataclass
class Trajectory:
    """What was observed. `shadow` is empty if it was not run; `warmed` if lr was raised to the peak of a schedule."""

    losses: list[float] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    shadow: list[float] = field(default_factory=list)
    finite: bool = True
    out_of_time: bool = False
    warmed: bool = False
    step_seconds: float = 0.0
    probe_seconds: float = 0.0
    seconds: float = 0.0

    @property
    def replays(self) -> int:
        """Forward and backward passes of all probes."""
        return sum(p.replays for p in self.probes)

    @property
    def start(self) -> float:
        """The loss before anything was updated (a mean of the first few would hide an explosion)."""
        return self.losses[0] if self.losses else math.nan

    @property
    def end(self) -> float:
        """The mean loss of the last third."""
        return statistics.fmean(tail(self.losses)) if self.losses else math.nan

    @property
    def shadow_end(self) -> float:
        """The mean loss of the last third of the shadow run."""
        return statistics.fmean(tail(self.shadow)) if self.shadow else math.nan


def tail(losses: Sequence[float]) -> Sequence[float]:
    """The last third: where a run is compared with its start and with its shadow."""
    return losses[-max(3, len(losses) // 3) :]


def left_plateau(losses: Sequence[float], part: float) -> bool:
    """Whether the loss has fallen by `part` of itself, and by 4 standard deviations of single losses, since step 0."""
    return _fallen(losses, part) > 4 * spread(losses)


def seems_to_train(losses: Sequence[float], part: float) -> bool:
    """The same with 3 typical deviations, which rare bad batches do not raise: enough for a warning, not for a PASS."""
    steps = [abs(b - a) for a, b in itertools.pairwise(tail(losses))]
    typical = 1.4826 * statistics.median(steps) / math.sqrt(2) if steps else 0.0  # if single losses are normal
    return _fallen(losses, part) > 3 * min(typical, spread(losses))


def _fallen(losses: Sequence[float], part: float) -> float:
    """How far the loss has fallen, nothing if by less than `part` of itself."""
    if len(losses) < 8 or not all(math.isfinite(loss) for loss in losses):
        return 0.0
    fall = losses[0] - statistics.fmean(tail(losses))
    return fall if fall > part * abs(losses[0]) else 0.0


def spread(losses: Sequence[float]) -> float:
    """The standard deviation of single losses around their trend in the last third: batch noise."""
    last = tail(losses)
    steps = [b - a for a, b in itertools.pairwise(last)]
    return math.sqrt(statistics.fmean(step**2 for step in steps) / 2) if steps else 0.0


def observe(setup: Setup, blocks: Sequence[Block], plan: Plan, progress: Progress | None = None) -> Trajectory:
    """Run trajectory, probes and shadow; the set-up ends as it began."""
    session = Session(setup)
    seen = Trajectory()
    start = time.monotonic()
    with session.open():
        ramp = Ramp(setup, plan.steps // 4)
        seen.warmed = ramp.needed
        if ramp.needed:
            session = Session(replace(setup, schedulers=()))
        _run(session, ramp, blocks, plan, seen, start, progress)
    if seen.finite and not seen.out_of_time:
        with session.open():
            _shadow(session, Ramp(setup, plan.steps // 4, QUARTER), plan, seen, start, progress)
    seen.seconds = time.monotonic() - start
    return seen


class Ramp:
    """A warm-up in short: if a schedule has only begun, lr climbs to its peak within `steps` updates and stays there.

    What is to be judged is the peak. Without such a schedule rates are left to the optimisers and schedulers.
    """

    def __init__(self, setup: Setup, steps: int, scale: float = 1.0) -> None:
        found = [group for _, _, group in groups(setup.optimizers)]
        self.needed = any(rate(group) < peak(group) for group in found)
        self._peaks = [(group, scale * peak(group)) for group in found]
        self._steps = max(1, steps)

    def before(self, index: int) -> None:
        """Set the rates of update `index`."""
        if self.needed:
            for group, top in self._peaks:
                set_rate(group, top * min(1.0, (index + 1) / self._steps))


def _run(
    session: Session,
    ramp: Ramp,
    blocks: Sequence[Block],
    plan: Plan,
    seen: Trajectory,
    start: float,
    progress: Progress | None,
) -> None:
    total = 2 * plan.steps
    for index in range(plan.steps * plan.rounds):
        if index and index % plan.steps == 0 and (_settled(seen, plan) or seen.out_of_time):
            return
        if progress:
            progress("training steps and probes", min(index, total), total)
        ramp.before(index)
        point = plan.is_probed(index)
        step = session.update(index, look=point, read=False)
        seen.losses.append(step.loss)
        seen.step_seconds += step.seconds
        if not step.finite:
            seen.finite = False
            return
        if point:
            before, number = time.perf_counter(), len(seen.probes)
            check = number in (0, plan.probes // 2)
            seen.probes.append(probe(session, step, blocks, quarter=number % 2 == 0, check=check))
            seen.probe_seconds += time.perf_counter() - before
        if time.monotonic() - start > 0.7 * plan.seconds:
            seen.out_of_time = True
            return


def _settled(seen: Trajectory, plan: Plan) -> bool:
    """Whether more steps would not change what can be said: the plateau was left, or the loss has blown up."""
    return left_plateau(seen.losses, plan.plateau) or seen.end > seen.start + 2 * abs(seen.start)


def _shadow(
    session: Session, ramp: Ramp, plan: Plan, seen: Trajectory, start: float, progress: Progress | None
) -> None:
    for _, _, group in groups(session.setup.optimizers):
        set_rate(group, QUARTER * rate(group))
        for key in ("initial_lr", "max_lr", "min_lr"):
            if isinstance(group.get(key), (int, float)):
                group[key] *= QUARTER
    for scheduler in session.setup.schedulers:
        if hasattr(scheduler, "base_lrs"):
            scheduler.base_lrs = [QUARTER * lr for lr in scheduler.base_lrs]
    for index in range(len(seen.losses)):
        if progress:
            progress("the same batches at lr/4", len(seen.losses) + index, 2 * len(seen.losses))
        ramp.before(index)
        step = session.update(index, look=False)
        seen.shadow.append(step.loss)
        if not step.finite:
            return
        if time.monotonic() - start > plan.seconds:
            seen.out_of_time = True
            return
