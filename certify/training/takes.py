"""Several takes of one start: what they say together, and whether one more could change the answer.

Where a signal falls near a threshold its verdict would be a matter of the batches. Most of the spread of strain from
seed to seed is batch noise, so that the mean of takes on other batches settles it; runs that are far from every
threshold, most of them, need one take.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from certify.training.verdicts import LOST_FAIL, REPEAT, RHO_WEIGHT, STRAIN_FAIL, STRAIN_PASS, Signals, median

TAKE_ERRORS = {STRAIN_PASS: 0.1, STRAIN_FAIL: 0.2}
"""The standard deviation of one take's strain near a threshold before any other take was seen, see docs/training.md."""
LOST_ERROR = 0.05
"""The same of `lost` near where it begins to matter."""
LOST_RANGE = (-1.5, 2.0)
"""`lost` beyond these counts as these in a mean, so that one explosion does not decide alone."""
HOPELESS = 1.0
"""A loss that rose by more than this part of it needs no second take."""
FAR = 0.15
"""Labels without meaning let the loss fall by less than this part of it: to what the mere frequencies give."""
NEAR_PLATEAU = (0.6, 1.15)
"""A fall of the loss, in parts of what leaving a plateau takes, between these is near it."""


def together(takes: Sequence[Signals]) -> Signals:
    """The signals of all takes as one: means of `lost` and ρ, medians of the rest; yes is what more than half say, and
    that the loss falls what half say.

    What is not finite or does not repeat in one take is so for all.
    """
    if len(takes) == 1:
        return takes[0]
    lost = [_kept(s.lost) for s in takes]
    rho = [max(-1.0, min(1.0, s.rho_all)) for s in takes]
    spread = [a + RHO_WEIGHT * (1 - r) for a, r in zip(lost, rho, strict=True)]
    within = math.sqrt(statistics.fmean(s.lost_error**2 for s in takes))

    def pair(value: Callable[[Signals], tuple[float, float]]) -> tuple[float, float]:
        return median(value(s)[0] for s in takes), median(value(s)[1] for s in takes)

    def most(value: Callable[[Signals], bool]) -> bool:
        return 2 * sum(value(s) for s in takes) > len(takes)

    return Signals(
        u=pair(lambda s: s.u),
        u_quarter=pair(lambda s: s.u_quarter),
        rho=pair(lambda s: s.rho),
        rho_quarter=pair(lambda s: s.rho_quarter),
        rho_all=statistics.fmean(rho),
        u_all=median(s.u_all for s in takes),
        lost=statistics.fmean(lost),
        lost_error=max(within, statistics.stdev(spread)) / math.sqrt(len(takes)),
        rose=median(s.rose for s in takes),
        rose_error=median(s.rose_error for s in takes),
        spike=median(s.spike for s in takes),
        repeat=max(s.repeat for s in takes),
        cleared=_cleared(takes),
        start=statistics.fmean(s.start for s in takes),
        end=statistics.fmean(s.end for s in takes),
        shadow_end=statistics.fmean(s.shadow_end for s in takes),
        takes=len(takes),
        finite=all(s.finite for s in takes),
        enough=all(s.enough for s in takes),
        moved=any(s.moved for s in takes),
        seems=most(lambda s: s.seems),
        trains=2 * sum(s.trains for s in takes) >= len(takes),
        risen=most(lambda s: s.risen),
        jumped=most(lambda s: s.jumped),
    )


def _cleared(takes: Sequence[Signals]) -> float:
    """The median; but of a fall by `FAR` of the loss the mean, whose noise is √n times smaller."""
    middle = median(s.cleared for s in takes)
    if -median(s.rose for s in takes) < FAR:
        return middle
    return max(middle, statistics.fmean(min(s.cleared, 1.0) for s in takes) * math.sqrt(len(takes)))


def undecided(takes: Sequence[Signals]) -> bool:
    """Whether the answer is near a threshold, for the noise of a take and the takes there are."""
    found = together(takes)
    if not (found.finite and found.enough and found.moved) or found.repeat > REPEAT or found.rose > HOPELESS:
        return False
    strains = [_kept(s.lost) + RHO_WEIGHT * (1 - max(-1.0, min(1.0, s.rho_all))) for s in takes]
    mean = statistics.fmean(strains)
    if any(abs(mean - threshold) < 2 * _error(strains, prior) for threshold, prior in TAKE_ERRORS.items()):
        return True
    level = abs(found.lost - LOST_FAIL) < 2 * _error([_kept(s.lost) for s in takes], LOST_ERROR)
    if mean > STRAIN_FAIL and level:
        return True
    hopeless = mean > STRAIN_FAIL and found.trains
    if NEAR_PLATEAU[0] < found.cleared < NEAR_PLATEAU[1] and not hopeless:
        return True
    if len(takes) == 1:
        return (found.risen or found.jumped) and not hopeless
    return any(len({value(s) for s in takes}) > 1 for value in (_risen, _jumped, _trains)) and not hopeless


def _error(strains: Sequence[float], prior: float) -> float:
    """The standard error of their mean; one observation is added whose deviation is the one expected."""
    mean = statistics.fmean(strains)
    squares = prior**2 + sum((s - mean) ** 2 for s in strains)
    return math.sqrt(squares) / len(strains)


def _kept(lost: float) -> float:
    return max(LOST_RANGE[0], min(LOST_RANGE[1], lost))


def _risen(s: Signals) -> bool:
    return s.risen


def _jumped(s: Signals) -> bool:
    return s.jumped


def _trains(s: Signals) -> bool:
    return s.trains
