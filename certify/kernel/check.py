"""The exact check of a certificate: one polynomial identity over ℚ and a few signs.

Every step is paid for before it is taken, so that a hostile file is refused rather than computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import chain
from typing import Any

from certify.kernel.certificate import Certificate, EquationTerm, Statement, Term
from certify.kernel.polynomial import ONE, Monomial, Polynomial, inner_product_name, monomial_text, times

MAX_WORK = 200_000
"""How many products of two short terms a check may take, unless the caller allows more: under a second."""
MAX_BITS = 20_000
"""The longest number that may arise on the way."""


class Rejected(ValueError):
    """The certificate does not prove its conclusion; the message says what failed."""


def check(certificate: Certificate, *, work: int = MAX_WORK) -> Statement:
    """Return the statement that is hereby proved, or raise `Rejected`.

    Proved means: for all real values of the variables (and vectors of any real inner-product space, and
    functionals over any non-empty index sets) that satisfy the facts, hypotheses and equations, the
    conclusion holds. What is checked is the JSON form, so that an object and its file cannot differ.
    """
    try:
        certificate = Certificate.from_json(certificate.to_json())
    except ValueError as error:
        raise Rejected(str(error)) from None
    statement, proof = certificate.statement, certificate.proof
    rules = _Rules(statement, work)
    facts = {fact.name for fact in statement.facts}
    if any(t.under or t.square is not None or not t.factors.keys() <= facts for t in proof.multiplier):
        raise Rejected("the multiplier may use products of facts only")
    if proof.multiplier and not any(map(rules.strictly_positive, proof.multiplier)):
        raise Rejected("the multiplier is not known to be strictly positive")
    if statement.relation not in (">=", ">", "="):
        raise Rejected(f"the relation {statement.relation[:40]!r} is not one of >=, > and =")
    if statement.relation == "=" and proof.terms:
        raise Rejected("an equality may be combined from equations only")
    if statement.relation == ">" and not any(map(rules.strictly_positive, proof.terms)):
        raise Rejected("no term is strictly positive, so the strict conclusion does not follow")

    multiplier = rules.add(map(rules.nonnegative, proof.multiplier or [Term(Fraction(1))]))
    left = rules.multiply(multiplier, statement.conclusion)
    right = rules.add(chain(map(rules.nonnegative, proof.terms), map(rules.zero, proof.equations)))
    if left != right:
        raise Rejected(f"the two sides of the identity differ by {len((left - right).terms)} monomials")
    return statement


class _Rules:
    """What the names of a statement mean, and arithmetic that pays for every step."""

    def __init__(self, statement: Statement, work: int) -> None:
        self.work = work
        self.inequalities = _table((*statement.facts, *statement.hypotheses))
        self.equations = _table(statement.equations)
        self.definitions = _table(statement.moments)
        self.vectors = statement.vectors
        self.depends = dict(statement.variables)
        functionals = _table(statement.functionals).keys()
        if len(functionals) > 16:
            raise Rejected("more than 16 functionals are declared")
        for name, over in chain(statement.variables.items(), statement.vectors.items()):
            if not over <= functionals:
                raise Rejected(f"{name!r} depends on a functional that is not declared")
        for name in chain(statement.variables, statement.vectors, self.definitions):
            if {*name} & {*"<,>"}:
                raise Rejected(f"the name {name!r} contains one of < , > which are reserved for inner products")
        if both := statement.variables.keys() & self.definitions.keys():
            raise Rejected(f"{min(both)!r} is declared as a variable and as a moment")
        if any(f.size is not None and statement.variables.get(f.size) != frozenset() for f in statement.functionals):
            raise Rejected("the size of a functional must be a variable that depends on no functional")
        self.moments = {(f.name, ONE): ONE if f.size is None else ((f.size, 1),) for f in statement.functionals}
        self.moments |= {(m.functional, m.monomial): ((m.name, 1),) for m in statement.moments}
        if len(self.moments) < len(statement.functionals) + len(statement.moments):
            raise Rejected("a moment is declared twice, or the moment of 1 is declared")
        for name in sorted(self.definitions):
            self.over(name)
        for fact in (*self.inequalities.values(), *self.equations.values()):
            self.known(fact.polynomial)
        self.known(statement.conclusion)

    def over(self, name: str, nested: int = 0) -> frozenset[str]:
        """The functionals over whose index sets a variable, moment or inner product varies."""
        if name in self.depends:
            return self.depends[name]
        if moment := self.definitions.get(name):
            factors = [self.over(factor, nested + 1) for factor, _ in moment.monomial] if nested < 100 else []
            if not factors or any(moment.functional not in over for over in factors):
                raise Rejected(f"moment {name!r}: every factor must depend on {moment.functional!r}; at most 100 deep")
            self.depends[name] = frozenset().union(*factors) - {moment.functional}
        else:
            a, _, b = name[1:-1].partition(",")
            if name != inner_product_name(a, b) or not {a, b} <= self.vectors.keys():
                raise Rejected(f"variable {name!r} is not declared")
            self.depends[name] = self.vectors[a] | self.vectors[b]
        return self.depends[name]

    def known(self, polynomial: Polynomial) -> Polynomial:
        """The same polynomial, after a look at its names."""
        for name in polynomial.variables:
            self.over(name)
        return polynomial

    def strictly_positive(self, term: Term) -> bool:
        """Whether the term is a positive number times strict facts or hypotheses only."""
        return term.square is None and all(_get(self.inequalities, name).strict for name in term.factors)

    def nonnegative(self, term: Term) -> Polynomial:
        """``c · F[ Π factors · square ]``."""
        if term.coefficient <= 0:
            raise Rejected(f"a term has the coefficient {str(term.coefficient)[:40]}; all must be positive")
        factors = (_get(self.inequalities, name).polynomial for name, e in term.factors.items() for _ in range(e))
        return self.apply(term.under, self.multiply(self.square(term), Polynomial.constant(term.coefficient), *factors))

    def zero(self, term: EquationTerm) -> Polynomial:
        """``F[ q · e ]``."""
        equation = _get(self.equations, term.equation).polynomial
        return self.apply(term.under, self.multiply(self.known(term.factor), equation))

    def square(self, term: Term) -> Polynomial:
        """1, q², or the squared norm of a linear form in the vectors."""
        if term.square is None:
            return Polynomial.constant(1)
        if isinstance(term.square, Polynomial):
            return self.multiply(self.known(term.square), term.square)
        form = term.square.items()
        self.pay(len(form) ** 2, 0)
        products = ((p, q, Polynomial({((inner_product_name(a, b), 1),): 1})) for a, p in form for b, q in form)
        return self.add(self.multiply(self.known(p), q, self.known(product)) for p, q, product in products)

    def apply(self, functionals: Iterable[str], polynomial: Polynomial) -> Polynomial:
        """F_n[… F_1[polynomial]]: factors that do not depend on F come out, the rest becomes a moment."""
        for functional in functionals:
            images = []
            for monomial, coefficient in polynomial:
                inside = tuple(item for item in monomial if functional in self.over(item[0]))
                outside = tuple(item for item in monomial if functional not in self.over(item[0]))
                if (functional, inside) not in self.moments:
                    raise Rejected(f"the moment {functional}[{monomial_text(inside)}] is needed but not declared")
                images.append(Polynomial({times(outside, self.moments[functional, inside]): coefficient}))
            polynomial = self.add(images)
        return polynomial

    def multiply(self, product: Polynomial, *factors: Polynomial) -> Polynomial:
        """The product."""
        for factor in factors:
            self.pay(max(1, len(product.terms)) * max(1, len(factor.terms)), _size(product) + _size(factor))
            product = product * factor
        return product

    def add(self, polynomials: Iterable[Polynomial]) -> Polynomial:
        """The sum."""
        total: dict[Monomial, Fraction] = {}
        for polynomial in polynomials:
            for monomial, coefficient in polynomial:
                total[monomial] = total[monomial] + coefficient if monomial in total else coefficient
                self.pay(1, _bits(total[monomial]))
        return Polynomial(total)

    def pay(self, steps: int, bits: int) -> None:
        """Account for arithmetic with numbers of this length."""
        self.work -= steps * (1 + bits // 32)
        if self.work < 0 or bits > MAX_BITS:
            raise Rejected("this is too much work: products of too many terms, or numbers that are too long")


def _bits(value: Fraction) -> int:
    return value.numerator.bit_length() + value.denominator.bit_length()


def _size(polynomial: Polynomial) -> int:
    """The size of its longest term, a variable counted as 8 bits."""
    return max((_bits(c) + 8 * len(m) for m, c in polynomial), default=0)


def _table(items: Iterable[Any]) -> dict[str, Any]:
    table: dict[str, Any] = {}
    for item in items:
        if table.setdefault(item.name, item) is not item:
            raise Rejected(f"the name {item.name!r} is given twice")
    return table


def _get(table: Mapping[str, Any], name: str) -> Any:
    if name not in table:
        raise Rejected(f"the proof uses {name!r}, which the statement does not contain")
    return table[name]
