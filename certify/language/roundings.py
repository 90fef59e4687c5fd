"""Irrational coefficients: `root` and `rounded` give nearby rational numbers of few digits, and roundings are counted.

A method whose momentum contains √(1 + 4θ²) is run with the rational number nearby that `root` returns. Whatever is then
certified is certified for the method with exactly these coefficients; `roundings` tells how many were not exact, so
that a report can say so.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from fractions import Fraction
from math import isqrt, sqrt
from typing import Any

from certify.language.enclosures import Enclosure
from certify.language.opaque import logarithms, opaque
from certify.language.scalar import Scalar

BITS = 64
"""Numbers are rounded to at least this many significant bits: the relative error is at most 2⁻⁶⁴."""

_count: ContextVar[list[int] | None] = ContextVar("roundings", default=None)


@contextmanager
def roundings() -> Generator[list[int]]:
    """Count the results of `root` and `rounded` that are not exact, in a list with one entry."""
    count = [0]
    token = _count.set(count)
    try:
        yield count
    finally:
        _count.reset(token)


_enclose: ContextVar[Callable[[Fraction], Any] | None] = ContextVar("enclose", default=None)


@contextmanager
def enclosing(enclose: Callable[[Fraction], Any]) -> Generator[None]:
    """Irrational roots are `enclose` of their argument, and `rounded` rounds nothing."""
    token = _enclose.set(enclose)
    try:
        yield
    finally:
        _enclose.reset(token)


@contextmanager
def enclosed() -> Generator[None]:
    """Irrational roots and logarithms of rational numbers are `Enclosure`s."""
    with enclosing(lambda number: Enclosure.of(number).root()):
        token = logarithms.set(lambda number: Enclosure.of(number).log())
        try:
            yield
        finally:
            logarithms.reset(token)


def root(q: Any) -> Any:
    """√q: exact for squares of rationals, else a dyadic rational with relative error at most 2⁻⁶⁴.

    On tensors and floats the floating-point root, on symbols a quantity of its own. **Raises:** ValueError for q < 0.
    """
    if isinstance(q, Scalar) and q.as_constant() is None:
        return opaque("√", q)
    if hasattr(q, "elementwise"):
        return q.elementwise(root)
    if isinstance(q, Enclosure):
        return q.root()
    number = _exact(q, "root")
    if number is None:
        return sqrt(q) if isinstance(q, float) else q**0.5
    if number < 0:
        raise ValueError(f"root({number}): the number is negative")
    top, bottom = isqrt(number.numerator), isqrt(number.denominator)
    if top * top == number.numerator and bottom * bottom == number.denominator:
        return Fraction(top, bottom)
    if (enclose := _enclose.get()) is not None:
        return enclose(number)
    shift = max(0, BITS + 2 - (number.numerator.bit_length() - number.denominator.bit_length()) // 2)
    return _dyadic(Fraction(isqrt((number.numerator << 2 * shift) // number.denominator), 1 << shift))


def rounded(q: Any) -> Any:
    """q itself if it has few digits, else the nearest dyadic rational with at least 64 significant bits.

    Keeps products of coefficients from growing: write ``θ = rounded(…)`` where a recursion multiplies. On tensors and
    floats q itself, and on symbols: proofs are about the method with exact coefficients.
    """
    if isinstance(q, Scalar) and q.as_constant() is None:
        return q
    number = _exact(q, "rounded")
    if number is None or _enclose.get() is not None:
        return q
    if max(abs(number.numerator).bit_length(), number.denominator.bit_length()) <= BITS:
        return number
    return _dyadic(number)


def _exact(q: Any, word: str) -> Fraction | None:
    """The rational number that q is; None for tensors and floats."""
    if isinstance(q, Scalar):
        constant = q.as_constant()
        if constant is None:
            raise TypeError(f"{word} has no value on symbols: give every parameter in it a number")
        return constant
    return Fraction(q) if isinstance(q, int | Fraction) else None


def _dyadic(number: Fraction) -> Fraction:
    """The nearest multiple of a power of two with at least 64 significant bits, counted as a rounding if it differs."""
    shift = BITS + 1 - abs(number.numerator).bit_length() + number.denominator.bit_length()
    scale = Fraction(2) ** shift
    nearby = Fraction(round(number * scale)) / scale
    count = _count.get()
    if count is not None:
        count[0] += 1
    return nearby
