"""From a declared method to a worst-case problem: its own step, run N times on points of a model, exactly."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import TYPE_CHECKING, Any

from certify.language import DISTANCE, MEASURES, Measure, Method, Run
from certify.language.roundings import roundings
from certify.pep.modelling.expressions import Expression, Point
from certify.pep.modelling.functions import Function
from certify.pep.modelling.model import Model
from certify.pep.modelling.operators import Operator
from certify.pep.questions import BadQuestion, Question, measures, question

if TYPE_CHECKING:
    from certify.pep.engine.bounds import Bound


SHORTEST = 0.01
"""Seconds that are left at least when a question was posed."""


@dataclass(frozen=True)
class Posed:
    """A question as a model, the run inside it, how many coefficients of the method were rounded, and seconds taken."""

    question: Question
    model: Model
    run: Run
    rounded: int
    seconds: float


def worst_case(
    method: type[Method] | Method,
    assumptions: Any,
    values: Mapping[str, Any] | None = None,
    *,
    steps: int,
    measure: Measure | str,
    initial: Measure | str = DISTANCE,
    bound: Any = 1,
    **options: Any,
) -> Bound:
    """The largest value of `measure` after `steps` steps over all functions, if `initial` ≤ `bound` at the start.

        worst_case(GradientDescent, SmoothConvex, {"L": 1, "gamma": "1/L"}, steps=5, measure="gap").upper

    **Arguments:** `method` is a declared method, with or without its values. `assumptions` are one assumption, or a
    tuple of several that hold together; for methods on several functions a sequence or mapping with one such entry for
    each role. `values` are numbers (int, Fraction, "0.1") or formulas ("2/(L+mu)") by symbol; "h.L" is the L of role h.
    `measure` and `initial` are measures or names of measures; "distance<=4" gives `bound` as well. `options` are those
    of `Model.solve`.

    **Returns:** an interval of rationals, with certificates where the kernel accepted them.

    **Raises:** `BadQuestion`, with one sentence.
    """
    asked = question(method, assumptions, values, steps=steps, measure=measure, initial=initial, bound=bound)
    return answer(pose(asked), **options)


def pose(asked: Question) -> Posed:
    """The model of a question; two models of one question are equal, name for name."""
    begin = time.perf_counter()
    model, method = Model(), asked.method
    for each in (a for own in asked.assumptions for a in own if a.subject not in ("function", "operator")):
        raise BadQuestion(
            f"{each.name} says something of samples or of several functions, and worst cases are about single"
            f" functions and operators; `certify {method.name}` and `certify simulate {method.name}` know it"
        )
    space = model.space if method.blocks() == 1 else model.blocks(method.blocks())
    functions = tuple(
        getattr(model, getattr(own[0], "subject", "function"))(*own, name=role, space=space)
        for role, own in zip(method.functions, asked.assumptions, strict=True)
    )
    try:
        with roundings() as count:
            run = _run(model, asked, functions)
            _maximise(model, asked, run)
            _complete(functions)
    except ZeroDivisionError as error:
        numbers = ", ".join(f"{name} = {value}" for name, value in asked.values.items())
        raise BadQuestion(f"{method.name} is not defined for {numbers}: a coefficient divides by zero") from error
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
        raise BadQuestion(f"{method.name} cannot be modelled: {error}") from error
    model.trail.extend(_points(run.states))  # in these coordinates most relations are short
    return Posed(asked, model, run, asked.rounded + count[0], time.perf_counter() - begin)


def answer(posed: Posed, **options: Any) -> Bound:
    """Bound the worst case of a posed question; the options are those of `Model.solve`.

    The time for posing it counts towards a time limit.
    """
    if options.get("time_limit") is not None:
        options["time_limit"] = max(options["time_limit"] - posed.seconds, SHORTEST)
    bound = posed.model.solve(**options)
    return replace(bound, seconds={**bound.seconds, "model": bound.seconds.get("model", 0.0) + posed.seconds})


def _run(model: Model, asked: Question, functions: tuple[Any, ...]) -> Run:
    """The starting points are x⋆ plus fresh vectors, so that methods blind to translations stay so."""
    method = asked.method
    solution = method.solution(*functions)
    about = solution if isinstance(solution, tuple) else (solution,) * len(method.starts)
    if len(about) != len(method.starts) or not all(isinstance(point, Point) for point in about):
        raise ValueError(f"solution must give one point for each start ({', '.join(method.starts)})")
    starts = [
        centre + model.point(f"{name}0-{name}⋆", space=centre.space)
        for name, centre in zip(method.starts, about, strict=True)
    ]
    states = [method.start(*starts, *functions)]
    for _ in range(asked.steps):
        states.append(method.advance(len(states) - 1, states[-1], *functions))
    return Run(method, functions, tuple(states), solution)


def _maximise(model: Model, asked: Question, run: Run) -> None:
    several = isinstance(run.points[0], tuple | list) and not isinstance(run.solution, tuple)
    for found in (asked.initial, asked.measure):
        if several and found in MEASURES.values():
            raise ValueError(
                f"the measure {found.name!r} is of one point, and its output is several: give their mean as output, or "
                "declare a measure of your own"
            )
    first = _value(asked, asked.initial, run, 0)
    if len(first) > 1:
        raise ValueError(f"the measure {asked.initial.name!r} is a minimum and cannot bound the start")
    last = _value(asked, asked.measure, run, asked.steps)
    for name, values in ((asked.initial.name, first), (asked.measure.name, last)):
        if not values or not all(isinstance(value, Expression) for value in values):
            raise ValueError(f"the measure {name!r} is no affine expression in inner products and function values")
    model.suppose(first[0] <= asked.bound, name="initial")
    model.maximise(*last)


def _value(asked: Question, found: Measure, run: Run, k: int) -> tuple[Any, ...]:
    """The measure at iterate k."""
    try:
        return found.of(run, k)
    except (AttributeError, TypeError) as error:
        operators = [f.name for f in run.functions if isinstance(f, Operator)]
        if operators and isinstance(error, AttributeError):
            raise ValueError(
                f"the measure {found.name!r} is of functions, and {operators[0]} is an operator"
            ) from error
        if found.name.endswith("operator") and not operators:
            raise ValueError(f"the measure {found.name!r} is of operators, and there are functions here") from error
        if not isinstance(run.points[0], tuple | list):
            raise
        own = ", ".join(name for name in measures(type(asked.method)) if name not in MEASURES) or "none"
        raise ValueError(
            f"the measure {found.name!r} is of one point, and an iterate has several (of its own it has: {own})"
        ) from error


def _complete(functions: tuple[Any, ...]) -> None:
    """A subgradient wherever a function was evaluated: a value alone could be as large as you like."""
    for f in functions:
        if isinstance(f, Function):
            f.complete()


def _points(state: Any) -> Iterator[Point]:
    """All points in a state, or in a sequence of states."""
    if isinstance(state, Point):
        yield state
    elif is_dataclass(state) and not isinstance(state, type):
        for field in fields(state):
            yield from _points(getattr(state, field.name))
    elif isinstance(state, tuple | list):
        for part in state:
            yield from _points(part)
