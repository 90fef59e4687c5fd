"""Sparse polynomials over ℚ in named variables: the alphabet of statements and certificates.

A monomial is a sorted tuple of ``(name, exponent)`` pairs, so two polynomials are equal exactly when
their dictionaries are; no global ring, no variable order and no other package is involved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

Monomial = tuple[tuple[str, int], ...]
Number = int | Fraction

ONE: Monomial = ()
_NAME = re.compile(r"[^\s*^\"\\]{1,120}\Z")
_COEFFICIENT = re.compile(r"-?[0-9]{1,2000}(/[0-9]{1,2000})?\Z")


class Malformed(ValueError):
    """Text or data that is not a polynomial or certificate of the documented form."""


class Polynomial:
    """An element of ℚ[names]: a mapping monomial → non-zero rational coefficient (immutable)."""

    __slots__ = ("_hash", "terms")
    terms: dict[Monomial, Fraction]

    def __init__(self, terms: Mapping[Monomial, Number] | None = None) -> None:
        self.terms = {m: Fraction(c) for m, c in (terms or {}).items() if c}
        self._hash: int | None = None

    @staticmethod
    def constant(value: Number) -> Polynomial:
        """The constant polynomial."""
        return Polynomial({ONE: Fraction(value)})

    @staticmethod
    def variable(name: str) -> Polynomial:
        """The polynomial consisting of one variable; raises `Malformed` for an unusable name."""
        if not _NAME.match(name):
            raise Malformed(f"variable name {name!r} must be 1-120 characters without blanks, * or ^")
        return Polynomial({((name, 1),): 1})

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset(self.terms.items()))
        return self._hash

    def __iter__(self) -> Iterator[tuple[Monomial, Fraction]]:
        return iter(self.terms.items())

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = dict(self.terms)
        for monomial, coefficient in other:
            terms[monomial] = terms.get(monomial, Fraction(0)) + coefficient
        return Polynomial(terms)

    def __neg__(self) -> Polynomial:
        return self.scale(-1)

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + other.scale(-1)

    def __mul__(self, other: Polynomial) -> Polynomial:
        terms: dict[Monomial, Fraction] = {}
        for m1, c1 in self:
            for m2, c2 in other:
                monomial = times(m1, m2)
                terms[monomial] = terms.get(monomial, Fraction(0)) + c1 * c2
        return Polynomial(terms)

    def __pow__(self, exponent: int) -> Polynomial:
        result = Polynomial.constant(1)
        for _ in range(exponent):
            result = result * self
        return result

    def scale(self, factor: Number) -> Polynomial:
        """The polynomial times a rational number."""
        return Polynomial({m: c * factor for m, c in self})

    @property
    def variables(self) -> frozenset[str]:
        """The names that occur."""
        return frozenset(name for monomial in self.terms for name, _ in monomial)

    @property
    def degree(self) -> int:
        """Total degree (0 for the zero polynomial)."""
        return max((sum(e for _, e in m) for m in self.terms), default=0)

    def as_constant(self) -> Fraction | None:
        """The value if no variable occurs, else None."""
        if not self.terms:
            return Fraction(0)
        return self.terms.get(ONE) if len(self.terms) == 1 else None

    def to_json(self) -> dict[str, str]:
        """``{"gamma^2*<g0,g0>": "-1/2"}``; the key of the constant term is ``"1"``."""
        return {monomial_text(m): str(c) for m, c in sorted(self.terms.items())}

    @staticmethod
    def from_json(data: object) -> Polynomial:
        """Parse the form of `to_json`; anything else raises `Malformed`. Never evaluates text."""
        if not isinstance(data, dict) or len(data) > 20_000:
            raise Malformed("a polynomial must be an object of at most 20000 monomials")
        terms: dict[Monomial, Fraction] = {}
        for key, value in data.items():
            if not isinstance(value, str) or not _COEFFICIENT.match(value):
                raise Malformed(f'coefficient {str(value)[:40]!r} must be a string like "-3/4"')
            if int(value.partition("/")[2] or 1) == 0:
                raise Malformed("a coefficient has denominator 0")
            monomial = _parse_monomial(key)
            if monomial in terms:
                raise Malformed(f"monomial {key!r} is given twice")
            terms[monomial] = Fraction(value)
        return Polynomial(terms)

    def __repr__(self) -> str:
        return f"Polynomial({self.to_json()})"


def times(left: Monomial, right: Monomial) -> Monomial:
    """The product of two monomials."""
    if not left or not right:
        return left or right
    exponents = dict(left)
    for name, exponent in right:
        exponents[name] = exponents.get(name, 0) + exponent
    return tuple(sorted(exponents.items()))


def monomial_text(monomial: Monomial) -> str:
    """``gamma^2*L``; ``1`` for the empty monomial."""
    return "*".join(n if e == 1 else f"{n}^{e}" for n, e in monomial) or "1"


def _parse_monomial(text: object) -> Monomial:
    if not isinstance(text, str) or len(text) > 4_000:
        raise Malformed("a monomial must be a string of at most 4000 characters")
    if text == "1":
        return ONE
    exponents: dict[str, int] = {}
    for factor in text.split("*"):
        name, caret, power = factor.partition("^")
        if not _NAME.match(name) or name in exponents or name == "1":
            raise Malformed(f"monomial {text[:60]!r} has a bad or repeated variable {name[:40]!r}")
        if caret and not re.fullmatch(r"[1-9][0-9]?", power):
            raise Malformed(f"monomial {text[:60]!r} has exponent {power[:10]!r}, not 1 to 99")
        exponents[name] = int(power) if caret else 1
    return tuple(sorted(exponents.items()))
