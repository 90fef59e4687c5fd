"""Parametric proofs with derived rates: sample, solve in closed form, split into cases, certify each case.

Everything numerical here only proposes; a case is returned only with a certificate that the kernel accepted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import islice, product

from certify.kernel import Certificate, Fact, Polynomial, Rejected, Statement, check
from certify.language.scalar import Scalar
from certify.prove import samples as sampling
from certify.prove.algebra import closed_form
from certify.prove.assembly import assemble, squares, unsettled
from certify.prove.deadlines import Deadline, OutOfTime
from certify.prove.gram import GramProblem, evaluate, gram_problem
from certify.prove.samples import Sample
from certify.prove.signs import Signs

Build = Callable[[Scalar | None, tuple[Fact, ...]], Statement]
"""The statement with the unknown filled in and the facts of a case added."""

MAX_CONDITIONS = 10
"""Different polynomials in the conditions of all cases; the signs of so many are enumerated."""

SAMPLES = 12
"""Parameter points looked at; every region of the parameters that matters should contain some."""


@dataclass(frozen=True)
class Case:
    """A certificate on part of the domain; `conditions` are the extra facts, `unknown` the derived number."""

    conditions: tuple[Polynomial, ...]
    unknown: Scalar | None
    certificate: Certificate


@dataclass
class Derivation:
    """What was found: cases, whether they cover the whole domain, and what was tried."""

    cases: list[Case] = field(default_factory=list)
    complete: bool = False
    tried: list[str] = field(default_factory=list)


def derive(
    build: Build,
    generic: Statement,
    sense: str | None,
    *,
    equations: bool = False,
    deadline: Deadline,
    seed: int = 0,
) -> Derivation:
    """Find cases with certificates for a statement that is linear in inner products and function values.

    `generic` is the statement with the unknown as a symbol κ (or without an unknown); `build(value, facts)` is the
    statement with the unknown filled in and the facts of a case added; `equations` says whether those of the statement
    may be used. What is found before the deadline is returned. Raises `NotLinear`.
    """
    problem = gram_problem(generic, equations=equations)
    derivation = Derivation()
    try:
        _search(derivation, problem, build, generic, sense, deadline, seed)
    except OutOfTime:
        derivation.tried.append("time budget reached")
    derivation.complete = covers([c.conditions for c in derivation.cases])
    return derivation


def _search(
    derivation: Derivation,
    problem: GramProblem,
    build: Build,
    generic: Statement,
    sense: str | None,
    deadline: Deadline,
    seed: int,
) -> None:
    """Add cases until they cover all samples or nothing is left to try."""
    waiting = _samples(problem, sense, seed, deadline)
    if not waiting:
        derivation.tried.append("no numerical proof at any sample of the parameters")
    signs = Signs(problem.facts, deadline=deadline)
    while waiting:
        group = _groups(waiting, simple=bool(problem.equations))[0]
        case = _case(problem, generic, group, signs, build, deadline)
        if case is None:
            names = ", ".join(sorted(group[0].support))
            derivation.tried.append(f"no closed form with the inequalities {names} (residual of rank {group[0].rank})")
            waiting.remove(group[0])
            continue
        derivation.cases.append(case)
        waiting = [s for s in waiting if not _covered(s, derivation.cases)]
        if group[0] in waiting:
            waiting.remove(group[0])


def _samples(problem: GramProblem, sense: str | None, seed: int, deadline: Deadline) -> list[Sample]:
    points = islice(sampling.points(problem.parameters, problem.facts, seed), SAMPLES)
    return [s for p in points if (s := sampling.solve(problem, p, sense, deadline)) is not None]


def _groups(found: list[Sample], *, simple: bool) -> list[list[Sample]]:
    """Samples by support and rank, the largest group first; that of the lowest rank if asked for the simple ones."""
    groups: dict[tuple[frozenset[str], int], list[Sample]] = {}
    for sample in found:
        groups.setdefault((sample.support, sample.rank), []).append(sample)
    return sorted(groups.values(), key=lambda g: (simple and g[0].rank, -len(g)))


def _case(
    problem: GramProblem, generic: Statement, group: list[Sample], signs: Signs, build: Build, deadline: Deadline
) -> Case | None:
    closed = closed_form(problem, group, deadline)
    if closed is None:
        return None
    parts = squares(closed.residual, problem.vectors, deadline)
    if parts is None:
        return None
    conditions = minimal(unsettled(closed, parts, signs), signs)
    facts = case_facts(conditions)
    try:
        statement = build(closed.unknown, facts)
        proof = assemble(statement, generic.conclusion, closed, parts, signs.with_facts(facts))
        if proof is None:
            return None
        certificate = Certificate(statement, proof)
        check(certificate)
    except (Rejected, ValueError):
        return None
    return Case(conditions, closed.unknown, certificate)


def case_facts(conditions: Iterable[Polynomial]) -> tuple[Fact, ...]:
    """The conditions of a case as facts of its statement."""
    return tuple(Fact(f"case[{i}]", c, note="this case") for i, c in enumerate(conditions))


def minimal(conditions: list[Polynomial], signs: Signs) -> tuple[Polynomial, ...]:
    """Drop conditions that follow from the others."""
    kept = sorted(conditions, key=lambda p: (p.degree, len(p.terms)))
    for condition in list(kept):
        others = [c for c in kept if c != condition]
        if signs.with_facts(case_facts(others)).nonnegative(condition) is not None:
            kept = others
    return tuple(kept)


def _covered(sample: Sample, cases: list[Case]) -> bool:
    return any(all(evaluate(p, sample.point) >= 0 for p in c.conditions) for c in cases)


def covers(cases: list[tuple[Polynomial, ...]]) -> bool:
    """Whether every combination of signs of the conditions' polynomials falls into some case."""
    if () in cases:
        return True
    bases = list(dict.fromkeys(min(p, -p, key=repr) for case in cases for p in case))
    if len(bases) > MAX_CONDITIONS:
        return False
    for signs in product((1, -1), repeat=len(bases)):
        known = {b if s > 0 else -b for b, s in zip(bases, signs, strict=True)}
        if not any(set(case) <= known for case in cases):
            return False
    return bool(cases)
