"""The (L0, L1) envelope of observed secants, and the steps it allows.

Assumption (Gluon's, on the steps observed): ‖g(x⁺) − g(x)‖* ≤ (L0 + L1 ‖g(x)‖*) ‖x⁺ − x‖ in a layer's norm. Each probe
gives one secant L̂ at one ‖g‖*; the envelope is the least mean L0 + L1 r above all of them. L0 and L1 alone are not
identified by a few probes, the step r/(L0 + L1 r) is.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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
    for (q, M), (r, L) in pairwise(_upper_hull(points)):
        slope = (L - M) / (r - q)
        candidates.append((M - slope * q, slope))
    feasible = [(a, b) for a, b in candidates if a >= 0 and b >= 0]
    L0, L1 = min(feasible, key=lambda pair: pair[0] + pair[1] * mean)
    typical = statistics.median(r for r, _ in points)
    return Envelope(L0, L1, typical / (L0 + L1 * typical), statistics.median(r / L for r, L in points))


def _upper_hull(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The corners of the least concave function above the points, from left to right; its edges lie above them all."""
    hull: list[tuple[float, float]] = []
    for x, y in sorted(points):
        if hull and hull[-1][0] == x:  # sorted: the higher of the two
            hull.pop()
        while len(hull) > 1 and _below(hull[-2], hull[-1], (x, y)):
            hull.pop()
        hull.append((x, y))
    return hull


def _below(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> bool:
    """Whether b is not above the line from a to c."""
    return (b[0] - a[0]) * (c[1] - a[1]) >= (b[1] - a[1]) * (c[0] - a[0])
