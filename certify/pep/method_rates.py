"""The best linear rate of a declared method: V is looked for among everything that one step of the method sees.

The state is made of fresh points; V may depend on its points, on the output, and on all points, (sub)gradients and
function values at which the step evaluates, relative to the solution. Linear relations between the points that every
step establishes are supposed before it, too. So the answer is a factor for every step from a state that a step can
leave behind: V⁺ ≤ ρV and V ≥ measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from flint import fmpq, fmpq_mat

from certify.language import DISTANCE, Evaluation, Measure, Method, Run
from certify.pep.contraction import TOLERANCE, BestRate, LyapunovState, best_rate
from certify.pep.modelling.expressions import Expression, Point
from certify.pep.modelling.model import Model
from certify.pep.modelling.rationals import Number
from certify.pep.questions import BadQuestion, Question, question


def linear_rate(
    method: type[Method] | Method,
    assumptions: Any,
    values: Mapping[str, Any] | None = None,
    *,
    measure: Measure | str = DISTANCE,
    between: tuple[Number, Number] = (0, 1),
    tolerance: Number = TOLERANCE,
    nonnegative: bool = False,
) -> BestRate:
    """The smallest ρ with V⁺ ≤ ρV for a V ≥ measure, as an interval with certificates.

        linear_rate(HeavyBall, SmoothStronglyConvex, {"L": 1, "mu": "1/4", "gamma": "16/9", "beta": "1/9"})

    **Arguments:** the first three are those of `worst_case`; the others those of `best_rate`.

    **Raises:** `BadQuestion`, also for methods whose coefficients change from step to step.
    """
    asked = question(method, assumptions, values, steps=1, measure=measure)
    return rate_of(asked, between=between, tolerance=tolerance, nonnegative=nonnegative)


def rate_of(asked: Question, **options: Any) -> BestRate:
    """The same for a checked question, whose start and number of steps do not matter."""
    name = asked.method.name
    model, now, then, bounded = posed(asked)
    try:
        return best_rate(model, now, then, measure=bounded, **options)
    except ValueError as error:
        raise BadQuestion(f"{name} has no linear rate of this kind: {error}") from error


class _Changing(ValueError):
    """What differs from step to step."""

    def __init__(self, what: str) -> None:
        super().__init__(f"its {what} change from step to step")


Relations = dict[int, dict[int, fmpq]]
"""Parts of a state that are combinations of other parts after every step."""


def posed(asked: Question) -> tuple[Model, LyapunovState, LyapunovState, Expression]:
    """The model, V's quantities at two steps, and the measure; two for one question are equal. Raises `BadQuestion`."""
    name = asked.method.name
    try:
        return _posed(asked)
    except (_Changing, LookupError) as error:
        reason = error if isinstance(error, _Changing) else _Changing("coefficients")
        raise BadQuestion(f"{name} has no linear rate of this kind: {reason}") from error
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise BadQuestion(f"{name} cannot be modelled: {error}") from error


def _posed(asked: Question) -> tuple[Model, LyapunovState, LyapunovState, Expression]:
    """States satisfy what every step makes of them."""
    relations: Relations = {}
    while True:
        trial = _Trial(asked, relations)
        found = trial.relations()
        if found.keys() <= relations.keys():
            now, then = trial.quantities()
            return trial.model, now, then, trial.measure()
        relations = found


class _Trial:
    """Two steps from a state of fresh points."""

    def __init__(self, asked: Question, relations: Relations) -> None:
        self.asked, self.model, self.method = asked, Model(), asked.method
        blocks = self.method.blocks()
        space = self.model.space if blocks == 1 else self.model.blocks(blocks)
        self.functions = tuple(
            getattr(self.model, getattr(own[0], "subject", "function"))(*own, name=role, space=space)
            for role, own in zip(self.method.functions, asked.assumptions, strict=True)
        )
        self.solution = self.method.solution(*self.functions)
        several = isinstance(self.solution, tuple)
        about = self.solution if several else (self.solution,) * len(self.method.starts)
        self.stars = [next((e for e in f.evaluations if e.subgradient is not None), None) for f in self.functions]
        template = self.method.start(*about, *self.functions)
        count = sum(isinstance(leaf, Point) for leaf in _leaves(template))
        if several and count != len(self.solution):
            raise ValueError("its state has other parts than its solution")
        self.centres = list(about) if several else [about[0]] * count
        self.states = [_with_points(template, self._fresh(relations))]
        self.seen = [_seen(self.method, self.functions, self.states) for _ in range(2)]
        if len({sum(isinstance(leaf, Point) for leaf in _leaves(s)) for s in self.states}) > 1:
            raise _Changing("states")
        first, second = ([leaf for leaf in _leaves(s) if not isinstance(leaf, Point)] for s in self.states[:2])
        if first != second:
            raise _Changing("coefficients")

    def parts(self, k: int) -> list[Point]:
        """The points of a state, relative to the solution."""
        points = (leaf for leaf in _leaves(self.states[k]) if isinstance(leaf, Point))
        return [point - centre for point, centre in zip(points, self.centres, strict=True)]

    def relations(self) -> Relations:
        """Which parts are combinations of the parts before them after a step."""
        found: Relations = {}
        kept: list[int] = []
        parts = self.parts(1)
        for i, part in enumerate(parts):
            same = [k for k in kept if parts[k].space is part.space]
            combination = _combination(part, [parts[k] for k in same])
            if combination is None:
                kept.append(i)
            else:
                found[i] = dict(zip(same, combination, strict=True))
        return found

    def quantities(self) -> Iterator[LyapunovState]:
        """What V may depend on, at both steps: independent points, and all function values."""
        now, then = (
            dict(_quantities(self.parts(k), self.functions, self.method.functions, self.seen[k], self.stars))
            for k in range(2)
        )
        shared = [name for name in now if name in then]
        names = list(_independent({name: p for name in shared if isinstance(p := now[name], Point)}))
        numbers = [name for name in shared if isinstance(now[name], Expression)]
        for which in (now, then):
            yield LyapunovState({name: which[name] for name in names}, {name: which[name] for name in numbers})

    def measure(self) -> Expression:
        """The measure of the first state."""
        run = Run(self.method, self.functions, tuple(self.states), self.solution)
        found = self.asked.measure.of(run, 0)
        if len(found) != 1 or not isinstance(found[0], Expression):
            raise ValueError(f"the measure {self.asked.measure.name!r} is no single expression")
        return found[0]

    def _fresh(self, relations: Relations) -> Iterator[Point]:
        parts: list[Point] = []
        for i, centre in enumerate(self.centres):
            if i in relations:
                part = sum((c * parts[k] for k, c in relations[i].items()), self.model.zero(centre.space))
            else:
                part = self.model.point(f"s{i}-s⋆", space=centre.space)
            parts.append(part)
            yield centre + part


def _seen(method: Method, functions: tuple[Any, ...], states: list[Any]) -> list[list[Evaluation]]:
    """One more step; for each function its evaluations at the output before and inside the step."""
    output, found = method.output(states[-1]), []
    for f in functions:
        smooth = len(functions) == 1 and getattr(f, "differentiable", False) and isinstance(output, Point)
        if smooth:
            f.gradient(output)
        found.append([f.at(output)] if smooth else [])
    before = [len(f.evaluations) for f in functions]
    states.append(method.advance(len(states) - 1, states[-1], *functions))
    return [own + f.evaluations[n:] for own, f, n in zip(found, functions, before, strict=True)]


def _quantities(
    parts: list[Point],
    functions: tuple[Any, ...],
    roles: tuple[str, ...],
    seen: list[list[Evaluation]],
    stars: list[Evaluation | None],
) -> Iterator[tuple[str, Any]]:
    """Everything relative to the solution, by name."""
    for i, part in enumerate(parts):
        yield f"s{i}", part
    for f, role, evaluations, star in zip(functions, roles, seen, stars, strict=True):
        if star is None:
            continue
        for i, e in enumerate(evaluations):
            step = e.point - star.point
            yield f"x{i}" if len(roles) == 1 else f"x{i}({role})", step
            if e.subgradient is not None:
                yield f"{role}'{i}", e.subgradient - star.subgradient
            value = e.value - star.value
            if value.terms and all(a.valued for a in f.assumptions):
                yield f"{role}{i}", value - star.subgradient @ step


def _independent(points: Mapping[str, Point]) -> Iterator[str]:
    """The names of points that are no combinations of those before them."""
    kept: list[Point] = []
    for name, point in points.items():
        if _combination(point, [p for p in kept if p.space is point.space]) is None:
            kept.append(point)
            yield name


def _combination(point: Point, others: list[Point]) -> list[fmpq] | None:
    """The coefficients of a point as a combination of independent others, if it is one."""
    columns = [p.coefficients for p in (*others, point)]
    basis = sorted({i for c in columns for i in c})
    if not point.coefficients:
        return [fmpq(0)] * len(others)
    matrix = fmpq_mat(len(basis), len(columns), [c.get(i, fmpq(0)) for i in basis for c in columns])
    reduced, rank = matrix.rref()
    return [reduced[k, len(others)] for k in range(rank)] if rank == len(others) else None


def _leaves(state: Any) -> Iterator[Any]:
    """All parts of a state that are not containers."""
    if is_dataclass(state) and not isinstance(state, type):
        for field in fields(state):
            yield from _leaves(getattr(state, field.name))
    elif isinstance(state, tuple | list):
        for part in state:
            yield from _leaves(part)
    else:
        yield state


def _with_points(state: Any, fresh: Iterable[Point]) -> Any:
    """The same state with other points."""
    points = iter(fresh)

    def renewed(part: Any) -> Any:
        if isinstance(part, Point):
            return next(points)
        if is_dataclass(part) and not isinstance(part, type):
            return replace(part, **{field.name: renewed(getattr(part, field.name)) for field in fields(part)})
        if isinstance(part, tuple) and hasattr(part, "_fields"):
            return type(part)(*map(renewed, part))
        if isinstance(part, tuple | list):
            return type(part)(map(renewed, part))
        return part

    return renewed(state)
