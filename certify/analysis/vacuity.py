"""Theorems whose assumptions contradict each other: a verdict of their own, with a certificate of the contradiction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from certify.analysis.bundles import CONTRADICTION as SCHEMA
from certify.analysis.bundles import describe, naming, pose_again, require_same
from certify.analysis.errors import BadInput
from certify.analysis.explain import explain
from certify.analysis.results import TheoremResult, Verdict
from certify.kernel import Certificate, Malformed, Rejected, check
from certify.language import Problem
from certify.prove.consistency import NOTHING, SOLVED, Consistency, opposite

NO_EXAMPLE = "no example was found that satisfies the assumptions, and no contradiction between them either"


def sentence(problem: Problem, kind: str) -> str:
    """What a contradiction of this kind says."""
    if kind == SOLVED:
        measure = problem.theorem.measure.describe("x₀", "x₋₁")
        return f"the assumptions contradict each other: at every start they imply {measure} ≤ 0, so nothing is claimed"
    return "the assumptions contradict each other: they imply 1 ≤ 0, so nothing is claimed"


def vacuous(result: TheoremResult, problem: Problem, found: Consistency) -> TheoremResult:
    """The result for a theorem about nothing; `found` has the contradiction."""
    certificate = found.contradiction
    if certificate is None:
        raise ValueError("there is no contradiction")
    check(certificate)
    data = {
        "schema": SCHEMA,
        "theorem": naming(problem, result.identifier),
        "kind": found.kind,
        "certificate": certificate.to_json(),
    }
    places = "coordinates" if problem.theorem.coordinates else "layers"
    return replace(
        result,
        verdict=Verdict.VACUOUS,
        proof=(explain("contradiction", certificate, places=places),),
        certificate=data,
        notes=(sentence(problem, found.kind), *result.notes),
        tried=(),
    )


def verified(data: Mapping[str, Any], files: Mapping[str, str], kernel_only: bool) -> tuple[str, tuple[str, ...]]:
    """The name of the theorem, and what its file establishes; raises `Rejected`, `Malformed` or `BadInput`."""
    names, kind, stored = data.get("theorem"), data.get("kind"), data.get("certificate")
    if not isinstance(names, dict) or kind not in (NOTHING, SOLVED) or not isinstance(stored, dict):
        raise Malformed("a contradiction has the keys theorem, kind and certificate")
    certificate = Certificate.from_json(stored)
    if kernel_only:
        return str(names.get("id")), (f"contradiction: {describe(check(certificate))}",)
    try:
        problem = pose_again(names, dict(files))
    except TypeError as error:
        raise BadInput(str(error)) from error
    words, shown = contradicted(problem, kind, certificate)
    return problem.identifier, (words, f"contradiction: {shown}")


def contradicted(problem: Problem, kind: str, certificate: Certificate) -> tuple[str, str]:
    """What a certificate says of a problem's assumptions, in words and as a formula; raises `Rejected`."""
    sides = opposite(problem, kind)
    if sides is None:
        raise Rejected("the measure cannot be compared with 0")
    own = problem.statement("step", sides)
    require_same(certificate.statement, own, "contradiction")
    return sentence(problem, kind), describe(check(certificate), own)
