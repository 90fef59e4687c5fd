"""Multipliers that depend on the parameters: found, with their signs proved, or not claimed."""

from certify.kernel import Certificate, Fact, Polynomial, Statement, check
from certify.language import root
from certify.language.scalar import Scalar
from certify.prove.multipliers import proof_by_multipliers
from certify.prove.products import Attempt
from certify.prove.signs import Signs

A, B, X, Y = (Polynomial.variable(n) for n in ("a", "b", "x", "y"))
ONE = Polynomial.constant(1)
FACTS = (Fact("a>0", A, strict=True), Fact("b>0", B, strict=True), Fact("b<1", ONE - B, strict=True))


def _statement(conclusion: Polynomial, *hypotheses: Polynomial) -> Statement:
    known = tuple(Fact(f"h{i}", h) for i, h in enumerate(hypotheses))
    return Statement(variables=dict.fromkeys("abxy", frozenset()), conclusion=conclusion, facts=FACTS, hypotheses=known)


def test_products_of_any_degree_are_found() -> None:
    """x ≥ 0 from b⁴x + a³y ≥ 0 and (1 − b)y ≤ 0: x is 1/b⁴ times the first and a³/(b⁴(1 − b)) times the second."""
    statement = _statement(X, B**4 * X + A**3 * Y, (ONE - B) * -Y)
    proof = proof_by_multipliers(statement, frozenset("xy"), Attempt())
    assert proof is not None
    assert proof.multiplier  # b⁴(1 − b), which is positive
    check(Certificate(statement, proof))


def test_a_multiplier_whose_sign_varies_is_no_proof() -> None:
    """From (a − b)x ≥ 0 alone nothing follows for x, nor from −x ≥ 0."""
    for hypothesis in ((A - B) * X, -X):
        assert proof_by_multipliers(_statement(X, hypothesis), frozenset("xy"), Attempt()) is None


def test_later_hypotheses_are_preferred() -> None:
    statement = _statement(X, A * X, X - Y, Y, B * X)
    proof = proof_by_multipliers(statement, frozenset("xy"), Attempt())
    assert proof is not None
    assert {n for t in proof.terms for n in t.factors if n.startswith("h")} == {"h3"}


def test_squares_of_roots_are_what_is_under_them() -> None:
    """x ≥ 0 from √a x − y ≥ 0, √a y − x ≥ 0 and a > 1: with weights √a and 1 they add up to (a − 1)x ≥ 0."""
    r = root(Scalar.variable("a")).numerator
    facts = (Fact("a>1", A - ONE, strict=True), Fact("r>0", r, strict=True))
    known = (Fact("h0", r * X - Y), Fact("h1", r * Y - X))
    names = dict.fromkeys(("a", "x", "y", *r.variables), frozenset[str]())
    for equations in ((Fact("square", r * r - A),), ()):
        statement = Statement(variables=names, conclusion=X, facts=facts, hypotheses=known, equations=equations)
        proof = proof_by_multipliers(statement, frozenset("xy"), Attempt())
        assert (proof is not None) == bool(equations)
        if proof is not None:
            check(Certificate(statement, proof))


def test_a_factor_is_positive_beyond_a_fact() -> None:
    """1 − ab with a ≤ 1 is (1 − b) + b(1 − a): as a sum of weak products alone it would not be known to be positive."""
    weak = (FACTS[1], FACTS[2], Fact("a≥0", A), Fact("a≤1", ONE - A))
    signs = Signs(weak)
    found = signs.positive((ONE - A * B) ** 2)
    assert found is not None
    assert signs.is_strict(found)
    assert signs.positive(ONE - A) is None
