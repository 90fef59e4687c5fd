"""A short real trajectory with probes at frozen points of it, and the same batches again at a quarter of the step.

The second run (the *shadow*) starts from the same state with every lr divided by 4. What it reaches is not theory but
what the user would have got: a step that is too long loses to it. Both together are a *take*; more takes, on other
batches or the same in another order, are run as long as the caller cannot decide, from shuffled weights if the start
looks freshly drawn (`certify.training.starts`).
"""

from __future__ import annotations

import itertools
import math
import random
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from certify.training.probes import QUARTER, Block, Probe, probe
from certify.training.randomness import reseed
from certify.training.rates import groups, peak, rate, set_rate, warming_up
from certify.training.session import Session
from certify.training.setup import Setup
from certify.training.starts import can_shuffle, shuffle

Progress = Callable[[str, int, int], None]
KEPT = 12
"""Rounds of batches that are kept."""


@dataclass(frozen=True)
class Plan:
    """How much is run: `steps` updates a round, `probes` of them probed, at most `rounds` rounds a take and `takes`
    takes, `seconds` in all."""

    steps: int = 40
    probes: int = 40
    rounds: int = 3
    takes: int = 12
    seconds: float = 300.0
    plateau: float = 0.05

    def is_probed(self, index: int) -> bool:
        """Whether update `index` is: evenly spaced, the last of a round among them."""
        probes = min(self.probes, self.steps)
        return (index + 1) * probes // self.steps > index * probes // self.steps


@dataclass
class Trajectory:
    """What was observed. `shadow` is empty if it was not run; `warmed` if lr was raised to the peak of a schedule;
    `shuffled` if the weights it began from were."""

    losses: list[float] = field(default_factory=list)
    probes: list[Probe] = field(default_factory=list)
    shadow: list[float] = field(default_factory=list)
    finite: bool = True
    out_of_time: bool = False
    warmed: bool = False
    shuffled: bool = False
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
    return cleared(losses, part) > 1


def cleared(losses: Sequence[float], part: float) -> float:
    """By how many times 4 standard deviations of single losses it has fallen; 0 if by less than `part` of itself."""
    fallen, noise = _fallen(losses, part), 4 * spread(losses)
    return fallen / noise if noise else (math.inf if fallen else 0.0)


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


def observe(
    setup: Setup,
    blocks: Sequence[Block],
    plan: Plan,
    undecided: Callable[[Sequence[Trajectory]], bool] = lambda _: False,
    progress: Progress | None = None,
    session: Session | None = None,
) -> list[Trajectory]:
    """Run takes until they are no longer `undecided`, or there are `plan.takes`, or time is short.

    The set-up ends as it began. A take after the first that time cuts short is not among those returned.
    """
    start = time.monotonic()
    session = session_of(setup) if session is None else session
    found: list[Trajectory] = []
    shuffled = False
    while not found or (len(found) < plan.takes and undecided(found)):
        longest = max((seen.seconds for seen in found), default=0.0)
        if found and time.monotonic() - start + longest > plan.seconds:
            break
        if len(found) == 1:
            shuffled = can_shuffle(session)
        order = Order(len(found), drawn_by(found, plan), plan.steps)
        seen = _take(session, order, blocks, plan, start, progress, shuffled)
        if found and seen.out_of_time:
            break
        found.append(seen)
    return found


def session_of(setup: Setup) -> Session:
    """The session in which takes are run: a schedule that warms up is replaced by a ramp."""
    return Session(replace(setup, schedulers=()) if warming_up(setup.optimizers) else setup)


def drawn_by(takes: Sequence[Trajectory], plan: Plan) -> int:
    """How many groups of batches takes have used: whole rounds."""
    return sum(math.ceil(len(seen.losses) / plan.steps) * plan.steps for seen in takes)


@dataclass(frozen=True)
class Order:
    """Which batches a take uses: those after the first `drawn`, the first take in the order of the data.

    Later ones mix each round, so that data which begin again after a round do not give the same run again. What was
    drawn is kept: after `KEPT` rounds their batches are used again.
    """

    take: int
    drawn: int
    steps: int

    def __getitem__(self, index: int) -> int:
        """The number of the group of batches for update `index`."""
        if not self.take:
            return index
        number, place = divmod(index, self.steps)
        mixed = random.Random(1000 * self.take + number).sample(range(self.steps), self.steps)  # noqa: S311
        return (self.drawn + number * self.steps) % (KEPT * self.steps) + mixed[place]


def _take(
    session: Session,
    order: Order,
    blocks: Sequence[Block],
    plan: Plan,
    start: float,
    progress: Progress | None,
    shuffled: bool,
) -> Trajectory:
    """A run with probes, and its shadow."""
    seen = Trajectory(shuffled=shuffled)
    begun = time.monotonic()
    with session.open():
        begin(session, order, shuffled)
        ramp = Ramp(session.setup, plan.steps // 4)
        seen.warmed = ramp.needed
        _run(session, order, ramp, blocks, plan, seen, start, progress)
    if seen.finite and not seen.out_of_time:
        with session.open():
            begin(session, order, shuffled)
            _shadow(session, order, Ramp(session.setup, plan.steps // 4, QUARTER), plan, seen, start, progress)
    seen.seconds = time.monotonic() - begun
    return seen


def begin(session: Session, order: Order, shuffled: bool) -> None:
    """Put random numbers and weights to where a take begins."""
    reseed(order.take)
    if shuffled:
        shuffle(session, order.take)


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
    order: Order,
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
            progress(_told("training steps and probes", order), min(index, total), total)
        ramp.before(index)
        point = plan.is_probed(index)
        step = session.update(index, look=point, read=False, group=order[index])
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
        if time.monotonic() - start > (plan.seconds if order.take else 0.7 * plan.seconds):
            seen.out_of_time = True
            return


def _settled(seen: Trajectory, plan: Plan) -> bool:
    """Whether more steps would not change what can be said: the plateau was left, or the loss has blown up."""
    return left_plateau(seen.losses, plan.plateau) or seen.end > seen.start + 2 * abs(seen.start)


def _told(what: str, order: Order) -> str:
    return f"take {order.take + 1}: {what}" if order.take else what


def _shadow(
    session: Session,
    order: Order,
    ramp: Ramp,
    plan: Plan,
    seen: Trajectory,
    start: float,
    progress: Progress | None,
) -> None:
    quarter_rates(session)
    for index in range(len(seen.losses)):
        if progress:
            progress(_told("the same batches at lr/4", order), len(seen.losses) + index, 2 * len(seen.losses))
        ramp.before(index)
        step = session.update(index, look=False, group=order[index])
        seen.shadow.append(step.loss)
        if not step.finite:
            return
        if time.monotonic() - start > plan.seconds:
            seen.out_of_time = True
            return


def quarter_rates(session: Session) -> None:
    """Every lr, and what schedulers make of it, a quarter of itself."""
    for _, _, group in groups(session.setup.optimizers):
        set_rate(group, QUARTER * rate(group))
        for key in ("initial_lr", "max_lr", "min_lr"):
            if isinstance(group.get(key), (int, float)):
                group[key] *= QUARTER
    for scheduler in session.setup.schedulers:
        if hasattr(scheduler, "base_lrs"):
            scheduler.base_lrs = [QUARTER * lr for lr in scheduler.base_lrs]
