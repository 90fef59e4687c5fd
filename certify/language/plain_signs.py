"""Signs of polynomials that are plain from the facts known; what needs a search is left to the prover."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from certify.kernel import Fact, Monomial, Polynomial
from certify.language.rings import factor


class PlainSigns:
    """Signs from `facts` and from quantities known to be `nonnegative` without a fact, such as squares and norms."""

    def __init__(self, facts: Collection[Fact], nonnegative: frozenset[str]) -> None:
        self.facts = facts
        alone = [(n, f.strict) for f in facts if (n := variable_of(f.polynomial))]
        self._positive = {n for n, strict in alone if strict}
        self._weak = nonnegative | {n for n, _ in alone}

    def of(self, polynomial: Polynomial) -> int | None:
        """+1 or −1 if the sign is plain from the facts, 0 for weakly positive, None if unknown.

        Plain means: a sum of products of quantities of known sign, possibly plus a multiple of one fact.
        """
        for candidate, sign in ((polynomial, 1), (-polynomial, -1)):
            if self._sum_of_positive(candidate) or any(
                self._sum_of_positive(candidate - fact.polynomial.scale(ratio))
                for fact in self.facts
                for monomial, coefficient in fact.polynomial
                if (ratio := candidate.terms.get(monomial, 0) / coefficient) > 0
            ):
                return sign
        for fact in self.facts:
            for monomial, coefficient in fact.polynomial:
                ratio = polynomial.terms.get(monomial, 0) / coefficient
                if ratio and polynomial == fact.polynomial.scale(ratio):
                    return (1 if ratio > 0 else -1) if fact.strict else (0 if ratio > 0 else None)
                break
        if self._sum_of_nonnegative(polynomial):
            return 0
        return sign if (sign := self._by_products(polynomial, 3)) is not None else self._beside_a_square(polynomial)

    def _beside_a_square(self, polynomial: Polynomial) -> int | None:
        """1 or 0 if what remains without the terms of known sign is a square times factors ≥ 0: ε + (1 − β)(g − m)²."""
        plain = Polynomial({m: c for m, c in polynomial if c > 0 and all(n in self._weak for n, _ in m)})
        rest = polynomial - plain
        if len(rest.terms) < 3:
            return None
        content, factors = factor(rest)
        if content < 0 or all(e == 1 for _, e in factors):
            return None
        if any(e % 2 and self.of(base) not in (0, 1) for base, e in factors):
            return None
        return int(self._sum_of_positive(plain))

    def _by_products(self, polynomial: Polynomial, depth: int) -> int | None:
        """1 or 0 if products of a fact and a nonnegative monomial explain the negative terms: g² − βg² = (1 − β)g²."""
        negative = [m for m, c in polynomial if c < 0]
        if not negative or not depth:
            return None
        known = None
        for found, strict in self._explanations(polynomial, negative[0]):
            rest = polynomial - found
            if self._sum_of_positive(rest) or any(f.strict and f.polynomial == rest for f in self.facts):
                return 1
            sign = int(strict) if self._sum_of_nonnegative(rest) else self._by_products(rest, depth - 1)
            if sign == 1:
                return 1
            known = known if sign is None else sign
        return known

    def _explanations(self, polynomial: Polynomial, term: Monomial) -> Iterator[tuple[Polynomial, bool]]:
        """Products of a fact and a nonnegative monomial with this term of the polynomial; whether they are positive."""
        for fact in self.facts:
            for monomial, coefficient in fact.polynomial:
                quotient = {n: e - dict(monomial).get(n, 0) for n, e in term}
                fits = monomial and coefficient < 0 and {n for n, _ in monomial} <= quotient.keys()
                if fits and all(e >= 0 and (e % 2 == 0 or n in self._weak) for n, e in quotient.items()):
                    ratio = polynomial.terms[term] / coefficient
                    factor = Polynomial({tuple((n, e) for n, e in sorted(quotient.items()) if e): ratio})
                    strict = fact.strict and all(n in self._positive for n, e in quotient.items() if e)
                    yield factor * fact.polynomial, strict

    def _sum_of_positive(self, polynomial: Polynomial) -> bool:
        some = any(all(n in self._positive for n, _ in m) for m, _ in polynomial)
        return some and self._sum_of_nonnegative(polynomial)

    def _sum_of_nonnegative(self, polynomial: Polynomial) -> bool:
        return all(c > 0 and all(n in self._weak or e % 2 == 0 for n, e in m) for m, c in polynomial)


def variable_of(polynomial: Polynomial) -> str | None:
    """The name x if the polynomial is a positive multiple of x."""
    if len(polynomial.terms) != 1:
        return None
    (monomial, coefficient), *_ = polynomial.terms.items()
    return monomial[0][0] if coefficient > 0 and len(monomial) == 1 and monomial[0][1] == 1 else None
