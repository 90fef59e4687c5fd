"""The certificate file of a worst case: what it claims by name, the multipliers, the worst case itself.

Verifying builds the problem again from the named declaration and refuses relations that are not its own: multipliers
for a slightly different method are a valid certificate, of another worst case.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from certify.kernel import Malformed, Rejected, Surd
from certify.kernel.surd import Number
from certify.kernel.worst_case import AlgebraicBound, Unproved, UpperBound, WorstCase, check_attained, check_upper
from certify.kernel.worst_case_json import (
    SCHEMA,
    attained_from_json,
    attained_to_json,
    claim_from_json,
    document,
    problem_from_json,
    problem_to_json,
    upper_from_json,
    upper_to_json,
)
from certify.language import Assumption, Method
from certify.pep.engine.bounds import Bound, decimal
from certify.pep.engine.problem import Problem, Terms, to_kernel
from certify.pep.modelling.rationals import rational
from certify.pep.narrowed import narrower, whole
from certify.pep.questions import BadQuestion, Question, question
from certify.pep.runs import Posed, pose

Load = Callable[[str, type[Any]], type[Any]]
"""Finds a `Method` or an `Assumption` by its name."""


def claim(asked: Question) -> dict[str, Any]:
    """What identifies a question, as JSON data: names and exact numbers."""
    roles = zip(asked.method.functions, asked.assumptions, strict=True)
    return {
        "method": asked.method.name,
        "assumptions": {role: [a.name for a in own] for role, own in roles},
        "values": {symbol: str(value) for symbol, value in asked.values.items()},
        "steps": asked.steps,
        "measure": asked.measure.name,
        "initial": asked.initial.name,
        "bound": str(asked.bound),
    }


def to_json(asked: Question, bound: Bound) -> dict[str, Any] | None:
    """The certificate file, of the closed form if there is one; None if there is no exact upper end.

    Raises `Malformed` for numbers that are too long.
    """
    upper = bound.closed_certificate or bound.upper_certificate
    if upper is None:
        return None
    data = {
        "schema": SCHEMA,
        "claim": claim(asked),
        "problem": problem_to_json(upper.problem),
        "upper": upper_to_json(upper),
    }
    if bound.lower_certificate is not None and bound.lower is not None:
        data["attained"] = attained_to_json(bound.lower_certificate)
        if bound.narrowed:
            data["narrowed"] = [[str(number) for number in numbers] for numbers in bound.narrowed]
    return data


def verify(data: object, load: Load | None) -> tuple[str, list[str]]:
    """Check a file: its identifier, and sentences that say what it establishes.

    Without `load` nothing is traced: the problem is taken as given, and the worst case, which needs all relations, is
    not looked at. Raises `Malformed` or `Rejected`.
    """
    found = document(data)
    said, problem = claim_from_json(found["claim"]), problem_from_json(found["problem"])
    certificate = upper_from_json(found["upper"], problem)
    name = f"{said['method']}/{said['measure']} after {said['steps']} step{'s' * (said['steps'] != 1)}"
    sentences, rebuilt = [], None
    if load is not None:
        rebuilt = _rebuilt(said, problem.vectors, load)
        same(problem, rebuilt.whole)
        sentences.append(rebuilt.described)
    checked(certificate, "the upper end")
    sentences.append(f"upper end: {_decimal(certificate.bound, up=True)}, by {count(certificate)}")
    if "attained" in found and rebuilt is not None:
        relaxed = rebuilt.relaxed and "narrowed" not in found
        known = rebuilt.narrower(found["narrowed"]) if "narrowed" in found else rebuilt.whole
        attained = attained_from_json(found["attained"], known)
        try:
            check_attained(attained)
        except Unproved as error:
            raise Rejected(f"the worst case: {error}") from error
        where = "at a Gram matrix that satisfies everything" + ", which need not be one of functions" * relaxed
        where += ", and narrower conditions with which it certainly occurs" * ("narrowed" in found)
        sentences.append(f"lower end: {_decimal(attained.value)}, attained {where}")
    elif "attained" in found:
        sentences.append("lower end: not looked at, for it needs all relations of the declaration")
    return name, sentences


@dataclass(frozen=True)
class Rebuilt:
    """The whole problem of the question that a file names, from the declaration alone, over the file's basis."""

    posed: Posed
    problem: Problem
    terms: Callable[[Terms], Terms]

    @property
    def whole(self) -> WorstCase:
        """The problem in the kernel's type."""
        return to_kernel(self.problem)

    @property
    def relaxed(self) -> bool:
        """Whether its points need not be of functions."""
        return bool(self.problem.relaxations)

    @property
    def described(self) -> str:
        """The question in words."""
        asked = self.posed.question
        text = f"worst case of {asked.measured}, N = {asked.steps}, from {asked.started}"
        if self.relaxed:
            text += f" (a relaxation: {'; '.join(self.problem.relaxations)})"
        if self.posed.rounded:
            text += f"; {self.posed.rounded} coefficients of the method are rounded"
        return text

    def narrower(self, data: Any) -> WorstCase:
        """The narrower problem with the numbers in a file, whose points certainly occur."""
        try:
            numbers = [tuple(map(rational, own)) for own in data]
            problem = narrower(self.problem, self.terms, self.posed.model.narrowings() or [], numbers)
        except (TypeError, ValueError) as error:
            raise Rejected(f"the narrower conditions: {error}") from error
        return to_kernel(problem)


def _rebuilt(said: Any, vectors: tuple[str, ...], load: Load) -> Rebuilt:
    """The problem of the question that the file names."""
    method = load(said["method"], Method)
    roles = {role: [load(n, Assumption) for n in names] for role, names in said["assumptions"].items()}
    try:
        asked = question(
            method,
            roles,
            said["values"],
            steps=said["steps"],
            measure=said["measure"],
            initial=said["initial"],
            bound=said["bound"],
        )
        posed = pose(asked)
    except BadQuestion as error:
        raise Rejected(f"the question cannot be posed again: {error}") from error
    return Rebuilt(posed, *whole(posed.model, vectors))


def same(found: WorstCase, own: WorstCase) -> None:
    """Everything the multipliers use belongs to the problem of the declaration."""
    if (found.vectors, found.values) != (own.vectors, own.values):
        raise Rejected("the quantities are not those of the declaration")
    if found.objective != own.objective:
        raise Rejected("the measure is not that of the declaration")
    for have, known in ((found.inequalities, own.inequalities), (found.equations, own.equations)):
        forms = {relation.name: relation.form for relation in known}
        for relation in have:
            if forms.get(relation.name) != relation.form:
                raise Rejected(f"the relation {relation.name!r} is not one of the declaration's")
    tables = {matrix.name: matrix.rows for matrix in own.matrices}
    for matrix in found.matrices:
        if tables.get(matrix.name) != matrix.rows:
            raise Rejected(f"the relation {matrix.name!r} is not one of the declaration's")


def checked(certificate: UpperBound | AlgebraicBound, what: str) -> None:
    """Ask the kernel; raises `Rejected` with `what` was to be proved."""
    try:
        check_upper(certificate)
    except Unproved as error:
        raise Rejected(f"{what}: {error}") from error


def count(certificate: UpperBound | AlgebraicBound) -> str:
    """How many multipliers a certificate has, in words."""
    parts = (certificate.multipliers, certificate.equation_multipliers, certificate.matrix_multipliers)
    number = sum(map(len, parts))
    return f"{number} multiplier{'s' * (number != 1)}"


def _decimal(value: Number, *, up: bool = False) -> str:
    short = str(value)
    if isinstance(value, Surd):
        return f"{short} = {decimal(value, up=up, digits=12)}"
    return short if len(short) <= 24 else decimal(value, up=up, digits=12)


__all__ = ["SCHEMA", "Malformed", "Rejected", "claim", "to_json", "verify"]
