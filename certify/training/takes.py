"""Several takes: what they say together, and whether one more could change the answer.

Where a signal falls near a threshold its verdict would be a matter of the batches and of the start. The mean of takes
on other batches and from shuffled starts settles it; runs that are far from every threshold, most of them, need one.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence

from certify.training.verdicts import REPEAT, RHO_WEIGHT, STRAIN_FAIL, STRAIN_PASS, Signals, median, too_noisy

TAKE_ERROR, STEADY, SHAKEN = 0.1, 0.8, 0.8
"""The standard deviation of one take's strain is taken as at least 0.1 + 0.8 (0.8 − ρ)₊, see docs/training.md: where
steps overshoot a run may explode in one take and not in the next."""
LOST_RANGE = (-1.5, 2.0)
"""`lost` beyond these counts as these in a mean, so that one explosion does not decide alone."""
HOPELESS = 1.0
"""A loss that rose by more than this part of it needs no second take."""
FAR = 0.15
"""Labels without meaning let the loss fall by less than this part of it: to what the mere frequencies give."""
NEAR_PLATEAU, NEAR_FAR = (0.6, 1.15), 0.1
"""A fall of the loss, in parts of what leaving a plateau takes, between these is near it; a fall by `FAR` of the loss
already from the last on, since of more takes it counts more."""


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
    """Whether PASS or not, or INCONCLUSIVE or not, is open for the noise of a take and the takes there are.

    WARN or FAIL is settled by longer runs (`certify.training.longer`).
    """
    found = together(takes)
    if not (found.finite and found.enough and found.moved) or found.repeat > REPEAT or found.rose > HOPELESS:
        return False
    strains = [_kept(s.lost) + RHO_WEIGHT * (1 - max(-1.0, min(1.0, s.rho_all))) for s in takes]
    mean, error = statistics.fmean(strains), _error(strains, found.rho_all)
    if abs(mean - STRAIN_PASS) < 2 * error or (mean < STRAIN_PASS and too_noisy(found)):
        return True
    hopeless = mean > STRAIN_FAIL and found.trains
    low = NEAR_PLATEAU[0] if -found.rose < FAR else NEAR_FAR
    if low < found.cleared < NEAR_PLATEAU[1] and not hopeless:
        return True
    if hopeless or (mean > STRAIN_PASS and found.trains and found.left_plateau):
        return False
    if len(takes) == 1:
        return found.risen or found.jumped
    return any(len({value(s) for s in takes}) > 1 for value in (_risen, _jumped, _trains))


def _error(strains: Sequence[float], rho: float) -> float:
    """The standard error of their mean."""
    seen = statistics.stdev(strains) if len(strains) > 1 else 0.0
    return max(TAKE_ERROR + SHAKEN * max(0.0, STEADY - rho), seen) / math.sqrt(len(strains))


def _kept(lost: float) -> float:
    return max(LOST_RANGE[0], min(LOST_RANGE[1], lost))


def _risen(s: Signals) -> bool:
    return s.risen


def _jumped(s: Signals) -> bool:
    return s.jumped


def _trains(s: Signals) -> bool:
    return s.trains
