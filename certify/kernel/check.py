"""The exact check of a certificate: one polynomial identity over ℚ (python-flint) and a few signs.

Sizes are bounded before anything is multiplied, so that a hostile file is refused rather than computed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import combinations_with_replacement

from flint import fmpq, fmpq_mpoly, fmpq_mpoly_ctx

from certify.kernel.certificate import Certificate, Fact, Statement, Term, inner_product_name
from certify.kernel.polynomial import ONE, Monomial, Polynomial

MAX_DEGREE = 200
MAX_PRODUCT = 2_000_000
"""Bound on the number of monomials that expanding one term, or all terms together, may create."""


class Rejected(ValueError):
    """The certificate does not prove its conclusion; the message says what failed."""


def check(certificate: Certificate) -> Statement:
    """Return the statement that is hereby proved, or raise `Rejected`.

    Proved means: for all real values of the variables (and vectors of any real inner-product space, and
    functionals over any non-empty index set) that satisfy the facts, hypotheses and equations, the
    conclusion holds.
    """
    statement, proof = certificate.statement, certificate.proof
    ring = _Ring(statement)
    inequalities = _by_name((*statement.facts, *statement.hypotheses))
    equations = _by_name(statement.equations)

    multiplier = ring.one if not proof.multiplier else ring.zero
    for term in proof.multiplier:
        if term.under or term.square is not None or not {*term.factors} <= {f.name for f in statement.facts}:
            raise Rejected("the multiplier may use products of facts only")
        multiplier += _expand(term, inequalities, ring)
        if not ring.depends_on(term, inequalities) <= ring.depends(statement.conclusion):
            raise Rejected("the multiplier varies with an index that the conclusion does not have")
    if proof.multiplier and not any(_strictly_positive(t, inequalities) for t in proof.multiplier):
        raise Rejected("the multiplier is not known to be strictly positive")
    conclusion = ring.convert(statement.conclusion)
    ring.charge_sizes(len(multiplier), len(conclusion))
    residual = multiplier * conclusion

    for term in proof.terms:
        residual -= ring.apply(term.under, _expand(term, inequalities, ring))
    for equation in proof.equations:
        known = _get(equations, equation.equation).polynomial
        ring.charge([equation.factor, known])
        residual -= ring.apply(equation.under, ring.convert(equation.factor) * ring.convert(known))
    if residual != 0:
        raise Rejected(f"the two sides of the identity differ by {len(residual)} monomials")

    if statement.relation == "=" and proof.terms:
        raise Rejected("an equality may be combined from equations only")
    if statement.relation == ">" and not any(_strictly_positive(t, inequalities) for t in proof.terms):
        raise Rejected("no term is strictly positive, so the strict conclusion does not follow")
    return statement


def _expand(term: Term, inequalities: Mapping[str, Fact], ring: _Ring) -> fmpq_mpoly:
    """The inside of a term as a polynomial; checks c > 0."""
    if term.coefficient <= 0:
        raise Rejected(f"a term has coefficient {term.coefficient}; all must be positive")
    factors = [_get(inequalities, n).polynomial for n, e in term.factors.items() for _ in range(e)]
    square = ring.square(term.square)
    ring.charge(factors, len(square))
    product = square * fmpq(term.coefficient.numerator, term.coefficient.denominator)
    for factor in factors:
        product *= ring.convert(factor)
    return product


def _strictly_positive(term: Term, inequalities: Mapping[str, Fact]) -> bool:
    return term.square is None and all(inequalities[n].strict for n in term.factors)


def _by_name(facts: Iterable[Fact]) -> dict[str, Fact]:
    table: dict[str, Fact] = {}
    for fact in facts:
        if fact.name in table:
            raise Rejected(f"the name {fact.name!r} is given twice")
        table[fact.name] = fact
    return table


def _get(table: Mapping[str, Fact], name: str) -> Fact:
    if name not in table:
        raise Rejected(f"the proof uses {name!r}, which the statement does not contain")
    return table[name]


class _Ring:
    """The polynomial ring of a statement, inner products and functionals included."""

    def __init__(self, statement: Statement) -> None:
        known = {f.name: f.size for f in statement.functionals}
        if len(known) != len(statement.functionals):
            raise Rejected("a functional is declared twice")
        self.sizes = known
        self.dependence: dict[str, frozenset[str]] = {}
        for name, functionals in statement.variables.items():
            if name.startswith("<"):
                raise Rejected(f"{name!r} is reserved for inner products")
            self._declare(name, functionals)
        for name in statement.vectors:
            if set(name) & set("<>,*^ "):
                raise Rejected(f"vector name {name!r} may not contain < > , * ^ or blanks")
        for a, b in combinations_with_replacement(sorted(statement.vectors), 2):
            self._declare(inner_product_name(a, b), statement.vectors[a] | statement.vectors[b])
        self.vectors = frozenset(statement.vectors)
        self.moments: dict[tuple[str, Monomial], str] = {}
        for moment in statement.moments:
            factors = [self._known(n) for n, _ in moment.monomial]
            if not factors or any(moment.functional not in f for f in factors):
                raise Rejected(f"moment {moment.name!r}: every factor must depend on {moment.functional!r}")
            if (moment.functional, moment.monomial) in self.moments:
                raise Rejected(f"moment {moment.name!r} is declared twice")
            self._declare(moment.name, frozenset().union(*factors) - {moment.functional})
            self.moments[moment.functional, moment.monomial] = moment.name
        for name, size in known.items():
            if size is not None and self._known(size):
                raise Rejected(f"the size of {name!r} must not depend on an index")
        if len(self.dependence) > 5_000:
            raise Rejected("more than 5000 variables")
        self.names = sorted(self.dependence)
        self.index = {name: i for i, name in enumerate(self.names)}
        self.ctx = fmpq_mpoly_ctx.get([f"x{i}" for i in range(len(self.names))], "lex")
        self.one, self.zero = self.ctx.constant(1), self.ctx.constant(0)
        self.spent = 0

    def _declare(self, name: str, functionals: frozenset[str]) -> None:
        if name in self.dependence:
            raise Rejected(f"variable {name!r} is declared twice")
        if not functionals <= self.sizes.keys():
            raise Rejected(f"variable {name!r} depends on an undeclared functional")
        self.dependence[name] = functionals

    def _known(self, name: str) -> frozenset[str]:
        if name not in self.dependence:
            raise Rejected(f"variable {name!r} is not declared")
        return self.dependence[name]

    def depends(self, polynomial: Polynomial) -> frozenset[str]:
        """All functionals that some variable of the polynomial depends on."""
        return frozenset().union(*(self._known(n) for n in polynomial.variables))

    def depends_on(self, term: Term, inequalities: Mapping[str, Fact]) -> frozenset[str]:
        """All functionals that some factor of the term depends on."""
        return frozenset().union(*(self.depends(inequalities[n].polynomial) for n in term.factors))

    def charge(self, factors: list[Polynomial], first: int = 1) -> None:
        """Refuse a product of these factors if it could become too large."""
        if sum(p.degree for p in factors) > MAX_DEGREE:
            raise Rejected(f"a product has degree above {MAX_DEGREE}")
        self.charge_sizes(first, *(max(1, len(p.terms)) for p in factors))

    def charge_sizes(self, *sizes: int) -> None:
        """Account for the monomials that a product of polynomials of these sizes may create."""
        cost = 1
        for size in sizes:
            cost *= max(1, size)
            if cost > MAX_PRODUCT:
                break
        self.spent += cost
        if self.spent > MAX_PRODUCT:
            raise Rejected(f"checking would create more than {MAX_PRODUCT} monomials")

    def convert(self, polynomial: Polynomial) -> fmpq_mpoly:
        """The flint polynomial; raises `Rejected` for undeclared variables."""
        terms = {}
        for monomial, coefficient in polynomial:
            exponents = [0] * len(self.names)
            for name, exponent in monomial:
                self._known(name)
                exponents[self.index[name]] = exponent
            terms[tuple(exponents)] = fmpq(coefficient.numerator, coefficient.denominator)
        return self.ctx.from_dict(terms)

    def square(self, root: Polynomial | Mapping[str, Polynomial] | None) -> fmpq_mpoly:
        """1, q², or the squared norm of a linear form in the vectors."""
        if root is None:
            return self.one
        if isinstance(root, Polynomial):
            self.charge([root, root])
            return self.convert(root) ** 2
        if not root.keys() <= self.vectors:
            raise Rejected("a squared norm uses an undeclared vector")
        total = self.zero
        for a, b in combinations_with_replacement(sorted(root), 2):
            self.charge([root[a], root[b]])
            product = Polynomial.variable(inner_product_name(a, b)).scale(1 if a == b else 2)
            total += self.convert(root[a]) * self.convert(root[b]) * self.convert(product)
        return total

    def apply(self, functionals: tuple[str, ...], polynomial: fmpq_mpoly) -> fmpq_mpoly:
        """F_n[… F_1[polynomial]]: factors that do not depend on F come out, the rest becomes a moment."""
        for functional in functionals:
            if functional not in self.sizes:
                raise Rejected(f"functional {functional!r} is not declared")
            result = self.zero
            for exponents, coefficient in polynomial.to_dict().items():
                inside: list[tuple[str, int]] = []
                outside = [0] * len(self.names)
                for i, exponent in enumerate(exponents):
                    if exponent and functional in self.dependence[self.names[i]]:
                        inside.append((self.names[i], int(exponent)))
                    elif exponent:
                        outside[i] = int(exponent)
                name = self._moment(functional, tuple(inside))
                if name is not None:
                    outside[self.index[name]] += 1
                result += self.ctx.from_dict({tuple(outside): coefficient})
            polynomial = result
        return polynomial

    def _moment(self, functional: str, monomial: Monomial) -> str | None:
        """The variable for F[monomial]; None stands for F[1] = 1."""
        if monomial == ONE:
            return self.sizes[functional]
        name = self.moments.get((functional, monomial))
        if name is None:
            raise Rejected(f"the moment {functional}[{monomial}] is needed but not declared")
        return name
