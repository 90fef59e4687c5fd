"""Statements about means as statements without them, and proofs of these as proofs about means.

Random vectors form an inner-product space with ⟨⟨a, b⟩⟩ = E⟨a, b⟩, in which constant vectors keep their inner products.
So a statement whose hypotheses hold for every sample becomes one without functionals: each random quantity is read as
its mean. What is proved there is proved for the means, with E in front of every random hypothesis and square; the
kernel checks the result in full.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from certify.kernel import Certificate, EquationTerm, Fact, Polynomial, Proof, Statement, Term, inner_product_name
from certify.language.expectations import SAMPLE, mean, moment, reading, renamed

Rename = Callable[[Polynomial], Polynomial]


def flat(statement: Statement) -> Statement:
    """The statement with every random quantity read as its mean; the same if it has no functionals."""
    if not statement.functionals:
        return statement
    random, named = _random(statement), {m.name: m for m in statement.moments}

    def read(polynomial: Polynomial) -> Polynomial:
        return reading(polynomial, random, named)

    def of(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        return tuple(replace(f, polynomial=read(f.polynomial)) for f in facts)

    certain = tuple(f for f in statement.facts if not any(map(random, f.polynomial.variables)))
    uncertain = tuple(f for f in statement.facts if f not in certain)
    parts = of(certain), of((*uncertain, *statement.hypotheses)), of(statement.equations)
    conclusion = read(statement.conclusion)
    used = frozenset().union(conclusion.variables, *(f.polynomial.variables for part in parts for f in part))
    vectors = dict.fromkeys(statement.vectors, frozenset[str]())
    scalars = {n: frozenset[str]() for n in sorted(used) if not (vectors and n.startswith("<"))}
    return Statement(scalars, conclusion, statement.relation, vectors, (), (), *parts)


def lifted(statement: Statement, proof: Proof) -> Certificate:
    """The certificate of a statement about means from a proof of its flat form; the kernel has the last word."""
    if not statement.functionals:
        return Certificate(statement, proof)
    random = _random(statement)
    known = {f.name: f.polynomial for f in (*statement.facts, *statement.hypotheses)}
    equations = {e.name: e.polynomial for e in statement.equations}
    up = _upwards(random)

    def drawn(polynomial: Polynomial) -> bool:
        return any(map(random, polynomial.variables))

    terms, needed = [], []
    for term in proof.terms:
        square = up(term.square) if isinstance(term.square, Polynomial) else term.square
        if isinstance(square, dict):
            square = {v: up(p) for v, p in square.items()}
        lifts = any(drawn(known[n]) for n in term.factors)
        lifts |= isinstance(square, dict) and any(statement.vectors[v] for v in square)
        terms.append(Term(term.coefficient, term.factors, square, (SAMPLE,) if lifts else ()))
        needed.append(expanded(terms[-1], known) if lifts else Polynomial())
    rest = []
    for e in proof.equations:
        lifts, factor = drawn(equations[e.equation]), up(e.factor)
        rest.append(EquationTerm(e.equation, factor, (SAMPLE,) if lifts else ()))
        needed.append(factor * equations[e.equation] if lifts else factor)
    moments = {m.name: m for m in statement.moments}
    for polynomial in needed:
        moments |= mean(polynomial, random)[1]
    inside = {n for m in moments.values() for n, _ in m.monomial}
    extra = {n: frozenset({SAMPLE}) for n in inside if not n.startswith("<")}
    full = replace(
        statement,
        moments=tuple(m for _, m in sorted(moments.items())),
        variables={**statement.variables, **{n: d for n, d in extra.items() if n not in statement.variables}},
    )
    return Certificate(full, Proof(tuple(terms), tuple(rest), proof.multiplier))


def _random(statement: Statement) -> Callable[[str], bool]:
    def random(name: str) -> bool:
        if name.startswith("<"):
            a, _, b = name[1:-1].partition(",")
            return bool(statement.vectors.get(a) or statement.vectors.get(b))
        return bool(statement.variables.get(name))

    return random


def _upwards(random: Callable[[str], bool]) -> Rename:
    """A flat name of a random quantity means its moment."""

    def up(polynomial: Polynomial) -> Polynomial:
        names = {n: moment(((n, 1),)).name for n in polynomial.variables if random(n)}
        return renamed(polynomial, names)

    return up


def expanded(term: Term, known: Mapping[str, Polynomial]) -> Polynomial:
    """The product of a term, to see which moments it needs."""
    product = Polynomial.constant(term.coefficient)
    for name, exponent in term.factors.items():
        product = product * known[name] ** exponent
    if isinstance(term.square, Polynomial):
        return product * term.square * term.square
    if term.square is None:
        return product
    square = Polynomial()
    for a, p in term.square.items():
        for b, q in term.square.items():
            square = square + p * q * Polynomial.variable(inner_product_name(a, b))
    return product * square
