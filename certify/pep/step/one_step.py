"""One verb, `cross_check`: how much of a one-step bound some function attains, in exact numbers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any

from certify.kernel import Polynomial
from certify.language.goals import Goal
from certify.language.problems import Problem
from certify.pep.step.forms import NotLinear
from certify.pep.step.members import members
from certify.pep.step.points import points
from certify.pep.step.structure import Cases, Structure, structure

if TYPE_CHECKING:
    from certify.kernel.worst_case import Attained


EVEN = Fraction(1, 10**6)
"""Lower ends that differ by less are equally good."""


@dataclass(frozen=True)
class SolvedPoint:
    """lower ≤ sup lhs/rhs ≤ upper at one parameter point; `lower` is infinite if some function has lhs > 0 ≥ rhs."""

    parameters: Mapping[str, Fraction]
    lower: Fraction | float | None
    upper: Fraction | None
    status: str
    """``certified``, ``lower end`` or ``upper end`` for the ends that there are, ``unbounded`` or ``failed``."""
    evidence: Attained | None = None
    """Where the lower end is attained."""

    @property
    def contradicts(self) -> bool:
        """Whether an exact point exceeds the bound."""
        return self.lower is not None and self.lower > 1

    def to_json(self) -> dict[str, Any]:
        """Plain data: rationals as text; an infinite lower end is null with status ``unbounded``."""
        return {
            "parameters": {name: str(value) for name, value in self.parameters.items()},
            "lower": str(self.lower) if isinstance(self.lower, Fraction) else None,
            "upper": None if self.upper is None else str(self.upper),
            "status": self.status,
        }


@dataclass(frozen=True)
class WorstCase:
    """How close the worst function gets to a bound lhs ≤ rhs."""

    points: tuple[SolvedPoint, ...]
    within: str
    """The class of the worst cases, which may be smaller than the one that the theorem is about."""
    relaxations: tuple[str, ...]
    """Why the worst cases need not be functions of this class, in words; none if they always are."""
    model_seconds: float
    solve_seconds: float

    @property
    def best(self) -> SolvedPoint | None:
        """The first point where most of the bound is attained, up to `EVEN`; None if no lower end was found."""
        known = [(p.lower, p) for p in self.points if p.lower is not None]
        most = max((lower for lower, _ in known), default=0)
        return next((p for lower, p in known if lower >= most - EVEN), None)

    @property
    def tightness(self) -> Fraction | float | None:
        """The lower end at the best point: at 1 the bound cannot be improved there."""
        return None if self.best is None else self.best.lower

    @property
    def contradicts(self) -> bool:
        """Whether the bound is false: exact points exceed it that satisfy everything known."""
        return any(p.contradicts for p in self.points)

    @property
    def verdict(self) -> str:
        """``exact`` if there is a lower end, else ``open``."""
        return "open" if self.best is None else "exact"

    def to_json(self) -> dict[str, Any]:
        """Plain data; `lower`, `upper` and `parameters` are those of the best point."""
        best = {"lower": None, "upper": None, "parameters": None} if self.best is None else self.best.to_json()
        return {
            "verdict": self.verdict,
            **{name: best[name] for name in ("lower", "upper", "parameters")},
            "within": self.within,
            "relaxations": list(self.relaxations),
            "contradicts": self.contradicts,
            "points": [p.to_json() for p in self.points],
            "seconds": {"model": round(self.model_seconds, 4), "solve": round(self.solve_seconds, 4)},
        }


def cross_check(problem: Problem, goals: Cases, *, samples: int = 6, seed: int = 0) -> WorstCase | None:
    """Bound the largest lhs/rhs over everything that is known, at rational parameter points.

    **Arguments:** `goals` are pairs (conditions ≥ 0, goal without unknown numbers), as `Proved.goals` returns them;
    each of these cases gets its share of the `samples`, at least one.

    **Returns:** exact ends. If the bound is true all lower ends are at most 1; a lower end of 1 says that one step
    attains it, or comes as close as you like, and one above 1 that it is false. Without `relaxations` these are
    statements about functions. None if lhs ≤ rhs has no inner product and no function value, or if something is not
    linear in them.

    With f⋆ = 0 and the parameters set to numbers, all is linear in Gram matrix and function values, see
    `certify.pep.step.supremum`. If lhs ≥ 0 no violation is missed: the feasible set is a convex cone, so multiples of a
    point with lhs > 0 ≥ rhs, added to one with rhs > 0, make the ratio as large as you like.
    """
    if samples < 1:
        raise ValueError(f"samples must be at least 1, not {samples}")
    try:
        begin = time.perf_counter()
        known = members(problem, goals)
        whole = structure(known.problem, goals)
        solved = [
            found
            for case, (conditions, goal) in enumerate(goals)
            for found in _case(whole, conditions, goal, _share(samples, len(goals), case), seed)
        ]
    except NotLinear:
        return None
    seconds = sum(taken for _, taken in solved)
    return WorstCase(
        points=tuple(point for point, _ in solved),
        within=known.within,
        relaxations=known.relaxations,
        model_seconds=time.perf_counter() - begin - seconds,
        solve_seconds=seconds,
    )


def _case(
    known: Structure, conditions: tuple[Polynomial, ...], goal: Goal, share: int, seed: int
) -> Iterator[tuple[SolvedPoint, float]]:
    """Up to `share` points of one case, with seconds; those where the hypotheses contradict each other are skipped."""
    from certify.pep.step.supremum import Ratio, Status

    found = 0
    for numbers in islice(points(known, conditions, goal, seed), 4 * share):
        instance = known.instance(goal.sides, numbers)
        if instance is None:
            continue
        ratio = Ratio(instance)
        best = ratio.supremum()
        if best is None:
            continue
        lower = inf if best.status is Status.UNBOUNDED else best.lower
        yield SolvedPoint(numbers, lower, best.upper, best.status.value, best.point), ratio.seconds
        found += 1
        if found == share:
            return


def _share(samples: int, cases: int, case: int) -> int:
    return max(1, (samples + cases - 1 - case) // cases)
