"""Goals made from a claim about layers: c Δ₀/N + F for a sum over them follows from q ≤ c (V − V⁺) + F for one step."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from certify.claims.claim import STEPS, Claim
from certify.claims.formulas import Call, Formula, Name, Number, Product, Quotient, Sum, names
from certify.claims.goals import Proposal, Values, rational
from certify.claims.implied import in_words
from certify.claims.layered import SUMMED
from certify.claims.symbols import NotComparable
from certify.language import GAP, Goal, Measure, Theorem
from certify.language.goals import Telescoping
from certify.language.scalar import Scalar

GAP_AT_START = "Delta0"


def layer_proposals(claim: Claim) -> Iterator[Proposal]:
    """One goal for each measure of the method's theorems that is what the claim measures, up to a parameter."""
    if claim.complexity is not None or not claim.method.stateless() or claim.random:
        return
    measures = {t.measure.name: t.measure for t in claim.method.theorems().values() if t.variant is None}
    for name, measure in measures.items():
        what, power, divisor = in_words(claim, name, 1)
        if (what, power) != (claim.measured.what, claim.measured.power):
            continue
        try:
            constant, floor = _parts(claim.bound, divisor)
        except (NotComparable, ZeroDivisionError):
            continue
        yield Proposal(_theorem(claim, measure, constant, floor), "a sum over the steps")


def _parts(bound: Formula, divisor: str) -> tuple[Fraction, list[Formula]]:
    """c and the terms of F, both multiplied by the divisor; raises `NotComparable`."""
    times = Name(divisor) if divisor else Number(Fraction(1))
    constant, floor = Fraction(0), []
    for term in _terms(bound):
        if GAP_AT_START in names(term):
            N = Scalar.variable(STEPS)
            factor = rational(Product(term, times)) * N / Scalar.variable(GAP_AT_START)
            number = factor.as_constant()
            if number is None or number <= 0:
                raise NotComparable("a multiple of Δ₀/N that is no number")
            constant += number
        elif names(term) & {STEPS, "R", "G0"}:
            raise NotComparable("a term that is neither a multiple of Δ₀/N nor constant")
        else:
            floor.append(Product(term, times))
    if not constant:
        raise NotComparable("a bound without Δ₀")
    return constant, floor


def _terms(formula: Formula) -> Iterator[Formula]:
    """What is added up, also above a line."""
    match formula:
        case Sum(a, b):
            yield from _terms(a)
            yield from _terms(b)
        case Quotient(a, b):
            yield from (Quotient(term, b) for term in _terms(a))
        case _:
            yield formula


def _theorem(claim: Claim, measure: Measure, constant: Fraction, floor: list[Formula]) -> Theorem:
    def goal(method: Any, f: Any, x: Any, y: Any) -> Goal:
        values = Values(claim, method, f, {})
        error: Any = 0
        for term in floor:
            summed = term if claim.layers == "several" else Call(SUMMED, (term,))
            error = error + values.of(summed) / constant
        before, after = list(GAP.along(f, (x, y)))
        return Telescoping(
            quantities=(next(iter(measure.along(f, (x, y)))),),
            weights=(1 / constant,),
            before=before,
            after=after,
            error=error,
            given=values.conditions(),
        )

    return Theorem("claim", claim.assumptions, measure, goal, claim.statement, norms=("layers",))
