"""Linear forms over ℚ: what is left of a formula once its parameters are numbers."""

from __future__ import annotations

from collections.abc import Mapping, Set
from fractions import Fraction

from certify.kernel import Polynomial
from certify.language.scalar import Scalar

Form = dict[str, Fraction]
"""Quantity → coefficient; the quantity `CONSTANT` stands for 1."""

Numbers = Mapping[str, Fraction]
"""Parameter → value."""

CONSTANT = "1"


class NotLinear(ValueError):
    """A formula is not linear in inner products and function values."""


def polynomial_form(polynomial: Polynomial, numbers: Numbers, quantities: Set[str]) -> Form:
    """The polynomial at these numbers; raises `NotLinear` if it is not linear in the quantities."""
    form: Form = {}
    for monomial, coefficient in polynomial:
        left, value = CONSTANT, coefficient
        for name, exponent in monomial:
            if name not in quantities:
                value *= numbers[name] ** exponent
            elif left == CONSTANT and exponent == 1:
                left = name
            else:
                raise NotLinear(f"a product with {name} is not linear")
        form[left] = form.get(left, Fraction(0)) + value
    return {name: value for name, value in form.items() if value}


def scalar_form(scalar: Scalar, numbers: Numbers, quantities: Set[str]) -> Form:
    """The rational function at these numbers; ZeroDivisionError where a denominator vanishes."""
    bottom = Fraction(1)
    for base, exponent in scalar.denominators:
        bottom *= number(base, numbers, quantities) ** exponent
    top = polynomial_form(scalar.numerator, numbers, quantities)
    return {name: value / bottom for name, value in top.items()}


def number(
    polynomial: Polynomial,
    numbers: Numbers,
    quantities: Set[str] = frozenset(),
) -> Fraction:
    """The value of a polynomial without quantities; raises `NotLinear` if it has some."""
    if polynomial.variables & quantities:
        raise NotLinear("a quantity stands where a number must")
    return polynomial_form(polynomial, numbers, frozenset()).get(CONSTANT, Fraction(0))
