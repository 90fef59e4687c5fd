"""Certificates of worst cases as JSON: plain data with numbers such as "3/4", read strictly and with caps on sizes.

    {"schema": "certify/worst-case/1", "claim": {…}, "problem": {…}, "upper": {…}, "attained": {…}}

Numbers of `upper` may also be {"a": "p/q", "b": "p/q", "sqrt": d}, for a + b√d with the same d everywhere.

`problem` holds the relations that `upper` uses. `attained`, which needs all relations, is optional and names none: it
is read beside the whole problem, which comes from the declaration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import isqrt
from typing import Any, TypeVar

from certify.kernel.polynomial import Malformed
from certify.kernel.surd import Number, Surd
from certify.kernel.worst_case import (
    AlgebraicBound,
    Attained,
    Form,
    MatrixRelation,
    Relation,
    UpperBound,
    WorstCase,
    roots,
)

SCHEMA = "certify/worst-case/1"
RATE = "certify/rate/1"
MAX_ITEMS, MAX_DIGITS, MAX_NAME, MAX_ROOT = 200_000, 4_000, 200, 10**18
"""The longest list or object, number and name that are read, and the largest d of √d."""
_RATIONAL = re.compile(rf"(-?[0-9]{{1,{MAX_DIGITS}}})(?:/([1-9][0-9]{{0,{MAX_DIGITS - 1}}}))?\Z", re.ASCII)
T = TypeVar("T")


def problem_to_json(problem: WorstCase) -> dict[str, Any]:
    """A worst-case problem as JSON data; notes are left out."""
    return {
        "vectors": list(problem.vectors),
        "values": list(problem.values),
        "objective": _plain(problem.objective),
        "inequalities": {r.name: _plain(r.form) for r in problem.inequalities},
        "equations": {r.name: _plain(r.form) for r in problem.equations},
        "matrices": {m.name: [[_plain(f) for f in row] for row in m.rows] for m in problem.matrices},
    }


def problem_from_json(data: object) -> WorstCase:
    """The inverse of `problem_to_json`; raises `Malformed`."""
    found = _object(data, "problem", ("vectors", "values", "objective", "inequalities", "equations", "matrices"), ())

    def relations(key: str) -> tuple[Relation, ...]:
        return tuple(Relation(n, _form(f, f"{key}.{n}")) for n, f in _mapping(found[key], key).items())

    return WorstCase(
        vectors=_names(found["vectors"], "vectors"),
        values=_names(found["values"], "values"),
        objective=_form(found["objective"], "objective"),
        inequalities=relations("inequalities"),
        equations=relations("equations"),
        matrices=tuple(
            MatrixRelation(name, _table(rows, f"matrices.{name}", _form))
            for name, rows in _mapping(found["matrices"], "matrices").items()
        ),
    )


def number_to_json(number: Number) -> str | dict[str, Any]:
    """``"p/q"``, or an object for a + b√d; raises `Malformed` for numbers that are too long."""
    if isinstance(number, Surd):
        return {"a": _text(number.a), "b": _text(number.b), "sqrt": number.d}
    return _text(number)


def upper_to_json(certificate: UpperBound | AlgebraicBound) -> dict[str, Any]:
    """Bound and multipliers; the problem is stored beside them."""

    def plain(numbers: Mapping[str, Number]) -> dict[str, Any]:
        return {name: number_to_json(number) for name, number in numbers.items() if number}

    return {
        "bound": number_to_json(certificate.bound),
        "multipliers": plain(certificate.multipliers),
        "equation_multipliers": plain(certificate.equation_multipliers),
        "matrix_multipliers": {
            name: [[number_to_json(z) for z in row] for row in rows]
            for name, rows in certificate.matrix_multipliers.items()
        },
    }


def upper_from_json(data: object, problem: WorstCase) -> UpperBound | AlgebraicBound:
    """The inverse of `upper_to_json`; raises `Malformed`."""
    keys = ("bound", "multipliers", "equation_multipliers", "matrix_multipliers")
    found = _object(data, "upper", keys, ())

    def numbers(key: str) -> dict[str, Any]:
        return {name: _any_number(n, f"{key}.{name}") for name, n in _mapping(found[key], key).items()}

    matrices: dict[str, Any] = {
        name: _table(rows, f"matrix_multipliers.{name}", _any_number)
        for name, rows in _mapping(found["matrix_multipliers"], "matrix_multipliers").items()
    }
    bound: Any = _any_number(found["bound"], "bound")
    parts = (problem, bound, numbers("multipliers"), numbers("equation_multipliers"), matrices)
    algebraic = AlgebraicBound(*parts)
    return algebraic if roots(algebraic) else UpperBound(*parts)


def attained_to_json(certificate: Attained) -> dict[str, Any]:
    """Value, Gram matrix and function values."""
    return {
        "value": _text(certificate.value),
        "gram": _plain(certificate.gram),
        "values": {name: _text(number) for name, number in certificate.values.items()},
    }


def attained_from_json(data: object, problem: WorstCase) -> Attained:
    """The inverse of `attained_to_json`; raises `Malformed`."""
    found = _object(data, "attained", ("value", "gram", "values"), ())
    value, gram, values = (found[key] for key in ("value", "gram", "values"))
    return Attained(problem, _number(value, "value"), _form(gram, "gram"), _form(values, "values"))


def document(data: object) -> dict[str, Any]:
    """The outermost object of a file: its keys are known and its schema is this one; raises `Malformed`."""
    found = _object(data, "a worst-case certificate", ("schema", "claim", "problem", "upper"), ("attained", "narrowed"))
    if found["schema"] != SCHEMA:
        raise Malformed(f"the schema is not {SCHEMA!r}")
    return found


def _plain(form: Form) -> dict[str, str]:
    return {name: _text(number) for name, number in form.items() if number}


def _text(number: Fraction) -> str:
    if max(abs(number.numerator), number.denominator).bit_length() > 3.32 * MAX_DIGITS:
        raise Malformed(f"a number of the certificate has more than {MAX_DIGITS} digits")
    return str(number)


def _number(value: object, where: str) -> Fraction:
    match = _RATIONAL.match(value) if isinstance(value, str) else None
    if match is None:
        shown = value[:40] if isinstance(value, str) else type(value).__name__
        raise Malformed(f'{where[:MAX_NAME]}: {shown!r} is not a string like "-3/4" with at most {MAX_DIGITS} digits')
    return Fraction(int(match[1]), int(match[2] or 1))


def _any_number(value: object, where: str) -> Number:
    """A rational number, or a + b√d."""
    if not isinstance(value, dict):
        return _number(value, where)
    found = _object(value, where[:MAX_NAME], ("a", "b", "sqrt"), ())
    d = found["sqrt"]
    if type(d) is not int or not 1 < d <= MAX_ROOT or isqrt(d) ** 2 == d:
        raise Malformed(f"{where[:MAX_NAME]}: sqrt must be a whole number from 2 to {MAX_ROOT} that is no square")
    return Surd(_number(found["a"], where), _number(found["b"], where), d)


def _form(value: object, where: str) -> dict[str, Fraction]:
    return {name: _number(number, f"{where}.{name}") for name, number in _mapping(value, where).items()}


def _mapping(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict) or len(value) > MAX_ITEMS:
        raise Malformed(f"{where[:MAX_NAME]} must be an object with at most {MAX_ITEMS} entries")
    for name in value:
        _name(name, where)
    return value


def _object(value: object, where: str, needed: tuple[str, ...], optional: tuple[str, ...]) -> dict[str, Any]:
    found = _mapping(value, where)
    for key in (*needed, *found):
        if key not in found or key not in (*needed, *optional):
            raise Malformed(f"{where} {'lacks' if key in needed else 'may not have'} the key {key[:40]!r}")
    return found


def _list(value: object, where: str) -> list[Any]:
    if not isinstance(value, list) or len(value) > MAX_ITEMS:
        raise Malformed(f"{where[:MAX_NAME]} must be a list of at most {MAX_ITEMS} entries")
    return value


def _table(value: object, where: str, read: Callable[[object, str], T]) -> tuple[tuple[T, ...], ...]:
    return tuple(tuple(read(item, where) for item in _list(row, where)) for row in _list(value, where))


def _names(value: object, where: str) -> tuple[str, ...]:
    return tuple(_name(item, where) for item in _list(value, where))


def _name(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= MAX_NAME:
        raise Malformed(f"{where[:MAX_NAME]}: a name must be a string of 1 to {MAX_NAME} printable characters")
    return value


def claim_from_json(data: object) -> Mapping[str, Any]:
    """What the file says it is about, with every value of the type it must have; raises `Malformed`."""
    keys = ("method", "assumptions", "values", "steps", "measure", "initial", "bound")
    found = _object(data, "claim", keys, ())
    for key in ("method", "measure", "initial"):
        _name(found[key], key)
    if type(found["steps"]) is not int:
        raise Malformed("steps must be a whole number")
    roles = _mapping(found["assumptions"], "assumptions")
    assumptions = {role: _names(names, f"assumptions.{role}") for role, names in roles.items()}
    values = _form(found["values"], "values")
    return {**found, "assumptions": assumptions, "values": values, "bound": _number(found["bound"], "bound")}


@dataclass(frozen=True)
class RateFile:
    """A linear rate: V⁺ ≤ ρV and measure ≤ V as two upper bounds by 0, and a point without a V for another rate."""

    claim: Mapping[str, Any]
    rate: Fraction
    lyapunov: Form
    descent: UpperBound | AlgebraicBound
    bounded_below: UpperBound | AlgebraicBound
    refused: Fraction | None
    """A rate that no V of the family has, by the point that `attained` reads beside the problem."""
    attained: Any


def rate_from_json(data: object) -> RateFile:
    """A rate's file with every value of the type it must have; raises `Malformed`."""
    needed = ("schema", "claim", "rate", "lyapunov", "descent", "bounded_below")
    found = _object(data, "a rate certificate", needed, ("refused",))
    if found["schema"] != RATE:
        raise Malformed(f"the schema is not {RATE!r}")
    claim = _object(found["claim"], "claim", ("method", "assumptions", "values", "measure", "nonnegative"), ())
    for key in ("method", "measure"):
        _name(claim[key], key)
    if type(claim["nonnegative"]) is not bool:
        raise Malformed("nonnegative must be true or false")
    roles = _mapping(claim["assumptions"], "assumptions")
    assumptions = {role: _names(names, f"assumptions.{role}") for role, names in roles.items()}
    bounds = []
    for key in ("descent", "bounded_below"):
        part = _object(found[key], key, ("problem", "upper"), ())
        bounds.append(upper_from_json(part["upper"], problem_from_json(part["problem"])))
    refused = _object(found["refused"], "refused", ("rate", "attained"), ()) if "refused" in found else {}
    return RateFile(
        claim={**claim, "assumptions": assumptions, "values": _form(claim["values"], "values")},
        rate=_number(found["rate"], "rate"),
        lyapunov=_form(found["lyapunov"], "lyapunov"),
        descent=bounds[0],
        bounded_below=bounds[1],
        refused=_number(refused["rate"], "refused.rate") if refused else None,
        attained=refused.get("attained"),
    )
