"""Proofs in coordinates: inequalities that hold at every coordinate and for every sample are summed and averaged.

Each becomes one inequality between sums and means: multiplied by the inverses that bring its denominators back and
perhaps by a square, then put under Σ and E. Between those the usual search for products decides; the equations by
which each was brought to normal form are put back under the same sums, so that the kernel sees one identity.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from certify.kernel import Certificate, EquationTerm, Fact, Moment, Polynomial, Proof, Rejected, Statement, Term, check
from certify.language.atoms import mentioned, read_atom
from certify.language.coordinates import COORDINATES, Coordinatewise
from certify.language.expectations import SAMPLE, mean
from certify.language.layers import LAYERS, order, summed
from certify.language.problems import Problem
from certify.language.trace import Trace
from certify.prove.multipliers import proof_by_multipliers
from certify.prove.pointwise import pointwise_proof
from certify.prove.products import Attempt, find_proof


def pointwise_certificate(statement: Statement) -> Certificate | None:
    """A checked certificate of an inequality that has neither sums nor means in it.

    What speaks of other quantities is left out at first; then parameters are let in that hypotheses link to those of
    the conclusion, then everything that they link.
    """
    own = statement.conclusion.variables.union(*map(mentioned, statement.conclusion.variables))
    linked = own.union(*(h.polynomial.variables for h in statement.hypotheses if h.polynomial.variables & own))
    parameters = frozenset(n for n in linked if not statement.variables.get(n) and read_atom(n) is None)
    for names in dict.fromkeys((own, own | parameters, linked)):
        proof = pointwise_proof(_about(statement, names))
        if proof is not None and (found := _checked(Certificate(statement, proof))) is not None:
            return found
    return None


def _about(statement: Statement, names: frozenset[str]) -> Statement:
    """The statement with nothing in it that mentions other quantities."""

    def plain(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
        return tuple(f for f in facts if f.polynomial.variables <= names)

    return replace(
        statement,
        facts=plain(statement.facts),
        hypotheses=plain(statement.hypotheses),
        equations=plain(statement.equations),
    )


def summed_certificate(
    problem: Problem, statement: Statement, *, seconds: float, attempt: Attempt
) -> Certificate | None:
    """A checked certificate of an inequality between sums and means."""
    trace = problem.trace
    candidates = {f"candidate[{i}]": c for i, c in enumerate(_candidates(problem, statement))}
    names = _linked(statement, candidates)
    hypotheses = tuple(Fact(n, c.image) for n, c in candidates.items() if c.image.variables <= names)
    own = statement.conclusion.variables
    strict = {f.polynomial for f in statement.facts if f.strict}
    certain = tuple(
        f
        for f in statement.facts
        if f.polynomial.variables <= own and _certain(trace, f.polynomial) and (f.strict or f.polynomial not in strict)
    )
    equations = tuple(
        e
        for e in statement.equations
        if e.polynomial.variables <= own
        or (e.polynomial.variables <= names and any("[" in n for n in e.polynomial.variables))
    )
    flat = Statement(
        variables=dict.fromkeys(sorted(names), frozenset[str]()),
        conclusion=statement.conclusion,
        relation=statement.relation,
        facts=certain,
        hypotheses=hypotheses,
        equations=equations,
    )
    proof = _combination(statement, flat, candidates, trace, attempt) or find_proof(
        flat, plain=False, max_degree=6, max_multiplier=1, seconds=seconds, attempt=attempt
    )
    if proof is None:
        return None
    known = {f.name: f.polynomial for f in (*statement.facts, *statement.hypotheses)}
    terms, rest, raw = [], list(proof.equations), []
    for term in proof.terms:
        chosen = next((candidates[n] for n in term.factors if n in candidates), None)
        if chosen is None:
            terms.append(term)
            continue
        own = {n: e for n, e in term.factors.items() if n not in candidates}
        outside = Polynomial.constant(term.coefficient)
        for name, exponent in own.items():
            outside = outside * known[name] ** exponent
        factors = dict(chosen.factors)
        for name, exponent in own.items():
            factors[name] = factors.get(name, 0) + exponent
        terms.append(Term(term.coefficient, factors, chosen.square, chosen.under))
        raw.append((chosen.product * outside, chosen.under))
        for name, quotient in chosen.rewriting.items():
            rest.append(EquationTerm(name, -(quotient * outside), chosen.under))
            equation = next(e.polynomial for e in statement.equations if e.name == name)
            raw.append((quotient * outside * equation, chosen.under))
    moments = {m.name: m for m in statement.moments}
    for polynomial, under in raw:
        moments |= _moments(trace, polynomial, under)
    inside = {n for m in moments.values() for n, _ in m.monomial}
    extra = {n: _over(trace, n) for n in inside if n not in moments and n not in statement.variables}
    full = replace(
        statement, moments=tuple(m for _, m in sorted(moments.items())), variables={**statement.variables, **extra}
    )
    return _checked(Certificate(full, Proof(tuple(terms), tuple(rest), proof.multiplier)))


def _combination(
    statement: Statement, flat: Statement, candidates: Mapping[str, _Candidate], trace: Trace, attempt: Attempt
) -> Proof | None:
    """A combination whose multipliers may depend on all parameters, not only on those of the conclusion."""
    names = flat.variables
    known = (*statement.facts, *(h for h in statement.hypotheses if h.name.startswith("lemma")))
    certain = (f for f in known if f.polynomial.variables <= names.keys() and _certain(trace, f.polynomial))
    states = frozenset(n for n in names if "[" in n or n[0] == "f" or n == COORDINATES)

    def preference(hypothesis: Fact) -> int:
        """Hints first, of which the last ones lean on the first ones; squares come last."""
        factors = candidates[hypothesis.name].factors
        return 0 if any(n.startswith("lemma") for n in factors) else 1 if factors else 2

    ordered = tuple(sorted(flat.hypotheses, key=preference))
    return proof_by_multipliers(replace(flat, facts=tuple(certain), hypotheses=ordered), states, attempt)


@dataclass(frozen=True)
class _Candidate:
    """F[Π factors · square] and the polynomial in sums and means, `image`, that it is once it was rewritten."""

    factors: Mapping[str, int]
    square: Polynomial | None
    under: tuple[str, ...]
    product: Polynomial
    rewriting: Mapping[str, Polynomial]
    image: Polynomial


def _candidates(problem: Problem, statement: Statement) -> Iterator[_Candidate]:
    trace = problem.trace
    assert isinstance(trace.geometry, Coordinatewise)  # noqa: S101 (the caller looked)
    inverses = trace.geometry.inverses
    for name in inverses.of:  # 1/u is a square
        square = Polynomial.variable(name)
        under = (LAYERS, SAMPLE) if _random(trace, square) else (LAYERS,)
        normal, rewriting = inverses.normal(square * square)
        yield _Candidate({}, square, under, square * square, rewriting, _image(trace, normal, under))
    vectors = [Polynomial.variable(n) for n in _squared(trace)]
    for square in (Polynomial.constant(1), *vectors):
        under = (LAYERS, SAMPLE) if _random(trace, square) else (LAYERS,)
        yield _Candidate({}, square, under, square * square, {}, _image(trace, square * square, under))
    for fact in (*statement.hypotheses, *statement.facts):
        varies = any(map(trace.varies, fact.polynomial.variables))
        if not varies:
            if fact in statement.facts and not _random(trace, fact.polynomial):
                continue
            under = (SAMPLE,) if _random(trace, fact.polynomial) else ()
            yield _Candidate({fact.name: 1}, None, under, fact.polynomial, {}, _image(trace, fact.polynomial, under))
            continue
        opening = {f"{w}>0": e for w, e in problem.opening(fact.name).items()}
        product = fact.polynomial
        for w, e in problem.opening(fact.name).items():
            product = product * Polynomial.variable(w) ** e
        for square in (None, *vectors):
            whole = product if square is None else product * square * square
            under = (LAYERS, SAMPLE) if _random(trace, whole) else (LAYERS,)
            normal, rewriting = inverses.normal(whole)
            factors = {**opening, fact.name: opening.get(fact.name, 0) + 1}
            yield _Candidate(factors, square, under, whole, rewriting, _image(trace, normal, under))


def _squared(trace: Trace) -> list[str]:
    """Vectors that occur squared in the sums of the statement."""
    inside = [m.monomial for m in order(trace.moments, frozenset(trace.moments)) if m.functional == LAYERS]
    return sorted({n for monomial in inside for n, e in monomial if e % 2 == 0 and n in trace.geometry.basis})


def _image(trace: Trace, polynomial: Polynomial, under: tuple[str, ...]) -> Polynomial:
    for functional in under:
        if functional == LAYERS:
            polynomial, moments = summed(polynomial, trace.varies, COORDINATES)
            trace.note(moments)
        else:
            polynomial = mean(polynomial, trace.randomness.of)[0]
    return polynomial


def _moments(trace: Trace, polynomial: Polynomial, under: tuple[str, ...]) -> dict[str, Moment]:
    """The sums and means that F[polynomial] is made of."""
    found: dict[str, Moment] = {}
    for functional in under:
        if functional == LAYERS:
            polynomial, moments = summed(polynomial, trace.varies, COORDINATES)
            trace.note(moments)
        else:
            polynomial, moments = mean(polynomial, trace.randomness.of)
        found |= moments
    return found


def _linked(statement: Statement, candidates: Mapping[str, _Candidate]) -> frozenset[str]:
    """The quantities of the conclusion and of what shares a sum or mean with it, in three rounds."""
    names = statement.conclusion.variables
    polynomials = [c.image for c in candidates.values()]
    polynomials += [e.polynomial for e in statement.equations if any("[" in n for n in e.polynomial.variables)]
    for _ in range(3):
        special = {n for n in names if "[" in n or n[0] == "f"}
        names = names.union(*(p.variables for p in polynomials if p.variables & special))
    return names


def _random(trace: Trace, polynomial: Polynomial) -> bool:
    return any(trace.randomness.of(n) for n in polynomial.variables)


def _certain(trace: Trace, polynomial: Polynomial) -> bool:
    return not any(trace.varies(n) or trace.randomness.of(n) for n in polynomial.variables)


def _over(trace: Trace, name: str) -> frozenset[str]:
    over = {LAYERS} if trace.varies(name) else set()
    return frozenset(over | ({SAMPLE} if trace.randomness.of(name) else set()))


def _checked(certificate: Certificate) -> Certificate | None:
    try:
        check(certificate)
    except Rejected:
        return None
    return certificate
