"""Rational expressions of SymPy as a numerator over a denominator without a common factor, computed by python-flint.

SymPy's own `cancel` does the same a hundred times slower; it is asked only about expressions that are not rational.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import sympy as sp
from flint import fmpq, fmpq_mpoly

from certify.language.rings import Ring

Quotient = tuple[fmpq_mpoly, fmpq_mpoly]


class NotRational(ValueError):
    """Something else than sums, products and whole powers of symbols and rational numbers, or a division by zero."""


def quotient(expression: Any) -> tuple[Ring, list[Any], Quotient]:
    """The ring ℚ[symbols], the symbols sorted by name, and top and bottom of the expression, without a common factor.

    **Raises:** `NotRational`.
    """
    symbols = sorted(expression.free_symbols, key=lambda s: s.name)
    ring = Ring(s.name for s in symbols)
    if len(ring.index) < len(symbols):
        raise NotRational("two symbols have one name")
    known: dict[Any, Quotient] = {}
    for i, symbol in enumerate(symbols):
        known[symbol] = ring.context.gen(i), ring.context.constant(1)
    return ring, symbols, _reduced(*_walked(expression, ring, known))


def cancelled(expression: Any) -> Any:
    """The expression as a quotient of expanded polynomials without a common factor, as `sympy.cancel` gives it."""
    try:
        _, symbols, (top, bottom) = quotient(expression)
    except NotRational:
        return sp.cancel(expression)
    return _expression(top, symbols) / _expression(bottom, symbols)


def numerator(expression: Any) -> Any:
    """The expanded numerator, up to a constant factor."""
    try:
        _, symbols, (top, _) = quotient(expression)
    except NotRational:
        return sp.expand(sp.numer(sp.together(expression)))
    return _expression(top, symbols)


def _walked(expression: Any, ring: Ring, known: dict[Any, Quotient]) -> Quotient:
    found = known.get(expression)
    if found is None:
        known[expression] = found = _computed(expression, ring, known)
    return found


def _computed(expression: Any, ring: Ring, known: dict[Any, Quotient]) -> Quotient:
    if expression.is_Rational:
        return ring.context.constant(fmpq(int(expression.p), int(expression.q))), ring.context.constant(1)
    if expression.is_Add or expression.is_Mul:
        return reduce(_sum if expression.is_Add else _product, (_walked(e, ring, known) for e in expression.args))
    if expression.is_Pow and expression.exp.is_Integer:
        top, bottom = _walked(expression.base, ring, known)
        size = int(expression.exp)
        if size < 0:
            if not top:
                raise NotRational("a division by zero")
            top, bottom = bottom, top
        return top ** abs(size), bottom ** abs(size)
    raise NotRational(f"{expression} is not a rational expression")


def _sum(left: Quotient, right: Quotient) -> Quotient:
    (a, b), (c, d) = left, right
    if b == d:
        return a + c, b
    common = b.gcd(d)
    return a * (d / common) + c * (b / common), b * (d / common)


def _product(left: Quotient, right: Quotient) -> Quotient:
    return left[0] * right[0], left[1] * right[1]


def _reduced(top: fmpq_mpoly, bottom: fmpq_mpoly) -> Quotient:
    common = top.gcd(bottom)
    return top / common, bottom / common


def _expression(polynomial: fmpq_mpoly, symbols: list[Any]) -> Any:
    terms = []
    for exponents, coefficient in polynomial.to_dict().items():
        factors = (s ** int(e) for s, e in zip(symbols, exponents, strict=True) if e)
        terms.append(sp.Mul(sp.Rational(int(coefficient.p), int(coefficient.q)), *factors))
    return sp.Add(*terms)
