"""Inequalities between numbers with roots in them: by products, by squaring both sides, by completing a square."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from certify.kernel import EquationTerm, Fact, Polynomial, Proof, Statement, Term
from certify.language.atoms import read_atom
from certify.language.rings import factor
from certify.prove.products import find_proof
from certify.prove.signs import PositiveSum, Signs

FOUR = Fraction(4)


def pointwise_proof(statement: Statement, *, seconds: float = 10.0) -> Proof | None:
    """A proof of a statement without sums and means, or None; the kernel has not seen it."""
    plain = replace(statement, equations=(), functionals=(), moments=())
    for search in (_by_factors, _by_products, _by_squaring, _by_completion, _by_multiples):
        if (proof := search(plain, statement.equations, seconds)) is not None:
            return proof
    inverses = tuple(e for e in statement.equations if e.name.startswith("inverse["))
    if not inverses or statement.vectors:
        return None
    known = (*plain.facts, *plain.hypotheses)  # 1/b as a quantity w of its own, w b = 1
    return find_proof(
        replace(plain, facts=known, hypotheses=(), equations=inverses), plain=False, max_degree=3, seconds=seconds
    )


def _by_factors(statement: Statement, equations: Sequence[Fact], seconds: float) -> Proof | None:
    """p q² ≥ 0 because every factor of p is ≥ 0; for what does not factor there are better ways."""
    _, factors = factor(statement.conclusion)
    if sum(e for _, e in factors) < 2:
        return None
    even, rest = _even_part(statement.conclusion)
    signed = Signs((*statement.facts, *statement.hypotheses)).nonnegative(rest)
    if signed is None:
        return None
    return Proof(tuple(replace(t, square=even) for t in signed), ())


def _by_products(
    statement: Statement, equations: Sequence[Fact], seconds: float, max_multiplier: int = 0
) -> Proof | None:
    """Products of facts, with the squares of roots as they are or written out."""
    target, used = _without_roots(statement.conclusion, equations)
    written_out = tuple(EquationTerm(n, q) for n, q in used.items())
    known = (*statement.facts, *statement.hypotheses)
    signed = {n for f in known if len(f.polynomial.terms) == f.polynomial.degree == 1 for n in f.polynomial.variables}
    for conclusion, rest in ((statement.conclusion, ()), (target, written_out))[: 2 if used else 1]:
        squares = [Polynomial.variable(n) for n in sorted(conclusion.variables - signed)]
        posed = replace(statement, conclusion=conclusion, facts=known, hypotheses=())
        found = find_proof(
            posed,
            squares,
            plain=bool(statement.vectors),
            max_degree=3,
            max_multiplier=max_multiplier,
            seconds=seconds,
        )
        if found is not None:
            times = _product(found.multiplier, posed.facts)
            rest = tuple(EquationTerm(e.equation, e.factor * times) for e in rest)
            return Proof(found.terms, (*found.equations, *rest), found.multiplier)
    return None


def _by_multiples(statement: Statement, equations: Sequence[Fact], seconds: float) -> Proof | None:
    """p ≥ 0 because q p ≥ 0 for a positive q."""
    return _by_products(statement, equations, seconds, 1)


def _product(multiplier: PositiveSum, facts: Sequence[Fact]) -> Polynomial:
    """The polynomial that a conclusion is multiplied by."""
    known, total = {f.name: f.polynomial for f in facts}, Polynomial()
    for term in multiplier:
        product = Polynomial.constant(term.coefficient)
        for name, exponent in term.factors.items():
            product = product * known[name] ** exponent
        total = total + product
    return total if multiplier else Polynomial.constant(1)


def _by_squaring(statement: Statement, equations: Sequence[Fact], seconds: float) -> Proof | None:
    """X ≥ Y ≥ 0 because X² ≥ Y²: (X + Y)(X − Y) = X² − Y²."""
    above = Polynomial({m: c for m, c in statement.conclusion if c > 0})
    below = above - statement.conclusion
    signs = Signs(statement.facts)
    parts = [signs.nonnegative(p) for p in (above, below)]
    if None in parts or not below:
        return None
    multiplier = tuple(t for part in parts if part is not None for t in part)
    if not signs.is_strict(multiplier):
        return None
    found = _by_products(replace(statement, conclusion=above * above - below * below), equations, seconds)
    return None if found is None else Proof(found.terms, found.equations, multiplier)


def _by_completion(statement: Statement, equations: Sequence[Fact], seconds: float) -> Proof | None:
    """a y² + b y + c ≥ 0 because 4a(a y² + b y + c) = (2a y + b)² + 4ac − b²."""
    signs = Signs(statement.facts)
    for name, a, b, c in _quadratics(statement.conclusion):
        leading = signs.nonnegative(a)
        if leading is None or not signs.is_strict(leading):
            continue
        even, rest = _even_part(a * c.scale(FOUR) - b * b)
        found = _by_products(replace(statement, conclusion=rest), equations, seconds)
        if found is None:
            continue
        whole = Term(Fraction(1), {}, a.scale(2) * Polynomial.variable(name) + b)
        squares = [t.square if isinstance(t.square, Polynomial) else Polynomial.constant(1) for t in found.terms]
        terms = [Term(t.coefficient, t.factors, even * s) for t, s in zip(found.terms, squares, strict=True)]
        rest_equations = tuple(EquationTerm(e.equation, e.factor * even * even) for e in found.equations)
        return Proof((whole, *terms), rest_equations, _scaled(leading, FOUR))
    return None


def _quadratics(polynomial: Polynomial) -> Iterator[tuple[str, Polynomial, Polynomial, Polynomial]]:
    """The quantities y in which it is a y² + b y + c, with a, b and c."""
    for name in sorted(polynomial.variables):
        parts = [Polynomial(), Polynomial(), Polynomial()]
        for monomial, coefficient in polynomial:
            exponent = dict(monomial).get(name, 0)
            if exponent > 2:
                break
            rest = tuple(item for item in monomial if item[0] != name)
            parts[exponent] = parts[exponent] + Polynomial({rest: coefficient})
        else:
            if parts[2]:
                yield name, parts[2], parts[1], parts[0]


def _even_part(polynomial: Polynomial) -> tuple[Polynomial, Polynomial]:
    """s and r with polynomial = s² r, s as large as possible."""
    if not polynomial:
        return Polynomial.constant(1), polynomial
    content, factors = factor(polynomial)
    root, rest = Polynomial.constant(1), Polynomial.constant(content)
    for base, exponent in factors:
        root = root * base ** (exponent // 2)
        rest = rest * base ** (exponent % 2)
    return root, rest


def _without_roots(polynomial: Polynomial, equations: Sequence[Fact]) -> tuple[Polynomial, dict[str, Polynomial]]:
    """The polynomial with (√u)² replaced by u, and the factors of the equations used."""
    squares = {}
    for equation in equations:
        for name in equation.polynomial.variables:
            found = read_atom(name)
            if found and found[0] == "√" and equation.polynomial == Polynomial.variable(name) ** 2 - found[1]:
                squares[name] = equation
    factors: dict[str, Polynomial] = {}
    for name, equation in squares.items():
        while high := Polynomial({m: c for m, c in polynomial if dict(m).get(name, 0) > 1}):
            quotient = Polynomial(
                {tuple((n, e - 2 * (n == name)) for n, e in m if n != name or e > 2): c for m, c in high}
            )
            factors[equation.name] = factors.get(equation.name, Polynomial()) + quotient
            polynomial = polynomial - quotient * equation.polynomial
    return polynomial, factors


def _scaled(terms: PositiveSum, factor_: Fraction) -> PositiveSum:
    return tuple(replace(t, coefficient=t.coefficient * factor_) for t in terms)
