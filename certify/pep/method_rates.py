"""The best linear rate of a declared method: V is looked for among everything that one step of the method sees.

The state is made of fresh points; V may depend on its points, on the output, and on all points, (sub)gradients and
function values at which the step evaluates, relative to the solution. So the answer is a factor for every step, from
whatever state: V⁺ ≤ ρV and V ≥ measure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any

from flint import fmpq_mat

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
    try:
        model, now, then, bounded = _posed(asked)
    except LookupError as error:
        raise BadQuestion(
            f"{asked.method.name} has no linear rate: its coefficients change from step to step"
        ) from error
    except (TypeError, ValueError, AttributeError, ArithmeticError) as error:
        raise BadQuestion(f"{asked.method.name} cannot be modelled: {error}") from error
    return best_rate(model, now, then, measure=bounded, **options)


def _posed(asked: Question) -> tuple[Model, LyapunovState, LyapunovState, Expression]:
    model, method = Model(), asked.method
    space = model.space if method.blocks() == 1 else model.blocks(method.blocks())
    functions = tuple(
        getattr(model, getattr(own[0], "subject", "function"))(*own, name=role, space=space)
        for role, own in zip(method.functions, asked.assumptions, strict=True)
    )
    solution = method.solution(*functions)
    about = solution if isinstance(solution, tuple) else (solution,) * len(method.starts)
    stars = [next((e for e in f.evaluations if e.subgradient is not None), None) for f in functions]
    template = method.start(*about, *functions)
    centres = [about[0]] * len(list(_leaves(template))) if not isinstance(solution, tuple) else list(about)
    count = sum(isinstance(leaf, Point) for leaf in _leaves(template))
    if isinstance(solution, tuple) and count != len(solution):
        raise ValueError("its state has other parts than its solution")
    fresh = (centre + model.point(f"s{i}-s⋆", space=centre.space) for i, centre in enumerate(centres))
    first = _with_points(template, fresh)
    states, seen = [first], []
    for _ in range(2):
        seen.append(_seen(method, functions, states))
    constant = [[leaf for leaf in _leaves(s) if not isinstance(leaf, Point)] for s in states[:2]]
    if constant[0] != constant[1]:
        raise ValueError("its coefficients change from step to step")
    now, then = (
        dict(
            _quantities([p for p in _leaves(s) if isinstance(p, Point)], centres, method.functions, evaluations, stars)
        )
        for s, evaluations in zip(states, seen, strict=False)
    )
    shared = [name for name in now if name in then]
    points = {name: p for name in shared if isinstance(p := now[name], Point)}
    names = list(_independent(points))
    numbers = [name for name in shared if isinstance(now[name], Expression)]
    run = Run(method, functions, tuple(states), solution)
    bounded = asked.measure.of(run, 0)
    if len(bounded) != 1 or not isinstance(bounded[0], Expression):
        raise ValueError(f"the measure {asked.measure.name!r} is no single expression")
    one, two = (
        LyapunovState({name: which[name] for name in names}, {name: which[name] for name in numbers})
        for which in (now, then)
    )
    return model, one, two, bounded[0]


def _seen(method: Method, functions: tuple[Any, ...], states: list[Any]) -> list[list[Evaluation]]:
    """One more step; for each function its evaluations at the output before and inside the step."""
    output, found = method.output(states[-1]), []
    for f in functions:
        smooth = len(functions) == 1 and getattr(f, "differentiable", False) and isinstance(output, Point)
        if smooth:
            f.gradient(output)
        found.append([f.at(output)] if smooth else [])
    before = [len(f.evaluations) for f in functions]
    states.append(method.step(states[-1], *functions))
    return [own + f.evaluations[n:] for own, f, n in zip(found, functions, before, strict=True)]


def _quantities(
    points: list[Point],
    centres: list[Point],
    roles: tuple[str, ...],
    seen: list[list[Evaluation]],
    stars: list[Evaluation | None],
) -> Iterator[tuple[str, Any]]:
    """Everything relative to the solution, by name."""
    for i, (point, centre) in enumerate(zip(points, centres, strict=False)):
        yield f"s{i}", point - centre
    for role, evaluations, star in zip(roles, seen, stars, strict=True):
        if star is None:
            continue
        for i, e in enumerate(evaluations):
            step = e.point - star.point
            yield f"x{i}" if len(roles) == 1 else f"x{i}({role})", step
            if e.subgradient is not None:
                yield f"{role}'{i}", e.subgradient - star.subgradient
            value = e.value - star.value
            if value.terms:
                yield f"{role}{i}", value - star.subgradient @ step


def _independent(points: Mapping[str, Point]) -> Iterator[str]:
    """The names of points that are no combinations of those before them (in their space)."""
    kept: list[Point] = []
    for name, point in points.items():
        same = [*(p for p in kept if p.space is point.space), point]
        basis = sorted({i for p in same for i in p.coefficients})
        rows = [[p.coefficients.get(i, 0) for i in basis] for p in same]
        if basis and fmpq_mat(len(rows), len(basis), [c for row in rows for c in row]).rank() == len(same):
            kept.append(point)
            yield name


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
