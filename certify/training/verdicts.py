"""From what was observed to PASS, WARN, FAIL or INCONCLUSIVE, each with its reason and the change to make.

The thresholds are measured, see docs/training.md: over pairs of model and optimiser the best lr of a sweep hardly ever
fails and 8 times that never passes. Nothing here is a theorem about the run.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from certify.training.probes import Probe
from certify.training.trajectory import Plan, Trajectory, cleared, seems_to_train, spread, tail

RHO_WEIGHT = 0.75
"""Weight of 1 − ρ beside what was lost to the shadow, see `Signals.strain`."""
STRAIN_PASS, STRAIN_FAIL = -0.11, 0.6
"""PASS below the first, where calibration pairs leave a gap; FAIL above the second unless longer runs say otherwise."""
LOST_FAIL = 0.1
"""A run that is not behind its shadow by more than this part of the progress does not FAIL for its strain."""
RHO_FAIL, LOST_LEVEL = 0.05, -0.15
"""FAIL if steps bring less than this part of the promised decrease, unless the run is clearly ahead of its shadow."""
U_LAYER, U_STANDS_OUT = 1.5, 1.5
"""Relative change of one layer's gradient over one step, second half: WARN above, if also this times the typical."""
ROSE = 0.2
"""FAIL if the loss rose by this part of itself, beyond 4 standard errors."""
SPIKE_FAIL = 0.4
"""FAIL if the loss rose by this part of itself at some step and did not come below its start again."""
SPIKE_NOISE = 6.0
"""Standard deviations of single losses, the shadow's if smaller, that such a jump must exceed."""
GROWING = (3.0, 2.0)
"""WARN if u grew by more than the first from one window to the next, beyond the second (on a quadratic: divergence)."""
REPEAT = 0.05
"""Two replays at one point may differ by this part of the change that is measured."""
FEWEST = 6
"""Probes below which nothing is concluded."""
QUARTER_TOLD = "use lr/4 or find the largest lr that keeps up with its own quarter"


class Verdict(Enum):
    """The four answers, with the exit code of each."""

    PASS = "PASS"  # noqa: S105 - not a password
    WARN = "WARN"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"

    @property
    def exit_code(self) -> int:
        """0, 1 for WARN and FAIL, 3."""
        return {"PASS": 0, "INCONCLUSIVE": 3}.get(self.value, 1)


@dataclass(frozen=True)
class Judgement:
    """A verdict with one sentence why and one what to change."""

    verdict: Verdict
    reason: str
    change: str = ""


@dataclass(frozen=True)
class Signals:
    """What the verdict rests on, in numbers; windows are the first and second half of the probes.

    `lost`: how far the run is behind its shadow at lr/4, as a part of the better one's progress (negative: ahead);
    progress is counted in log loss if the loss is positive, so that a run that has nearly fitted still counts.
    `cleared`: the fall of the loss over 4 standard deviations of single losses. Of several takes: see `together`.
    """

    u: tuple[float, float]
    u_quarter: tuple[float, float]
    rho: tuple[float, float]
    rho_quarter: tuple[float, float]
    rho_all: float
    u_all: float
    lost: float
    lost_error: float
    rose: float
    rose_error: float
    spike: float
    repeat: float
    cleared: float
    start: float = math.nan
    end: float = math.nan
    shadow_end: float = math.nan
    takes: int = 1
    finite: bool = True
    enough: bool = True
    moved: bool = True
    seems: bool = False
    trains: bool = False
    risen: bool = False
    jumped: bool = False

    @property
    def left_plateau(self) -> bool:
        """Whether the loss has fallen by more than 4 standard deviations of single losses."""
        return self.cleared > 1

    @property
    def strain(self) -> float:
        """lost + ¾ (1 − ρ): what lr costs against lr/4, and how much of the linear decrease a step misses."""
        return self.lost + RHO_WEIGHT * (1 - min(1.0, self.rho_all))

    @property
    def drift(self) -> float:
        """u in the second window over the first."""
        return self.u[1] / self.u[0] if self.u[0] else math.inf


def signals(seen: Trajectory, plan: Plan) -> Signals:
    """The signals of a trajectory."""
    probes = _after_warm_up(seen, plan)
    lost, lost_error = _lost(seen)
    start = abs(seen.start) or math.nan
    finite = [loss for loss in seen.losses if math.isfinite(loss)]
    error = (spread(seen.losses) if all(map(math.isfinite, seen.losses)) else 0.0) / start
    rose = (seen.end - seen.start) / start if math.isfinite(seen.end) else math.inf
    spike = (max(finite) - seen.start) / start if finite else math.inf
    clear, seems = cleared(seen.losses, plan.plateau), seems_to_train(seen.losses, plan.plateau)
    noise = min(error, spread(seen.shadow) / start)
    return Signals(
        u=_windows(probes, lambda p: statistics.median(s.u for s in p.blocks.values())),
        u_quarter=_windows(probes, lambda p: statistics.median(s.u_quarter for s in p.blocks.values())),
        rho=_windows(probes, lambda p: p.rho),
        rho_quarter=_windows(probes, lambda p: p.rho_quarter),
        rho_all=median(p.rho for p in probes),
        u_all=median(statistics.median(s.u for s in p.blocks.values()) for p in probes),
        lost=lost,
        lost_error=lost_error,
        rose=rose,
        rose_error=error,
        spike=spike,
        repeat=max((_unrepeatable(p) for p in seen.probes), default=0.0),
        cleared=clear,
        start=seen.start,
        end=seen.end,
        shadow_end=seen.shadow_end,
        finite=seen.finite,
        enough=len(seen.probes) >= FEWEST and len(seen.shadow) >= len(seen.losses),
        moved=any(p.linear != 0 for p in seen.probes),
        seems=seems,
        trains=seems or clear > 1 or seems_to_train(seen.shadow, plan.plateau),
        risen=rose > ROSE and rose > 4 * error,
        jumped=spike > max(SPIKE_FAIL, SPIKE_NOISE * noise) and rose > -plan.plateau,
    )


def judge(seen: Trajectory, found: Signals) -> Judgement:
    """The verdict on the run as a whole; of several takes `found` holds what they say together, `seen` is the last."""
    if not found.finite:
        return _broken(seen, QUARTER_TOLD)
    if found.repeat > REPEAT:
        return Judgement(
            Verdict.INCONCLUSIVE,
            f"the gradient of the same batches does not repeat itself (off by {found.repeat:.0%} of what is measured): "
            "the loss draws data or random numbers that cannot be replayed, or computes in low precision",
            "draw batches in `data`, random numbers from torch's global generators, and probe in float32",
        )
    if found.risen:
        return Judgement(Verdict.FAIL, f"the loss rose by {found.rose:.0%}{_of(found)}", QUARTER_TOLD)
    if not found.enough:
        why = "the time budget ended" if seen.out_of_time else "too few steps were run"
        return Judgement(Verdict.INCONCLUSIVE, f"{why} before enough was seen", "raise seconds or steps")
    if not found.moved:
        return Judgement(Verdict.INCONCLUSIVE, "no update moves anything along the gradient", "is lr 0? see the audit")
    if found.trains and found.lost > LOST_FAIL and found.strain > STRAIN_FAIL:
        return Judgement(Verdict.FAIL, _compared(found), QUARTER_TOLD)
    if found.jumped:
        return Judgement(
            Verdict.FAIL,
            f"the loss jumped up by {found.spike:.0%} and did not come below its start again{_of(found)}",
            QUARTER_TOLD,
        )
    if found.rho_all < RHO_FAIL and found.lost > LOST_LEVEL:
        return Judgement(
            Verdict.FAIL,
            f"steps overshoot: the batches' own loss falls by {found.rho_all:.2f} of what its gradient promises",
            QUARTER_TOLD,
        )
    if not found.left_plateau and not (found.seems and found.strain > STRAIN_PASS):
        return Judgement(
            Verdict.INCONCLUSIVE,
            f"the loss has not left its first plateau ({found.start:.4g} → {found.end:.4g}), where all steps look safe",
            "run more steps, start from a later checkpoint, or raise lr",
        )
    return _near(found)


def _broken(seen: Trajectory, change: str) -> Judgement:
    """Something is not a number: by the first loss lr cannot be blamed for it."""
    if not math.isfinite(seen.start):
        return Judgement(Verdict.FAIL, "the loss is not a number before anything is updated", "look at data and model")
    return Judgement(Verdict.FAIL, f"loss or update is not a number at step {len(seen.losses) - 1}", change)


def _near(found: Signals) -> Judgement:
    """WARN or PASS, for a run that trains."""
    reasons = []
    if not found.strain < STRAIN_PASS:
        reasons.append(_compared(found))
    elif too_noisy(found):
        reasons.append(f"the batches are too noisy to tell lr from lr/4 ({_compared(found)})")
    if found.drift > GROWING[0] and found.u[1] > GROWING[1]:
        reasons.append(f"the gradient's change within one step grew {found.drift:.1f}-fold during the run")
    if reasons:
        return Judgement(Verdict.WARN, "; ".join(reasons), "lr/2 leaves a margin; do not go higher")
    return Judgement(Verdict.PASS, _compared(found))


def too_noisy(found: Signals) -> bool:
    """Whether a strain below 0 may be chance."""
    return found.strain + 2 * found.lost_error > 0


def _compared(found: Signals) -> str:
    return (
        f"a step brings {found.rho_all:.2f} of the decrease that the gradient promises, and on the same batches lr/4 "
        f"ended at loss {found.shadow_end:.4g}, this lr at {found.end:.4g}{_of(found)}"
    )


def _of(found: Signals) -> str:
    return f" (mean of {found.takes} takes)" if found.takes > 1 else ""


def _after_warm_up(seen: Trajectory, plan: Plan) -> list[Probe]:
    if not seen.warmed:
        return seen.probes
    return [p for p in seen.probes if p.index >= plan.steps // 4] or seen.probes


def _windows(probes: Sequence[Probe], value: Callable[[Probe], float]) -> tuple[float, float]:
    values = [value(p) for p in probes]
    values = [v for v in values if v == v]
    if not values:
        return math.nan, math.nan
    half = max(1, len(values) // 2)
    return statistics.median(values[:half]), statistics.median(values[half:] or values)


def median(values: Iterable[float]) -> float:
    """The median of those that are numbers."""
    known = [v for v in values if v == v]
    return statistics.median(known) if known else math.nan


def _lost(seen: Trajectory) -> tuple[float, float]:
    """`Signals.lost` and its standard error from paired batches."""
    a, b, start = seen.end, seen.shadow_end, seen.start
    gaps = [x - y for x, y in zip(tail(seen.losses), tail(seen.shadow), strict=False)]
    best = min(a, b)
    if len(gaps) < 3 or not all(map(math.isfinite, (a, b, start, *gaps))) or not best < start:
        return 0.0, 0.0
    error = statistics.stdev(gaps) / math.sqrt(len(gaps))
    if best > 0:
        progress = math.log(start / best)
        return math.log(a / b) / progress, 2 * error / (a + b) / progress
    return (a - b) / (start - best), error / (start - best)


def _unrepeatable(p: Probe) -> float:
    """The difference of two replays at x as a part of the change of the gradient that the probe measures."""
    if not p.repeat:
        return 0.0
    change = statistics.median(s.full / s.gradient if s.gradient else 0.0 for s in p.blocks.values())
    return p.repeat / max(change, 1e-3)
