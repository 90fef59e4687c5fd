"""The certificate file of a linear rate: the Lyapunov function V, two proofs, and a point that rules out another rate.

Verifying builds the method's model again from the declaration, forms V⁺ − ρV and measure − V for the V of the file,
and refuses proofs of anything else. That no V has another rate is checked on the joint problem of
`certify.pep.contraction`.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.kernel import Rejected, check_attained
from certify.kernel.worst_case import Attained, Unproved, UpperBound
from certify.kernel.worst_case_json import (
    RATE,
    RateFile,
    attained_from_json,
    attained_to_json,
    problem_to_json,
    rate_from_json,
    upper_to_json,
)
from certify.language import Assumption, Method
from certify.language.roundings import roundings
from certify.pep.certificates import Load, checked, count, same
from certify.pep.contraction import BestRate
from certify.pep.engine.problem import to_kernel
from certify.pep.lyapunov_family import Family
from certify.pep.method_rates import posed
from certify.pep.questions import BadQuestion, Question, question


def rate_to_json(asked: Question, found: BestRate, *, nonnegative: bool = False) -> dict[str, Any] | None:
    """The certificate file; None if no rate was proved. Raises `Malformed` for numbers that are too long."""
    if found.found is None:
        return None
    roles = zip(asked.method.functions, asked.assumptions, strict=True)
    data: dict[str, Any] = {
        "schema": RATE,
        "claim": {
            "method": asked.method.name,
            "assumptions": {role: [a.name for a in own] for role, own in roles},
            "values": {symbol: str(value) for symbol, value in asked.values.items()},
            "measure": asked.measure.name,
            "nonnegative": nonnegative,
        },
        "rate": str(found.found.rate),
        "lyapunov": {name: str(c) for name, c in found.found.coefficients.items()},
        "descent": _part(found.found.descent),
        "bounded_below": _part(found.found.bounded_below),
    }
    if found.refused is not None:
        data["refused"] = {
            "rate": str(found.refused.rate),
            "attained": attained_to_json(found.refused.certificate),
        }
    return data


def _part(certificate: UpperBound) -> dict[str, Any]:
    return {"problem": problem_to_json(certificate.problem), "upper": upper_to_json(certificate)}


def verify_rate(data: object, load: Load | None) -> tuple[str, list[str]]:
    """Check a file: its identifier, and sentences that say what it establishes.

    Without `load` nothing is traced: the two problems are taken as given, and the point that rules out another rate
    is not looked at. Raises `Malformed` or `Rejected`.
    """
    found = rate_from_json(data)
    name = f"{found.claim['method']}: linear rate of {found.claim['measure']}"
    sentences: list[str] = []
    family = None
    if load is not None:
        family, described = _rebuilt(found, load)
        sentences += described
        _compare(found, family)
    both = ("V⁺ ≤ ρV", "measure ≤ V") if load else ("the first objective ≤ 0", "the second objective ≤ 0")
    for words, certificate in zip(both, (found.descent, found.bounded_below), strict=True):
        checked(certificate, words)
        if certificate.bound > 0:
            raise Rejected(f"{words}: the multipliers are of a bound above 0")
        sentences.append(f"{words}, by {count(certificate)}")
    if found.refused is not None:
        sentences.append(_refused(found, family))
    return name, sentences


def _rebuilt(found: RateFile, load: Load) -> tuple[Family, list[str]]:
    """The family of Lyapunov functions that the file names, from the declaration alone."""
    said = found.claim
    method = load(said["method"], Method)
    roles = {role: [load(n, Assumption) for n in names] for role, names in said["assumptions"].items()}
    try:
        asked = question(method, roles, said["values"], steps=1, measure=said["measure"])
        with roundings() as rounded:
            model, now, then, measure = posed(asked)
        family = Family(model, now, then, measure, None, said["nonnegative"])
    except (BadQuestion, ValueError) as error:
        raise Rejected(f"the question cannot be posed again: {error}") from error
    described = [f"V⁺ ≤ ρV in every step and V ≥ {asked.measure.describe('x', '')}, for ρ = {found.rate}"]
    if rounded[0]:
        described.append("coefficients of the method are rounded")
    return family, described


def _compare(found: RateFile, family: Family) -> None:
    """The two problems are those of the declaration, with V⁺ − ρV and measure − V to be bounded."""
    if unknown := found.lyapunov.keys() - family.now.keys():
        raise Rejected(f"V has the term {min(unknown)!r}, which is none of the declaration's")
    if found.rate < 0:
        raise Rejected("the rate is negative")
    if family.signed and not family.is_nonnegative(found.lyapunov):
        raise Rejected("V is not nonnegative, as the file says")
    objectives = family.forms(found.rate, found.lyapunov)
    for certificate, objective in zip((found.descent, found.bounded_below), objectives, strict=True):
        same(certificate.problem, to_kernel(family.with_objective(objective)))


def _refused(found: RateFile, family: Family | None) -> str:
    """The sentence about the rate that no V has; raises `Rejected`."""
    if family is None or found.refused is None:
        return "the rate that is ruled out: not looked at, for it needs all relations of the declaration"
    if not family.refutable:
        raise Rejected("no rate is ruled out where the conditions of a class are only necessary")
    attained: Attained = attained_from_json(found.attained, to_kernel(family.joint(found.refused)))
    try:
        check_attained(attained)
    except Unproved as error:
        raise Rejected(f"the rate that is ruled out: {error}") from error
    if attained.value <= Fraction(0):
        raise Rejected("the rate that is ruled out: the point shows nothing, its value is not positive")
    return f"no V of this family has ρ = {found.refused}"
