"""Exponents that are affine in the number of steps, and the roots of what is quadratic in it."""

from __future__ import annotations

from fractions import Fraction

from certify.claims.squares import isqrt
from certify.kernel import Polynomial
from certify.language.scalar import Scalar

INDEX = "i"
"""N = least + i with i ≥ 0."""


def affine(number: Scalar, steps: Scalar) -> tuple[Fraction, Fraction] | None:
    """a and b with number = a · steps + b; None if it is not affine in N."""
    i = Polynomial.variable(INDEX)
    slope = Fraction(0)
    for monomial, coefficient in number.numerator:
        if monomial == next(iter(i.terms)):
            slope = coefficient
    rest = (number - slope * steps).as_constant()
    return None if rest is None else (slope, rest)


def completed_root(number: Scalar) -> Scalar | None:
    """a i + b with (a i + b)² = number but for a constant; None if there are no such rational numbers."""
    powers: dict[int, Fraction] = {}
    for monomial, coefficient in number.numerator:
        if any(name != INDEX for name, _ in monomial):
            return None
        powers[sum(e for _, e in monomial)] = coefficient
    if number.denominators or max(powers, default=0) != 2:
        return None
    top, bottom = isqrt(max(powers[2].numerator, 0)), isqrt(powers[2].denominator)
    if not top or not bottom:
        return None
    a = Fraction(top, bottom)
    return a * Scalar.variable(INDEX) + powers.get(1, Fraction(0)) / (2 * a)
