"""Between exact scalars and SymPy, which is used for solving equations and for printing."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import sympy as sp

from certify.kernel import Polynomial
from certify.language.scalar import Scalar
from certify.prove.quotients import NotRational, quotient


def symbol(name: str) -> sp.Symbol:
    """The real SymPy symbol of a quantity."""
    return sp.Symbol(name, real=True)


def to_sympy(value: Scalar | Polynomial) -> Any:
    """The SymPy expression of a scalar, in factored-denominator form."""
    if isinstance(value, Polynomial):
        terms = []
        for monomial, coefficient in value:
            factors = [symbol(n) ** e for n, e in monomial]
            terms.append(sp.Mul(sp.Rational(coefficient.numerator, coefficient.denominator), *factors))
        return sp.Add(*terms)
    bottom = sp.Mul(*(to_sympy(base) ** exponent for base, exponent in value.denominators))
    return to_sympy(value.numerator) / bottom


def from_sympy(expression: Any) -> Scalar | None:
    """The scalar of a rational expression; None if it is not rational (square roots …)."""
    try:
        ring, _, found = quotient(expression)
        top, bottom = map(ring.from_flint, found)
        return Scalar(top) / Scalar(bottom)
    except NotRational:  # as written; roots may cancel
        pass
    numerator, denominator = sp.fraction(sp.cancel(sp.together(expression)))
    top, bottom = _polynomial(numerator), _polynomial(denominator)
    return None if top is None or bottom is None else Scalar(top) / Scalar(bottom)


def _polynomial(expression: Any) -> Polynomial | None:
    symbols = sorted(expression.free_symbols, key=lambda s: s.name)
    if not symbols:
        return Polynomial.constant(Fraction(int(expression.p), int(expression.q))) if expression.is_Rational else None
    try:
        polynomial = sp.Poly(expression, *symbols)
    except sp.PolynomialError:
        return None
    terms = {}
    for exponents, coefficient in polynomial.terms():
        if not coefficient.is_Rational:
            return None
        monomial = tuple(sorted((s.name, int(e)) for s, e in zip(symbols, exponents, strict=True) if e))
        terms[monomial] = Fraction(int(coefficient.p), int(coefficient.q))
    return Polynomial(terms)
