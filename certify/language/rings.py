"""Between the neutral polynomials of the kernel and python-flint's fast ones: division and factoring."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from math import gcd

from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from certify.kernel import Monomial, Polynomial


class Ring:
    """ℚ[names] in flint, lexicographic with the first name largest."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        self.index = {name: i for i, name in enumerate(self.names)}
        self.context = fmpq_mpoly_ctx.get([f"x{i}" for i in range(len(self.names))], "lex")

    def to_flint(self, polynomial: Polynomial) -> fmpq_mpoly:
        """The polynomial as an element of this ring; KeyError if it has other names."""
        terms = {}
        for monomial, coefficient in polynomial:
            exponents = [0] * len(self.names)
            for name, exponent in monomial:
                exponents[self.index[name]] = exponent
            terms[tuple(exponents)] = fmpq(coefficient.numerator, coefficient.denominator)
        return self.context.from_dict(terms)

    def from_flint(self, polynomial: fmpq_mpoly) -> Polynomial:
        """The inverse of `to_flint`."""
        return Polynomial({self.monomial(e): Fraction(int(c.p), int(c.q)) for e, c in polynomial.to_dict().items()})

    def monomial(self, exponents: Iterable[int]) -> Monomial:
        """The kernel's monomial for a tuple of exponents."""
        return tuple(sorted((n, int(e)) for n, e in zip(self.names, exponents, strict=True) if e))


def divide(numerator: Polynomial, divisor: Polynomial) -> Polynomial | None:
    """The exact quotient, or None if the divisor does not divide."""
    ring = Ring(sorted(numerator.variables | divisor.variables))
    quotient, rest = divmod(ring.to_flint(numerator), ring.to_flint(divisor))
    return None if rest else ring.from_flint(quotient)


@lru_cache(maxsize=4096)
def factor(polynomial: Polynomial) -> tuple[Fraction, tuple[tuple[Polynomial, int], ...]]:
    """Content and irreducible factors over ℚ: ``content · Π factorᵢ^eᵢ``.

    The factors are primitive over ℤ and their smallest monomial has a positive coefficient (1 − γμ, not γμ − 1).
    """
    ring = Ring(sorted(polynomial.variables))
    content, factors = ring.to_flint(polynomial).factor()
    value, result = Fraction(int(content.p), int(content.q)), []
    for base, exponent in factors:
        primitive = ring.from_flint(base)
        scale = _primitive_scale(primitive)
        value /= scale ** int(exponent)
        result.append((primitive.scale(scale), int(exponent)))
    result.sort(key=lambda item: sorted(item[0].terms))
    return value, tuple(result)


def _primitive_scale(polynomial: Polynomial) -> Fraction:
    """The positive rational that makes the coefficients coprime integers."""
    scale = Fraction(1)
    for _, coefficient in polynomial:
        scale *= (coefficient * scale).denominator
    content = 0
    for _, coefficient in polynomial:
        content = gcd(content, int(coefficient * scale))
    smallest = min(polynomial.terms, key=lambda m: (sum(e for _, e in m), m))
    return (scale if polynomial.terms[smallest] > 0 else -scale) / (content or 1)
