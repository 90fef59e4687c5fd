"""Longer runs: does what a step that is too long has spoilt stay spoilt?

The first steps of a run may explode, or only overshoot, and the run overtake its quarter long after. So before a run
that stays finite is told to FAIL, run and shadow are run for four times the steps, without probes.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from certify.training.probes import QUARTER
from certify.training.session import Session
from certify.training.trajectory import Order, Plan, Progress, Ramp, Trajectory, begin, drawn_by, quarter_rates
from certify.training.verdicts import QUARTER_TOLD, Judgement, Signals, Verdict

TIMES = 4
"""How many times the steps of a round."""
MOST = 4
"""Pairs of longer runs at most."""
BEHIND = 0.44
"""FAIL if the longer run is behind its shadow by more than this part of the better one's progress."""
CLEARLY = 0.6
"""Behind by more than this of what lr/4 reached in a quarter of the steps, more steps of it are not needed."""
TRAINS = 0.05
"""A run recovers only if its loss falls by this part of it."""
ERROR = 0.15
"""The standard deviation of `Longer.behind` that is expected of one pair of runs."""


@dataclass(frozen=True)
class Longer:
    """The losses of a longer run and of its shadow."""

    losses: tuple[float, ...]
    shadow: tuple[float, ...]

    @property
    def finite(self) -> bool:
        """Whether the run at lr is."""
        return all(map(math.isfinite, self.losses))

    @property
    def trains(self) -> bool:
        """Whether the run ends below its start by a twentieth of it."""
        return self.end < self.losses[0] - TRAINS * abs(self.losses[0])

    @property
    def end(self) -> float:
        """Mean loss of the last quarter at lr."""
        return _end(self.losses)

    @property
    def shadow_end(self) -> float:
        """The same at lr/4."""
        return _end(self.shadow)

    @property
    def behind(self) -> float:
        """How far the run ends behind its shadow, in parts of the better one's progress, cut to [−1, 1]."""
        a, b, start = self.end, self.shadow_end, self.losses[0]
        if not self.finite:
            return 1.0
        if not all(map(math.isfinite, self.shadow)):
            return 0.0
        best = min(a, b)
        if best >= start:
            return max(-1.0, min(1.0, (a - b) / abs(start))) if start else 0.0
        if best > 0:
            return max(-1.0, min(1.0, math.log(a / b) / math.log(start / best)))
        if start > 0 and best == 0:
            return float(a > 0) - float(b > 0)
        return max(-1.0, min(1.0, (a - b) / (start - best)))


def _end(losses: Sequence[float]) -> float:
    return statistics.fmean(losses[-max(3, len(losses) // 4) :])


def behind(found: Sequence[Longer]) -> float:
    """The mean over the pairs of runs."""
    return statistics.fmean(one.behind for one in found)


def run_on(
    session: Session,
    takes: Sequence[Trajectory],
    plan: Plan,
    short: Verdict,
    seconds: float,
    progress: Progress | None = None,
) -> list[Longer]:
    """Longer runs from the starts of the takes, as many as are needed and `seconds` allow, perhaps none."""
    start = time.monotonic()
    step = sum(seen.step_seconds for seen in takes) / max(1, sum(len(seen.losses) for seen in takes))
    found: list[Longer] = []
    while len(found) < MOST and (not found or undecided(found, short)):
        spent = time.monotonic() - start
        if spent + (spent / len(found) if found else 2 * TIMES * plan.steps * step) > seconds:
            break
        found.append(_longer(session, len(found), takes, plan, progress))
    return found


def undecided(found: Sequence[Longer], short: Verdict) -> bool:
    """Whether their mean is near the threshold, for the noise of one and the number there are, or a single one would
    change WARN to FAIL or FAIL to WARN."""
    values = [one.behind for one in found]
    if len(found) == 1 and (values[0] > BEHIND) is not (short is Verdict.FAIL):
        return True
    error = max(ERROR, statistics.stdev(values) if len(values) > 1 else 0.0) / math.sqrt(len(values))
    return abs(statistics.fmean(values) - BEHIND) < 2 * error


def _longer(
    session: Session, number: int, takes: Sequence[Trajectory], plan: Plan, progress: Progress | None
) -> Longer:
    """The run; the shadow too unless the run is clearly behind what a take's shadow reached in fewer steps."""
    drawn = drawn_by(takes, plan) + (number - 1) * TIMES * plan.steps if number else 0
    order = Order(number, drawn, plan.steps)
    shuffled = number > 0 and takes[-1].shuffled
    run = _losses(session, order, shuffled, 1.0, plan, progress)
    early = Longer(run, tuple(takes[min(number, len(takes) - 1)].shadow))
    if early.behind > CLEARLY:
        return early
    return Longer(run, _losses(session, order, shuffled, QUARTER, plan, progress))


def _losses(
    session: Session, order: Order, shuffled: bool, scale: float, plan: Plan, progress: Progress | None
) -> tuple[float, ...]:
    count, losses = TIMES * plan.steps, []
    with session.open():
        begin(session, order, shuffled)
        ramp = Ramp(session.setup, plan.steps // 4, scale)
        if scale != 1:
            quarter_rates(session)
        for index in range(count):
            if progress:
                progress(f"longer run at {'lr' if scale == 1 else 'lr/4'}", index, count)
            ramp.before(index)
            losses.append(session.update(index, look=False, group=order[index]).loss)
            if not math.isfinite(losses[-1]):
                break
    return tuple(losses)


def may_change(found: Signals, verdict: Verdict) -> bool:
    """Whether longer runs are to decide: the run trains, or was about to FAIL, and everything is a number."""
    return found.finite and found.enough and found.moved and verdict in (Verdict.WARN, Verdict.FAIL)


def after_longer(short: Judgement, longer: Sequence[Longer]) -> Judgement:
    """FAIL if the damage lasts, WARN if the run catches up with its quarter after all."""
    steps = max(len(one.losses) for one in longer)
    if any(not one.finite for one in longer):
        return Judgement(Verdict.FAIL, f"the loss is not a number within {steps} steps; {short.reason}", QUARTER_TOLD)
    end = statistics.fmean(one.end for one in longer)
    quarter, count = statistics.fmean(one.shadow_end for one in longer), min(len(one.shadow) for one in longer)
    told = f"after {steps} steps it is at loss {end:.4g}, lr/4 at {quarter:.4g}" + (
        f" after {count}" if count < steps else ""
    )
    if short.verdict is Verdict.FAIL and 2 * sum(one.trains for one in longer) <= len(longer):
        return Judgement(Verdict.FAIL, f"{short.reason}; nor later: {told}", short.change)
    if behind(longer) > BEHIND:
        return Judgement(Verdict.FAIL, f"lr/4 stays ahead: {told}; {short.reason}", QUARTER_TOLD)
    if short.verdict is Verdict.FAIL:
        return Judgement(Verdict.WARN, f"the first steps are too long, but the run recovers: {told}; {short.reason}",
                         short.change)  # fmt: skip
    return Judgement(Verdict.WARN, f"{short.reason}; {told}", short.change)
