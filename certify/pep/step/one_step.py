"""One verb, `cross_check`: how much of a one-step bound some function attains, in floating point."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from typing import Any

from certify.kernel import Polynomial
from certify.language.goals import Goal
from certify.language.problems import Problem
from certify.pep.step.conic import SECOND, SLOW, SOLVER, TIGHT, Outcome, Program
from certify.pep.step.forms import NotLinear
from certify.pep.step.points import points
from certify.pep.step.structure import Cases, Structure, structure

EXCESS = 1e-5
"""A ratio above 1 + EXCESS, found twice, contradicts the bound."""


@dataclass(frozen=True)
class SolvedPoint:
    """sup lhs/rhs at one parameter point; infinite if some function has lhs > 0 ≥ rhs."""

    parameters: Mapping[str, str]
    """Rational numbers as text, ``{"gamma": "3/4"}``."""
    ratio: float | None
    status: str
    """``optimal`` or ``unbounded``; ``inaccurate`` or ``failed`` if the ratio does not count."""

    @property
    def counts(self) -> bool:
        """Whether the solver was sure."""
        return self.status in ("optimal", "unbounded")

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        ratio = _finite(self.ratio)
        return {"parameters": dict(self.parameters), "ratio": ratio, "status": self.status}


@dataclass(frozen=True)
class WorstCase:
    """How close the worst function gets to a bound lhs ≤ rhs."""

    points: tuple[SolvedPoint, ...]
    contradicts: bool
    """Some ratio exceeds 1 by more than `EXCESS`, and a second solve agrees."""
    solver: str
    model_seconds: float
    solve_seconds: float
    tolerance: float = 1e-6
    """What the ratios are good for."""
    verdict: str = "numerical"

    @property
    def tightness(self) -> float | None:
        """The largest ratio; 1 means that the bound cannot be improved there. None: no solution."""
        return max((p.ratio for p in self.points if p.counts and p.ratio is not None), default=None)

    def to_json(self) -> dict[str, Any]:
        """Plain data; an infinite ratio is null with status ``unbounded``."""
        return {
            "verdict": self.verdict,
            "tightness": _finite(self.tightness),
            "tolerance": self.tolerance,
            "contradicts": self.contradicts,
            "solver": self.solver,
            "points": [p.to_json() for p in self.points],
            "seconds": {
                "model": round(self.model_seconds, 4),
                "solve": round(self.solve_seconds, 4),
            },
        }


def cross_check(
    problem: Problem,
    goals: Cases,
    *,
    samples: int = 6,
    seed: int = 0,
) -> WorstCase | None:
    """Maximise lhs/rhs over everything the problem's trace allows, at rational parameter points.

    **Arguments:** `goals` are pairs (conditions ≥ 0, goal without unknown numbers), as
    `Proved.goals` returns them; each of these cases gets its share of the `samples`, at least one.

    **Returns:** ratios at most 1, up to the tolerance, if the trace implies the bound. A ratio of 1
    says that one step attains it, or comes as close as you like, as far as the trace's inequalities
    describe functions; a ratio above 1 says that they do not imply the bound. None if lhs ≤ rhs has
    no inner product and no function value, or if something is not linear in them.

    With f⋆ = 0 and the parameters set to numbers, all is linear in Gram matrix and function values,
    see `certify.pep.step.conic`. If lhs ≥ 0 no violation is missed: the feasible set is a convex cone,
    so multiples of a point with lhs > 0 ≥ rhs, added to one with rhs > 0, make the ratio as large
    as you like.
    """
    if samples < 1:
        raise ValueError(f"samples must be at least 1, not {samples}")
    try:
        known = structure(problem, goals)
        import cvxpy  # noqa: F401, so that its loading is not timed

        begin = time.perf_counter()
        answers = [
            answer
            for case, (conditions, goal) in enumerate(goals)
            for answer in _case(known, conditions, goal, _share(samples, len(goals), case), seed)
        ]
    except NotLinear:
        return None
    seconds = sum(a.solve_seconds for a in answers)
    return WorstCase(
        points=tuple(a.point for a in answers),
        contradicts=any(a.refuted for a in answers),
        solver=", ".join(dict.fromkeys((SOLVER, *(s for a in answers for s in a.solvers)))),
        model_seconds=time.perf_counter() - begin - seconds,
        solve_seconds=seconds,
    )


@dataclass(frozen=True)
class _Answer:
    point: SolvedPoint
    refuted: bool
    solvers: tuple[str, ...]
    solve_seconds: float


def _case(
    known: Structure,
    conditions: tuple[Polynomial, ...],
    goal: Goal,
    share: int,
    seed: int,
) -> Iterator[_Answer]:
    """Up to `share` points of one case; those where the trace contradicts itself are skipped."""
    found = 0
    for numbers in islice(points(known, conditions, goal, seed), 4 * share):
        instance = known.instance(goal.sides, numbers)
        if instance is None:
            continue
        program = Program(instance)
        outcome, refuted, solvers = _judge(program)
        if outcome.status == "infeasible":
            continue
        text = {name: str(value) for name, value in numbers.items()}
        point = SolvedPoint(text, outcome.ratio, outcome.status)
        yield _Answer(point, refuted, solvers, program.solve_seconds)
        found += 1
        if found == share:
            return


def _share(samples: int, cases: int, case: int) -> int:
    return max(1, (samples + cases - 1 - case) // cases)


def _judge(program: Program) -> tuple[Outcome, bool, tuple[str, ...]]:
    """The ratio, whether it refutes the bound, and the solvers that were asked."""
    outcome = program.ratio()
    if outcome.status in ("inaccurate", "failed"):
        second = program.ratio(SECOND, **SLOW)
        sure = second.status not in ("inaccurate", "failed")
        return second if sure else outcome, False, (SOLVER, SECOND)
    if not _exceeds(outcome):
        return outcome, False, (SOLVER,)
    if _exceeds(program.ratio(SOLVER, **TIGHT)):
        return outcome, True, (SOLVER,)
    return outcome, _exceeds(program.ratio(SECOND, **SLOW)), (SOLVER, SECOND)


def _exceeds(outcome: Outcome) -> bool:
    return outcome.status in ("optimal", "unbounded") and (outcome.ratio or 0.0) > 1 + EXCESS


def _finite(value: float | None) -> float | None:
    return value if value is not None and isfinite(value) else None
