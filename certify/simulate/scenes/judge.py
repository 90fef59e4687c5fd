"""Whether a theorem is false on a scene: the declaration's own steps and goal in exact arithmetic, nothing else.

Roots and logarithms are enclosed between rational numbers, and an inequality counts as false only if it is false for
all numbers in between.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf
from types import SimpleNamespace
from typing import Any

from certify.language import Assumption, Contraction, Energy, Method, Monotone
from certify.language.enclosures import Enclosure
from certify.language.opaque import NotRational
from certify.language.roundings import enclosed, root
from certify.simulate.claims import INDEX, Claim, comparisons, rate_of, speaks
from certify.simulate.evaluate import evaluate
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.noise import is_noise, of_functions, on_the_line
from certify.simulate.recorded import NoOracle
from certify.simulate.scenes import line, plane
from certify.simulate.scenes.line import LineRole, Segment
from certify.simulate.scenes.plane import Matrix, PlaneRole

Own = PiecewiseQuadratic | Segment | Matrix
_SILENT = (ValueError, ArithmeticError, TypeError, LookupError, AttributeError, NotRational, NoOracle)
"""What a declaration raises about points, numbers or functions that it does not speak about."""


@dataclass(frozen=True)
class Scene:
    """What determines a run.

    `functions`, one for each role; `values`, all constants, parameters and indices; `starts`, a number for each start,
    two in the plane; `lead`, steps before those that the theorem is held against; `samples`, for each of the steps the
    error of its sample as a part, in [−1, 1], of the largest that is allowed (both signs are equally likely; before the
    last step this one was drawn).
    """

    functions: tuple[Own, ...]
    values: Mapping[str, Fraction]
    starts: tuple[Fraction, ...]
    lead: int = 0
    samples: tuple[Fraction, ...] = ()


@dataclass(frozen=True)
class Failure:
    """The inequality that is false; lhs bounds its left side from below and rhs its right side from above, and if it is
    `exact` they are these sides."""

    role: str
    lhs: Fraction
    rhs: Fraction
    points: tuple[Any, ...]
    exact: bool


@dataclass(frozen=True)
class Verdict:
    """How near a scene comes to a contradiction (−∞ where nothing is said about it), and the contradiction."""

    nearness: float = -inf
    failure: Failure | None = None


def judge(claim: Claim, scene: Scene, worth: float = -inf) -> Verdict:
    """Hold the theorem against a scene.

    It is false there if the functions satisfy every assumption (those along the trajectory: at all points of the run
    and between each and the next), the parameters lie in their domains, the theorem's conditions hold, and some
    inequality of the goal does not. Whether the functions belong is decided only from the nearness `worth` on.
    """
    try:
        with enclosed():
            return _Run(claim, scene).verdict(worth)
    except _SILENT:
        return Verdict()


class _Run:
    """One scene under one claim."""

    def __init__(self, claim: Claim, scene: Scene) -> None:
        self.claim, self.scene, self.values = claim, scene, scene.values
        self.noise = [a for a in claim.assumptions if is_noise(a)]
        self.own = _per_role(claim, len(scene.functions))
        numbers = {s: self.values[s] for s in claim.method.parameters()}
        self.roles: list[Any] = []
        for f, assumed in zip(scene.functions, self.own, strict=True):
            constants = {s: self.values[s] for a in (*assumed, *self.noise) for s in a.parameters()}
            made = PlaneRole(f, constants) if isinstance(f, Matrix) else LineRole(f, constants, numbers)
            if isinstance(made, LineRole) and not self.noise:
                made.noise = _exactly
            self.roles.append(made)
        self.method: Method = claim.method(**numbers)
        self.path: list[Any] = []

    def verdict(self, worth: float) -> Verdict:
        """Run, compare, and then decide whether the theorem speaks about the scene."""
        claim, values = self.claim, self.values
        if not claim.admits(values):
            return Verdict()
        if any(values[n] != v for n, v in claim.theorem.at):
            return Verdict()
        goals = [self._goal(states) for states in self._runs()]
        if not all(r.active() for r in self.roles if isinstance(r, LineRole)):
            return Verdict()
        if not all(map(speaks, goals)):
            return Verdict()
        goals = [self._solved(goal) for goal in goals]
        nearness, failure = self._compared(goals)
        if (failure is None and nearness < worth) or not self._belongs():
            return Verdict()
        return Verdict(nearness, failure)

    # -- the run ---------------------------------------------------------------------------------

    def _runs(self) -> list[list[Any]]:
        """The last states, for each outcome of the last step if it draws a sample."""
        scene, theorem, method = self.scene, self.claim.theorem, self.method
        planar = isinstance(scene.functions[0], Matrix)
        numbers = iter(scene.starts)
        starts = [plane.SPACE.vector(next(numbers), next(numbers)) if planar else next(numbers) for _ in method.starts]
        state = method.start(*starts, *self.roles)
        plain = method.plain()
        if plain and scene.lead:
            raise ValueError("a method without memory starts anywhere")
        clock = self.values.get("k", Fraction(0)) if plain else Fraction(0)
        if not plain and theorem.indexed and self.values["k"] != scene.lead:
            raise ValueError("the clock counts the steps before")
        states = [state]
        self.path = [method.output(state)]
        steps = scene.lead + theorem.steps
        if self.noise and (theorem.steps != 1 or len(scene.samples) != steps):
            raise ValueError("means are those of one step")
        for k in range(steps - bool(self.noise)):
            states.append(self._step(states[-1], clock + k, scene.samples[k] if self.noise else None))
            self.path.append(method.output(states[-1]))
        if not self.noise:
            return [states[-1 - theorem.steps :]]
        share = scene.samples[-1]
        last = [self._step(states[-1], clock + steps - 1, s) for s in ((share, -share) if share else (share,))]
        self.ends = [method.output(s) for s in last]
        return [[states[-1], s] for s in last]

    def _step(self, state: Any, clock: Fraction, share: Fraction | None) -> Any:
        if share is not None:
            if abs(share) > 1:
                raise ValueError("this error is not allowed")
            role = self.roles[0]
            role.sampled = []
            role.noise = lambda g: g + share * self._size(g)
            after = self.method.advance(clock, state, *self.roles)
            if len(role.sampled) != 1:
                raise ValueError("a step draws one sample")
            return after
        return self.method.advance(clock, state, *self.roles)

    def _size(self, gradient: Any) -> Any:
        """The largest error of a sample at a point with this gradient."""
        kind, values = self.noise[0], self.values
        if kind.name == "bounded-samples":
            size = values["M"] - abs(gradient)
            if not size >= 0:
                raise ValueError("no samples are as small")
            return size
        if kind.name == "layerwise-variance":
            if values["rho"] < 1:
                raise ValueError("on the line all norms are alike")
            return values["sigma"]
        if kind.name == "without-replacement":
            if (values["n"], values["b"]) != (2, 1):
                raise ValueError("two outcomes are those of one of two functions")
            return values["S"] * root(Fraction(1, 2))
        return on_the_line(kind, gradient, values)

    # -- the goal --------------------------------------------------------------------------------

    def _goal(self, states: Sequence[Any]) -> Any:
        theorem, values = self.claim.theorem, self.values
        index = {n: values[n] for n in INDEX} if theorem.indexed else {}
        return theorem.goal(self.method, *self.roles, *states, **index)

    def _solved(self, goal: Any) -> Any:
        if not goal.unknown:
            return goal
        if (rate := rate_of(goal)) is not None:
            return goal.solved(rate)
        for conditions, number in self.claim.derived():
            if all(evaluate(p, self.values) >= 0 for p in conditions):
                return goal.solved(evaluate(number, self.values))
        raise ValueError("the theorem does not speak about these numbers")

    def _compared(self, goals: Sequence[Any]) -> tuple[float, Failure | None]:
        nearness, failure = -inf, None
        for group in zip(*map(comparisons, goals), strict=True):
            lhs, rhs = (_mean([getattr(c, side) for c in group]) for side in ("lhs", "rhs"))
            shared = (
                group[0].role == "step" and len(group) == 1 and isinstance(goals[0], Contraction | Monotone | Energy)
            )
            before = goals[0].before if shared else None
            nearness = max(nearness, _near(lhs, rhs, before))
            if failure is None and lhs > rhs:
                exact = lhs.number is not None and rhs.number is not None
                ends = (lhs.low, rhs.high) if exact else _shorter(lhs.low, rhs.high)
                failure = Failure(group[0].role, *ends, tuple(self._points()), exact)
        return nearness, failure

    def _points(self) -> list[Any]:
        return [*self.path, *(self.ends if self.noise else ())]

    # -- the assumptions -------------------------------------------------------------------------

    def _belongs(self) -> bool:
        for f, assumed, role in zip(self.scene.functions, self.own, self.roles, strict=True):
            for kind in assumed:
                one = kind(**{s: self.values[s] for s in kind.parameters()})
                if isinstance(f, Matrix):
                    inside = plane.belongs(f, one, role.constants)
                else:
                    inside = line.belongs(f, one, role.constants, role.radii)
                    inside = inside and (kind.name not in line.ALONG or self._along(one, role))
                if not inside:
                    return False
        return True

    def _along(self, one: Assumption, role: LineRole) -> bool:
        """What is assumed of all points of the run, and of each and the next."""
        chains = [[*self.path, end] for end in self.ends] if self.noise else [self.path]
        handed: Any = role
        for chain in chains:
            seen = [SimpleNamespace(point=x, value=role.value(x), gradient=role.gradient(x)) for x in chain]
            found: list[Any] = [one.at(x, handed) for x in seen]  # ty: ignore[invalid-argument-type]
            found += [one.along(x, y, handed) for x, y in pairwise(seen)]  # ty: ignore
            for group in found:
                if not all(t is None or t is True for t in (group if isinstance(group, tuple) else (group,))):
                    return False
        return True


def _per_role(claim: Claim, count: int) -> list[tuple[type[Assumption], ...]]:
    own = of_functions(claim.assumptions)
    if count == 1:
        return [own]
    if len(own) != count:
        raise ValueError("it is not clear what is assumed of which function")
    return [(a,) for a in own]


def _exactly(gradient: Any) -> Any:
    """A sample without noise, where nothing is assumed of noise."""
    return gradient


def _mean(values: Sequence[Any]) -> Enclosure:
    return Enclosure.of(sum(values[1:], values[0])) / len(values)


def _near(lhs: Enclosure, rhs: Enclosure, before: Any) -> float:
    """(lhs − rhs)/(what is left of both sides without what they share)."""
    l, r = float((lhs.low + lhs.high) / 2), float((rhs.low + rhs.high) / 2)
    size = abs(l) + abs(r)
    if before is not None:
        b = float(Enclosure.of(before).low)
        size = min(size, abs(l - b) + abs(r - b))
    return (l - r) / size if size else 0.0 if l or r else -inf


def _shorter(lhs: Fraction, rhs: Fraction) -> tuple[Fraction, Fraction]:
    """Numbers in between with few digits."""
    for digits in range(2, 40):
        scale = 10**digits
        low, high = Fraction((lhs * scale).__floor__(), scale), Fraction((rhs * scale).__ceil__(), scale)
        if low > high:
            return low, high
    return lhs, rhs
