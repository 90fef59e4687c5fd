"""Proofs under sums over layers: which products, summed over the layers, add up to the conclusion.

A hypothesis that holds in every layer may be multiplied by whatever is nonnegative in that layer before it is summed.
The multipliers are found by matching: a hypothesis is worth trying times q if some monomial of q · hypothesis is
needed. A linear program in the moments Σ[…] and E[…] chooses among the candidates.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from flint import fmpq

from certify.kernel import Certificate, EquationTerm, Fact, Moment, Monomial, Polynomial, Proof, Statement, Term
from certify.language.expectations import SAMPLE, mean
from certify.language.layers import LAYERS, order, summed
from certify.prove.expectations import expanded
from certify.prove.linear import combination

ROUNDS = 4
MAX_COLUMNS = 12_000
ONE = Polynomial.constant(1)
CHAIN = (LAYERS, SAMPLE)
"""Sums over layers stand inside means."""


def has_layers(statement: Statement) -> bool:
    """Whether the statement is about sums over layers."""
    return any(f.name == LAYERS for f in statement.functionals)


def prove_totals(statement: Statement, *, seconds: float, tried: list[str]) -> Certificate | None:
    """A certificate for a statement about sums over layers, not yet checked; None if nothing was found.

    Squares are guessed from the inverses that occur; `tried` gets a line for every attempt that failed.
    """
    deadline = time.process_time() + seconds
    if (number := statement.conclusion.as_constant()) is not None and number >= 0:
        return Certificate(statement, Proof((Term(number, {}),) if number else ()))
    for multiplier in _multipliers(statement):
        search = _Search(statement, multiplier)
        for depth in range(ROUNDS):
            search.extend(deadline)
            if (found := search.solve(deadline)) is not None:
                return found
            tried.append(f"multipliers by matching, round {depth + 1}: {len(search.columns)} products")
            if time.process_time() > deadline or len(search.columns) >= MAX_COLUMNS:
                break
    return None


def _multipliers(statement: Statement) -> list[Monomial]:
    """1, and the positive monomials by which the conclusion may have to be multiplied to look like a hypothesis."""
    strict = {n for f in statement.facts if f.strict and (n := _variable(f.polynomial)) is not None}
    fixed = {n for n in strict if not statement.variables.get(n, frozenset())}
    found: dict[Monomial, None] = {(): None}
    for hypothesis in statement.hypotheses:
        for left in hypothesis.polynomial.terms:
            for right in statement.conclusion.terms:
                quotient = _quotient(left, right)
                if quotient is not None and all(n in fixed for n, _ in quotient):
                    found[quotient] = None
    return sorted(found, key=lambda m: sum(e for _, e in m))


@dataclass(frozen=True)
class _Tail:
    """Something nonnegative that may be multiplied, or zero: factors · square + cofactor · equation.

    `factors` are names of facts and hypotheses; without a `sign` there are none, and the polynomial is zero.
    """

    polynomial: Polynomial
    factors: tuple[str, ...] = ()
    square: Polynomial | None = None
    equation: str | None = None
    cofactor: Polynomial = ONE
    sign: bool = True


@dataclass(frozen=True)
class _Column:
    image: Polynomial
    multiplier: Monomial
    tail: _Tail
    under: tuple[str, ...]

    def to_dict(self) -> dict[Monomial, fmpq]:
        return _entries(self.image)


class _Goal:
    def __init__(self, polynomial: Polynomial) -> None:
        self.polynomial = polynomial

    def to_dict(self) -> dict[Monomial, fmpq]:
        return _entries(self.polynomial)


class _Search:
    def __init__(self, statement: Statement, multiplier: Monomial) -> None:
        self.statement, self.multiplier = statement, multiplier
        self.goal = statement.conclusion * Polynomial({multiplier: Fraction(1)})
        self.moments: dict[str, Moment] = {m.name: m for m in statement.moments}
        self.over = {n: set(d) for n, d in statement.variables.items()}
        for m in statement.moments:
            self._register(m)
        everything = (*statement.facts, *statement.hypotheses)
        self.signed = {n: f.name for f in everything if (n := _variable(f.polynomial)) is not None}
        self.tails = [_Tail(ONE)]
        self.tails += [_Tail(f.polynomial, (f.name,)) for f in everything if _variable(f.polynomial) is None]
        self.tails += [_Tail(e.polynomial, (), None, e.name, sign=False) for e in statement.equations]
        self.inverses = list(_inverses(statement.equations, self.signed))
        dual = sorted(n for n in self.signed if n.startswith("|") and n.endswith("_"))
        for w, b in self.inverses:  # (‖v‖ − b)² w: how a norm is split into its square and a number
            if len(b.terms) == 1:
                self.tails += [_square(((v, 1),), (), w, b, self.signed[w]) for v in dual]
        own = [t for t in self.tails if t.sign and t.polynomial != ONE]
        for fact in statement.facts:  # (1 − β) · hypothesis, and its square where nothing varies
            if len(fact.polynomial.terms) > 1 and not any(self.over.get(n) for n in fact.polynomial.variables):
                scaled = [_scaled(t, fact) for t in own if t.factors != (fact.name,)]
                twice = [t for t in scaled if not any(self._depends(n) for n in t.polynomial.variables)]
                self.tails += [*scaled, *(_scaled(t, fact) for t in twice)]
        self.columns: dict[tuple[int, Monomial], _Column] = {}
        self.wanted: set[Monomial] = set(self.goal.terms)

    # -- candidates ------------------------------------------------------------------------------------

    def extend(self, deadline: float) -> None:
        """Every product that has a monomial in common with what is wanted so far."""
        self._guess_squares()
        wanted = {m: self._opened(m) for m in self.wanted}
        for index, tail in enumerate(self.tails):
            varies = any(self._depends(n) for n in tail.polynomial.variables)
            for multiplier in self._multipliers(tail.polynomial, varies, wanted, not tail.sign):
                key = (index, multiplier)
                if key in self.columns:
                    continue
                if len(self.columns) >= MAX_COLUMNS or time.process_time() > deadline:
                    return
                product = tail.polynomial * Polynomial({multiplier: Fraction(1)})
                image, under = self._applied(product)
                if image:
                    self.columns[key] = _Column(image, multiplier, tail, under)
        for column in self.columns.values():
            self.wanted |= set(column.image.terms)

    def _multipliers(
        self, tail: Polynomial, varies: bool, wanted: dict[Monomial, list[Monomial]], free: bool
    ) -> Iterator[Monomial]:
        seen: set[Monomial] = set()
        for plain, opened in wanted.items():
            for target in opened if varies else [plain]:
                for own in tail.terms:
                    quotient = _quotient(target, own)
                    if quotient is None or quotient in seen:
                        continue
                    seen.add(quotient)
                    if free or all(n in self.signed for n, _ in quotient):
                        yield quotient

    def _guess_squares(self) -> None:
        """(u − v b)² w for every inverse w = 1/b and product u v of the goal where v² b is wanted, too: −2uv and v² b
        are terms of the square."""
        opened = {m for monomial in self.goal.terms for m in self._opened(monomial)}
        wanted = {m for monomial in self.wanted for m in self._opened(monomial)}
        for u, v in (pair for m in opened for pair in _splits(m)):
            for w, b in self.inverses:
                if not any(_times(_times(v, v), m) in wanted for m in b.terms):
                    continue
                tail = _square(u, v, w, b, self.signed[w])
                if tail not in self.tails:
                    self.tails.append(tail)

    # -- moments ---------------------------------------------------------------------------------------

    def _register(self, m: Moment) -> None:
        self.moments[m.name] = m
        inside = [self.over.get(n, set()) for n, _ in m.monomial]
        self.over[m.name] = set().union(*inside) - {m.functional}

    def _depends(self, name: str) -> bool:
        return LAYERS in self.over.get(name, set())

    def _opened(self, monomial: Monomial) -> list[Monomial]:
        """The monomial with one of its sums over layers replaced by what it is a sum of, in all ways."""
        found = []
        for name, exponent in monomial:
            m = self.moments.get(name)
            if m is None:
                continue
            rest = _times(_times(monomial, ((name, -1),)), m.monomial)
            found += [rest] if m.functional == LAYERS else self._opened(rest) if exponent == 1 else []
        return found

    def _applied(self, polynomial: Polynomial) -> tuple[Polynomial, tuple[str, ...]]:
        """Σ and E of a polynomial as far as it varies, and which of them."""
        under = []
        for functional in CHAIN:
            if any(functional in self.over.get(n, set()) for n in polynomial.variables):
                under.append(functional)
                polynomial = self._image(polynomial, functional)
        return polynomial, tuple(under)

    def _image(self, polynomial: Polynomial, functional: str) -> Polynomial:
        def varies(name: str) -> bool:
            return functional in self.over.get(name, set())

        image, found = (summed if functional == LAYERS else mean)(polynomial, varies)
        for m in found.values():
            if m.name not in self.moments:
                self._register(m)
        return image

    # -- the linear program ----------------------------------------------------------------------------

    def solve(self, deadline: float) -> Certificate | None:
        columns = list(self.columns.values())
        costs = [0.0 if not c.tail.sign else 1.0 + sum(e for _, e in c.multiplier) for c in columns]
        free = [not c.tail.sign for c in columns]
        left = max(deadline - time.process_time(), 0.1)
        found = combination(_Goal(self.goal), columns, costs, free, left)
        if found is None:
            return None
        terms, equations = [], []
        for j, weight in found:
            column, tail = columns[j], columns[j].tail
            if tail.equation is not None:
                factor = tail.cofactor * Polynomial({column.multiplier: weight})
                equations.append(EquationTerm(tail.equation, factor, column.under))
            if not tail.sign:
                continue
            factors: dict[str, int] = {}
            for name in tail.factors:
                factors[name] = factors.get(name, 0) + 1
            for name, exponent in column.multiplier:
                factors[self.signed[name]] = factors.get(self.signed[name], 0) + exponent
            terms.append(Term(weight, factors, tail.square, column.under))
        names = {self.signed[n]: e for n, e in self.multiplier}
        multiplier = (Term(Fraction(1), names),) if names else ()
        return Certificate(self._statement(terms, equations), Proof(tuple(terms), tuple(equations), multiplier))

    def _statement(self, terms: Sequence[Term], equations: Sequence[EquationTerm]) -> Statement:
        """The statement with the moments that the terms of the proof need, one by one."""
        everything = (*self.statement.facts, *self.statement.hypotheses, *self.statement.equations)
        known = {f.name: f.polynomial for f in everything}
        names = self.statement.conclusion.variables.union(*(p.variables for p in known.values()))
        for term in terms:
            names |= self._applied(expanded(term, known))[0].variables
        for zero in equations:
            names |= self._applied(zero.factor * known[zero.equation])[0].variables
        return replace(self.statement, moments=order(self.moments, names))


def _entries(polynomial: Polynomial) -> dict[Monomial, fmpq]:
    return {m: fmpq(c.numerator, c.denominator) for m, c in polynomial}


def _variable(polynomial: Polynomial) -> str | None:
    if len(polynomial.terms) != 1:
        return None
    ((monomial, coefficient),) = polynomial.terms.items()
    return monomial[0][0] if coefficient == 1 and len(monomial) == 1 and monomial[0][1] == 1 else None


def _inverses(equations: Iterable[Fact], signed: dict[str, str]) -> Iterator[tuple[str, Polynomial]]:
    """w and b of every equation w b = 1 with w known to be positive."""
    for equation in equations:
        if not equation.name.startswith("inverse["):
            continue
        common = None
        for monomial in equation.polynomial.terms:
            if monomial:
                names = {n for n, e in monomial if e == 1}
                common = names if common is None else common & names
        for w in (common or set()) & signed.keys():
            if equation.name == f"inverse[{w}]":
                yield w, Polynomial({tuple(i for i in m if i[0] != w): c for m, c in equation.polynomial if m})


def _scaled(tail: _Tail, fact: Fact) -> _Tail:
    """The tail times a fact."""
    cofactor = tail.cofactor * fact.polynomial if tail.equation is not None else tail.cofactor
    return replace(
        tail, polynomial=tail.polynomial * fact.polynomial, factors=(*tail.factors, fact.name), cofactor=cofactor
    )


def _times(left: Monomial, right: Monomial) -> Monomial:
    total = dict(left)
    for name, exponent in right:
        total[name] = total.get(name, 0) + exponent
    return tuple(sorted((n, e) for n, e in total.items() if e))


def _square(u: Monomial, v: Monomial, w: str, b: Polynomial, sign: str) -> _Tail:
    """u² w − 2 u v + v² b = (u − v b)² w + (2 u v − v² b)(w b − 1); `sign` names the fact w > 0."""
    first, second = Polynomial({u: Fraction(1)}), Polynomial({v: Fraction(1)})
    cofactor = (first * second).scale(2) - second * second * b
    value = first * first * Polynomial.variable(w) - cofactor
    return _Tail(value, (sign,), first - second * b, f"inverse[{w}]", cofactor)


def _quotient(target: Monomial, divisor: Monomial) -> Monomial | None:
    left = dict(target)
    for name, exponent in divisor:
        if left.get(name, 0) < exponent:
            return None
        left[name] -= exponent
    return tuple(sorted((n, e) for n, e in left.items() if e))


def _splits(monomial: Monomial) -> Iterator[tuple[Monomial, Monomial]]:
    """All ways to write a monomial as a product u v."""
    if sum(e for _, e in monomial) > 10:
        return
    parts: list[dict[str, int]] = [{}]
    for name, exponent in monomial:
        parts = [{**p, name: e} for p in parts for e in range(exponent + 1)]
    for part in parts:
        u = tuple(sorted((n, e) for n, e in part.items() if e))
        rest = _quotient(monomial, u)
        if rest is not None:
            yield u, rest


__all__ = ["has_layers", "prove_totals"]
