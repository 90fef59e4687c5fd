"""Claims about one N, proved by multipliers of an exact worst case: at numbers, or where units make all numbers equal.

At L = 1, say, multipliers that are good for every start prove the claim for every start; if step, class and claim mean
the same in all units (`scaling`), that is a proof for every L.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

from certify.claims.claim import Claim
from certify.claims.intervals import Interval
from certify.claims.samples import points
from certify.claims.scaling import normal
from certify.claims.starts import ONE, form
from certify.claims.worst import Bench, Case, initial, square, squared, starts_fixed


@dataclass(frozen=True)
class FixedProof:
    """The case that was proved, and the parameters that units bring to their values there."""

    case: Case
    scaled: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What the proof rests on."""
        if not self.scaled:
            return "multipliers for the exact worst case at these numbers"
        shown = ", ".join(f"{n} = {self.case.values[n]}" for n in self.scaled)
        return f"multipliers for the exact worst case at {shown}, which is every case in other units"


def prove_fixed(claim: Claim, seconds: float) -> FixedProof | None:
    """A proof for one N: multipliers that are good for every start; None if there is none."""
    if claim.steps is None or claim.steps < 1 or claim.random or claim.step:
        return None
    starts = starts_fixed(claim)
    scaled: tuple[str, ...] = ()
    if claim.free or starts:
        values = normal(claim)
        if values is None:
            return None
        scaled = (*claim.free, *starts)
    else:
        grid = list(points(claim, claim.steps, {}))
        if len(grid) != 1:
            return None
        (values,) = grid
    bench = Bench(claim, time.process_time() + seconds)
    case = bench.compare(claim.steps, values, Fraction(1), exact=True)
    if case is None or case.verdict != "holds":
        return None
    return FixedProof(case, scaled) if starts or _every_start(claim, case) else None


def _every_start(claim: Claim, case: Case) -> bool:
    """Whether the multipliers prove the claim for starts of any size: upper = rest + multiplier · size."""
    found = form(claim.bound, {n: Interval.of(v) for n, v in case.values.items()})
    if squared(claim):
        if any(v.low < 0 for v in found.values()):
            return False
        found = square(found)
    weights = [v for k, v in found.items() if k != ONE]
    if case.bound.upper is None or (len(weights) > 1 and any(v.exact is None for v in weights)):
        return False
    multiplier = case.bound.multipliers.get("initial", Fraction(0))
    if not weights:
        return not multiplier
    known = initial(found)
    if known is None:
        return False
    _, weight, constant, _ = known
    return multiplier <= min(weight, weights[0].low if len(weights) == 1 else weight) and (
        case.bound.upper - multiplier <= constant.low
    )
