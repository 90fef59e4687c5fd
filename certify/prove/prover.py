"""One verb, `prove`: everything a theorem's recursion needs, each part with certificates the kernel has accepted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from certify.kernel import Certificate, Fact, Polynomial, Proof, Rejected, Statement, check
from certify.language.goals import Contraction, Goal, Side
from certify.language.layers import order
from certify.language.memory import scalar_of
from certify.language.opaque import argument
from certify.language.problems import Problem
from certify.language.scalar import Scalar
from certify.prove.closed_forms import Build, Case, Derivation, case_facts, covers, derive
from certify.prove.coordinates import pointwise_certificate, summed_certificate
from certify.prove.deadlines import Deadline
from certify.prove.expectations import flat, lifted
from certify.prove.gram import UNKNOWN, NotLinear
from certify.prove.largest import find_largest
from certify.prove.multipliers import by_hints
from certify.prove.products import Attempt, Square, doubled_squares, find_proof, scalar_squares, weighted_squares
from certify.prove.signs import Signs
from certify.prove.totals import has_layers, prove_totals

PRODUCT_SECONDS = 2.0
"""Time for the first, cheap search over products; the rest goes to closed forms and deeper products."""


@dataclass(frozen=True)
class Part:
    """One inequality of a theorem: the step itself, a support or an end; with its cases (one if unconditional)."""

    role: str
    cases: tuple[Case, ...]
    complete: bool
    tried: tuple[str, ...] = ()

    @property
    def proved(self) -> bool:
        """Whether certificates cover the whole stated domain."""
        return self.complete and bool(self.cases)


@dataclass(frozen=True)
class Proved:
    """The outcome for a problem: all parts, proved or not."""

    problem: Problem
    parts: tuple[Part, ...]
    seconds: float

    @property
    def proved(self) -> bool:
        """Whether every part is proved."""
        return all(p.proved for p in self.parts)

    @property
    def tried(self) -> tuple[str, ...]:
        """What was tried for the parts that stayed open."""
        return tuple(f"{p.role}: {line}" for p in self.parts if not p.proved for line in p.tried)

    def goals(self) -> list[tuple[tuple[Polynomial, ...], Goal]]:
        """The goal with the derived number filled in, case by case."""
        goal = self.problem.goal
        if not goal.unknown:
            return [((), goal)]
        return [(c.conditions, goal.solved(c.unknown)) for c in self.derived]

    @property
    def derived(self) -> tuple[Case, ...]:
        """The cases of the step inequality, in which the number is derived."""
        return next((p.cases for p in self.parts if p.role == "step"), ())


def prove(problem: Problem, *, seconds: float = 30.0, seed: int = 0) -> Proved:
    """Prove the step inequality, the supporting inequalities and the end conditions of a theorem."""
    start = time.process_time()
    goal = problem.goal
    parts = [
        prove_side(problem, side, role, seconds=seconds, seed=seed)
        for role, side in problem.claims().items()
        if role.startswith(("lemma", "start", "kept"))
    ]
    if not all(p.proved for p in parts):
        return Proved(problem, tuple(parts), time.process_time() - start)
    if goal.unknown:
        parts.append(_derived(problem, goal, seconds, seed))
    else:
        parts.append(prove_side(problem, goal.sides, "step", seconds=seconds, seed=seed))
    if parts[-1].proved:
        rest = ((role, side) for role, side in problem.claims().items() if role.startswith(("support", "end")))
        parts += [prove_side(problem, side, role, seconds=seconds, seed=seed) for role, side in rest]
    return Proved(problem, tuple(parts), time.process_time() - start)


def prove_side(problem: Problem, side: Side, role: str, *, seconds: float = 30.0, seed: int = 0) -> Part:
    """Prove lhs ≤ rhs from everything the problem's trace knows."""
    about_numbers = not any(n[0] in "<(f" for v in side for n in scalar_of(v).variables)
    if problem.trace.norm == "coordinates" or (about_numbers and role.startswith(("lemma", "start", "kept"))):
        return _in_coordinates(problem, side, role, seconds)

    def build(value: Scalar | None, facts: tuple[Fact, ...]) -> Statement:
        return problem.statement(role, side, facts)

    whole = build(None, ())
    if has_layers(whole):
        return _summed(whole, problem.goal, role, seconds)
    whole = _without_strangers(whole)
    statement = flat(whole)
    attempt = Attempt()
    deadline = Deadline(seconds)
    hints = [h for h in problem.squares if h.keys() <= statement.vectors.keys()]  # at the start there is no step
    squares, degree, first = [*doubled_squares(whole), *hints], 2, PRODUCT_SECONDS
    proof = _by_lemmas(statement, squares, role, min(first, seconds))
    if proof is None and hints:
        proof = by_hints(statement, hints, seconds / 4, attempt)
    if (case := accepted(whole, proof)) is not None:
        return Part(role, (case,), True)
    if whole.functionals:
        degree, first = 3, 4 * PRODUCT_SECONDS
    proof = find_proof(
        statement, squares, seconds=min(first, seconds), max_degree=degree, max_multiplier=1, attempt=attempt
    )
    if proof is None:
        found = _closed(build, whole, None, deadline, seed)
        if found.complete:
            return Part(role, tuple(_pruned(c) for c in found.cases), True)
        attempt.tried += found.tried
        candidates = [*weighted_squares(statement), *scalar_squares(statement), *hints]
        proof = find_proof(statement, candidates, seconds=deadline.left, max_degree=6, attempt=attempt)
    case = accepted(whole, proof)
    return Part(role, (case,), True) if case else Part(role, (), False, tuple(dict.fromkeys(attempt.tried)))


def _by_lemmas(statement: Statement, squares: Sequence[Square], role: str, seconds: float) -> Proof | None:
    """A proof from the lemmas alone: they are hints at what the rest needs."""
    lemmas = tuple(h for h in statement.hypotheses if h.name.startswith("lemma["))
    if not lemmas or role.startswith("lemma"):
        return None
    return find_proof(replace(statement, hypotheses=lemmas), squares, seconds=seconds, max_degree=3, max_multiplier=0)


def _summed(whole: Statement, goal: Goal, role: str, seconds: float) -> Part:
    """A statement about sums over layers, which have a search of their own."""
    tried: list[str] = []
    certificate = prove_totals(whole, seconds=seconds, tried=tried)
    try:
        case = None if certificate is None else _pruned(Case((), None, certificate))
    except Rejected as reason:
        case, tried = None, [*tried, f"the kernel refused what was found: {reason}"]
    return Part(role, (case,), True) if case else Part(role, (), False, tuple(tried))


def _in_coordinates(problem: Problem, side: Side, role: str, seconds: float) -> Part:
    """Prove an inequality between numbers that need not be sums and means, or between sums and means."""
    statement, attempt = problem.statement(role, side), Attempt()
    if problem.trace.norm == "coordinates" and any("[" in n for n in statement.conclusion.variables):
        found = summed_certificate(problem, statement, seconds=seconds, attempt=attempt)
    else:
        attempt.tried.append("products, squaring and completion of squares at one coordinate")
        found = pointwise_certificate(statement)
    if found is None and problem.trace.norm != "coordinates":
        numbers = replace(statement, hypotheses=(), equations=())
        case = accepted(numbers, find_proof(numbers, plain=False, max_degree=4, max_multiplier=1, attempt=attempt))
        found = None if case is None else case.certificate
    if found is None:
        return Part(role, (), False, tuple(dict.fromkeys(attempt.tried)))
    return Part(role, (_pruned(Case((), None, found)),), True)


def _without_strangers(statement: Statement) -> Statement:
    """The statement without roots and logarithms that neither its conclusion nor its hypotheses mention.

    Statements about means, whose search is deeper, lose all names of facts that occur nowhere else.
    """
    used = statement.conclusion.variables.union(*(h.polynomial.variables for h in statement.hypotheses))
    everything = (*statement.facts, *statement.equations)
    strangers = {n for f in everything for n in f.polynomial.variables if argument(n) and n not in used}
    if statement.functionals:
        linked = used.union(*(e.polynomial.variables for e in statement.equations))
        strangers |= {n for f in statement.facts for n in f.polynomial.variables if n not in linked}
    if not strangers:
        return statement
    facts = tuple(f for f in statement.facts if not f.polynomial.variables & strangers)
    equations = tuple(e for e in statement.equations if not e.polynomial.variables & strangers)
    return replace(statement, facts=facts, equations=equations)


def strictly_positive(problem: Problem, value: Scalar, facts: Sequence[Fact]) -> Certificate | None:
    """A certificate for ``value > 0`` from the domain facts and these extra facts."""
    statement = problem.trace.statement(problem.trace.cleared(value), ">", extra=tuple(facts))
    strict = {f.polynomial for f in statement.facts if f.strict}
    kept = tuple(f for f in statement.facts if f.strict or f.polynomial not in strict)
    statement = replace(statement, facts=kept, hypotheses=(), equations=())
    terms = Signs(statement.facts).nonnegative(statement.conclusion)
    case = accepted(statement, None if terms is None else Proof(terms))
    case = case or accepted(statement, find_proof(statement, seconds=2.0, max_degree=3, max_multiplier=0))
    return case.certificate if case else None


def _derived(problem: Problem, goal: Goal, seconds: float, seed: int) -> Part:
    if isinstance(goal, Contraction) and goal.rates:
        return _largest(problem, goal, seconds)

    def build(value: Scalar | None, facts: tuple[Fact, ...]) -> Statement:
        sides = goal.solved(Scalar.variable(UNKNOWN) if value is None else value).sides
        return problem.trace.statement(problem.conclusion(sides), extra=facts)

    found = _closed(build, build(None, ()), goal.unknown, Deadline(seconds), seed)
    return Part("step", tuple(_pruned(c) for c in found.cases), found.complete, tuple(found.tried))


def _largest(problem: Problem, goal: Contraction, seconds: float) -> Part:
    """A contraction by the largest of several rates, case by case."""
    tried: list[str] = []
    cases: list[Case] = []
    for found in find_largest(problem, goal, seconds, tried):
        case = None if found is None else accepted(found.statement, found.proof)
        if found is None or case is None:
            return Part("step", tuple(cases), False, tuple(dict.fromkeys(tried)))
        cases.append(Case(found.conditions, found.rate, case.certificate))
    return Part("step", tuple(cases), covers([c.conditions for c in cases]))


def _closed(build: Build, generic: Statement, sense: str | None, deadline: Deadline, seed: int) -> Derivation:
    def means(value: Scalar | None, facts: tuple[Fact, ...]) -> Statement:
        return flat(build(value, facts))

    try:
        found = derive(means, flat(generic), sense, equations=bool(generic.functionals), deadline=deadline, seed=seed)
    except NotLinear as reason:
        return Derivation(tried=[f"closed forms do not apply: {reason}"])
    if generic.functionals:
        for i, case in enumerate(found.cases):
            whole = build(case.unknown, case_facts(case.conditions))
            found.cases[i] = replace(case, certificate=lifted(whole, case.certificate.proof))
    return found


def accepted(statement: Statement, proof: Proof | None) -> Case | None:
    """The kernel-checked certificate of a proof, reduced to what it uses; None without a proof."""
    if proof is None:
        return None
    try:
        return _pruned(Case((), None, lifted(statement, proof)))
    except Rejected:
        return None


def _pruned(case: Case) -> Case:
    """Keep only what the proof uses, and have the kernel check the smaller statement; raises `Rejected`."""
    statement, proof = case.certificate.statement, case.certificate.proof
    used = {n for t in (*proof.terms, *proof.multiplier) for n in t.factors}
    named = {e.equation for e in proof.equations}
    facts = tuple(f for f in statement.facts if f.name in used or f.name.startswith("case["))
    hypotheses = tuple(h for h in statement.hypotheses if h.name in used)
    equations = tuple(e for e in statement.equations if e.name in named)
    polynomials = [statement.conclusion, *(f.polynomial for f in (*facts, *hypotheses, *equations))]
    polynomials += [e.factor for e in proof.equations]
    names = frozenset().union(*(p.variables for p in polynomials))
    under = any(t.under for t in (*proof.terms, *proof.equations))
    moments = statement.moments if under else order({m.name: m for m in statement.moments}, names)
    names = names.union(n for m in moments for n, _ in m.monomial)
    names = names.union(f.size for f in statement.functionals if f.size is not None)
    roots = {v for t in proof.terms if isinstance(t.square, dict) for v in t.square}
    vectors = {
        v: d
        for v, d in statement.vectors.items()
        if v in roots or any(v in n[1:-1].split(",") for n in names if n[0] == "<")
    }
    variables = {n: d for n, d in statement.variables.items() if n in names}
    smaller = replace(
        statement,
        variables=variables,
        vectors=vectors,
        moments=moments,
        facts=facts,
        hypotheses=hypotheses,
        equations=equations,
    )
    certificate = replace(case.certificate, statement=smaller)
    check(certificate)
    return replace(case, certificate=certificate)


__all__ = ["Case", "Part", "Proved", "accepted", "prove", "prove_side", "strictly_positive"]
