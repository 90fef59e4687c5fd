"""A counterexample as data: strings that anyone can recompute exactly, on the real line.

`judge` decides, in ℚ and from the declaration alone, whether a trial contradicts a theorem;
`Counterexample.replay` asks it again from the recorded strings.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fractions import Fraction
from functools import partial
from itertools import pairwise
from math import inf
from operator import add
from typing import Any

from certify.kernel import Polynomial
from certify.language import Assumption, Method, Outcomes
from certify.language.enclosures import Enclosure
from certify.language.opaque import NotRational
from certify.language.roundings import enclosed, roundings
from certify.language.text import name_text, polynomial_text
from certify.simulate.claims import Claim, comparisons, in_words, rate_of, speaks
from certify.simulate.evaluate import evaluate
from certify.simulate.exact import Piece, PiecewiseQuadratic
from certify.simulate.membership import satisfies
from certify.simulate.noise import is_noise, of_functions, on_the_line
from certify.simulate.recorded import NoOracle, Recorded
from certify.simulate.scenes.line import Curve

BOUNDED = "bounded-domain"
"""What f satisfies if it is restricted to the points within the distance D of x⋆: a run inside does not notice."""
_RATIONAL = re.compile(r"-?[0-9]{1,2000}(/[0-9]{1,2000})?\Z")


class BrokenDeclaration(Exception):
    """A declaration whose code fails when it is run; the message is one sentence."""


@dataclass(frozen=True)
class Trial:
    """What determines a run on the line; `values` has all constants, parameters and indices.

    `minimizer` is the x⋆ to speak about; None for a function that is unbounded below. `lead` steps are taken from the
    start of a method with memory before the theorem is held against the next ones.
    """

    function: PiecewiseQuadratic
    values: Mapping[str, Fraction]
    start: Fraction
    minimizer: Fraction | None
    lead: int = 0


@dataclass(frozen=True)
class Failure:
    """The inequality lhs ≤ rhs that is false, and the points of the run."""

    role: str
    lhs: Fraction
    rhs: Fraction
    points: tuple[Fraction, ...]


def judge(claim: Claim, trial: Trial) -> Failure | None:
    """The first inequality of the theorem that is false on this trial, decided exactly; None if all
    hold, or if the theorem does not speak about the trial.

    **Raises**: `BrokenDeclaration` if the method or the theorem fails on numbers.

    It speaks if the function satisfies every assumption with these constants, the parameters lie in
    their domains, all conditions of the theorem hold, and no ball-prox step has reached a
    minimiser.
    """
    return examine(claim, trial)[1]


def examine(claim: Claim, trial: Trial, worth: float = 0.0) -> tuple[float, Failure | None]:
    """How near the trial comes to contradicting the theorem, and the contradiction if it does.

    **Arguments**: `worth`, the least nearness for which it is decided whether the function belongs to the class.

    **Returns**: the largest (lhs − rhs)/(|lhs| + |rhs|) of the inequalities, −∞ where the theorem does not speak about
    the trial (or it was not worth deciding); and what `judge` says.

    **Raises**: `BrokenDeclaration`.
    """
    try:
        return _examine(claim, trial, worth)
    except (
        ValueError,
        ArithmeticError,
        NotRational,
        NoOracle,
    ):  # no answer, division by 0, not for numbers of the line
        return -inf, None
    except (TypeError, LookupError, AttributeError) as error:
        if not claim.method.plain():  # some of their steps are not for numbers of the line
            return -inf, None
        name = f"{claim.method.name}/{claim.theorem.name}"
        raise BrokenDeclaration(f"{name} cannot be run on rational numbers: {type(error).__name__}: {error}") from error


def _examine(claim: Claim, trial: Trial, worth: float) -> tuple[float, Failure | None]:
    values, x_star = trial.values, trial.minimizer
    if not claim.admits(values):
        return -inf, None
    bottom = trial.function.argmin()[0]
    if bottom != (-inf if x_star is None else trial.function.value(x_star)):
        return -inf, None
    constants = {n: values[n] for n in claim.constants}
    f = Recorded(trial.function, constants, minimizer=x_star)
    with roundings() as rounded:
        sides, points = _sides(claim, trial, f)
    nearness = max((float((l - r) / (abs(l) + abs(r))) for _, l, r in sides if l or r), default=-inf)
    failed = next((side for side in sides if side[1] > side[2]), None)
    if failed is None and nearness < worth:
        return -inf, None
    if BOUNDED in (a.name for a in claim.assumptions) and not _inside(trial, points, constants["D"]):
        return -inf, None
    if not all(satisfies(trial.function, a.name, constants, f.radii) for a in decided(claim.assumptions)):
        return -inf, None
    if failed is not None and rounded[0] and not _certain(claim, trial, constants):
        return nearness, None
    return nearness, Failure(*failed, tuple(points)) if failed else None


def _certain(claim: Claim, trial: Trial, constants: Mapping[str, Fraction]) -> bool:
    """Whether some inequality is false for the roots themselves, not only for the rational numbers close to them."""
    with enclosed():
        sides, _ = _sides(claim, trial, Recorded(Curve(trial.function), constants, minimizer=trial.minimizer))
    return any(lhs > rhs for _, lhs, rhs in sides)


def decided(assumptions: Sequence[type[Assumption]]) -> list[type[Assumption]]:
    """The assumptions that `MEMBERSHIP` has to decide."""
    return [a for a in of_functions(assumptions) if a.name != BOUNDED]


def _inside(trial: Trial, points: Sequence[Fraction], far: Fraction) -> bool:
    """Whether a run does not notice that a convex f (which stays convex) is restricted to |x − x⋆| ≤ D."""
    star = trial.minimizer
    near = star is not None and all(isinstance(x, int | Fraction) and abs(x - star) <= far for x in points)
    return near and trial.function.is_convex()


def _sides(claim: Claim, trial: Trial, f: Recorded) -> tuple[list[tuple[str, Any, Any]], list[Any]]:
    """Every inequality of the goal whose sides are exact, and the points; none if the theorem does not speak here."""
    values = trial.values
    runs = _runs(claim, claim.bound(values), f, trial)
    method = claim.bound(values)
    goals = [claim.goal(method, f, run[-1 - claim.theorem.steps :], values) for run in runs]
    points = [trial.start, *(method.output(x) for run in runs for x in run[1:])]
    if not f.active() or not speaks(goals[0]):
        return [], points
    if goals[0].unknown and (rate := rate_of(goals[0])) is not None:
        goals = [g.solved(rate) for g in goals]
    elif goals[0].unknown:
        here = [s for c, s in claim.derived() if all(evaluate(p, values) >= 0 for p in c)]
        if not here:
            return [], points
        goals = [g.solved(evaluate(here[0], values)) for g in goals]
    found = []
    for group in zip(*map(comparisons, goals), strict=True):
        lhs, rhs = (sum(getattr(c, side) for c in group) for side in ("lhs", "rhs"))
        if all(isinstance(n, int | Fraction) for n in (lhs, rhs, *points)):
            found.append((group[0].role, Fraction(lhs) / len(group), Fraction(rhs) / len(group)))
        elif all(isinstance(n, int | Fraction | Enclosure) for n in (lhs, rhs, *points)):
            found.append((group[0].role, Enclosure.of(lhs) / len(group), Enclosure.of(rhs) / len(group)))
    return found, points


def _runs(claim: Claim, method: Method, f: Recorded, trial: Trial) -> list[list[Any]]:
    """The states of the run; with noise, those of one step for each of its outcomes, which are equally likely."""
    kinds = [a for a in claim.assumptions if is_noise(a)]
    clock = trial.values.get("k")
    if not kinds and method.plain():
        points = [trial.start]
        for _ in range(claim.theorem.steps):
            points.append(method.advance(clock, points[-1], f))
        return [points]
    if (kinds and not method.plain()) or (trial.lead and clock not in (None, trial.lead)):
        raise ValueError("runs of methods with memory start at step 0 and have no noise")
    if not kinds:
        states = [method.start(trial.start, f)]
        for k in range(trial.lead + claim.theorem.steps):
            states.append(method.advance(Fraction(k), states[-1], f))
            if isinstance(states[-1], Outcomes):
                raise ValueError("a step has one outcome")
        return [states]
    size, runs = on_the_line(kinds[0], f.subgradient(trial.start), f.constants), []
    for error in (size, -size) if size else (size,):
        f.noise, f.sampled = partial(add, error), []
        runs.append([trial.start, method.advance(clock, trial.start, f)])
        if f.sampled != [trial.start]:
            raise ValueError("two outcomes are those of one sample, drawn at the iterate")
    return runs


@dataclass(frozen=True)
class Counterexample:
    """A function, parameters and a start on which a declared theorem is false, all as exact text.

    `inequality` says which one fails: ``step``, ``support[i]`` or ``end[i]``. Piece i of the
    function, from 0, is a y² + b y + c between breakpoints i − 1 and i; at a breakpoint the lower
    value counts.
    """

    method: str
    assumptions: tuple[str, ...]
    theorem: str
    inequality: str
    breakpoints: tuple[str, ...]
    pieces: tuple[tuple[str, str, str], ...]
    parameters: Mapping[str, str]
    start: str
    iterates: tuple[str, ...]
    minimizer: str | None
    lhs: str
    rhs: str
    claim: Claim = field(repr=False, compare=False)

    @staticmethod
    def of(claim: Claim, trial: Trial, failure: Failure) -> Counterexample:
        """The counterexample that a trial is."""
        return Counterexample(
            method=claim.method.name,
            assumptions=tuple(a.name for a in claim.assumptions),
            theorem=claim.theorem.name,
            inequality=failure.role,
            breakpoints=tuple(map(str, trial.function.breakpoints)),
            pieces=tuple((str(p.a), str(p.b), str(p.c)) for p in trial.function.pieces),
            parameters={n: str(v) for n, v in trial.values.items()},
            start=str(trial.start),
            iterates=tuple(map(str, failure.points[1:])),
            minimizer=None if trial.minimizer is None else str(trial.minimizer),
            lhs=str(failure.lhs),
            rhs=str(failure.rhs),
            claim=claim,
        )

    def to_json(self) -> dict[str, Any]:
        """JSON data: strings, lists and objects of strings."""
        data = {n: getattr(self, n) for n in _RECORDED}
        lists = {n: list(data[n]) for n in ("assumptions", "breakpoints", "iterates")}
        pieces, parameters = [list(p) for p in self.pieces], dict(self.parameters)
        return data | lists | {"pieces": pieces, "parameters": parameters}

    @staticmethod
    def from_json(data: Mapping[str, Any], claim: Claim) -> Counterexample:
        """The inverse of `to_json`; `claim` is the declared theorem that it is held against."""
        found: dict[str, Any] = {n: data[n] for n in _RECORDED}
        for name in ("assumptions", "breakpoints", "iterates"):
            found[name] = tuple(data[name])
        found["pieces"] = tuple((a, b, c) for a, b, c in data["pieces"])
        return Counterexample(**found, claim=claim)

    def replay(self) -> bool:
        """Recompute everything from the recorded text: True if the function satisfies the
        assumptions, every recorded result comes out again, and it contradicts the theorem."""
        claim = self.claim
        try:
            data = Counterexample.from_json(self.to_json(), claim).to_json()
            numbers = {n: read_rational(v) for n, v in data["parameters"].items()}
            function = PiecewiseQuadratic(
                tuple(read_rational(b) for b in data["breakpoints"]),
                tuple(Piece(*(read_rational(c) for c in piece)) for piece in data["pieces"]),
            )
            star = None if data["minimizer"] is None else read_rational(data["minimizer"])
            memory = not (claim.method.plain() or any(map(is_noise, claim.assumptions)))
            lead = len(data["iterates"]) - claim.theorem.steps if memory else 0
            trial = Trial(function, numbers, read_rational(data["start"]), star, lead)
            failure = judge(claim, trial)
        except (TypeError, ValueError, LookupError, ArithmeticError, BrokenDeclaration):
            return False
        if failure is None:
            return False
        return Counterexample.of(claim, trial, failure).to_json() == data

    def describe(self) -> str:
        """The counterexample in words and formulas."""
        parameters = ", ".join(f"{name_text(n)} = {v}" for n, v in self.parameters.items())
        path = " → ".join(map(shown, (self.start, *self.iterates)))
        if any(map(is_noise, self.claim.assumptions)):
            path = f"{shown(self.start)} → {' or '.join(map(shown, self.iterates))}, equally likely"
        star = "" if self.minimizer is None else f", x⋆ = {shown(self.minimizer)}"
        what = in_words(self.inequality)
        return (
            f"On f(y) = {formula_of_line(self.breakpoints, self.pieces)}, "
            f"which satisfies {', '.join(self.assumptions)}, "
            f"{self.method} with {parameters or 'no parameters'} goes {path}{star}. "
            f"Theorem {self.theorem!r} claims ({what}) {shown(self.lhs)} ≤ {shown(self.rhs)}, "
            "which is false."
        )


_RECORDED = [f.name for f in fields(Counterexample) if f.name != "claim"]


def formula_of_line(breakpoints: Sequence[str], pieces: Sequence[Sequence[str]]) -> str:
    """A function that is given piece by piece, with the places."""
    formulas, cuts = [_formula(piece) for piece in pieces], [shown(cut) for cut in breakpoints]
    if not cuts:
        return formulas[0]
    between = [f"for {a} < y < {b}" for a, b in pairwise(cuts)]
    where = [f"for y < {cuts[0]}", *between, f"for y > {cuts[-1]}"]
    return "; ".join(f"{f} {w}" for f, w in zip(formulas, where, strict=True))


def _formula(piece: Sequence[str]) -> str:
    a, b, c = (Fraction(p) for p in piece)
    terms = {(("y", 2),): a, (("y", 1),): b, (): c}
    return polynomial_text(Polynomial({m: v for m, v in terms.items() if v}))


def shown(number: str) -> str:
    """With the sign that is printed."""
    return number.replace("-", "−")


def read_rational(text: str) -> Fraction:
    """The number. **Raises:** ValueError."""
    if not isinstance(text, str) or not _RATIONAL.match(text):
        raise ValueError(f"{str(text)[:40]!r} is not a rational number")
    return Fraction(text)
