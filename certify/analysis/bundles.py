"""The certificate file of a theorem: every certified part, and what is needed to trace the theorem again.

Verifying re-poses the named theorem from its declaration and refuses parts whose hypotheses, facts, equations or
conclusion are not its own: a certificate for a slightly different method is a valid certificate, of another theorem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from certify.analysis.catalogue import is_path, load_assumption, load_method
from certify.analysis.conjectures import SCHEMA as REFUTATION
from certify.analysis.conjectures import verified
from certify.analysis.errors import BadInput
from certify.kernel import Certificate, Malformed, Polynomial, Rejected, Statement, check
from certify.kernel.worst_case_json import RATE
from certify.kernel.worst_case_json import SCHEMA as WORST_CASE
from certify.language import DoesNotApply, OutOfDomain, Problem, UnknownSign, pose
from certify.language.exchange import scalar_from_json, scalar_json
from certify.language.expectations import moment
from certify.language.goals import Goal
from certify.language.layers import sum_of
from certify.language.text import polynomial_text, scalar_text
from certify.prove.closed_forms import case_facts, covers
from certify.prove.inductions import induction
from certify.prove.prover import Proved

SCHEMA = "certify/theorem/1"
CONTRADICTION = "certify/contradiction/1"


def bundle(
    proved: Proved, identifier: str, strict: Sequence[Certificate] = (), implied: Sequence[Certificate] = ()
) -> dict[str, Any]:
    """The certificates of all parts of a theorem, as JSON data.

    `strict` certify that a derived rate is below 1 on the admissible range, `implied` that the assumptions the user
    gave imply those of the theorem.
    """
    problem = proved.problem
    lemma = problem.goal.lemma
    parts = []
    for part in proved.parts:
        for case in part.cases:
            parts.append(
                {
                    "role": part.role,
                    "conditions": [c.to_json() for c in case.conditions],
                    "unknown": None if case.unknown is None else scalar_json(case.unknown),
                    "certificate": case.certificate.to_json(),
                }
            )
    steps = induction(lemma)
    return {
        "schema": SCHEMA,
        "theorem": naming(problem, identifier),
        "lemma": lemma,
        "induction": None if steps is None else steps.to_json(),
        "admissible": [c.to_json() for c in strict],
        "implied": [c.to_json() for c in implied],
        "parts": parts,
    }


def naming(problem: Problem, identifier: str) -> dict[str, Any]:
    """What is needed to pose a theorem again, as JSON data."""
    values = {n: scalar_json(v) for o in (problem.method, *problem.assumptions) for n, v in o.values.items()}
    return {
        "id": identifier,
        "method": problem.declared_in,
        "assumptions": [a.name for a in problem.assumptions],
        "name": problem.theorem.name,
        "values": values,
        "norm": problem.norm,
    }


@dataclass(frozen=True)
class Verified:
    """What a file established: sentences for people; `traced` is False if the hypotheses were taken as given."""

    identifier: str
    sentences: tuple[str, ...]
    traced: bool


def verify(data: object, *, kernel_only: bool = False, methods: Mapping[str, str] | None = None) -> Verified:
    """Check the file of a theorem, a worst case or a rate, or a single certificate.

    Raises `Rejected`, `Malformed` or `BadInput`.

    `methods` maps names of a user's own methods and assumptions to their files; a file named inside the data is
    never run.
    """
    if not isinstance(data, dict):
        raise Malformed("a certificate file must hold one JSON object")
    if data.get("schema") in (WORST_CASE, RATE):
        from certify.analysis import worst_cases

        name, found = worst_cases.verified(data, kernel_only=kernel_only, files=methods or {})
        return Verified(name, found, not kernel_only)
    if data.get("schema") == CONTRADICTION:
        from certify.analysis import vacuity

        name, sentences = vacuity.verified(data, methods or {}, kernel_only)
        return Verified(name, sentences, not kernel_only)
    if data.get("schema") == REFUTATION:
        name, sentences = verified(data, methods or {})
        return Verified(name, sentences, True)
    if data.get("schema") != SCHEMA:
        statement = check(Certificate.from_json(data))
        if not kernel_only:
            raise BadInput(
                "a single certificate names no theorem to trace; use --kernel-only to check its algebra alone"
            )
        return Verified("certificate", (describe(statement),), False)
    names = _object(data, "theorem")
    problem = None if kernel_only else pose_again(names, dict(methods or {}))
    sentences = [] if problem is None else [f"theorem: {problem.theorem.statement}"]
    sentences += verify_posed(data, problem)
    identifier = str(names.get("id")) if problem is None else problem.identifier
    return Verified(identifier, tuple(sentences), not kernel_only)


def verify_posed(data: Mapping[str, Any], problem: Problem | None, *, one_step: bool = False) -> list[str]:
    """Check all certificates of a theorem file, as those of this problem (None: the algebra alone).

    With `one_step` nothing is said about N steps, so that no bound for them need follow.

    Returns sentences that say what was established; raises `Rejected` or `Malformed`.
    """
    sentences: list[str] = []
    roles: dict[str, list[tuple[Polynomial, ...]]] = {}
    for entry in _list(data, "parts"):
        certificate = Certificate.from_json(_object(entry, "certificate"))
        conditions = tuple(Polynomial.from_json(c) for c in _list(entry, "conditions"))
        role = str(entry.get("role"))
        own = None
        if problem is not None:
            own = _expected(problem, role, conditions, entry.get("unknown"))
            require_same(certificate.statement, own, role)
        if entry.get("unknown") is not None:
            where = "".join(f", where {polynomial_text(c)} ≥ 0" for c in conditions)
            sentences.append(f"derived: {scalar_text(scalar_from_json(entry['unknown']))}{where}")
        sentences.append(f"{role}: {describe(check(certificate), own)}")
        roles.setdefault(role, []).append(conditions)
    for key in ("admissible", "implied"):
        for entry in _list(data, key):
            sentences.append(f"{key}: {describe(check(Certificate.from_json(entry)))}")
    if data.get("induction") is not None:
        check(Certificate.from_json(data["induction"]))
        sentences.append(f"lemma: {data.get('lemma')} (induction step checked)")
    if problem is not None:
        _complete(problem, roles)
        _same_induction(problem, data)
        if not one_step:
            _progress(data, problem)
    return sentences


def derived(data: Mapping[str, Any], problem: Problem) -> list[tuple[tuple[Polynomial, ...], Goal]]:
    """The goal of a verified file case by case, with the derived number filled in."""
    if not problem.goal.unknown:
        return [((), problem.goal)]
    return [
        (
            tuple(Polynomial.from_json(c) for c in _list(entry, "conditions")),
            problem.goal.solved(scalar_from_json(entry.get("unknown"))),
        )
        for entry in _list(data, "parts")
        if entry.get("role") == "step"
    ]


def describe(statement: Statement, own: Statement | None = None) -> str:
    """The theorem of a certificate in one line; names are those of `own`, if that is known, and not the file's."""
    source = own or statement
    notes = {each.name: each.note or each.name for each in (*source.hypotheses, *source.equations)}
    relation = {">=": "≥", ">": ">", "=": "="}[statement.relation]
    given = [f"{polynomial_text(f.polynomial)} {'>' if f.strict else '≥'} 0" for f in statement.facts]
    given += [notes[each.name] for each in (*statement.hypotheses, *statement.equations)]
    return f"{polynomial_text(statement.conclusion)} {relation} 0" + (f", given {'; '.join(given)}" if given else "")


def pose_again(names: Mapping[str, Any], files: dict[str, str]) -> Problem:
    """The theorem that `naming` names; raises `Rejected`, `Malformed` or `BadInput`."""

    def find(name: object) -> str:
        if not isinstance(name, str) or (is_path(name) and name not in files.values()):
            raise BadInput(f"{name!r} is not the name of a method or assumption")
        return files.get(name, name)

    method = load_method(find(names.get("method")))
    assumptions = [load_assumption(find(a)) for a in _list(names, "assumptions")]
    theorem = method.theorems().get(str(names.get("name")))
    if theorem is None:
        raise BadInput(f"{method.name} has no theorem {names.get('name')!r}")
    values = {n: scalar_from_json(v) for n, v in _object(names, "values").items()}
    known = {s for owner in (method, *assumptions) for s in owner.parameters()}
    if not known.issuperset(values.keys() | frozenset().union(*(v.variables for v in values.values()))):
        raise Rejected("the values of the theorem mention something that is no parameter")
    try:
        return pose(method, assumptions, theorem, values, str(names.get("norm")))
    except (DoesNotApply, OutOfDomain, UnknownSign) as error:
        raise Rejected(f"the theorem cannot be posed: {error}") from error


def _expected(problem: Problem, role: str, conditions: tuple[Polynomial, ...], unknown: object) -> Statement:
    facts = case_facts(conditions)
    goal = problem.goal
    if goal.unknown and role == "step":
        number = scalar_from_json(unknown)
        owners = (problem.method, *problem.assumptions)
        if not number.variables <= {s for owner in owners for s in owner.parameters()}:
            raise Rejected("part step: the derived number must depend on parameters only")
        goal = goal.solved(number)
    sides = replace(problem, goal=goal).claims().get(role)
    if sides is None:
        raise Rejected(f"the theorem has no part {role!r}")
    try:
        return problem.statement(role, sides, facts)
    except UnknownSign as error:
        raise Rejected(f"part {role}: {error}") from error


def require_same(found: Statement, expected: Statement, role: str) -> None:
    """Everything the certificate assumes is assumed by the theorem, and the conclusion is the theorem's."""
    if (found.conclusion, found.relation) != (expected.conclusion, expected.relation):
        raise Rejected(f"part {role}: the conclusion is not the theorem's")
    for word, have, own in (
        ("fact", found.facts, expected.facts),
        ("hypothesis", found.hypotheses, expected.hypotheses),
        ("equation", found.equations, expected.equations),
    ):
        known = {f.name: f for f in own}
        for fact in have:
            if fact.name not in known or known[fact.name].polynomial != fact.polynomial:
                raise Rejected(f"part {role}: the {word} {fact.name!r} is not one of the theorem's")
            if fact.strict and not known[fact.name].strict:
                raise Rejected(f"part {role}: the theorem does not say that {fact.name!r} is strict")
    vectors = found.vectors.items() <= expected.vectors.items()
    variables = all(expected.variables.get(n, frozenset()) == over for n, over in found.variables.items())
    named = all(m in (moment(m.monomial), sum_of(m.monomial)) for m in found.moments)
    if not (vectors and variables and named and found.functionals == expected.functionals):
        raise Rejected(f"part {role}: the quantities are not the theorem's")


def _complete(problem: Problem, roles: Mapping[str, list[tuple[Polynomial, ...]]]) -> None:
    for role in {"step": None, **problem.claims()}:
        if role not in roles:
            raise Rejected(f"the part {role!r} of the theorem is missing")
        if not covers(roles[role]):
            raise Rejected(f"the cases of part {role!r} do not cover the theorem's domain")


def _progress(data: Mapping[str, Any], problem: Problem) -> None:
    """A derived number may be any that was proved, but with a rate of 1 or a weight of 0 no bound follows."""
    from certify.analysis.conclude import NoProgress, progress

    try:
        progress(problem, derived(data, problem))
    except NoProgress as error:
        raise Rejected(f"no bound follows: {error}") from error


def _same_induction(problem: Problem, data: Mapping[str, Any]) -> None:
    if data.get("lemma") != problem.goal.lemma:
        raise Rejected(f"the theorem uses the lemma {problem.goal.lemma!r}")
    expected = induction(problem.goal.lemma)
    if expected is None or data.get("induction") is None:
        return
    found = Certificate.from_json(data["induction"]).statement
    own = expected.statement
    same = found.conclusion == own.conclusion and {h.polynomial for h in found.hypotheses} <= {
        h.polynomial for h in own.hypotheses
    }
    facts = {(f.polynomial, f.strict) for f in own.facts}
    if not same or not {(f.polynomial, f.strict) for f in found.facts} <= facts:
        raise Rejected("the induction step is not the lemma's")


def _list(data: Mapping[str, Any], key: str) -> list[Any]:
    value = data.get(key)
    if not isinstance(value, list) or len(value) > 1_000:
        raise Malformed(f"{key!r} must be a list of at most 1000 entries")
    return value


def _object(data: Any, key: str) -> dict[str, Any]:
    value = data.get(key) if isinstance(data, dict) else None
    if not isinstance(value, dict):
        raise Malformed(f"{key!r} must be an object")
    return value
