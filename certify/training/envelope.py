"""The (L0, L1) envelope of observed secants, and the steps it allows.

Assumption (Gluon's, on the steps observed): ‖g(x⁺) − g(x)‖* ≤ (L0 + L1 ‖g(x)‖*) ‖x⁺ − x‖ in a layer's norm. Each probe
gives one secant L̂ at one ‖g‖*; the envelope is the least mean L0 + L1 r above all of them. L0 and L1 alone are not
identified by a few probes, the step r/(L0 + L1 r) is.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from certify.training.probes import Sample


@dataclass(frozen=True)
class Envelope:
    """L0, L1 ≥ 0 with L0 + L1 r ≥ L̂ at every probe, and the interval of steps t = ‖ΔX‖.

    `low` is r/(L0 + L1 r) at the median r: every secant seen supports it. `high` is the median of r/L̂.
    """

    L0: float
    L1: float
    low: float
    high: float


def envelope(samples: Sequence[Sample]) -> Envelope | None:
    """The envelope of the samples; none without a secant and a gradient."""
    points = [(s.gradient, s.secant) for s in samples if s.gradient > 0 and 0 < s.secant < float("inf")]
    if not points:
        return None
    mean = statistics.fmean(r for r, _ in points)
    candidates = [(max(L for _, L in points), 0.0), (0.0, max(L / r for r, L in points))]
    for (r, L), (q, M) in combinations(points, 2):
        if r != q:
            slope = (L - M) / (r - q)
            candidates.append((L - slope * r, slope))
    tight = [(a, b) for a, b in candidates if a >= 0 and b >= 0 and all(a + b * r >= L * (1 - 1e-9) for r, L in points)]
    L0, L1 = min(tight, key=lambda pair: pair[0] + pair[1] * mean)
    typical = statistics.median(r for r, _ in points)
    return Envelope(L0, L1, typical / (L0 + L1 * typical), statistics.median(r / L for r, L in points))
