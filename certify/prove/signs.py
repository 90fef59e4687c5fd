"""Signs of polynomials in the parameters: as positive sums of products of facts, with evidence for the kernel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import inf

from certify.kernel import Fact, Polynomial, Statement, Term
from certify.language.rings import factor
from certify.prove.deadlines import Deadline
from certify.prove.products import find_proof

PositiveSum = tuple[Term, ...]
"""A sum of positive multiples of products of facts."""


def product(left: PositiveSum, right: PositiveSum) -> PositiveSum:
    """The expanded product of two positive sums."""
    merged: dict[tuple[tuple[str, int], ...], Fraction] = {}
    for a in left:
        for b in right:
            exponents = dict(a.factors)
            for name, exponent in b.factors.items():
                exponents[name] = exponents.get(name, 0) + exponent
            key = tuple(sorted(exponents.items()))
            merged[key] = merged.get(key, Fraction(0)) + a.coefficient * b.coefficient
    return tuple(Term(c, dict(k)) for k, c in merged.items())


@dataclass
class Signs:
    """What the facts say about signs; grows when case facts are added, remembers what it proved."""

    facts: tuple[Fact, ...]
    seconds: float = 1.0
    """Time for one search."""
    deadline: Deadline = field(default_factory=lambda: Deadline(inf))
    """Time for all of them."""
    _proved: dict[Polynomial, PositiveSum | None] = field(default_factory=dict)

    @cached_property
    def _strict_first(self) -> tuple[Fact, ...]:
        return tuple(sorted(self.facts, key=lambda f: not f.strict))

    @cached_property
    def _mentioned(self) -> frozenset[str]:
        return frozenset().union(*(f.polynomial.variables for f in self.facts))

    def with_facts(self, extra: Iterable[Fact]) -> Signs:
        """The same with more facts."""
        return Signs((*self.facts, *extra), self.seconds, self.deadline)

    def nonnegative(self, polynomial: Polynomial) -> PositiveSum | None:
        """The polynomial as a positive sum, factor by factor; None if that fails."""
        value = polynomial.as_constant()
        if value is not None:
            return None if value < 0 else (Term(value),) if value else ()
        content, factors = factor(polynomial)
        result: PositiveSum = (Term(abs(content)),)
        sign = 1 if content > 0 else -1
        for base, exponent in factors:
            if not self._multiple_of_a_fact(base) and self._multiple_of_a_fact(-base):  # before a search is wasted
                base, sign = -base, -sign if exponent % 2 else sign
            part = self._irreducible(base)
            if part is None and exponent % 2 == 0 and (negative := self._irreducible(-base)) is not None:
                part = negative
            elif part is None:
                part, sign = self._irreducible(-base), -sign if exponent % 2 else sign
            if part is None:
                return None
            for _ in range(exponent):
                result = product(result, part)
        return result if sign > 0 else None

    def positive(self, polynomial: Polynomial) -> PositiveSum | None:
        """The polynomial as a positive sum with a term that is never 0; None if that fails."""
        terms = self.nonnegative(polynomial)
        if terms is None or self.is_strict(terms):
            return terms
        content, factors = factor(polynomial)
        result: PositiveSum = (Term(abs(content)),)
        for base, exponent in factors:
            oriented = base if self._irreducible(base) is not None else -base
            part = self._irreducible(oriented)
            if part is None or not self.is_strict(part):
                part = self._beyond_a_fact(oriented)
            if part is None:
                return None
            for _ in range(exponent):
                result = product(result, part)
        return result

    def _beyond_a_fact(self, polynomial: Polynomial) -> PositiveSum | None:
        """A strict fact and something that is ≥ 0."""
        for fact in self.facts:
            if fact.strict and fact.polynomial.variables <= polynomial.variables:
                rest = polynomial - fact.polynomial
                terms = self.nonnegative(rest)
                if terms is not None:
                    return (Term(Fraction(1), {fact.name: 1}), *terms)
        return None

    def is_strict(self, terms: PositiveSum) -> bool:
        """Whether some term is strictly positive."""
        strict = {f.name for f in self.facts if f.strict}
        return any(t.factors.keys() <= strict for t in terms)

    def _irreducible(self, polynomial: Polynomial) -> PositiveSum | None:
        if polynomial not in self._proved:
            known = (
                self._multiple_of_a_fact(polynomial) or self._monomials(polynomial) or self._fact_and_more(polynomial)
            )
            self._proved[polynomial] = known or self._search(polynomial)
        return self._proved[polynomial]

    def _multiple_of_a_fact(self, polynomial: Polynomial) -> PositiveSum | None:
        for fact in self._strict_first:
            if fact.polynomial.terms.keys() == polynomial.terms.keys():
                monomial, coefficient = next(iter(polynomial))
                ratio = coefficient / fact.polynomial.terms[monomial]
                if ratio > 0 and fact.polynomial.scale(ratio) == polynomial:
                    return (Term(ratio, {fact.name: 1}),)
        return None

    def _monomials(self, polynomial: Polynomial) -> PositiveSum | None:
        """All coefficients positive in variables known to be nonnegative."""
        names = {f.polynomial: f.name for f in self.facts}
        terms = []
        for monomial, coefficient in polynomial:
            if coefficient < 0 or any(Polynomial.variable(n) not in names for n, _ in monomial):
                return None
            terms.append(Term(coefficient, {names[Polynomial.variable(n)]: e for n, e in monomial}))
        return tuple(terms)

    def _fact_and_more(self, polynomial: Polynomial) -> PositiveSum | None:
        """A multiple of one fact and products of nonnegative variables, however high their degree."""
        for fact in self._strict_first:
            for monomial, coefficient in fact.polynomial:
                ratio = polynomial.terms.get(monomial, 0) / coefficient
                rest = self._monomials(polynomial - fact.polynomial.scale(ratio)) if ratio > 0 else None
                if rest is not None:
                    return (Term(ratio, {fact.name: 1}), *rest)
        return None

    def _search(self, polynomial: Polynomial) -> PositiveSum | None:
        if not polynomial.variables <= self._mentioned:
            return None  # products of facts cannot cancel what no fact mentions
        relevant = tuple(f for f in self.facts if f.polynomial.variables <= _linked(polynomial, self.facts))
        variables = dict.fromkeys(sorted(_linked(polynomial, self.facts)), frozenset())
        statement = Statement(variables=variables, conclusion=polynomial, facts=relevant)
        self.deadline.check()
        seconds = min(self.seconds, self.deadline.left)
        proof = find_proof(statement, max_degree=polynomial.degree + 1, max_multiplier=0, seconds=seconds)
        return None if proof is None else proof.terms


def _linked(polynomial: Polynomial, facts: tuple[Fact, ...]) -> frozenset[str]:
    """The variables of the polynomial and of facts that share one with it."""
    names = polynomial.variables
    return names.union(*(f.polynomial.variables for f in facts if f.polynomial.variables & names))
