"""Which step sizes are admissible and which one is best, with certificates at every step size that was looked at.

A curve γ ↦ worst case is known only at the rational γ where it was solved, there as an exact interval. What follows
from these intervals alone is a theorem: the value at γ is below a threshold, or is not; the best value is at most the
smallest upper end. That nothing else happens between the samples rests on one supposition, that the curve is
quasi-convex (falls, then rises); the answers say which of their parts need it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import inf
from typing import Any

from certify.pep.engine.bounds import Bound
from certify.pep.modelling.model import Model
from certify.pep.modelling.rationals import Number, fraction
from certify.pep.sparse_proofs import sparse_proof
from certify.pep.unbounded import ray

TOLERANCE = Fraction(1, 10**8)
"""Relative width of the intervals asked of the solver."""
GOLDEN = 0.381966
SAMPLES = 60
GRID = 5
"""An admissible step is looked for at the fractions with denominators up to two to this power."""


class Curve:
    """γ ↦ worst case, each γ solved once; `build` makes a model (or solves it: then it returns a bound)."""

    def __init__(self, build: Callable[[Fraction], Model | Bound], **options: Any) -> None:
        self.build = build
        self.options: dict[str, Any] = {"tolerance": TOLERANCE, **options}
        self.samples: dict[Fraction, Bound] = {}

    def __call__(self, gamma: Fraction) -> Bound:
        """The exact interval around the worst case at γ."""
        if gamma not in self.samples:
            made = self.build(gamma)
            self.samples[gamma] = made.solve(**self.options) if isinstance(made, Model) else made
        return self.samples[gamma]

    def number(self, gamma: Fraction) -> float:
        """The worst case at γ in floating point; ∞ if it is unbounded or no solver succeeded."""
        bound = self(gamma)
        if bound.upper is not None:
            return float(bound.upper)
        return inf if bound.value is None else bound.value


def as_curve(build: Callable[[Fraction], Model | Bound] | Curve, **options: Any) -> Curve:
    """A curve, if it is none yet."""
    return build if isinstance(build, Curve) else Curve(build, **options)


@dataclass(frozen=True)
class Admissible:
    """Step sizes whose worst case is below `threshold` (None: is finite).

    Theorems: the worst case is < threshold at both ends of `inside`, and ≥ threshold at the ends of `outside` (None:
    no evidence was found before the range ended). On a quasi-convex curve everything in `inside` is admissible and
    nothing beyond `outside` is.
    """

    threshold: Fraction | None
    inside: tuple[Fraction, Fraction]
    outside: tuple[Fraction | None, Fraction | None]
    samples: Mapping[Fraction, Bound] = field(repr=False, default_factory=dict)

    def __str__(self) -> str:
        low, high = self.inside
        before, after = ("?" if end is None else _short(end) for end in self.outside)
        limit = "∞" if self.threshold is None else _short(self.threshold)
        return f"worst case < {limit} from {_short(low)} to {_short(high)}; not at {before}, {after}"


@dataclass(frozen=True)
class Optimum:
    """The best step size found. Theorem: min worst case ≤ `upper`, attained by `gamma`.

    If the curve is quasi-convex all its minimisers lie strictly inside `bracket`: at its ends the worst case is
    certainly larger than `upper` (an end is None if the range ended first).
    """

    gamma: Fraction
    bound: Bound = field(repr=False)
    bracket: tuple[Fraction | None, Fraction | None]
    samples: Mapping[Fraction, Bound] = field(repr=False, default_factory=dict)

    @property
    def upper(self) -> Fraction:
        """The proved worst case at `gamma`."""
        assert self.bound.upper is not None  # noqa: S101, it is the best because of its upper end
        return self.bound.upper

    def __str__(self) -> str:
        low, high = ("?" if end is None else _short(end) for end in self.bracket)
        return f"worst case ≤ {_short(self.upper)} at {_short(self.gamma)}; the best step is between {low} and {high}"


def admissible(
    build: Callable[[Fraction], Model | Bound] | Curve,
    between: tuple[Number, Number],
    *,
    below: Number | None = 1,
    width: Number = Fraction(1, 10**4),
    **options: Any,
) -> Admissible | None:
    """The step sizes whose worst case is below a threshold: both ends between two certified samples.

    **Arguments:** `build` makes the model for a step size; `below` is the threshold (1 for contraction factors), None
    asks for finite worst cases; `width` is how near the certified points inside and outside shall come, relative to the
    range; `options` are those of `Model.solve`. The ends of the range are not solved themselves.

    **Returns:** None if no admissible step was found on a grid.
    """
    curve, threshold = as_curve(build, **options), None if below is None else fraction(below)
    low, high = fraction(between[0]), fraction(between[1])
    start = next((g for g in _grid(low, high) if _is_below(curve(g), threshold)), None)
    if start is None:
        return None
    gap = fraction(width) * (high - low)
    ends = [_end(curve, threshold, start, limit, gap) for limit in (low, high)]
    return Admissible(threshold, (ends[0][0], ends[1][0]), (ends[0][1], ends[1][1]), dict(curve.samples))


def best_step(
    build: Callable[[Fraction], Model | Bound] | Curve,
    between: tuple[Number, Number],
    *,
    width: Number = Fraction(1, 10**4),
    **options: Any,
) -> Optimum | None:
    """The step size with the smallest worst case: golden section on exact intervals, and simple fractions at the end.

    **Arguments:** as for `admissible`; `width` is that of the bracket, relative to the range. A smooth minimum is flat:
    its bracket is no narrower than the square root of the tolerance of the solves.

    **Returns:** None if no worst case was bounded.
    """
    curve = as_curve(build, **options)
    low, high = fraction(between[0]), fraction(between[1])
    aim = fraction(width) * (high - low)
    left, right = low, high
    a, b = (_near(left, right, t) for t in (GOLDEN, 1 - GOLDEN))
    while len(curve.samples) < SAMPLES and right - left > aim / 2:
        if curve.number(a) <= curve.number(b):
            right, b = b, a
            a = _near(left, right, GOLDEN)
        else:
            left, a = a, b
            b = _near(left, right, 1 - GOLDEN)
        if not left < a < b < right:
            a, b = (_near(left, right, t) for t in (GOLDEN, 1 - GOLDEN))
    if _optimum(curve) is None:
        return None
    for _ in range(2):  # a simple fraction may be exactly the best
        lower, upper = _ends(curve, low, high)
        curve(simplest(lower, upper))
    reach = aim / 4
    while reach < high - low:
        found, (lower, upper) = _optimum(curve), _ends(curve, low, high)
        if found is None or upper - lower <= max(2 * reach, aim) or len(curve.samples) >= SAMPLES:
            break
        gamma = found.gamma
        for end in (gamma - reach, gamma + reach):
            if lower < end < upper:
                curve(_near(min(end, gamma), max(end, gamma), 0.1 if end < gamma else 0.9))
        reach *= 4
    found = _optimum(curve)
    return found and _exact(found)


def _exact(found: Optimum) -> Optimum:
    """The same with a simple bound at the best step, if there is one that is not larger."""
    proved = sparse_proof(found.bound).bound
    return replace(found, bound=proved) if proved.upper is not None and proved.upper <= found.upper else found


def _ends(curve: Curve, low: Fraction, high: Fraction) -> tuple[Fraction, Fraction]:
    """The bracket, or the range where it has no end."""
    found = _optimum(curve)
    before, after = found.bracket if found else (None, None)
    return low if before is None else before, high if after is None else after


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator strictly between two numbers (Stern and Brocot's tree)."""
    whole = low.numerator // low.denominator
    if whole + 1 < high:
        return Fraction(whole + 1)
    rest, end = low - whole, high - whole
    if not rest:
        return whole + Fraction(1, end.denominator // end.numerator + 1)
    return whole + 1 / simplest(1 / end, 1 / rest)


def _optimum(curve: Curve) -> Optimum | None:
    """What the samples say."""
    proved = {g: bound for g, bound in curve.samples.items() if bound.upper is not None}
    if not proved:
        return None
    gamma = min(proved, key=lambda g: (proved[g].upper, len(str(g))))
    least = proved[gamma].upper
    larger = [g for g, b in curve.samples.items() if b.lower is not None and least is not None and b.lower > least]
    before = max((g for g in larger if g < gamma), default=None)
    after = min((g for g in larger if g > gamma), default=None)
    return Optimum(gamma, proved[gamma], (before, after), dict(sorted(curve.samples.items())))


def _end(
    curve: Curve, threshold: Fraction | None, inside: Fraction, limit: Fraction, gap: Fraction
) -> tuple[Fraction, Fraction | None]:
    """The last admissible sample towards `limit`, and the first that is not."""
    outside, beyond = None, limit
    while abs(beyond - inside) > gap and len(curve.samples) < SAMPLES:
        for part in (0.5, 0.25, 0.75, 0.375, 0.625):
            middle = _near(min(inside, beyond), max(inside, beyond), part)
            bound = curve(middle)
            if _is_below(bound, threshold):
                inside = middle
                break
            if _is_not_below(bound, threshold):
                outside = beyond = middle
                break
        else:
            break
    return inside, outside


def _is_below(bound: Bound, threshold: Fraction | None) -> bool:
    return bound.upper is not None and (threshold is None or bound.upper < threshold)


def _is_not_below(bound: Bound, threshold: Fraction | None) -> bool:
    """Whether there is evidence: an attained value, or a direction along which values grow."""
    if threshold is not None:
        return bound.lower is not None and bound.lower >= threshold
    return bound.upper is None and not bound.problem.relaxations and ray(bound.problem) is not None


def _grid(low: Fraction, high: Fraction) -> Iterator[Fraction]:
    """1/2, 1/4, 3/4, 1/8, … of the way."""
    for power in range(1, GRID + 1):
        for odd in range(1, 2**power, 2):
            yield low + (high - low) * Fraction(odd, 2**power)


def _near(low: Fraction, high: Fraction, part: float) -> Fraction:
    """The point at about this part of an interval with the fewest decimals."""
    wanted = low + (high - low) * Fraction(part)
    room, digits = (high - low) / 20, 0
    while True:
        found = Fraction(round(wanted * 10**digits), 10**digits)
        if abs(found - wanted) <= room:
            return found
        digits += 1


def _short(value: Fraction) -> str:
    return str(value) if len(str(value)) <= 12 else f"{float(value):.9g}"


__all__ = ["Admissible", "Curve", "Optimum", "admissible", "best_step", "simplest"]
