"""Proving claims: by the method's own theorems, by goals made from the claim, and by its inequality for one step."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from certify.analysis.bundles import bundle
from certify.analysis.conclude import NoProgress, conclude
from certify.analysis.implications import implied_certificates
from certify.analysis.vacuity import sentence
from certify.claims.claim import Claim
from certify.claims.goals import Proposal, proposals, step_theorem, ties
from certify.claims.implied import Implied, implied, in_words
from certify.claims.layer_goals import layer_proposals
from certify.claims.layered import LAYERS
from certify.claims.symbols import NotComparable
from certify.claims.vacuity import SCHEMA, contradiction
from certify.kernel import Certificate
from certify.language import Assumption, DoesNotApply, OutOfDomain, Problem, Theorem, UnknownSign, pose
from certify.language.goals import Contraction, FiniteDecrease
from certify.language.problems import applies
from certify.prove.consistency import consistency
from certify.prove.prover import Proved, prove

REFUSED = (DoesNotApply, OutOfDomain, UnknownSign, NotComparable, AttributeError, TypeError, ZeroDivisionError)
"""What declarations raise where a goal cannot be stated."""
MAX_PROPOSALS = 6
KNOWN = 60.0
"""Seconds for a theorem of the method: it has a proof."""


@dataclass(frozen=True)
class Source:
    """A theorem to try: the one of the method with this name, a proposal by number, or the claim's own step."""

    theorem: Theorem
    kind: str
    key: str
    words: str


@dataclass(frozen=True)
class Proof:
    """A claim that is proved: from what, the certificate file, and a better bound if one is proved too."""

    words: str
    certificate: dict[str, Any]
    better: str | None = None
    factor: str | None = None
    vacuous: bool = False
    """Whether all that is proved is that the assumptions contradict each other."""
    unknown: bool = False
    """Whether neither an example of the assumptions was found nor a contradiction."""


@dataclass
class Search:
    """What was tried, for honest `open` verdicts."""

    tried: list[str] = field(default_factory=list)


def by_theorem(claim: Claim, seconds: float, search: Search) -> Proof | None:
    """A proof of the claim, or None; what did not work is added to the search."""
    if len(claim.roles) > 1 and claim.step:
        search.tried.append(f"theorems about one step: {claim.method.name} works on several functions")
        return None
    if claim.step and not claim.method.stateless():
        search.tried.append(f"{claim.method.name} remembers more than x_k, and one step of it says nothing by itself")
        return None
    deadline = time.process_time() + seconds
    loose: Proof | None = None
    for source in sources(claim):
        left = deadline - time.process_time()
        if left <= 0:
            search.tried.append("theorems: the time was used up")
            break
        patience = KNOWN if source.kind == "theorem" else min(left, max(2.0, seconds / 2))
        found = _attempt(claim, source, patience, search)
        if found is not None and (claim.step or found.factor is None):
            return found if loose is None else loose
        loose = loose or found
        if loose is not None:
            return loose
    return loose


def sources(claim: Claim) -> Iterator[Source]:
    """Everything worth trying, in order."""
    if claim.step:
        yield Source(step_theorem(claim), "step", "", "the claim itself, as an inequality for one step")
        return
    for name, theorem in claim.method.theorems().items():
        ends = claim.measured.what == "gap" and claim.complexity is not None and theorem.measure.name == "distance"
        same = in_words(claim, theorem.measure.name, 1)[0] == claim.measured.what or ends
        own = theorem.variant is None  # theorems of variants are about other methods
        if own and same and applies(theorem, kinds(claim)) and _traced(claim) in theorem.norms:
            yield Source(theorem, "theorem", name, f"theorem {name} of {claim.method.name}")
    if claim.layers:
        made = list(layer_proposals(claim))
    elif _traced(claim) == "euclidean" and claim.method.stateless():
        made = _proposals(claim)
    else:
        made = []
    for i, proposal in enumerate(made):
        yield Source(proposal.theorem, "proposal", str(i), proposal.words)


def kinds(claim: Claim) -> tuple[type[Assumption], ...]:
    """The assumptions on the only function, or one on each: none where a theorem would have to combine several."""
    if len(claim.roles) == 1:
        return claim.assumptions
    symbols = [s for (first, *_) in claim.roles for s in first.parameters()]
    if any(len(own) > 1 for own in claim.roles) or len(symbols) > len(set(symbols)):
        return ()
    return tuple(own[0] for own in claim.roles)


def _proposals(claim: Claim) -> list[Proposal]:
    found = []
    for proposal in proposals(claim):
        found.append(proposal)
        if len(found) >= MAX_PROPOSALS:
            break
    return found


def _traced(claim: Claim) -> str:
    if claim.layers:
        return LAYERS
    return "euclidean" if claim.norm == "euclidean" else "any"


def posed(claim: Claim, source: Source) -> tuple[Problem, tuple[Certificate, ...]]:
    """The problem of a source, and certificates that the claim's assumptions imply the theorem's."""
    given = kinds(claim)
    certificates: tuple[Certificate, ...] = ()
    if source.kind == "theorem" and len(claim.roles) == 1 and set(source.theorem.assumptions) != set(given):
        found = implied_certificates(given, source.theorem.assumptions, _traced(claim))
        if found is not None:
            given, certificates = source.theorem.assumptions, found
    values = {} if source.kind == "theorem" else ties(claim)
    return pose(claim.method, given, source.theorem, values, _traced(claim)), certificates


def _attempt(claim: Claim, source: Source, seconds: float, search: Search) -> Proof | None:
    try:
        problem, assumed = posed(claim, source)
        if not problem.goal.unknown and not claim.step:
            implied(claim, problem, [((), problem.goal)])  # no use in proving what does not help
        proved = prove(problem, seconds=seconds)
    except REFUSED as reason:
        search.tried.append(f"{source.words}: {reason}")
        return None
    if not proved.proved:
        search.tried.append(f"{source.words}: not proved ({'; '.join(proved.tried[:2]) or 'no certificate was found'})")
        return None
    held = consistency(problem)
    if held.contradiction is not None:
        by = {"kind": source.kind, "name": source.key}
        return Proof(sentence(problem, held.kind), contradiction(claim, by, held), vacuous=True)
    comparison = Implied(())
    if not claim.step:
        try:
            comparison = implied(claim, problem, proved.goals())
        except REFUSED as reason:
            search.tried.append(f"{source.words}: proved, but {reason}")
            return None
    words = source.words if not claim.step else "the inequality for one step"
    better = _better(claim, proved, comparison)
    factor = None if comparison.factor is None else str(comparison.factor)
    data = certificate(claim, source, proved, assumed, comparison)
    return Proof(words, data, better, factor, unknown=held.unknown)


def _better(claim: Claim, proved: Proved, comparison: Implied) -> str | None:
    """The bound that is proved, where it is smaller by a constant factor at least."""
    if comparison.factor is None or isinstance(proved.problem.goal, FiniteDecrease):
        return None
    try:
        found = conclude(proved)
    except (NoProgress, TypeError, ValueError):
        return None
    if found.bound is None:
        return None
    rate = f" with {found.rate.text}" if isinstance(proved.problem.goal, Contraction) and found.rate else ""
    return found.bound.text + rate


def certificate(
    claim: Claim, source: Source, proved: Proved, assumed: tuple[Certificate, ...], comparison: Implied
) -> dict[str, Any]:
    """Everything that was proved, as data for ``certify verify``."""
    problem = proved.problem
    data = bundle(proved, problem.identifier, (), assumed)
    return {
        "schema": SCHEMA,
        "claim": dict(claim.source),
        "by": {"kind": source.kind, "name": source.key},
        "theorem": data,
        "comparison": [c.to_json() for c in comparison.certificates],
    }
