"""Numbers as users write them, made exact: the only door through which data enter a worst-case problem."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

from flint import fmpq

Number = Any
"""An int, Fraction, Decimal, SymPy rational, or a string such as ``"0.1"`` or ``"2/3"``; never a float."""


def rational(value: Number) -> fmpq:
    """The exact rational number that `value` stands for.

    **Raises:** TypeError for floats and everything that is not a number (``0.1`` is not a tenth: write ``"0.1"``),
    ValueError for text that is not a number.
    """
    if isinstance(value, fmpq):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return fmpq(value)
    if isinstance(value, float):
        raise TypeError(f"{value!r} is a floating-point number; write it as '{value!r}' or as a Fraction")
    if isinstance(value, (Fraction, Decimal)):
        return fmpq(*value.as_integer_ratio())
    if isinstance(value, str):
        try:
            return fmpq(*Fraction(value.strip()).as_integer_ratio())
        except (ValueError, ZeroDivisionError):
            raise ValueError(f"{value[:40]!r} is not a number such as '0.1', '2/3' or '1e-3'") from None
    if getattr(value, "is_Rational", False):
        return fmpq(int(value.p), int(value.q))
    raise TypeError(f"{value!r} is not an exact rational number (use int, Fraction, a decimal string or SymPy)")


def fraction(value: Number) -> Fraction:
    """The same as a `Fraction`."""
    if isinstance(value, Fraction):
        return value
    exact = rational(value)
    return Fraction(int(exact.p), int(exact.q))
