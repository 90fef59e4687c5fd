"""Rational parameters in the domain of a claim: corners of the ranges first, where false claims most often fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import islice, product
from typing import Any

from certify.claims.claim import DIMENSION, STEPS, Claim
from certify.claims.formulas import Formula, Name, names
from certify.claims.intervals import Interval, NotEvaluated, evaluate
from certify.claims.layered import COUNT
from certify.claims.parser import Comparison
from certify.language import Count, Share

STEPS_TRIED = (1, 2, 3, 5, 4, 8, 10, 15)
MAX_POINTS = 400
HEAD = 4
FACTORS = tuple(
    map(Fraction, ("1", "1/2", "3/2", "1/10", "2", "19/10", "1/4", "4", "2/3", "10", "1/100", "3", "99/100"))
)
CONSTANTS: Mapping[str, tuple[str, ...]] = {
    "mu": ("1/10", "9/10", "1/2", "1", "1/100", "1/4"),
    "L": ("1", "10", "1/10"), "L0": ("1", "10"), "L1": ("1", "1/10", "1/100"),
    "p": ("1", "4", "2", "20"), "M": ("1", "10"), "sigma": ("1", "1/10", "10", "1/100"), "D": ("1", "2", "4"),
    "s": ("1", "1/2"),
    "beta": ("1/2", "9/10", "0", "1/4"), "epsilon": ("1/10", "1/2", "0"), "q": ("1/10", "1/2"),
}  # fmt: skip
SIZES = tuple(map(Fraction, ("1", "1/2", "2", "1/10", "3", "10", "1/100")))


def points(claim: Claim, steps: int, start: Mapping[str, Fraction]) -> Iterator[dict[str, Fraction]]:
    """Values of all parameters that satisfy every condition exactly, N and the known start included.

    `start` are numbers for R, Δ₀ or ε where ties or conditions mention them.
    """
    known: dict[str, Fraction] = {**start, STEPS: Fraction(steps)}
    free = [n for n in claim.free if n not in known] + [COUNT] * (claim.layers == "several")
    if claim.layers == "one":
        known[COUNT] = Fraction(1)
    if DIMENSION not in claim.parameters:
        known[DIMENSION] = Fraction(1)
    horizon = claim.method.horizon()
    if horizon:
        known[horizon] = Fraction(steps)
    free = [n for n in free if n not in known]
    first = sorted((n for n in free if n in CONSTANTS), key=lambda n: n not in ("L", "M"))  # units change last
    rest = [n for n in free if n not in CONSTANTS]
    combinations = [
        {**known, **dict(zip(first, c, strict=True))}
        for c in product(*([Fraction(v) for v in CONSTANTS[n]] for n in first))
    ]
    rows = [product(*(candidates(claim, n, base) for n in rest)) for base in combinations]
    made = (
        tied(claim, {**combinations[i], **dict(zip(rest, values, strict=True))}) for i, values in _interleaved(rows)
    )
    yield from islice((p for p in made if p is not None and inside(claim, p)), MAX_POINTS)


def _interleaved(rows: Sequence[Iterator[Any]]) -> Iterator[tuple[int, Any]]:
    """A few of the first row; then one of each in turn, so that no constant stays at its first value."""
    yield from ((0, v) for v in islice(rows[0], HEAD))
    waiting = list(enumerate(rows))
    while waiting:
        left = []
        for i, row in waiting:
            for value in islice(row, 1):
                yield i, value
                left.append((i, row))
        waiting = left


def candidates(claim: Claim, name: str, known: Mapping[str, Fraction]) -> list[Fraction]:
    """Values of a parameter: the ends of its range, numbers just inside, and simple multiples of natural sizes."""
    ends: list[Fraction] = []
    for condition in claim.conditions:
        for side, other in ((condition.left, condition.right), (condition.right, condition.left)):
            if side == Name(name) and name not in names(other):
                ends += _value(other, known)
    natural = [Fraction(1)]
    if "L0" in known:
        natural = [1 / known["L0"], Fraction(1), 1 / known["L1"]] if "L1" in known else [1 / known["L0"]]
    if "L" in known:
        natural = [1 / known["L"], *([1 / known["mu"], 2 / (known["L"] + known["mu"])] if "mu" in known else [])]
    inner = [e * f for e in ends for f in (Fraction(1), Fraction(999, 1000), Fraction(1, 2), Fraction(1, 10))]
    found = inner + [n * f for n in natural for f in FACTORS]
    return list(dict.fromkeys(v for v in found if v > 0))


def inside(claim: Claim, point: Mapping[str, Fraction]) -> bool:
    """Whether the parameters lie in their domains and satisfy the conditions, decided exactly."""
    for symbol, parameter in claim.parameters.items():
        value = point.get(symbol)
        if value is None or value < 0 or (parameter.strict and not value):
            return False
        if (isinstance(parameter, Share) and value >= 1) or (isinstance(parameter, Count) and not _whole(value)):
            return False
    for owner in claim.assumptions:
        bound = owner(**{s: point[s] for s in owner.parameters()})
        if not all(bool(relation) for relation in bound.domain()):
            return False
    return all(holds(c, point) for c in claim.conditions)


def holds(condition: Comparison, point: Mapping[str, Fraction]) -> bool:
    """Whether the condition is certainly true."""
    values = {n: Interval.of(v) for n, v in point.items()}
    try:
        left, right = evaluate(condition.left, values), evaluate(condition.right, values)
    except (NotEvaluated, KeyError):
        return False
    match condition.relation:
        case "<=":
            return left.high <= right.low
        case "<":
            return left.high < right.low
        case ">=":
            return left.low >= right.high
        case ">":
            return left.low > right.high
        case _:
            return left.exact is not None and left.exact == right.exact


def _whole(value: Fraction) -> bool:
    return value.denominator == 1 and value >= 1


def _value(formula: Formula, known: Mapping[str, Fraction]) -> list[Fraction]:
    try:
        found = evaluate(formula, {n: Interval.of(v) for n, v in known.items()}).exact
    except (NotEvaluated, KeyError):
        return []
    return [] if found is None or not found else [found]


def tied(claim: Claim, point: dict[str, Fraction]) -> dict[str, Fraction] | None:
    """The point with all ties filled in; None if one of them is not a rational number there."""
    values = {n: Interval.of(v) for n, v in point.items()}
    for name, formula in claim.values.items():
        try:
            found = evaluate(formula, values).exact
        except (NotEvaluated, KeyError):
            return None
        if found is None:
            return None
        point[name] = found
    return point
