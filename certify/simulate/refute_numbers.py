"""Simple rational numbers, those that are shorter first."""

from __future__ import annotations

from fractions import Fraction


def digits(number: Fraction) -> int:
    """How long a number is: binary digits of numerator and denominator, one more for a sign."""
    return number.numerator.bit_length() + number.denominator.bit_length() + (number < 0)


_SIZES = [Fraction(p, q) for p in range(1, 11) for q in (1, 2, 3, 4, 5, 10)]
SIMPLE = sorted({*_SIZES, Fraction(1, 50), Fraction(1, 100)}, key=lambda v: (digits(v), v))
