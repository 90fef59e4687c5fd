"""Polynomial inequalities on a domain: signs factor by factor, products of facts, strict ones with something to spare.

Whatever is found has been accepted by the kernel; floats only say which inequalities are not worth trying.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from certify.kernel import Certificate, Polynomial, Proof, Rejected, Statement, Term, check
from certify.prove.products import find_proof
from certify.prove.signs import Signs

SECONDS = 4.0
SIMPLE = (0.0, 0.01, 0.1, 0.25, 0.5, 0.9, 1.0, 1.1, 1.5, 2.0, 3.0, 4.0, 10.0)


def proved(statement: Statement, seconds: float = SECONDS) -> Certificate | None:
    """A certificate that the kernel has accepted, or None."""
    if plainly_false(statement):
        return None
    if statement.relation == ">":
        return _strictly(statement, seconds)
    if (found := _by_signs(statement)) is not None:
        return found
    common, rest = _content(statement)
    smaller = replace(statement, conclusion=rest)
    proof = find_proof(smaller, seconds=seconds / 4, max_degree=1, max_multiplier=0, plain=False)
    if proof is None:
        proof = find_proof(smaller, _squares(smaller), seconds=seconds, max_degree=7, max_multiplier=1, plain=False)
    return None if proof is None else _checked(statement, _times(proof, common, statement))


def _by_signs(statement: Statement) -> Certificate | None:
    terms = None if statement.equations else Signs(statement.facts).nonnegative(statement.conclusion)
    return None if terms is None else _checked(statement, Proof(terms))


def _content(statement: Statement) -> tuple[dict[str, int], Polynomial]:
    """Quantities that are known to be nonnegative and divide the conclusion, and what is left of it."""
    known = {n for f in statement.facts for n in f.polynomial.variables if f.polynomial == Polynomial.variable(n)}
    monomials = [dict(m) for m, _ in statement.conclusion]
    common = {n: min(m.get(n, 0) for m in monomials) for n in known}
    common = {n: e for n, e in common.items() if e}
    left = {tuple((n, e - common.get(n, 0)) for n, e in m if e > common.get(n, 0)): c for m, c in statement.conclusion}
    return common, Polynomial(left)


def _times(proof: Proof, common: Mapping[str, int], statement: Statement) -> Proof:
    """The proof of the product with quantities that are nonnegative."""
    if not common:
        return proof
    names = {f.polynomial: f.name for f in statement.facts}
    powers = {names[Polynomial.variable(n)]: e for n, e in common.items()}
    whole = Polynomial.constant(1)
    for name, exponent in common.items():
        whole = whole * Polynomial.variable(name) ** exponent
    terms = tuple(
        replace(t, factors={n: t.factors.get(n, 0) + powers.get(n, 0) for n in {*t.factors, *powers}})
        for t in proof.terms
    )
    return replace(proof, terms=terms, equations=tuple(replace(e, factor=e.factor * whole) for e in proof.equations))


def plainly_false(statement: Statement, draws: int = 300) -> bool:
    """Whether some simple numbers satisfy all facts and contradict the conclusion (in floats: it only saves time).

    Roots are computed from their squares; with other equations there is no answer.
    """
    roots = _roots(statement)
    if roots is None:
        return False
    generator = random.Random(0)  # noqa: S311
    everything = (statement.conclusion, *(f.polynomial for f in statement.facts), *(p for _, p in roots))
    names = sorted({n for p in everything for n in p.variables})
    size = Polynomial({m: abs(c) for m, c in statement.conclusion})
    for _ in range(draws):
        point = {n: generator.choice(SIMPLE) for n in names}
        for name, square in roots:
            point[name] = max(_value(square, point), 0.0) ** 0.5
        small = 1e-9 * max(1.0, _value(size, point))
        if (
            all(_value(f.polynomial, point) >= 0 for f in statement.facts)
            and all(_value(square, point) >= 0 for _, square in roots)
            and _value(statement.conclusion, point) < -small
        ):
            return True
    return False


def _roots(statement: Statement) -> list[tuple[str, Polynomial]] | None:
    """Names and what their squares are, in an order in which they can be computed; None if equations say more."""
    found: list[tuple[str, Polynomial]] = []
    for equation in statement.equations:
        for name in sorted(equation.polynomial.variables):
            square = Polynomial.variable(name) ** 2
            for sign in (1, -1):
                rest = square - equation.polynomial.scale(sign)
                if name not in rest.variables | {n for n, _ in found}:
                    found.append((name, rest))
                    break
            else:
                continue
            break
        else:
            return None
    later: set[str] = set()
    for name, rest in reversed(found):
        if name in later or rest.variables & later:
            return None
        later.add(name)
    return found


def _value(polynomial: Polynomial, point: Mapping[str, float]) -> float:
    total = 0.0
    for monomial, coefficient in polynomial:
        term = float(coefficient)
        for name, exponent in monomial:
            term *= point[name] ** exponent
        total += term
    return total


def _strictly(statement: Statement, seconds: float) -> Certificate | None:
    """p > 0, from p ≥ c · (product of strict facts) ≥ 0."""
    strict = [f for f in statement.facts if f.strict]
    if (found := _by_signs(statement)) is not None:
        return found
    products = [(f,) for f in strict] + [(f, g) for i, f in enumerate(strict) for g in strict[i:]]
    for factors in [(), *products][:24]:
        below = Polynomial.constant(1)
        for fact in factors:
            below = below * fact.polynomial
        for size in (Fraction(1), Fraction(1, 4)):
            weak = replace(statement, conclusion=statement.conclusion - below.scale(size), relation=">=")
            proof = find_proof(weak, seconds=seconds / 8, max_degree=3, max_multiplier=0, plain=False)
            if proof is not None:
                powers: dict[str, int] = {}
                for fact in factors:
                    powers[fact.name] = powers.get(fact.name, 0) + 1
                whole = Proof((*proof.terms, Term(size, powers)), proof.equations)
                if found := _checked(statement, whole):
                    return found
    return None


def _squares(statement: Statement) -> list[Polynomial]:
    """Differences of parameters, whose squares may help."""
    names = sorted(n for n in statement.conclusion.variables)[:6]
    single = [Polynomial.variable(n) for n in names]
    pairs = [(a, b) for i, a in enumerate(single) for b in single[:i]]
    one = Polynomial.constant(1)
    return [*(a - b for a, b in pairs), *(one - a * b for a, b in pairs)][:24]


def _checked(statement: Statement, proof: Proof) -> Certificate | None:
    certificate = Certificate(statement, proof)
    try:
        check(certificate)
    except Rejected:
        return None
    return certificate
