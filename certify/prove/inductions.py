"""The algebraic induction steps of the recursion lemmas, found by the prover and checked by the kernel.

Each statement says: what holds after k steps and the one-step inequality give what holds after k + 1 steps.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from certify.kernel import (
    Certificate,
    EquationTerm,
    Fact,
    Functional,
    Moment,
    Polynomial,
    Proof,
    Statement,
    Term,
    check,
)
from certify.prove.products import find_proof


def induction(lemma: str) -> Certificate | None:
    """The checked certificate of a lemma's induction step; None if the lemma is not algebraic.

    Raises KeyError for an unknown lemma.
    """
    if lemma in _CLOSED:
        return _CLOSED[lemma]()
    if lemma == "integral decrease":  # comparison of a sum with an integral: not algebraic
        return None
    known, step, claim = _STEPS[lemma]
    facts = tuple(Fact(n, _p(t), strict=True, note=f"{n} > 0") for n, t in known.items())
    hypotheses = tuple(Fact(f"h{i}", _p(t)) for i, t in enumerate(step))
    conclusion = _p(claim)
    polynomials = [conclusion, *(f.polynomial for f in (*facts, *hypotheses))]
    variables = {n: frozenset[str]() for p in polynomials for n in p.variables}
    statement = Statement(variables=variables, conclusion=conclusion, facts=facts, hypotheses=hypotheses)
    proof = find_proof(statement, max_degree=6, max_multiplier=1, seconds=5.0)
    if proof is None:
        raise AssertionError(f"the induction step of the lemma {lemma!r} was not found")
    certificate = Certificate(statement, proof, {"lemma": lemma})
    check(certificate)
    return certificate


Terms = Mapping[str, int]

# lemma → (positive quantities, hypotheses ≥ 0, conclusion ≥ 0); q^k is written Q, "a1" is a after the step.
_STEPS: dict[str, tuple[Mapping[str, Terms], tuple[Terms, ...], Terms]] = {
    "contraction": (
        {"q": {"q": 1}, "1-q": {"1": 1, "q": -1}},
        (
            {"q*a": 1, "e": 1, "a1": -1},
            {"Q*V": 1, "q*Q*V": -1, "a": -1, "q*a": 1, "e": 1, "e*Q": -1},
        ),
        {"q*Q*V": 1, "q^2*Q*V": -1, "a1": -1, "q*a1": 1, "e": 1, "e*q*Q": -1},
    ),
    "finite contraction": (
        {"q": {"q": 1}},
        ({"q*a": 1, "a1": -1}, {"Q*V": 1, "a": -1}),
        {"q*Q*V": 1, "a1": -1},
    ),
    "telescoping": (
        {"w": {"w": 1}},
        (
            {"v": 1, "v1": -1, "e": 1, "w*a": -1},
            {"a": 1, "m": -1},
            {"V": 1, "k*e": 1, "v": -1, "w*k*m": -1},
        ),
        {"V": 1, "k*e": 1, "e": 1, "v1": -1, "w*k*m": -1, "w*m": -1},
    ),
    "weighted telescoping": (
        {},
        ({"w*a": 1, "e": 1, "w1*a1": -1}, {"W*V": 1, "k*e": 1, "w*a": -1}),
        {"W*V": 1, "k*e": 1, "e": 1, "w1*a1": -1},
    ),
    "averaging": (
        {},
        ({"v": 1, "e": 1, "v1": -1, "w*a": -1}, {"U1": 1, "U": -1, "e": -1}, {"V": 1, "U": 1, "v": -1, "A": -1}),
        {"V": 1, "U1": 1, "v1": -1, "A": -1, "w*a": -1},
    ),
    "energy": (
        {},
        (
            {"v": 1, "e": 1, "v1": -1},
            {"V": 1, "U": 1, "v": -1},
            {"U1": 1, "U": -1, "e": -1},
            {"v1": 1, "s*a": -1},
        ),
        {"V": 1, "U1": 1, "s*a": -1},
    ),
    "energy contraction": (
        {"q": {"q": 1}},
        ({"q*v": 1, "v1": -1}, {"Q*V": 1, "v": -1}, {"v1": 1, "a": -1}),
        {"q*Q*V": 1, "a": -1},
    ),
    "even averaging": (
        {},
        (
            {"v": 1, "e": 1, "v1": -1, "w*a": -1},
            {"U1": 1, "U": -1, "e": -1},
            {"V": 1, "U": 1, "v": -1, "A": -1},
            {"a": 1},
            {"w": 1, "l": -1},
        ),
        {"V": 1, "U1": 1, "v1": -1, "A": -1, "l*a": -1},
    ),
    "quadratic decrease": (
        {n: {n: 1} for n in ("c", "a", "a1", "V", "k")},
        ({"a": 1, "c*a^2": -1, "a1": -1}, {"V": 1, "a": -1, "c*k*V*a": -1}),
        {"V": 1, "a1": -1, "c*k*V*a1": -1, "c*V*a1": -1},
    ),
    "saturating decrease": (
        # a tangent with slope t, B t ≤ 2, at each of the values a ≥ m
        {"w": {"w": 1}, "t": {"t": 1}, "2-Bt": {"1": 2, "B*t": -1}},
        (
            {"v": 1, "v1": -1, "w*t*a": -2, "w*t^2*A": 1, "w*t^2*B*a": 1},
            {"a": 1, "m": -1},
            {"V": 1, "v": -1, "k*w*t*m": -2, "k*w*t^2*A": 1, "k*w*t^2*B*m": 1},
        ),
        {
            "V": 1,
            "v1": -1,
            "k*w*t*m": -2,
            "k*w*t^2*A": 1,
            "k*w*t^2*B*m": 1,
            "w*t*m": -2,
            "w*t^2*A": 1,
            "w*t^2*B*m": 1,
        },
    ),
    "finite decrease": (
        {},
        ({"v": 1, "c": -1, "v1": -1}, {"V": 1, "k*c": -1, "v": -1}),
        {"V": 1, "k*c": -1, "c": -1, "v1": -1},
    ),
    "product decrease": (
        {n: {n: 1} for n in ("t", "D", "a", "a1", "V")},
        (
            {"D*a": 1, "t*a": -1, "D*a1": -1},
            {"R": 1, "k*t": 1, "D": -1},
            {"R*V": 1, "t*V": -1, "R*a": -1, "k*t*a": -1, "t*a": 1},
        ),
        {"R*V": 1, "t*V": -1, "R*a1": -1, "k*t*a1": -1},
    ),
    "self-scaled telescoping": (
        {"c": {"c": 1}},
        (
            {"v*b1": 1, "v1*b1": -1, "c*b1^2": -1, "c*b^2": 1},
            {"V*b": 1, "v*b": -1, "c*b^2": -1, "c*B^2": 1},
            {"b1": 1, "b": -1},
            {"V": 1, "v": -1},
        ),
        {"V*b1": 1, "v1*b1": -1, "c*b1^2": -1, "c*B^2": 1},
    ),
    "identity": ({}, ({"a": 1, "b": -1},), {"a": 1, "b": -1}),
    "potential": ({}, ({"p": 1, "p1": -1}, {"P": 1, "p": -1}), {"P": 1, "p1": -1}),
    "monotone": ({}, ({"a": 1, "a1": -1}, {"V": 1, "a": -1}), {"V": 1, "a1": -1}),
    "logarithm": (
        {"B": {"B": 1}, "B1": {"B1": 1}},
        # l ≤ ln y is used as its axiom ln y ≤ y − 1 at y = B/B1, times B1: (1 − B/B1) ≤ −l.
        ({"B": 1, "B1": -1, "l*B1": -1}, {"S": -1, "T": 1}),
        {"T*B1": 1, "l*B1": -1, "S*B1": -1, "B1": -1, "B": 1},
    ),
}


def _square_root() -> Certificate:
    """r1² ≤ r² − c r, r > 0 ⇒ r1 ≤ r − c/2, with s = r1 + (r − c) + c/2 and (r − c/2)² − r1² = c²/4 + hypothesis."""
    facts = (
        Fact("r>0", _p({"r": 1}), True),
        Fact("c>0", _p({"c": 1}), True),
        Fact("r1≥0", _p({"r1": 1})),
        Fact("r≥c", _p({"r": 1, "c": -1}), note="from r(r − c) ≥ r1² ≥ 0"),
    )
    hypothesis = Fact("h0", _p({"r^2": 1, "c*r": -1, "r1^2": -1}))
    conclusion = _p({"r": 2, "c": -1, "r1": -2})
    statement = Statement({n: frozenset() for n in ("r", "c", "r1")}, conclusion, facts=facts, hypotheses=(hypothesis,))
    multiplier = (_term(1, "r1≥0"), _term(1, "r≥c"), Term(Fraction(1, 2), {"c>0": 1}))
    terms = (_term(2, "h0"), Term(Fraction(1, 2), {"c>0": 2}))
    return _checked(Certificate(statement, Proof(terms, (), multiplier), {"lemma": "square-root decrease"}))


def _dominated() -> Certificate:
    """w q² ≤ (A + B q)(v − v1), q ≥ e ≥ 0 ⇒ w e² ≤ (A + B e)(v − v1), times A + B q.

    The rest is w ((A + B e) q² − (A + B q) e²) = w (A (q + e) + B q e)(q − e).
    """
    known = {"w": {"w": 1}, "A": {"A": 1}, "B": {"B": 1}, "q": {"q": 1}, "e": {"e": 1}, "q-e": {"q": 1, "e": -1}}
    facts = tuple(Fact(n, _p(t), strict=n in "wA", note=f"{n} ≥ 0") for n, t in known.items())
    decrease: Terms = {"A*v": 1, "A*v1": -1, "B*q*v": 1, "B*q*v1": -1, "w*q^2": -1}
    conclusion = _p({"A*v": 1, "A*v1": -1, "B*e*v": 1, "B*e*v1": -1, "w*e^2": -1})
    variables = {n: frozenset[str]() for n in ("w", "A", "B", "q", "e", "v", "v1")}
    statement = Statement(variables, conclusion, facts=facts, hypotheses=(Fact("h0", _p(decrease)),))
    products = [
        ("A", "h0"),
        ("B", "e", "h0"),
        ("w", "A", "q", "q-e"),
        ("w", "A", "e", "q-e"),
        ("w", "B", "q", "e", "q-e"),
    ]
    terms = tuple(Term(Fraction(1), dict.fromkeys(names, 1)) for names in products)
    multiplier = (_term(1, "A"), Term(Fraction(1), {"B": 1, "q": 1}))
    return _checked(Certificate(statement, Proof(terms, (), multiplier), {"lemma": "dominated decrease"}))


def _titu() -> Certificate:
    """Σ b (u B − A)² = B (B Q − A²) with u = a/b, A = Σ ub, B = Σ b, Q = Σ u²b, a sum of any length."""
    local, one = frozenset({"S"}), frozenset[str]()
    moments = (
        Moment("B", "S", (("b", 1),)),
        Moment("A", "S", (("b", 1), ("u", 1))),
        Moment("Q", "S", (("b", 1), ("u", 2))),
    )
    facts = (Fact("b>0", _p({"b": 1}), True), Fact("B>0", _p({"B": 1}), True, "a sum of positive numbers"))
    statement = Statement(
        {"b": local, "u": local, "p": one},
        _p({"B*Q": 1, "A^2": -1}),
        functionals=(Functional("S", "p"),),
        moments=moments,
        facts=facts,
    )
    term = Term(Fraction(1), {"b>0": 1}, _p({"u*B": 1, "A": -1}), ("S",))
    return _checked(Certificate(statement, Proof((term,), (), (_term(1, "B>0"),)), {"lemma": "titu"}))


def _exponential_average() -> Certificate:
    """(1 − β)(e − B V) = βD (1 − B) + (1 − B)(1 − β) n is preserved by e ↦ βe + βD + (1 − β)n, B ↦ βB."""
    claim = {"E": 1, "b*E": -1, "B*V": -1, "b*B*V": 1, "b*D": -1, "b*B*D": 1, "n": -1, "b*n": 1, "B*n": 1, "b*B*n": -1}
    after = {
        "E1": 1, "b*E1": -1, "b*B*V": -1, "b^2*B*V": 1, "b*D": -1, "b^2*B*D": 1,
        "n": -1, "b*n": 1, "b*B*n": 1, "b^2*B*n": -1,
    }  # fmt: skip
    equations = (
        Fact("claim", _p(claim)),
        Fact("step", _p({"E1": 1, "b*E": -1, "b*D": -1, "n": -1, "b*n": 1})),
    )
    variables = {v: frozenset[str]() for v in ("E", "E1", "b", "B", "V", "D", "n")}
    statement = Statement(variables, _p(after), "=", equations=equations)
    proof = Proof((), (EquationTerm("claim", _p({"b": 1})), EquationTerm("step", _p({"1": 1, "b": -1}))))
    return _checked(Certificate(statement, proof, {"lemma": "exponential average"}))


_CLOSED = {
    "square-root decrease": _square_root,
    "dominated decrease": _dominated,
    "titu": _titu,
    "exponential average": _exponential_average,
}

LEMMAS = (*_STEPS, *_CLOSED, "integral decrease")
"""All lemma names."""


def _checked(certificate: Certificate) -> Certificate:
    check(certificate)
    return certificate


def _p(terms: Terms) -> Polynomial:
    return Polynomial.from_json({m: str(c) for m, c in terms.items()})


def _term(coefficient: int, name: str) -> Term:
    return Term(Fraction(coefficient), {name: 1})
