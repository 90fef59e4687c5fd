"""Equations out of the way: eliminate a variable from each equation that gives one, and put the equations back later.

An equation ``v = rest`` with a constant coefficient of v turns every polynomial into one without v; once a
combination is found, the quotients of the same divisions are the factors of the equations in the certificate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from flint import fmpq_mpoly

from certify.kernel import EquationTerm, Fact, Polynomial, Statement, inner_product_name
from certify.language.opaque import argument
from certify.language.rings import Ring


class Reduction:
    """The ring of a statement with eliminated variables first, and division by the equations.

    With `roots`, squares of roots are eliminated too: a remainder has no √q to a power above 1.
    """

    def __init__(self, statement: Statement, *, roots: bool = False) -> None:
        self.pivots: list[tuple[Fact, str]] = []
        self.free: list[Fact] = []
        taken: set[str] = set()
        shared = Counter(n for e in statement.equations for n in e.polynomial.variables)
        for equation in statement.equations:
            pivot = self._pivot(equation.polynomial, taken, shared)
            if pivot is None and roots and not equation.polynomial.variables & taken:
                pivot = _root(equation.polynomial)
            if pivot is None:
                self.free.append(equation)
            else:
                taken |= {pivot}
                self.pivots.append((equation, pivot))
        polynomials = [statement.conclusion]
        for group in (statement.facts, statement.hypotheses, statement.equations):
            polynomials += [f.polynomial for f in group]
        products = {inner_product_name(a, b) for a in statement.vectors for b in statement.vectors}
        names = frozenset().union(*(p.variables for p in polynomials), statement.variables, products)
        first = [v for _, v in self.pivots]
        self.ring = Ring([*first, *sorted(names - set(first))])
        self.divisors = [self.ring.to_flint(e.polynomial) for e, _ in self.pivots]

    @staticmethod
    def _pivot(polynomial: Polynomial, taken: set[str], shared: Mapping[str, int]) -> str | None:
        """A variable that occurs once, alone, in this equation and in no pivot equation before.

        Of inner products, rather one that no other equation mentions: then those can be solved too.
        """
        if polynomial.variables & taken:
            return None
        occurrences: dict[str, int] = {}
        for monomial, _ in polynomial:
            for name, _ in monomial:
                occurrences[name] = occurrences.get(name, 0) + 1
        alone = [m[0][0] for m, _ in polynomial if len(m) == 1 and m[0][1] == 1]
        good = [n for n in alone if occurrences[n] == 1]
        return max(good, key=lambda n: (n.startswith("<"), n[0] == "<" and shared[n] == 1, n), default=None)

    def reduce(self, polynomial: Polynomial | fmpq_mpoly) -> fmpq_mpoly:
        """The remainder modulo the equations with a pivot."""
        rest = self.ring.to_flint(polynomial) if isinstance(polynomial, Polynomial) else polynomial
        for divisor in self.divisors:
            _, rest = divmod(rest, divisor)
        return rest

    def equation_terms(self, residual: fmpq_mpoly) -> tuple[EquationTerm, ...] | None:
        """The residual as a combination of the pivot equations, or None if it is not one."""
        terms = []
        for (equation, _), divisor in zip(self.pivots, self.divisors, strict=True):
            quotient, residual = divmod(residual, divisor)
            if quotient:
                terms.append(EquationTerm(equation.name, self.ring.from_flint(quotient)))
        return None if residual else tuple(terms)


def _root(polynomial: Polynomial) -> str | None:
    """The root of which this equation gives the square, and nothing else."""
    occurrences = Counter(name for monomial, _ in polynomial for name, _ in monomial)
    squares = (m[0][0] for m, _ in polynomial if len(m) == 1 and m[0][1] == 2)
    return next((n for n in squares if argument(n) is not None and occurrences[n] == 1), None)
