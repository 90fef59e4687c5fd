"""A bound at numbers as a form in what is known at the start, such as b₀ + b₁R² + b₂Δ₀ + b₃G₀²."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from certify.claims.formulas import Call, Formula, Name, Number, Power, Product, Quantity, Quotient, Sum
from certify.claims.intervals import Interval, NotEvaluated, evaluate, power, root

STARTS = ("R", "Delta0", "G0", "fstar")
Monomial = tuple[Fraction, ...]
Form = dict[Monomial, Interval]
ONE: Monomial = (Fraction(0),) * len(STARTS)
ZERO = Interval.of(0)


def form(formula: Formula, values: Mapping[str, Interval]) -> Form:
    """The formula with numbers for all parameters, as a sum of monomials in R, Δ₀, G₀ and f⋆; raises `NotEvaluated`."""
    match formula:
        case Name(name) if name in STARTS and name not in values:
            return {tuple(Fraction(int(s == name)) for s in STARTS): Interval.of(1)}
        case Number() | Name():
            return _constant(evaluate(formula, values))
        case Sum(a, b):
            return _sum(form(a, values), form(b, values))
        case Product(a, b):
            return _product(form(a, values), form(b, values))
        case Quotient(a, b):
            below = form(b, values)
            if set(below) == {ONE}:
                return _product(form(a, values), _constant(Interval.of(1) / below[ONE]))
            if len(below) == 1:
                ((monomial, number),) = below.items()
                inverse = {tuple(-e for e in monomial): Interval.of(1) / number}
                return _product(form(a, values), inverse)
            raise NotEvaluated("a division by a sum of quantities at the start")
        case Power(a, b):
            return _power(form(a, values), evaluate(b, values))
        case Call(function, arguments):
            return _called(function, arguments, values)
        case Quantity():
            raise NotEvaluated("a quantity at a point")


def _constant(value: Interval) -> Form:
    return {} if value.exact == 0 else {ONE: value}


def _sum(a: Form, b: Form) -> Form:
    found = {m: a.get(m, ZERO) + b.get(m, ZERO) for m in {*a, *b}}
    return {m: v for m, v in found.items() if v.exact != 0}


def _product(a: Form, b: Form) -> Form:
    found: Form = {}
    if len(a) * len(b) > 400:
        raise NotEvaluated("too many terms")
    for m, u in a.items():
        for n, v in b.items():
            key = tuple(i + j for i, j in zip(m, n, strict=True))
            found[key] = found.get(key, ZERO) + u * v
    return {m: v for m, v in found.items() if v.exact != 0}


def _power(base: Form, exponent: Interval) -> Form:
    if set(base) <= {ONE}:
        return _constant(power(base.get(ONE, ZERO), exponent))
    e = exponent.exact
    if e is None:
        raise NotEvaluated("an exponent that is no rational number")
    if len(base) == 1 and e.denominator <= 2:
        ((monomial, number),) = base.items()
        return {tuple(i * e for i in monomial): power(number, exponent)}
    if e.denominator == 1 and 0 <= e <= 6:
        found: Form = {ONE: Interval.of(1)}
        for _ in range(int(e)):
            found = _product(found, base)
        return found
    raise NotEvaluated("a power of a sum of quantities at the start")


def _called(function: str, arguments: tuple[Formula, ...], values: Mapping[str, Interval]) -> Form:
    forms = [form(a, values) for a in arguments]
    if all(set(f) <= {ONE} for f in forms):
        return _constant(evaluate(Call(function, arguments), values))
    if function == "sqrt":
        if len(forms[0]) == 1:
            ((monomial, number),) = forms[0].items()
            return {tuple(e / 2 for e in monomial): root(number)}
        raise NotEvaluated("the root of a sum of quantities at the start")
    keys = {m for f in forms for m in f}
    if function in ("max", "min") and len(keys) == 1:
        (key,) = keys
        found = [f.get(key, ZERO) for f in forms]
        pick = max if function == "max" else min
        return {key: Interval(pick(v.low for v in found), pick(v.high for v in found))}
    raise NotEvaluated(f"{function} of quantities at the start")
