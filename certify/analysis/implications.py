"""Implications between assumptions, proved when they are used: every inequality of the weaker one from the stronger."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from certify.kernel import Certificate, Polynomial
from certify.language import Assumption, DoesNotApply, Scalar, SymbolicFunction, Trace
from certify.language.problems import declare
from certify.prove.products import find_proof
from certify.prove.prover import accepted

FIRST, SECOND = "0", "9"
"""Labels of the two arbitrary points."""


def implication(strong: type[Assumption], weak: type[Assumption], norm: str = "euclidean") -> list[Certificate] | None:
    """Certificates that the inequalities of `weak` follow from those of `strong`; None if one is missing.

    They are proved for one arbitrary ordered pair of points (and a minimiser), and for one arbitrary ball-prox step
    and point: every other instance is one of these with other names. Conditions on all points at once
    (`Assumption.together`) and on operators are not proved.
    """
    if not (weak.pointwise() and strong.subject == weak.subject):
        return None
    certificates = []
    for ball in (False, True):
        try:
            own, f = _generic(strong, norm, ball, everything=True)
            other, _ = _generic(weak, norm, ball, everything=not ball)
        except DoesNotApply:  # one of them speaks of a space of another kind, such as one of coordinates
            return None
        # One representative each: a pair, a point, a ball-prox step; "minimum" and norm axioms belong to no assumption.
        wanted = (f"[{SECOND}←1]", "[1]") if ball else (f"[{SECOND}←{FIRST}]", f"[{FIRST}]")
        # Domains first: a parameter that the stronger assumption does not have settles it at once.
        claims = [(fact.polynomial, ">" if fact.strict else ">=") for fact in other.facts.values()]
        claims += [(h.polynomial, ">=") for h in other.hypotheses.values() if h.name.endswith(wanted)]
        claims += [(e.polynomial, "=") for e in other.equations.values()]
        candidates = list(_squares(f))
        for polynomial, relation in claims:
            if _known(own, polynomial, relation):
                continue
            statement = own.statement(polynomial, relation)
            squares = [] if relation == ">" else candidates
            proof = find_proof(statement, squares, seconds=5.0, max_degree=2, max_multiplier=1, plain=relation != ">")
            if (case := accepted(statement, proof)) is None:
                return None
            certificates.append(case.certificate)
    return certificates


def implied_certificates(
    given: tuple[type[Assumption], ...], needed: tuple[type[Assumption], ...], norm: str = "euclidean"
) -> tuple[Certificate, ...] | None:
    """Certificates that the given assumptions imply the needed ones; None if some implication is not proved."""
    certificates: list[Certificate] = []
    for weak in needed:
        if weak in given:
            continue
        found = next(
            (c for strong in given if weak in strong.closure() and (c := implication(strong, weak, norm)) is not None),
            None,
        )
        if found is None:
            return None
        certificates += found
    return tuple(certificates)


def _known(trace: Trace, polynomial: Polynomial, relation: str) -> bool:
    """Whether the trace says just this."""
    if relation == "=":
        return any(e.polynomial == polynomial for e in trace.equations.values())
    facts = [f.polynomial for f in trace.facts.values() if f.strict or relation == ">="]
    return polynomial in facts or (
        relation == ">=" and any(h.polynomial == polynomial for h in trace.hypotheses.values())
    )


def _squares(f: SymbolicFunction) -> Iterator[dict[str, Polynomial]]:
    """g − g' − θ(x − x') for all pairs of points and θ = 0, a constant of the class or (weak convexity) minus one."""
    if not f.trace.geometry.euclidean:
        return
    for a, b in combinations([e for e in f.evaluations.values() if e.subgradient is not None], 2):
        for constant in (Scalar.constant(0), *f.constants.values(), *(-c for c in f.constants.values())):
            form = a.gradient - b.gradient - constant * (a.point - b.point)
            yield {name: f.trace.cleared(c) for name, c in form.coefficients.items()}


def _generic(kind: type[Assumption], norm: str, ball: bool, everything: bool) -> tuple[Trace, SymbolicFunction]:
    """The trace of two points with subgradients and a minimiser, or of a ball-prox step and another point.

    Without `everything` only what the assumption says about the ball-prox step itself is written down.
    """
    trace = Trace(norm)
    assumption = kind()
    declare((assumption,), trace)
    f = SymbolicFunction(trace, {s: assumption.value_of(p) for s, p in assumption.parameters().items()})
    points = [f.start(label) for label in (FIRST, SECOND)]
    for point, label in zip(points, (FIRST, SECOND), strict=True):
        trace.label(point, label)
        f.value(point)
        if not ball:
            f.subgradient(point)
    _ = f.minimum
    if ball:
        f.brox(points[0], trace.scalar("t", sign="positive"))
        for call in f.ball_prox_calls:
            assumption.ball_prox_step(call, f)
    else:
        _ = f.minimizer
    if everything:
        assumption.hypotheses(f)
    else:
        assumption.ball_prox_hypotheses(f)
    f.lower_bounds()
    trace.close()
    return trace, f
