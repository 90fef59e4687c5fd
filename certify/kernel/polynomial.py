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
_FACTOR = re.compile(r"((?![-+.\d])[^\s*^\"\\]{1,1000})(?:\^([1-9][0-9]?))?\Z")  # a name, then an exponent up to 99
_RATIONAL = re.compile(r"(-?[0-9]{1,2000})(?:/([1-9][0-9]{0,1999}))?\Z")


class Malformed(ValueError):
    """Text or data that is not a polynomial or certificate of the documented form."""


class Polynomial:
    """An element of ℚ[names]: a mapping monomial → non-zero rational coefficient (immutable)."""

    __slots__ = ("_hash", "terms")
    terms: dict[Monomial, Fraction]

    def __init__(self, terms: Mapping[Monomial, Number] | None = None) -> None:
        self.terms = {m: c if type(c) is Fraction else Fraction(c) for m, c in (terms or {}).items() if c}
        self._hash: int | None = None

    @staticmethod
    def constant(value: Number) -> Polynomial:
        """The constant polynomial."""
        return Polynomial({ONE: value})

    @staticmethod
    def variable(name: str) -> Polynomial:
        """The polynomial consisting of one variable; raises `Malformed` for an unusable name."""
        if read_monomial(name) != ((name, 1),):
            raise Malformed(f"{name!r} is not the name of a variable")
        return Polynomial({((name, 1),): 1})

    def __bool__(self) -> bool:
        return bool(self.terms)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Polynomial) and self.terms == other.terms

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash(frozenset((m, *c.as_integer_ratio()) for m, c in self.terms.items()))
        return self._hash

    def __iter__(self) -> Iterator[tuple[Monomial, Fraction]]:
        return iter(self.terms.items())

    def __add__(self, other: Polynomial) -> Polynomial:
        terms = dict(self.terms)
        for monomial, coefficient in other.terms.items():
            if monomial not in terms:
                terms[monomial] = coefficient
            elif total := terms[monomial] + coefficient:
                terms[monomial] = total
            else:
                del terms[monomial]
        return _from_nonzero(terms)

    def __neg__(self) -> Polynomial:
        return _from_nonzero({m: -c for m, c in self.terms.items()})

    def __sub__(self, other: Polynomial) -> Polynomial:
        return self + -other

    def __mul__(self, other: Polynomial) -> Polynomial:
        terms: dict[Monomial, Fraction] = {}
        for m1, c1 in self.terms.items():
            for m2, c2 in other.terms.items():
                monomial, value = times(m1, m2), c1 * c2
                terms[monomial] = terms[monomial] + value if monomial in terms else value
        one_of_each = len(terms) == len(self.terms) * len(other.terms)  # nothing was added up, so nothing is zero
        return _from_nonzero(terms) if one_of_each else Polynomial(terms)

    def __pow__(self, exponent: int) -> Polynomial:
        result = Polynomial.constant(1)
        for _ in range(exponent):
            result = result * self
        return result

    def scale(self, factor: Number) -> Polynomial:
        """The polynomial times a rational number."""
        return _from_nonzero({m: c * factor for m, c in self.terms.items()} if factor else {})

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
        return self.terms.get(ONE, Fraction(0)) if self.terms.keys() <= {ONE} else None

    def to_json(self) -> dict[str, str]:
        """``{"gamma^2*<g0,g0>": "-1/2"}``; the key of the constant term is ``"1"``."""
        return {monomial_text(m): str(c) for m, c in sorted(self.terms.items())}

    @staticmethod
    def from_json(data: object) -> Polynomial:
        """Parse the form of `to_json`; anything else raises `Malformed`. Never evaluates text."""
        if not isinstance(data, dict):
            raise Malformed("a polynomial must be an object monomial → coefficient")
        terms = {read_monomial(key): read_rational(value) for key, value in data.items()}
        if len(terms) < len(data):
            raise Malformed("a polynomial gives a monomial twice")
        return Polynomial(terms)

    def __repr__(self) -> str:
        return f"Polynomial({self.to_json()})"


def _from_nonzero(terms: dict[Monomial, Fraction]) -> Polynomial:
    """The polynomial with these coefficients, which must be non-zero fractions; the dictionary becomes its own."""
    result = Polynomial.__new__(Polynomial)
    result.terms, result._hash = terms, None
    return result


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


def inner_product_name(a: str, b: str) -> str:
    """The name of the variable ⟨a, b⟩."""
    return f"<{a},{b}>" if a <= b else f"<{b},{a}>"


def read_monomial(text: object) -> Monomial:
    """The inverse of `monomial_text`; factors may come in any order."""
    if not isinstance(text, str) or not text.isprintable():
        raise Malformed("a monomial must be a string of printable characters")
    exponents: dict[str, int] = {}
    for factor in text.split("*") if text != "1" else ():
        match = _FACTOR.match(factor)
        if match is None or match[1] in exponents:
            raise Malformed(f"in the monomial {text[:60]!r}, {factor[:60]!r} is no power of a name, or comes twice")
        exponents[match[1]] = int(match[2] or 1)
    return tuple(sorted(exponents.items()))


def read_rational(text: object) -> Fraction:
    """The number that text like ``-3/4`` stands for."""
    match = _RATIONAL.match(text) if isinstance(text, str) else None
    if match is None:
        shown = text[:40] if isinstance(text, str) else type(text).__name__
        raise Malformed(f'{shown!r} is not a string like "-3/4" with at most 2000 digits')
    return Fraction(int(match[1]), int(match[2] or 1))
