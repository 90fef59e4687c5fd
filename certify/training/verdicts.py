"""From what was observed to PASS, WARN, FAIL or INCONCLUSIVE, each with its reason and the change to make.

The thresholds are measured, see docs/training.md: over pairs of model and optimiser the best lr of a sweep never fails
and 8 times that never passes. Nothing here is a theorem about the run.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from certify.training.probes import Probe
from certify.training.trajectory import Plan, Trajectory, left_plateau, spread

LOST_FAIL = 0.15
"""FAIL if the run is behind its shadow at lr/4 by more than this part of the better one's progress."""
LOST_WARN = 0.08
BOTH_FAIL = (0.03, 0.5)
"""FAIL if behind the shadow by more than the first and ρ below the second: two weaker signs that agree."""
BOTH_WARN = (-0.04, 0.75)
"""WARN likewise."""
RHO_FAIL, RHO_WARN = 0.05, 0.6
"""Actual over linear decrease of the same batches' loss, median of all probes."""
U_WARN = 0.75
"""Relative change of the gradient over one step, median of layers and probes."""
U_LAYER = 1.5
"""The same for one layer alone, in the second half."""
ROSE = 0.2
"""FAIL if the loss rose by this part of itself, beyond 4 standard errors."""
SPIKE_WARN = 0.25
"""WARN if the loss rose by this part of itself at some step, even if it came back (normalisation layers forgive)."""
SPIKE_FAIL = 0.4
"""FAIL if the loss rose by this part of itself at some step and never left its plateau afterwards."""
REPEAT = 0.05
"""Two replays at one point may differ by this part of the change that is measured."""
FEWEST = 6
"""Probes below which nothing is concluded."""


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

    `lost`: how far the run is behind its shadow at lr/4, as a part of the better one's progress (negative: ahead).
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
    left_plateau: bool

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
    error = spread(seen.losses) if all(map(math.isfinite, seen.losses)) else 0.0
    return Signals(
        u=_windows(probes, lambda p: statistics.median(s.u for s in p.blocks.values())),
        u_quarter=_windows(probes, lambda p: statistics.median(s.u_quarter for s in p.blocks.values())),
        rho=_windows(probes, lambda p: p.rho),
        rho_quarter=_windows(probes, lambda p: p.rho_quarter),
        rho_all=_median(p.rho for p in probes),
        u_all=_median(statistics.median(s.u for s in p.blocks.values()) for p in probes),
        lost=lost,
        lost_error=lost_error,
        rose=(seen.end - seen.start) / start if math.isfinite(seen.end) else math.inf,
        rose_error=error / start,
        spike=(max(finite) - seen.start) / start if finite else math.inf,
        repeat=max((_unrepeatable(p) for p in seen.probes), default=0.0),
        left_plateau=left_plateau(seen.losses, plan.plateau),
    )


def judge(seen: Trajectory, found: Signals, plan: Plan) -> Judgement:
    """The verdict on the run as a whole."""
    quarter = "use lr/4 or find the largest lr that keeps up with its own quarter"
    if not seen.finite:
        return Judgement(Verdict.FAIL, f"loss or update is not a number at step {len(seen.losses) - 1}", quarter)
    if found.repeat > REPEAT:
        return Judgement(
            Verdict.INCONCLUSIVE,
            f"the gradient of the same batches does not repeat itself (off by {found.repeat:.0%} of what is measured): "
            "the loss draws data or random numbers that cannot be replayed, or computes in low precision",
            "draw batches in `data`, random numbers from torch's global generators, and probe in float32",
        )
    if found.rose > ROSE and found.rose > 4 * found.rose_error:
        return Judgement(Verdict.FAIL, f"the loss rose by {found.rose:.0%}", quarter)
    if len(seen.probes) < FEWEST or len(seen.shadow) < len(seen.losses):
        why = "the time budget ended" if seen.out_of_time else "too few steps were run"
        return Judgement(Verdict.INCONCLUSIVE, f"{why} before enough was seen", "raise seconds or steps")
    trains = found.left_plateau or left_plateau(seen.shadow, plan.plateau)
    if trains and found.lost > LOST_FAIL and found.lost > 3 * found.lost_error:
        return Judgement(
            Verdict.FAIL,
            f"on the same batches lr/4 reached loss {seen.shadow_end:.4g}, this lr {seen.end:.4g}",
            quarter,
        )
    if trains and found.lost > max(BOTH_FAIL[0], found.lost_error) and found.rho_all < BOTH_FAIL[1]:
        return Judgement(
            Verdict.FAIL,
            f"a step brings {found.rho_all:.2f} of the decrease that the gradient promises, and lr/4 did better on the "
            f"same batches (loss {seen.shadow_end:.4g} against {seen.end:.4g})",
            quarter,
        )
    if not found.left_plateau and found.spike > SPIKE_FAIL:
        return Judgement(
            Verdict.FAIL, f"the loss jumped up by {found.spike:.0%} and did not come below its start again", quarter
        )
    if found.rho_all < RHO_FAIL and found.lost > -LOST_FAIL:
        return Judgement(
            Verdict.FAIL,
            f"steps overshoot: the batches' own loss falls by {found.rho_all:.2f} of what its gradient promises",
            quarter,
        )
    if not found.left_plateau:
        return Judgement(
            Verdict.INCONCLUSIVE,
            f"the loss has not left its first plateau ({seen.start:.4g} → {seen.end:.4g}), where all steps look safe",
            "run more steps, start from a later checkpoint, or raise lr",
        )
    return _near(seen, found)


def _near(seen: Trajectory, found: Signals) -> Judgement:
    """WARN or PASS, for a run that trains."""
    reasons = []
    if found.lost > LOST_WARN and found.lost > 3 * found.lost_error:
        reasons.append(f"lr/4 did better on the same batches (loss {seen.shadow_end:.4g} against {seen.end:.4g})")
    close = found.lost > BOTH_WARN[0] and found.rho_all < BOTH_WARN[1]
    if found.rho_all < RHO_WARN or close:
        reasons.append(f"a step brings {found.rho_all:.2f} of the decrease that the gradient promises")
    if found.spike > max(SPIKE_WARN, 5 * found.rose_error):
        reasons.append(f"the loss jumped up by {found.spike:.0%} on the way")
    if found.u_all > U_WARN:
        reasons.append(f"the gradient changes by {found.u_all:.2f} of itself within one step")
    if found.drift > 2 and found.u[1] * found.drift > 3:
        reasons.append(f"the gradient's change within one step grew {found.drift:.1f}-fold during the run")
    if close and len(reasons) == 1:
        reasons.append(f"lr/4 did about as well (loss {seen.shadow_end:.4g} against {seen.end:.4g})")
    if reasons:
        return Judgement(Verdict.WARN, "; ".join(reasons), "lr/2 leaves a margin; do not go higher")
    return Judgement(
        Verdict.PASS,
        f"steps bring {found.rho_all:.2f} of the decrease that the gradient promises, and lr/4 ended at loss "
        f"{seen.shadow_end:.4g} on the same batches, this lr at {seen.end:.4g}",
    )


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


def _median(values: Iterable[float]) -> float:
    known = [v for v in values if v == v]
    return statistics.median(known) if known else math.nan


def _lost(seen: Trajectory) -> tuple[float, float]:
    count = max(3, len(seen.shadow) // 4)
    pairs = list(zip(seen.losses, seen.shadow, strict=False))[-count:]
    gaps = [a - b for a, b in pairs if math.isfinite(a) and math.isfinite(b)]
    progress = seen.start - min(seen.end, seen.shadow_end) if seen.shadow else 0.0
    if len(gaps) < 3 or not progress > 0:
        return 0.0, 0.0
    return statistics.fmean(gaps) / progress, statistics.stdev(gaps) / math.sqrt(len(gaps)) / progress


def _unrepeatable(p: Probe) -> float:
    """The difference of two replays at x as a part of the change of the gradient that the probe measures."""
    if not p.repeat:
        return 0.0
    change = statistics.median(s.full / s.gradient if s.gradient else 0.0 for s in p.blocks.values())
    return p.repeat / max(change, 1e-3)
