"""A counterexample of the plane as data: strings that anyone can recompute exactly, in ℓ∞ or ℓ1.

`judge` and `judge_run` decide in ℚ and from the declaration alone whether a trial contradicts a theorem; `replay`
asks them again from the recorded strings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from math import ceil
from typing import Any

from certify.geometry import named
from certify.language import Goal
from certify.language.text import name_text
from certify.simulate.claims import Claim, comparisons, in_words, speaks
from certify.simulate.counterexample import read_rational, shown
from certify.simulate.plane import Plane, PlaneQuadratic, PlaneVector, planar
from certify.simulate.recorded import Recorded

MAX_STEPS = 60
RUN = "run"
Constants = Mapping[str, Fraction]

MEMBERSHIP: Mapping[str, Callable[[PlaneQuadratic, Constants], bool]] = {
    "convex": lambda f, c: True,
    "ball-convex": lambda f, c: True,
    "ball-convex-lsc": lambda f, c: True,
    "strongly-convex": lambda f, c: f.is_strongly_convex(c["mu"]),
}
"""Which assumptions, read in the norm of the plane, a positive definite quadratic satisfies."""


@dataclass(frozen=True)
class PlaneTrial:
    """What determines a run in the plane; `values` has all constants, parameters and indices."""

    function: PlaneQuadratic
    values: Mapping[str, Fraction]
    start: PlaneVector


@dataclass(frozen=True)
class PlaneFailure:
    """The inequality lhs ≤ rhs that is false, and the points of the run."""

    role: str
    lhs: Fraction
    rhs: Fraction
    points: tuple[PlaneVector, ...]


def judge(claim: Claim, trial: PlaneTrial) -> PlaneFailure | None:
    """The first inequality of the theorem that is false on this trial; None if all hold, or if the theorem does not
    speak about the trial (its conditions fail, or a minimiser is reached)."""
    try:
        goal, points, speaks = goal_of(claim, trial)
        for comparison in comparisons(goal) if speaks and _member(claim, trial) else ():
            lhs, rhs = comparison.lhs, comparison.rhs
            if all(isinstance(n, int | Fraction) for n in (lhs, rhs)) and lhs > rhs:
                return PlaneFailure(comparison.role, Fraction(lhs), Fraction(rhs), points)
    except (ValueError, ArithmeticError, TypeError):
        pass
    return None


def judge_run(claim: Claim, trial: PlaneTrial) -> PlaneFailure | None:
    """A run that takes more than ⌈V₀/amount⌉ steps to a minimiser, where the theorem says that this many suffice."""
    try:
        goal, _, speaks = goal_of(claim, trial)
        amount = getattr(goal, "amount", None)
        if not (isinstance(amount, Fraction) and amount > 0 and speaks and _member(claim, trial)):
            return None
        promised = ceil(goal.measured[0] / amount)
        f, method, points = _recorded(claim, trial), claim.bound(trial.values), [trial.start]
        while len(points) <= MAX_STEPS and points[-1] != 0:
            points.append(method.step(points[-1], f))
            if len(points) - 1 > promised:
                while len(points) <= MAX_STEPS and points[-1] != 0:
                    points.append(method.step(points[-1], f))
                return PlaneFailure(RUN, Fraction(len(points) - 1), Fraction(promised), tuple(points))
    except (ValueError, ArithmeticError, TypeError):
        pass
    return None


def goal_of(claim: Claim, trial: PlaneTrial) -> tuple[Goal, tuple[PlaneVector, ...], bool]:
    """The goal along the first steps of the trial, the points, and whether the theorem speaks about them."""
    values = trial.values
    inside = claim.admits(values)
    f, method, points = _recorded(claim, trial), claim.bound(values), [trial.start]
    for _ in range(claim.theorem.steps):
        points.append(method.step(points[-1], f))
    goal = claim.goal(method, f, points, values)
    covered = inside and f.active() and speaks(goal)
    return goal, tuple(points), covered and goal.unknown is None


def _recorded(claim: Claim, trial: PlaneTrial) -> Recorded:
    return Recorded(trial.function, {n: trial.values[n] for n in claim.constants})


def _member(claim: Claim, trial: PlaneTrial) -> bool:
    constants = {n: trial.values[n] for n in claim.constants}
    return all(MEMBERSHIP[a.name](trial.function, constants) for a in claim.assumptions)


@dataclass(frozen=True)
class PlaneCounterexample:
    """½ zᵀAz with A = [[a, b], [b, c]] in `matrix`, parameters and a start on which a theorem is false in a norm.

    `inequality` says what fails: ``step``, ``support[i]``, ``end[i]`` or ``run``, the number of steps to x⋆ = 0.
    `run` is a second counterexample, of the last kind, if one was found.
    """

    method: str
    assumptions: tuple[str, ...]
    theorem: str
    norm: str
    inequality: str
    matrix: tuple[str, str, str]
    parameters: Mapping[str, str]
    start: tuple[str, str]
    iterates: tuple[tuple[str, str], ...]
    lhs: str
    rhs: str
    run: PlaneCounterexample | None
    claim: Claim = field(repr=False, compare=False)

    @staticmethod
    def of(
        claim: Claim, norm: str, trial: PlaneTrial, failure: PlaneFailure, run: PlaneCounterexample | None = None
    ) -> PlaneCounterexample:
        """The counterexample that a trial is."""
        f = trial.function
        return PlaneCounterexample(
            method=claim.method.name,
            assumptions=tuple(a.name for a in claim.assumptions),
            theorem=claim.theorem.name,
            norm=norm,
            inequality=failure.role,
            matrix=(str(f.a), str(f.b), str(f.c)),
            parameters={n: str(v) for n, v in trial.values.items()},
            start=(str(trial.start.x), str(trial.start.y)),
            iterates=tuple((str(z.x), str(z.y)) for z in failure.points[1:]),
            lhs=str(failure.lhs),
            rhs=str(failure.rhs),
            run=run,
            claim=claim,
        )

    def to_json(self) -> dict[str, Any]:
        """JSON data: strings, lists and objects of strings."""
        data = {n: getattr(self, n) for n in _RECORDED}
        lists = {n: list(data[n]) for n in ("assumptions", "matrix", "start")}
        run = None if self.run is None else self.run.to_json()
        iterates = [list(z) for z in self.iterates]
        return data | lists | {"iterates": iterates, "parameters": dict(self.parameters), "run": run}

    @staticmethod
    def from_json(data: Mapping[str, Any], claim: Claim) -> PlaneCounterexample:
        """The inverse of `to_json`; `claim` is the declared theorem that it is held against."""
        found: dict[str, Any] = {n: data[n] for n in _RECORDED}
        for name in ("assumptions", "matrix", "start"):
            found[name] = tuple(data[name])
        found["iterates"] = tuple((x, y) for x, y in data["iterates"])
        found["run"] = None if data["run"] is None else PlaneCounterexample.from_json(data["run"], claim)
        return PlaneCounterexample(**found, claim=claim)

    def replay(self) -> bool:
        """Recompute everything from the recorded text: True if all comes out again and contradicts the theorem."""
        try:
            data: dict[str, Any] = PlaneCounterexample.from_json(self.to_json(), self.claim).to_json() | {"run": None}
            ball = planar(named(data["norm"]))
            if ball is None:
                return False
            space, numbers = Plane(ball), {n: read_rational(v) for n, v in data["parameters"].items()}
            function = PlaneQuadratic(space, *(read_rational(v) for v in data["matrix"]))
            trial = PlaneTrial(function, numbers, space.vector(*(read_rational(v) for v in data["start"])))
            failure = (judge_run if data["inequality"] == RUN else judge)(self.claim, trial)
        except (TypeError, ValueError, LookupError, ArithmeticError):
            return False
        if failure is None or (self.run is not None and not (self.run.inequality == RUN and self.run.replay())):
            return False
        return PlaneCounterexample.of(self.claim, data["norm"], trial, failure).to_json() == data

    def describe(self) -> str:
        """The counterexample in words and formulas."""
        more = "" if self.run is None else " And " + self.run.described()
        return "On " + self.described() + more

    def described(self) -> str:
        """One of the two parts, as a sentence without its first word."""
        parameters = ", ".join(f"{name_text(n)} = {v}" for n, v in self.parameters.items())
        path = " → ".join(f"({shown(x)}, {shown(y)})" for x, y in (self.start, *self.iterates))
        a, b, c = map(shown, self.matrix)
        what = "about the number of steps until x is optimal" if self.inequality == RUN else in_words(self.inequality)
        claim = f"at most {self.rhs} steps, but it takes {self.lhs}"
        if self.inequality != RUN:
            claim = f"{shown(self.lhs)} ≤ {shown(self.rhs)}, which is false"
        return (
            f"f(z) = ½ zᵀAz with A = [[{a}, {b}], [{b}, {c}]], in the norm {self.norm}{self._where()}, "
            f"{self.method} with {parameters or 'no parameters'} goes {path}, x⋆ = 0. "
            f"Theorem {self.theorem!r} claims ({what}) {claim}."
        )

    def _where(self) -> str:
        if self.norm in ("l1", "linf"):
            return ""
        return " of matrices with diagonal z (plus the squares of all other entries, which stay 0)"


_RECORDED = [f.name for f in fields(PlaneCounterexample) if f.name != "claim"]
