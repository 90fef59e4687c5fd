"""``certify verify`` for claims: the claim is read again, the theorem posed again, every certificate checked again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from certify.analysis.bundles import derived, describe, verify_posed
from certify.analysis.errors import BadInput
from certify.claims.implied import implied
from certify.claims.reading import claim
from certify.claims.symbols import NotComparable
from certify.claims.theorems import REFUSED, posed, sources
from certify.claims.vacuity import SCHEMA, verified_contradiction, verified_ranges
from certify.kernel import Certificate, Malformed, Rejected, Statement, check

MAX_CERTIFICATES = 2_000


def verify(data: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The claim in words, and sentences that say what was checked. Raises `Rejected`, `Malformed` or `BadInput`."""
    if data.get("schema") == SCHEMA and "no parameters" in data:
        asked = claim(data.get("claim"))
        try:
            return asked.statement, verified_ranges(asked, data["no parameters"])
        except REFUSED as error:
            raise Rejected(f"the ranges cannot be written down: {error}") from error
    vacuous = "contradiction" in data
    if (
        data.get("schema") != SCHEMA
        or not isinstance(data.get("by"), dict)
        or not (vacuous or isinstance(data.get("theorem"), dict))
    ):
        raise Malformed(
            f"a certificate of a claim has the schema {SCHEMA!r} and the keys claim, by, theorem, comparison"
        )
    stored = [] if vacuous else data.get("comparison")
    if not isinstance(stored, list) or len(stored) > MAX_CERTIFICATES:
        raise Malformed("the key 'comparison' must be a list of certificates")
    asked = claim(data.get("claim"))
    known = [Certificate.from_json(c) for c in stored]
    by = data["by"]
    source = next((s for s in sources(asked) if (s.kind, s.key) == (by.get("kind"), by.get("name"))), None)
    if source is None:
        raise Rejected(f"the claim has no source {by.get('kind')!r} {by.get('name')!r}")
    try:
        problem, assumed = posed(asked, source)
    except REFUSED as error:
        raise Rejected(f"the theorem cannot be posed: {error}") from error
    if vacuous:
        return asked.statement, verified_contradiction(problem, data["contradiction"])
    names = data["theorem"].get("theorem")
    sentences = [f"claim: {asked.statement}", *verify_posed(data["theorem"], problem, one_step=asked.step)]
    sentences += [f"implied: {describe(check(c))}" for c in assumed]
    if not isinstance(names, dict):
        raise Malformed("the theorem of a claim has no names")
    if not asked.step:
        used: list[str] = []

        def stored_proof(statement: Statement, _: float) -> Certificate | None:
            for certificate in known:
                if certificate.statement == statement:
                    used.append(describe(check(certificate)))
                    return certificate
            return None

        try:
            implied(asked, problem, derived(data["theorem"], problem), stored_proof)
        except (BadInput, NotComparable, *REFUSED) as error:
            raise Rejected(f"the claim does not follow from the theorem: {error}") from error
        sentences += [f"comparison: {line}" for line in dict.fromkeys(used)]
    return asked.statement, tuple(sentences)
