"""The domain of a claim in symbols, case by case where its bound has a maximum or a minimum."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from certify.claims.claim import ACCURACY, DIMENSION, Claim
from certify.claims.formulas import Call, Formula, replaced, substituted, walk
from certify.claims.in_steps import INDEX
from certify.claims.layered import COUNT
from certify.claims.symbols import Ledger, NotComparable, Prover
from certify.language import Share
from certify.language.scalar import Scalar
from certify.language.trace import Trace, UnknownSign

MAX_CASES = 16


def cases(formula: Formula) -> Iterator[tuple[tuple[tuple[Formula, Formula], ...], Formula]]:
    """The formula without max and min, and the pairs (larger, smaller) of the case; together they cover everything."""
    calls = list(dict.fromkeys(p for p in walk(formula) if isinstance(p, Call) and p.function in ("max", "min")))
    inner = [
        c
        for c in calls
        if not any(isinstance(p, Call) and p.function in ("max", "min") for a in c.arguments for p in walk(a))
    ]
    if not inner:
        yield (), formula
        return
    call = inner[0]
    for chosen in call.arguments:
        others = [a for a in call.arguments if a != chosen]
        order = tuple((chosen, o) if call.function == "max" else (o, chosen) for o in others)
        simpler = replaced(formula, lambda f, c=chosen: c if f == call else None)
        for more, rest in cases(simpler):
            yield (*order, *more), rest


def all_cases(*formulas: Formula) -> list[tuple[tuple[tuple[Formula, Formula], ...], tuple[Formula, ...]]]:
    """Cases of several formulas at once; raises `NotComparable` if there are too many."""
    found = []
    for combination in product(*(list(cases(f)) for f in formulas)):
        found.append((tuple(o for c, _ in combination for o in c), tuple(f for _, f in combination)))
    if len(found) > MAX_CASES:
        raise NotComparable("too many cases of max and min")
    return found


def ledger(claim: Claim, order: tuple[tuple[Formula, Formula], ...] = (), prover: Prover | None = None) -> Ledger:
    """The domain of a claim in symbols, and in addition larger ≥ smaller for the pairs in `order`.

    Raises `OutOfDomain` if it is empty, `NotComparable` if a condition cannot be written down.
    """
    trace = Trace("layers" if claim.layers == "several" else "euclidean")
    owners = (claim.method, *claim.assumptions)
    tied, divisors = set(claim.values), claim.divisors
    for owner in owners:
        for symbol, parameter in owner.parameters().items():
            if symbol not in tied and symbol != claim.method.horizon():
                trace.layered |= {symbol} if parameter.each and claim.layers == "several" else set()
                sign = "positive" if parameter.strict or symbol in divisors else "nonnegative"
                trace.scalar(symbol, sign=sign, note=f"domain of {symbol}")
    for name in (*claim.free, *claim.values):
        if isinstance(claim.parameters[name], Share) and name not in tied:
            trace.assume(1 - Scalar.variable(name), strict=True, name=f"{name}<1")
    for name in ("R", "Delta0", "G0"):
        sign = "positive" if claim.complexity is not None else "nonnegative"
        trace.scalar(name, sign=sign, note=f"{name} ≥ 0" if sign == "nonnegative" else "x₀ is not optimal")
    if claim.complexity is not None:
        trace.scalar(ACCURACY, sign="positive")
    if DIMENSION not in claim.parameters:
        trace.assume(Scalar.variable(DIMENSION) - 1, name="d≥1", note="the dimension of the space")
    if claim.layers:
        trace.scalar(COUNT, sign="positive")
        trace.assume(Scalar.variable(COUNT) - 1, name="p≥1", note="the number of layers")
    m = trace.scalar(INDEX, sign="nonnegative", note="N at least its least value")
    steps = Scalar.constant(claim.steps) if claim.steps is not None else m + claim.least
    found = Ledger(trace, steps, max(claim.least, 0), {}, prover=prover)
    found.own = frozenset({*claim.parameters, "R", "Delta0", "G0", INDEX, ACCURACY, DIMENSION})
    found.own |= {COUNT} if claim.layers else set()
    found.layers = claim.layers
    for owner in claim.assumptions:
        bound = owner(**{s: Scalar.variable(s) for s in owner.parameters()})
        for relation in bound.domain():
            slack = relation.slack.substitute(
                {n: found.scalar(claim.values[n]) for n in tied & relation.slack.variables}
            )
            _assume(found, slack, True, f"domain of {owner.name}")  # as declarations are posed
    if _smooth_and_curved(claim):
        slack = Scalar.variable("L") - Scalar.variable("mu")
        tied_here = {n: found.scalar(claim.values[n]) for n in tied & {"L", "mu"}}
        _assume(found, slack.substitute(tied_here), False, "mu≤L", "else there is no such function")
    for i, condition in enumerate(claim.conditions):
        left, right = (substituted(f, dict(claim.values)) for f in (condition.left, condition.right))
        if condition.relation in (">=", ">"):
            left, right = right, left
        slack = found.scalar(right) - found.scalar(left)
        if condition.relation == "=":
            trace.equate(slack, 0, name=f"where[{i}]", note=condition.text)
        else:
            _assume(found, slack, condition.relation in ("<", ">"), f"where[{i}]", condition.text)
    values: dict[str, Scalar] = {}
    for symbol, formula in claim.values.items():
        parameter = claim.parameters[symbol]
        values[symbol] = found.scalar(formula)
        _assume(found, values[symbol], parameter.strict, f"{symbol} in its domain")
        if isinstance(parameter, Share):
            _assume(found, 1 - values[symbol], True, f"{symbol} below 1")
    found.values = values
    for i, (large, small) in enumerate(order):
        _assume(found, found.scalar(large) - found.scalar(small), False, f"case[{i}]")
    return found


def _smooth_and_curved(claim: Claim) -> bool:
    """Whether one function is μ-strongly convex and L-smooth, by assumptions that do not say μ ≤ L themselves.

    For x ≠ y then μ‖x − y‖² ≤ ⟨∇f(x) − ∇f(y), x − y⟩ ≤ L‖x − y‖².
    """
    if len(claim.roles) > 1:
        return False
    kinds = {a for given in claim.assumptions for a in given.closure()}
    smooth = any(a.name in ("smooth-above", "sampled-smooth-convex") and "L" in a.parameters() for a in kinds)
    return smooth and any(a.name == "strongly-convex" for a in kinds) and {"L", "mu"} <= claim.parameters.keys()


def _assume(found: Ledger, slack: Scalar, strict: bool, name: str, note: str = "") -> None:
    try:
        found.trace.assume(slack, strict=strict, name=name, note=note or name)
    except UnknownSign as error:
        raise NotComparable(str(error)) from error
