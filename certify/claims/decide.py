"""One claim, decided: theorems first, then counterexamples on the line, then exact worst cases; else `open`."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from certify.analysis.vacuity import NO_EXAMPLE
from certify.claims import line, worst
from certify.claims.claim import Claim
from certify.claims.fixed import prove_fixed
from certify.claims.goals import first_step, step_theorem, ties
from certify.claims.reading import as_first_step
from certify.claims.symbols import NotComparable
from certify.claims.theorems import REFUSED, Search, by_theorem
from certify.claims.vacuity import NO_PARAMETERS, no_parameters, ranges
from certify.claims.weights import weight
from certify.language.trace import OutOfDomain

SHARES = {"theorems": 0.45, "line": 0.4}
"""The part of the time that is left that goes to theorems, and then to runs on the line; worst cases get the rest."""


ROUNDED = (
    "the method's irrational coefficients are rational numbers within 2⁻⁶⁴ of them, as it is declared; "
    "the worst case differs from the claim by much more"
)


STAYED = "this run has reached a minimiser before its last step, and stays there: a claim for all N is about that, too"


class Verdict(Enum):
    """What was established about a claim; the value is the word that is printed."""

    PROVED = "proved"
    LOOSE = "proved, and loose"
    REFUTED = "refuted"
    VACUOUS = "vacuous"
    OPEN = "open"

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return {
            Verdict.PROVED: "the kernel checked exact certificates of everything from which the claim follows",
            Verdict.LOOSE: "proved, and so is a smaller bound",
            Verdict.REFUTED: "an exact example contradicts the claim",
            Verdict.VACUOUS: "nothing is claimed: ranges or assumptions contradict each other",
            Verdict.OPEN: "neither proved nor refuted",
        }[self]


@dataclass(frozen=True)
class Decision:
    """The verdict and what it rests on.

    `given` is what the claim is restricted to (γ = 1/L, N = 3, a norm), `certificate` is data for ``certify verify``
    (of a proof, or of a worst case), `better` a smaller bound that is proved, `counterexample` data, and `example` the
    same in words.
    """

    name: str
    method: str
    assumptions: tuple[str, ...]
    statement: str
    verdict: Verdict
    given: tuple[str, ...] = ()
    how: str = ""
    better: str | None = None
    certificate: dict[str, Any] | None = None
    counterexample: dict[str, Any] | None = None
    example: str | None = None
    tried: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """Plain data."""
        data = {n: getattr(self, n) for n in self.__dataclass_fields__}
        lists = {n: list(data[n]) for n in ("assumptions", "given", "tried", "evidence", "notes")}
        return data | lists | {"verdict": self.verdict.value}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Decision:
        """The inverse of `to_json`."""
        read: dict[str, Any] = dict(data)
        for name in ("assumptions", "given", "tried", "evidence", "notes"):
            read[name] = tuple(data[name])
        read["verdict"] = Verdict(data["verdict"])
        return Decision(**read)


@dataclass
class _Made:
    """The parts of a decision while they are found."""

    notes: list[str]
    tried: list[str] = field(default_factory=list)
    evidence: list[str] = field(default_factory=list)


def decide(claim: Claim, seconds: float = 30.0, seed: int = 0) -> Decision:
    """The verdict on one claim within about so many seconds."""
    begin = time.process_time()
    made = _Made(list(claim.notes))
    found = _empty(claim, made) or _decided(claim, seconds, seed, made)
    return Decision(
        name=claim.name,
        method=claim.method.name,
        assumptions=tuple(a.name for a in claim.assumptions),
        statement=claim.statement,
        given=claim.given,
        tried=tuple(made.tried),
        evidence=tuple(made.evidence),
        notes=tuple(made.notes),
        seconds=time.process_time() - begin,
        **found,
    )


def _empty(claim: Claim, made: _Made) -> dict[str, Any] | None:
    """A claim about no parameters at all is one about nothing."""
    try:
        found = ranges(claim)
    except OutOfDomain as error:
        return {"verdict": Verdict.VACUOUS, "how": f"nothing is claimed: {error}"}
    except (NotComparable, ValueError, TypeError):
        return None
    if found.contradiction is None:
        made.notes += [NO_EXAMPLE] * found.unknown
        return None
    data = no_parameters(claim, found.contradiction)
    return {"verdict": Verdict.VACUOUS, "how": NO_PARAMETERS, "certificate": data}


def _decided(claim: Claim, seconds: float, seed: int, made: _Made) -> dict[str, Any]:
    end = time.process_time() + seconds

    def left() -> float:
        return max(end - time.process_time(), 1.0)

    if claim.measured.iterate == "weighted":
        made.notes.append(_weights(claim))
    search = Search()
    proof = by_theorem(claim, SHARES["theorems"] * seconds, search)
    made.tried += search.tried
    if proof is not None and proof.vacuous:
        return {"verdict": Verdict.VACUOUS, "how": proof.words, "certificate": proof.certificate}
    if proof is not None:
        made.notes += [NO_EXAMPLE] * (proof.unknown and NO_EXAMPLE not in made.notes)
        if claim.method.name == "bpm" and claim.step:
            made.notes.append("a claim about one step is one about steps that do not reach a minimiser")
        verdict = Verdict.LOOSE if proof.factor is not None else Verdict.PROVED
        better = proof.better and f"{proof.better} (at most {proof.factor} of the claimed bound)"
        return {"verdict": verdict, "how": proof.words, "better": better, "certificate": proof.certificate}
    if claim.step:
        return _step(claim, left, seed, made)
    if (known := _fixed(claim, left() / 4, made)) is not None:
        return known
    if (refuted := _on_the_line(claim, left, seed, made)) is not None:
        return refuted
    words = (
        "no counterexample among exact runs on the line" if line.searchable(claim) else "runs on the line do not apply"
    )
    made.tried.append(words)
    return _worst(claim, left(), made)


def _weights(claim: Claim) -> str:
    found = weight(claim.method, claim.assumptions, claim.measured.what)
    return "no theorem of the method has weights" if found is None else f"x̄ is the mean with weights w_k = {found}"


def _fixed(claim: Claim, seconds: float, made: _Made) -> dict[str, Any] | None:
    """A proof for one N by an exact worst case."""
    proof = None if _unposed(claim) else prove_fixed(claim, seconds)
    if proof is None:
        return None
    case = proof.case
    made.notes += [ROUNDED] * case.rounded
    loose = case.bound.upper is not None and case.bound.upper < case.claimed.low * 99 / 100
    return {
        "verdict": Verdict.LOOSE if loose else Verdict.PROVED,
        "how": proof.words,
        "better": case.describe() if loose else None,
        "certificate": case.certificate,
    }


def _unposed(claim: Claim) -> bool:
    """Whether worst cases after N steps are not about claims of this kind."""
    return claim.random or claim.complexity is not None or claim.norm != "euclidean"


def _worst(claim: Claim, seconds: float, made: _Made) -> dict[str, Any]:
    """Exact worst cases: a refutation, or evidence."""
    if _unposed(claim):
        made.tried.append(
            "worst cases after N steps do not apply: noise, another norm, or a number of steps for every ε"
        )
        return {"verdict": Verdict.OPEN}
    refuted, seen = worst.refute(claim, seconds)
    if refuted is not None:
        made.notes += [ROUNDED] * refuted.rounded
        return {
            "verdict": Verdict.REFUTED,
            "how": "an exact worst case above the claimed number",
            "counterexample": refuted.to_json() | {"certificate": None},
            "example": refuted.describe(),
            "certificate": refuted.certificate,
        }
    if seen:
        known = [c for c in seen if c.bound.lower is not None and c.bound.lower <= c.claimed.high]
        holds = sum(c.verdict == "holds" for c in seen)
        made.tried.append(f"exact worst cases at {len(seen)} points, up to N = {max(c.steps for c in seen)}")
        if known or holds:
            made.evidence.append(
                f"for: at {max(len(known), holds)} of {len(seen)} sampled points the worst case found is at most the "
                f"claimed number, at {holds} of them provably"
            )
        above = [c for c in seen if c not in known and c.verdict != "holds"]
        if above:
            made.evidence.append(f"not clear: {above[0].describe()}")
    else:
        made.tried.append("no worst case could be computed within the time")
    return {"verdict": Verdict.OPEN}


def _on_the_line(claim: Claim, left: Callable[[], float], seed: int, made: _Made) -> dict[str, Any] | None:
    """A refutation by an exact run on the line, if one is found."""
    example = line.search(claim, SHARES["line"] * left(), seed)
    if example is None:
        return None
    if claim.method.name == "bpm" and example.stayed:
        made.notes.append(STAYED)
    return {
        "verdict": Verdict.REFUTED,
        "how": "an exact run on the line",
        "counterexample": example.to_json(),
        "example": example.describe(),
    }


def _step(claim: Claim, left: Callable[[], float], seed: int, made: _Made) -> dict[str, Any]:
    """A claim about one step that was not proved: a counterexample, or an exact worst case of the step."""
    found = _one_step(claim, left() / 2, seed, made)
    whole = as_first_step(claim) if found["verdict"] is Verdict.OPEN else None
    if whole is None:
        return found
    if (known := _fixed(whole, left() / 4, made)) is not None:
        return known
    if (refuted := _on_the_line(whole, left, seed, made)) is not None:
        return refuted
    return _worst(whole, left(), made)


def _one_step(claim: Claim, seconds: float, seed: int, made: _Made) -> dict[str, Any]:
    from certify.simulate.plane_refute import refute_in_plane
    from certify.simulate.refute import refute

    try:
        theorem = step_theorem(first_step(claim))
        values = ties(claim)
        if len(values) < len(claim.values):
            raise NotComparable("step sizes that are no rational functions")
        if claim.layers:
            raise NotComparable("layers are tried after the first step of runs")
        own, half = (claim.method, claim.assumptions, theorem), seconds / 2
        found: Any = refute(*own, None, values, seconds=half, seed=seed)  # on the line all norms are alike
        in_plane = found is None and claim.norm not in ("euclidean", "any")
        if in_plane:
            found = refute_in_plane(*own, claim.norm, values, seconds=half, seed=seed)
    except REFUSED as error:
        made.tried.append(f"counterexamples to one step: {error}")
        return {"verdict": Verdict.OPEN}
    if found is not None:
        example, data = found.describe().replace(f"Theorem {theorem.name!r} claims", "The claim is"), found.to_json()
        in_plane = in_plane or any(f["kind"] == "matrix" for f in data.get("functions", ()))
        how = f"an exact run {'in the plane' if in_plane else 'on the line'}"
        return {"verdict": Verdict.REFUTED, "how": how, "counterexample": data, "example": example}
    made.tried.append("no counterexample among exact runs of one step")
    return _step_worst(claim, theorem, values, seed, made)


def _step_worst(claim: Claim, theorem: Any, values: Any, seed: int, made: _Made) -> dict[str, Any]:
    from certify.language import pose
    from certify.pep.step.one_step import cross_check

    if claim.random or claim.norm != "euclidean" or claim.layers:
        return {"verdict": Verdict.OPEN}
    try:
        problem = pose(claim.method, claim.assumptions, theorem, values)
        found = cross_check(problem, [((), problem.goal)], seed=seed)
    except REFUSED as error:
        made.tried.append(f"the worst case of one step: {error}")
        return {"verdict": Verdict.OPEN}
    if found is None:
        made.tried.append("the worst case of one step cannot be stated")
        return {"verdict": Verdict.OPEN}
    data = found.to_json()
    best = found.best
    shown = ", ".join(f"{n} = {v}" for n, v in best.parameters.items()) if best else "no point"
    if found.contradicts and not found.relaxations:
        return {
            "verdict": Verdict.REFUTED,
            "how": "an exact worst case of one step",
            "counterexample": data,
            "example": f"the worst case of one step is more than the claimed number at {shown}",
        }
    if not found.contradicts:
        made.evidence.append(
            f"for: the exact worst case of one step is at most the claim at {len(found.points)} points"
        )
    return {"verdict": Verdict.OPEN}
