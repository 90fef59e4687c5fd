"""Claims about nothing: ranges of parameters that no numbers satisfy, or assumptions that contradict each other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from certify.analysis.bundles import describe, require_same
from certify.analysis.vacuity import contradicted
from certify.claims.claim import Claim
from certify.claims.domain import ledger
from certify.kernel import Certificate, Malformed, Polynomial, Statement, check
from certify.language import Problem
from certify.prove.consistency import NOTHING, SOLVED, Consistency, parameters_exist

SCHEMA = "certify/claim/1"
NO_PARAMETERS = "nothing is claimed: no parameters satisfy all conditions, which imply 1 ≤ 0"


def ranges(claim: Claim) -> Consistency:
    """Whether some parameters satisfy the claim's conditions; raises what `ledger` raises."""
    return parameters_exist(_ranges(claim))


def no_parameters(claim: Claim, found: Certificate) -> dict[str, Any]:
    """Data for ``certify verify`` that says that no parameters satisfy the claim's conditions."""
    return {"schema": SCHEMA, "claim": dict(claim.source), "no parameters": found.to_json()}


def contradiction(claim: Claim, by: Mapping[str, str], found: Consistency) -> dict[str, Any]:
    """Data for ``certify verify`` that says that what a theorem assumes contradicts itself."""
    if found.contradiction is None:
        raise ValueError("there is no contradiction")
    inside = {"kind": found.kind, "certificate": found.contradiction.to_json()}
    return {"schema": SCHEMA, "claim": dict(claim.source), "by": dict(by), "contradiction": inside}


def verified_ranges(claim: Claim, data: object) -> tuple[str, ...]:
    """What the file of `no_parameters` establishes; raises `Rejected` or `Malformed`."""
    certificate = Certificate.from_json(data)
    require_same(certificate.statement, _ranges(claim), "no parameters")
    return NO_PARAMETERS, describe(check(certificate))


def verified_contradiction(problem: Problem, data: object) -> tuple[str, ...]:
    """What the file of `contradiction` establishes for this problem; raises `Rejected` or `Malformed`."""
    if not isinstance(data, dict) or data.get("kind") not in (NOTHING, SOLVED):
        raise Malformed("a contradiction has the keys kind and certificate")
    return contradicted(problem, str(data["kind"]), Certificate.from_json(data.get("certificate")))


def _ranges(claim: Claim) -> Statement:
    """What the claim says of its parameters ⊢ −1 ≥ 0."""
    return ledger(claim).trace.statement(Polynomial.constant(-1))
