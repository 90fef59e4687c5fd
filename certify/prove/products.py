"""Proofs by linear programming over products: facts × (hypothesis, square or 1), degree raised step by step."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations_with_replacement

from flint import fmpq_mpoly

from certify.kernel import EquationTerm, Polynomial, Proof, Statement, Term, inner_product_name
from certify.prove.grading import Grade, Grading, add, subtract
from certify.prove.linear import combination
from certify.prove.reduction import Reduction

MAX_COLUMNS = 6_000


Square = Mapping[str, Polynomial] | Polynomial


@dataclass
class Attempt:
    """What one search tried, for honest `open` verdicts."""

    tried: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Candidate:
    polynomial: fmpq_mpoly
    factors: tuple[str, ...]
    square: Polynomial | Mapping[str, Polynomial] | None = None
    equation: tuple[str, Polynomial] | None = None


def find_proof(
    statement: Statement,
    squares: Sequence[Square] = (),
    *,
    max_degree: int = 3,
    max_multiplier: int = 2,
    seconds: float = 5.0,
    plain: bool = True,
    attempt: Attempt | None = None,
) -> Proof | None:
    """A proof of the statement's conclusion, or None; `squares` are vectors and scalars whose squares may be used,
    and those of the vectors themselves, their sums and differences too if `plain`.

    The total degree of the fact products and the multiplier s grows until a proof, the limits or the time budget
    is reached. The result has not been checked by the kernel.
    """
    attempt = attempt or Attempt()
    deadline = time.process_time() + seconds
    search = _Search(statement, squares, plain)
    if not search.goal:
        return close(statement, search.reduction, (), (), ())
    for level in range(max_degree + max_multiplier + 1):
        for size in range(min(level, max_multiplier) + 1):
            degree = level - size
            if degree > max_degree:
                continue
            for multiplier in search.multipliers(size):
                if time.process_time() > deadline:
                    attempt.tried.append(f"time budget of {seconds:g} s reached")
                    return None
                proof = search.solve(multiplier, degree, deadline - time.process_time())
                if proof is not None:
                    return proof
        attempt.tried.append(f"products of facts up to degree {level}")
    return None


class _Search:
    def __init__(self, statement: Statement, squares: Sequence[Square], plain: bool) -> None:
        self.statement = statement
        self.reduction = reduction = Reduction(statement)
        self.goal = reduction.reduce(statement.conclusion)
        self.facts = {f.name: reduction.reduce(f.polynomial) for f in statement.facts}
        # Hypotheses between scalars only (M − c t ≥ 0) may multiply too, but only where facts do not suffice.
        self.scalars = {
            h.name: reduction.reduce(h.polynomial) for h in statement.hypotheses if _is_scalar(h.polynomial)
        }
        self.strict = [f.name for f in statement.facts if f.strict]
        self.tails = [_Candidate(reduction.ring.context.constant(1), ())]
        for hypothesis in statement.hypotheses:
            if reduced := reduction.reduce(hypothesis.polynomial):
                self.tails.append(_Candidate(reduced, (hypothesis.name,)))
        for square in (*squares, *(_plain_squares(statement) if plain else ())):
            value = square * square if isinstance(square, Polynomial) else squared_norm(square)
            self.tails.append(_Candidate(reduction.reduce(value), (), square))
        self.equations = [(e.name, reduction.reduce(e.polynomial)) for e in reduction.free]
        everything = [
            self.goal,
            *self.facts.values(),
            *self.scalars.values(),
            *(t.polynomial for t in self.tails),
            *(e for _, e in self.equations),
        ]
        self.grading = Grading([p for p in everything if p], len(reduction.ring.names))

    def multipliers(self, size: int) -> Iterator[tuple[str, ...]]:
        """Products of `size` strict facts."""
        return combinations_with_replacement(self.strict, size)

    def _grade(self, polynomial: fmpq_mpoly) -> Grade:
        # Every ingredient is homogeneous in this grading, so one monomial tells.
        return self.grading.of(polynomial.monoms()[0])

    def columns(self, grade: Grade, degree: int, factors: Mapping[str, fmpq_mpoly]) -> Iterator[_Candidate]:
        """All products of at most `degree` factors with one tail that have the units of the goal."""
        facts = [(n, p, self._grade(p)) for n, p in factors.items() if p]
        tails: dict[Grade, list[_Candidate]] = {}
        for tail in self.tails:
            if tail.polynomial:
                tails.setdefault(self._grade(tail.polynomial), []).append(tail)
        for size in range(degree + 1):
            for chosen, missing in _combinations(facts, size, grade):
                for tail in tails.get(missing, ()):
                    polynomial = tail.polynomial
                    for _, p in chosen:
                        polynomial = polynomial * p
                    yield _Candidate(polynomial, (*(n for n, _ in chosen), *tail.factors), tail.square)

    def solve(self, multiplier: tuple[str, ...], degree: int, seconds: float) -> Proof | None:
        """Is multiplier · goal a combination of products of facts, or of facts and scalar hypotheses?"""
        proof = self._solve(multiplier, degree, seconds, self.facts)
        if proof is None and self.scalars and degree:
            proof = self._solve(multiplier, degree, seconds, self.facts | self.scalars)
        return proof

    def _solve(
        self, multiplier: tuple[str, ...], degree: int, seconds: float, factors: Mapping[str, fmpq_mpoly]
    ) -> Proof | None:
        goal = self.goal
        for name in multiplier:
            goal = goal * self.facts[name]
        candidates = []
        for candidate in self.columns(self._grade(goal), degree, factors):
            candidates.append(candidate)
            if len(candidates) > MAX_COLUMNS:
                return None
        candidates += self._equation_columns(goal, candidates)
        found = combination(
            goal,
            [c.polynomial for c in candidates],
            [0.01 if c.equation else 1.0 + len(c.factors) + (c.square is not None) for c in candidates],
            [c.equation is not None for c in candidates],
            seconds,
        )
        if found is None:
            return None
        terms, equations = [], []
        for j, weight in found:
            chosen = candidates[j]
            if chosen.equation:
                name, monomial = chosen.equation
                equations.append(EquationTerm(name, monomial.scale(weight)))
            else:
                terms.append(Term(weight, _count(chosen.factors), chosen.square))
        factor = (Term(Fraction(1), _count(multiplier)),) if multiplier else ()
        return close(self.statement, self.reduction, tuple(terms), tuple(equations), factor)

    def _equation_columns(self, goal: fmpq_mpoly, candidates: list[_Candidate]) -> list[_Candidate]:
        """Equations without a pivot, times every monomial that could matter."""
        if not self.equations:
            return []
        grade, ring = self._grade(goal), self.reduction.ring
        monomials = {m for c in candidates for m in c.polynomial.monoms()} | set(goal.monoms())
        result, seen = [], set()
        for name, equation in self.equations:
            for lead in equation.monoms():
                for monomial in monomials:
                    quotient = tuple(int(a) - int(b) for a, b in zip(monomial, lead, strict=True))
                    if min(quotient) < 0 or (name, quotient) in seen:
                        continue
                    seen.add((name, quotient))
                    shift = ring.context.from_dict({quotient: 1})
                    if add(self._grade(shift), self._grade(equation)) == grade:
                        factor = ring.from_flint(shift)
                        result.append(_Candidate(shift * equation, (), None, (name, factor)))
        return result


def _combinations(
    facts: Sequence[tuple[str, fmpq_mpoly, Grade]], size: int, grade: Grade
) -> Iterator[tuple[tuple[tuple[str, fmpq_mpoly], ...], Grade]]:
    """All `size` facts, repetitions allowed, and the units that their product leaves to the tail."""
    if not size:
        yield (), grade
        return
    for i, (name, polynomial, own) in enumerate(facts):
        if size == 1:
            yield ((name, polynomial),), subtract(grade, own)
            continue
        for others, missing in _combinations(facts[i:], size - 1, subtract(grade, own)):
            yield ((name, polynomial), *others), missing


def close(
    statement: Statement,
    reduction: Reduction,
    terms: tuple[Term, ...],
    equations: tuple[EquationTerm, ...],
    multiplier: tuple[Term, ...],
) -> Proof | None:
    """Add the pivot equations so that the identity holds in full; None if it cannot."""
    known = {f.name: f.polynomial for f in (*statement.facts, *statement.hypotheses)}
    equation_polynomials = {e.name: e.polynomial for e in statement.equations}
    ring = reduction.ring

    def expand(term: Term) -> fmpq_mpoly:
        product = ring.to_flint(Polynomial.constant(term.coefficient))
        for name, exponent in term.factors.items():
            product = product * ring.to_flint(known[name]) ** exponent
        if term.square is not None:
            root = term.square
            product = product * ring.to_flint(root * root if isinstance(root, Polynomial) else squared_norm(root))
        return product

    residual = ring.to_flint(statement.conclusion)
    if multiplier:
        residual = residual * sum((expand(t) for t in multiplier), ring.context.constant(0))
    for term in terms:
        residual = residual - expand(term)
    for equation in equations:
        residual = residual - ring.to_flint(equation.factor) * ring.to_flint(equation_polynomials[equation.equation])
    rest = reduction.equation_terms(residual)
    return None if rest is None else Proof(terms, (*equations, *rest), multiplier)


def squared_norm(root: Mapping[str, Polynomial]) -> Polynomial:
    """‖Σ p_v v‖² in the variables <a,b>."""
    total = Polynomial()
    for a, p in root.items():
        for b, q in root.items():
            total = total + p * q * Polynomial.variable(inner_product_name(a, b))
    return total


def _plain_squares(statement: Statement) -> Iterator[Mapping[str, Polynomial]]:
    """‖v‖² and ‖u ± v‖² for the vectors that occur; sharper squares come from the closed forms."""
    one = Polynomial.constant(1)
    used = {n for f in (*statement.hypotheses, *statement.equations) for n in f.polynomial.variables}
    used |= statement.conclusion.variables
    vectors = [v for v in statement.vectors if any(v in n[1:-1].split(",") for n in used if n.startswith("<"))]
    for v in vectors:
        yield {v: one}
    for u, v in combinations_with_replacement(vectors, 2):
        if u != v:
            yield {u: one, v: one}
            yield {u: one, v: -one}


def doubled_squares(statement: Statement) -> Iterator[Mapping[str, Polynomial]]:
    """u − 2v for random vectors u, v: ‖u‖² ≤ 2‖u − v‖² + 2‖v‖² is how noise is split."""
    one = Polynomial.constant(1)
    random = [v for v, over in statement.vectors.items() if over]
    yield from ({u: one, v: one.scale(-2)} for u in random for v in random if u != v)


def scalar_squares(statement: Statement) -> Iterator[Polynomial]:
    """a ± b for products a, b of at most two parameters with the units of a root of a scalar conclusion."""
    if not _is_scalar(statement.conclusion):
        return
    search = _Search(statement, (), False)
    ring = search.reduction.ring
    names = [Polynomial.variable(n) for n in sorted(statement.conclusion.variables)]
    one = Polynomial.constant(1)
    products = [one, *names, *(a * b for a, b in combinations_with_replacement(names, 2))]

    def grade(polynomial: Polynomial) -> Grade:
        return search.grading.of(ring.to_flint(polynomial).monoms()[0])

    goal = grade(statement.conclusion)
    fitting = [p for p in products if tuple(2 * g for g in grade(p)) == goal]
    for a, b in combinations_with_replacement(fitting, 2):
        if a != b:
            yield a - b
            yield a + b


def weighted_squares(statement: Statement) -> Iterator[Mapping[str, Polynomial]]:
    """Vectors u ± θv and u ± v ± θv with the units of one vector, θ a product of at most two parameters."""
    grading = _Search(statement, (), False)
    ring, parameters = grading.reduction.ring, [n for n in statement.variables if n[0] not in "f|(" and n not in "km"]
    one = Polynomial.constant(1)

    def grade(polynomial: Polynomial) -> Grade:
        return grading.grading.of(ring.to_flint(polynomial).monoms()[0])

    thetas = [Polynomial.variable(n) for n in parameters]
    thetas += [a * b for a, b in combinations_with_replacement(thetas, 2)]
    vectors = [next(iter(s)) for s in _plain_squares(statement) if len(s) == 1]
    for u in vectors:
        for v in vectors:
            if u == v:
                continue
            ratio = tuple(
                a - b for a, b in zip(grade(squared_norm({u: one})), grade(squared_norm({v: one})), strict=True)
            )
            for theta in thetas:
                if tuple(2 * g for g in grade(theta)) != ratio:
                    continue
                for sign in (1, -1):
                    yield {u: one, v: theta.scale(sign)}
                    if not any(ratio):
                        yield {u: one, v: theta.scale(sign) - one}
                        yield {u: one, v: theta.scale(sign) + one}


def _is_scalar(polynomial: Polynomial) -> bool:
    """No inner product, pairing, function value, sum or mean occurs."""
    return not any(n[0] in "<(f" or "[" in n for n in polynomial.variables)


def _count(names: tuple[str, ...]) -> dict[str, int]:
    return {n: names.count(n) for n in dict.fromkeys(names)}
