"""Formulas at values: scalars and polynomials in named quantities, on tensors or numbers."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from certify.kernel import Polynomial
from certify.language import Scalar


def evaluate(expression: Scalar | Polynomial, values: Mapping[str, Any]) -> Any:
    """The value of a formula, exact if all of `values` are.

    **Arguments**: `values`, one number or tensor of shape (B, 1) for every name that occurs.

    **Returns**: a Fraction if all values are rational; otherwise a float (a formula without names)
    or what arithmetic with the values gives. Dividing by 0 raises, or gives inf or NaN on tensors.
    """
    polynomial = isinstance(expression, Polynomial)
    numerator = expression if polynomial else expression.numerator
    exact = all(isinstance(v, int | Fraction) for v in values.values())
    result = _sum(numerator, values, exact)
    for base, exponent in () if polynomial else expression.denominators:
        result = result / _sum(base, values, exact) ** exponent
    return result


def _sum(polynomial: Polynomial, values: Mapping[str, Any], exact: bool) -> Any:
    total: Any = Fraction(0) if exact else 0.0
    for monomial, coefficient in polynomial:
        term: Any = coefficient if exact else float(coefficient)
        for name, exponent in monomial:
            if name not in values:
                raise KeyError(f"{name} has no value; known are {', '.join(values) or 'none'}")
            term = term * (values[name] if exponent == 1 else values[name] ** exponent)
        total = total + term
    return total
