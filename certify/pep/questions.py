"""A question about a worst case, checked: which method, what is assumed of each role, exact numbers, N, measure, start.

Values are numbers or formulas in other values ("1/L", "2/(L+mu)"); they are read by a small parser and evaluated
exactly, never by Python.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.language import (
    DISTANCE,
    MEASURES,
    Assumption,
    Count,
    Measure,
    Method,
    NonNegative,
    Positive,
    Rate,
    Scalar,
)
from certify.language.expressions import SyntaxProblem, parse
from certify.language.roundings import root, roundings
from certify.pep.modelling.intersections import joined
from certify.pep.modelling.rationals import fraction
from certify.pep.modelling.records import outside_domain

STEPS = "N"
"""The name of the number of steps in formulas."""
MAX_STEPS = 1_000
_ROOT = re.compile(r"\bsqrt\s*\(")
_NAME = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)?")
_DOTTED = re.compile(r"\b([A-Za-z]\w*)\.([A-Za-z]\w*)")


class BadQuestion(ValueError):
    """A worst case that cannot be asked for; the message is one sentence that says what to give instead."""


@dataclass(frozen=True)
class Question:
    """How large can `measure` be after `steps` steps, if `initial` is at most `bound` at the start?

    `method` and `assumptions` (role by role) carry exact numbers. `values` are those numbers by symbol, as given by the
    user (``"L"`` for every role that has an L, ``"h.L"`` for one of them).
    """

    method: Method
    assumptions: tuple[tuple[Assumption, ...], ...]
    values: Mapping[str, Fraction]
    steps: int
    measure: Measure
    initial: Measure
    bound: Fraction
    rounded: int = 0
    """How many square roots in formulas were rounded to a rational number."""

    @property
    def constants(self) -> list[dict[str, Fraction]]:
        """The constants of each role's function."""
        return [{s: v for a in role for s, v in a.values.items()} for role in self.assumptions]

    @property
    def measured(self) -> str:
        """What is bounded, in symbols."""
        return self._said(self.measure, "x_N", "x_{N−1}")

    @property
    def started(self) -> str:
        """What is known at the start, in symbols."""
        return f"{self._said(self.initial, 'x₀', '')} ≤ {self.bound}"

    def _said(self, measure: Measure, x: str, y: str) -> str:
        text = measure.describe(x, y)
        if len(self.method.functions) > 1 and measure.name in MEASURES:  # of the sum F of all functions
            text = re.sub(r"\bf(?=[(⋆])", "F", text)
        return text

    def claims(self) -> Iterator[tuple[Rate, Fraction | float]]:
        """The declared rates that are about this question, with the number that each claims."""
        if any(not a.values[symbol] for role in self.assumptions for a in role for symbol in a.limits):
            return  # sources suppose that it is positive
        kinds = [[type(a) for a in role] for role in self.assumptions]
        for row in type(self.method).rates().values():
            same = (row.measure.name, row.initial.name) == (self.measure.name, self.initial.name)
            if same and row.applies(kinds):
                value = row.claimed(self.method, self.constants, self.steps, self.bound)
                if value is not None:
                    yield row, value


def question(
    method: type[Method] | Method,
    assumptions: Any,
    values: Mapping[str, Any] | None = None,
    *,
    steps: int,
    measure: Measure | str,
    initial: Measure | str = DISTANCE,
    bound: Any = 1,
) -> Question:
    """Check a question and make its numbers exact; see `certify.pep.worst_case` for the arguments.

    **Raises:** `BadQuestion`.
    """
    kind: type[Method] = type(method) if isinstance(method, Method) else method
    roles = _roles(kind, assumptions)
    given: dict[str, Any] = dict(method.values) if isinstance(method, Method) else {}
    for role, own in zip(kind.functions, roles, strict=True):
        for each in own:
            if isinstance(each, Assumption):
                given |= {f"{role}.{s}" if len(roles) > 1 else s: v for s, v in each.values.items()}
    given |= values or {}
    if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= MAX_STEPS:
        raise BadQuestion(f"the number of steps must be a whole number from 1 to {MAX_STEPS}, not {steps!r}")
    classes = [tuple(type(a) if isinstance(a, Assumption) else a for a in own) for own in roles]
    with roundings() as count:
        numbers = _numbers(kind, classes, given, steps)
        if isinstance(initial, str):
            name, less, text = initial.replace("≤", "<=").partition("<=")
            initial, bound = _measure(kind, name.strip()), text.strip() if less else bound
        limit = _evaluated("the bound on the start", {"": bound}, numbers)[""]
    if limit < 0:
        raise BadQuestion(f"the bound on the start, {limit}, is negative")
    made = _instance(kind, numbers, "")
    bound_roles = [
        joined([_instance(a, numbers, r) for a in own]) for r, own in zip(kind.functions, classes, strict=True)
    ]
    used = [s for s in numbers if s not in (STEPS, kind.horizon())]
    return Question(
        method=made,
        assumptions=tuple(bound_roles),
        values={s: numbers[s] for s in used},
        steps=steps,
        measure=_measure(kind, measure) if isinstance(measure, str) else measure,
        initial=initial,
        bound=limit,
        rounded=count[0],
    )


def evaluate(formula: str, values: Mapping[str, Any]) -> Fraction:
    """The number that a formula in other values stands for; values it does not need may be unknown. `BadQuestion`."""
    return _evaluated("the formula", {"": formula, **_needed(formula, values)}, {})[""]


def measures(kind: type[Method]) -> dict[str, Measure]:
    """The measures that may be asked for by name: the library's, the method's and those that its rates are about."""
    own = [*kind.measures, *(m for row in kind.rates().values() for m in (row.measure, row.initial))]
    return MEASURES | {m.name: m for m in own}


def _measure(kind: type[Method], name: str) -> Measure:
    known = measures(kind)
    if name not in known:
        raise BadQuestion(f"there is no measure {name!r}; there are {', '.join(known)}")
    return known[name]


def _roles(kind: type[Method], assumptions: Any) -> list[tuple[Any, ...]]:
    """What is assumed of each role, in order."""
    names = kind.functions
    if isinstance(assumptions, Mapping):
        if unknown := [r for r in assumptions if r not in names]:
            raise BadQuestion(f"{kind.name} has no role {unknown[0]!r}; it has {', '.join(names)}")
        entries = [assumptions.get(role, ()) for role in names]
    elif len(names) == 1:
        nested = isinstance(assumptions, tuple | list) and len(assumptions) == 1
        entries = list(assumptions) if nested else [assumptions]
    elif isinstance(assumptions, Sequence) and len(assumptions) == len(names):
        entries = list(assumptions)
    else:
        raise BadQuestion(f"{kind.name} works on {', '.join(names)}: give one assumption for each of them")
    roles = [tuple(e) if isinstance(e, tuple | list) else (e,) for e in entries]
    for role, own in zip(names, roles, strict=True):
        if not own:
            raise BadQuestion(f"nothing is assumed of {role}; {kind.name} needs an assumption on each function")
        for each in own:
            if not isinstance(each, Assumption) and not (isinstance(each, type) and issubclass(each, Assumption)):
                raise BadQuestion(f"{each!r} is no assumption on {role}; give for example SmoothConvex")
    return roles


def _numbers(
    kind: type[Method], roles: Sequence[tuple[type[Assumption], ...]], given: Mapping[str, Any], steps: int
) -> dict[str, Fraction]:
    """An exact number for every symbol that is given, the number of steps included."""
    own, horizon = kind.parameters(), kind.horizon()
    known = dict.fromkeys([*own, STEPS])
    for role, assumptions in zip(kind.functions, roles, strict=True):
        for symbol in (s for a in assumptions for s in a.parameters()):
            known |= dict.fromkeys([symbol, f"{role}.{symbol}"])
    for name in given:
        if name not in known:
            raise BadQuestion(f"{name!r} is no parameter of {kind.name} or its assumptions ({_listed(known)})")
    numbers = _evaluated("a value", {**dict.fromkeys(filter(None, (STEPS, horizon)), steps), **given}, known)
    for name in filter(None, (STEPS, horizon)):
        if numbers[name] != steps and (name in (horizon, *given)):
            raise BadQuestion(f"{name} is the number of steps, {steps}, not {numbers[name]}")
    missing = [s for s in own if s not in numbers]
    for role, assumptions in zip(kind.functions, roles, strict=True):
        symbols = [s for a in assumptions for s in a.parameters()]
        several = len(roles) > 1
        missing += [f"{role}.{s}" if several else s for s in symbols if not {s, f"{role}.{s}"} & numbers.keys()]
    if missing:
        raise BadQuestion(f"{kind.name} needs a number for {', '.join(dict.fromkeys(missing))}")
    return numbers


def _evaluated(what: str, given: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Fraction]:
    """The numbers that formulas stand for; they may use each other and the numbers in `names`.

    √q is exact for squares, else a rational number with relative error at most 2⁻⁶⁴.
    """
    given = {name: _rootless(name or what, value, given, names) for name, value in given.items()}
    inner = {n: _inside(n) for n in (*names, *given)}
    fixed = {inner[n]: v for n, v in names.items() if v is not None}
    formulas: dict[str, Scalar] = {}
    for name, value in given.items():
        try:
            formulas[inner[name]] = (
                parse(_inside(value), [i for i in inner.values() if i])
                if isinstance(value, str)
                else Scalar.constant(fraction(value))
            )
        except (SyntaxProblem, TypeError, ValueError) as error:
            raise BadQuestion(f"{name or what}: {error}") from error
    try:
        for _ in formulas:
            formulas = {n: s.substitute({k: f for k, f in formulas.items() if k != n}) for n, s in formulas.items()}
        formulas = {n: s.substitute(fixed) for n, s in formulas.items()}
    except ZeroDivisionError as error:
        raise BadQuestion(f"{what}: filling the numbers in divides by zero") from error
    numbers = {}
    for name in given:
        value = formulas[inner[name]].as_constant()
        if value is None:
            lacking = ", ".join(sorted(v.replace("__", ".") for v in formulas[inner[name]].variables))
            raise BadQuestion(f"{name or what} depends on {lacking}, which has no number")
        numbers[name] = value
    return numbers


def _rootless(name: str, formula: Any, given: Mapping[str, Any], names: Mapping[str, Any]) -> Any:
    """The formula with a number in the place of every ``sqrt(…)``, the inner ones first."""
    while isinstance(formula, str) and (found := [*_ROOT.finditer(formula)]):
        begin, end, open_ = found[-1].start(), found[-1].end(), 1
        while open_ and end < len(formula):
            open_ += {"(": 1, ")": -1}.get(formula[end], 0)
            end += 1
        if open_:
            raise BadQuestion(f"{name}: expected ')' at the end of {formula!r}")
        inner = formula[found[-1].end() : end - 1]
        others = {n: v for n, v in given.items() if n and n != name}
        number = _evaluated(name, {"": inner, **_needed(inner, others)}, names)[""]
        if number < 0:
            raise BadQuestion(f"{name}: sqrt({inner}) is the root of a negative number, {number}")
        formula = f"{formula[:begin]}({root(number)}){formula[end:]}"
    return formula


def _needed(formula: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values that a formula uses, directly or through others."""
    needed: dict[str, Any] = {}
    waiting = [formula]
    while waiting:
        for name in _NAME.findall(waiting.pop()):
            if name in values and name not in needed:
                needed[name] = values[name]
                waiting.append(str(values[name]))
    return needed


def _instance(kind: type[Any], numbers: Mapping[str, Fraction], role: str) -> Any:
    """A method or assumption with its numbers, in their domains."""
    values: dict[str, Any] = {}
    for symbol, parameter in kind.parameters().items():
        value = numbers[f"{role}.{symbol}"] if f"{role}.{symbol}" in numbers else numbers[symbol]
        if isinstance(parameter, Count) and (value.denominator != 1 or value < 1):
            raise BadQuestion(f"{kind.name}: {symbol} must be a whole number of at least 1, not {value}")
        signed = isinstance(parameter, Positive | NonNegative)
        strict = parameter.strict and symbol not in getattr(kind, "limits", ())
        if signed and (value < 0 or (strict and not value)):
            sign = "positive" if parameter.strict else "nonnegative"
            raise BadQuestion(f"{kind.name}: {symbol} must be {sign}, not {value}")
        values[symbol] = int(value) if isinstance(parameter, Count) else value
    made = kind(**values)
    if isinstance(made, Assumption):
        made = made.settled()
    if isinstance(made, Assumption) and (outside := outside_domain(made)):
        raise BadQuestion(outside)
    return made


def _inside(name: str) -> str:
    """``f.L`` as one name for the parser."""
    return _DOTTED.sub(r"\1__\2", name)


def _listed(known: Mapping[str, Any]) -> str:
    return ", ".join(known)
