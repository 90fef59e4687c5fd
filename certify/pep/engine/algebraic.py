"""Rational numbers and quadratic irrationals recognised from many digits."""

from __future__ import annotations

from collections.abc import Iterable
from math import gcd
from typing import NamedTuple

from flint import fmpq, fmpz, fmpz_mat, fmpz_poly

from certify.pep.engine.problem import ZERO

DIGITS = (24, 60)
"""How many decimals of a number are looked at, first and at last: where an optimum is degenerate few are right."""
CHANCE = 10**8
"""Polynomials must be this much simpler than those that fit by chance."""
DEGREE = 6
"""Of the polynomials that are looked for."""
FACTORED = 10**40
"""Discriminants beyond this are not split into a square and a rest."""


class Pair(NamedTuple):
    """a + b√d; d has no square factors, and is 0 for a rational number."""

    a: fmpq
    b: fmpq
    d: int


def minimal_polynomial(value: fmpq, *, digits: Iterable[int] = DIGITS, degree: int = DEGREE) -> tuple[int, ...] | None:
    """Integers c₀, c₁, … of the polynomial Σ cₖ xᵏ of least degree with this root, if it is simpler than chance.

    So many decimals of the value are looked at, few first. Nothing is proved by this.
    """
    for scale in (10**d for d in digits):
        for d in range(1, degree + 1):
            rows = [[int(i == k) for k in range(d + 1)] + [_rounded(value**i * scale)] for i in range(d + 1)]
            shortest, *_ = fmpz_mat(rows).lll().tolist()
            found, rest = [int(c) for c in shortest[: d + 1]], abs(int(shortest[d + 1]))
            size = max(map(abs, found))
            if found[d] and size ** (d + 1) * CHANCE <= scale and rest <= sum(map(abs, found)):
                common = gcd(*found) * (1 if found[d] > 0 else -1)
                return tuple(c // common for c in found)
    return None


def guess(value: fmpq) -> tuple[int, ...]:
    """The minimal polynomial by all digits; empty if there is none, or if it has double roots (too few are right)."""
    found = minimal_polynomial(value, digits=DIGITS[-1:]) or ()
    polynomial = fmpz_poly(list(found))
    return found if polynomial.gcd(polynomial.derivative()).degree() <= 0 else ()


def quadratic(value: fmpq) -> Pair | None:
    """The number a + b√d that a value with many decimals stands for, or None."""
    polynomial = minimal_polynomial(value, degree=2)
    if polynomial is None:
        return None
    if len(polynomial) == 2:
        return Pair(fmpq(-polynomial[0], polynomial[1]), ZERO, 0)
    c, b, a = polynomial
    discriminant = b * b - 4 * a * c
    if not 0 < discriminant <= FACTORED:
        return None
    root, d = _square_part(discriminant)
    centre = fmpq(-b, 2 * a)
    return Pair(centre, fmpq(root if value > centre else -root, 2 * a), d) if d > 1 else None


def _rounded(value: fmpq) -> int:
    return int((value + fmpq(1, 2)).floor())


def _square_part(n: int) -> tuple[int, int]:
    """n = r²d with d free of squares."""
    r = d = 1
    for prime, power in fmpz(n).factor():
        r *= int(prime) ** (power // 2)
        d *= int(prime) ** (power % 2)
    return r, d
