"""Inequalities that are not worth trying, and those with roots that are proved."""

import pytest

from certify.claims.in_steps import completed_root
from certify.claims.inequalities import plainly_false, proved
from certify.kernel import Fact, Polynomial, Statement
from certify.language.scalar import Scalar

I, R, S, ONE = (*(Polynomial.variable(n) for n in ("i", "r", "s")), Polynomial.constant(1))
TWO = Fact("square of r", R * R - ONE - ONE)
SUM = Fact("square of s", S * S - ONE - I * I - I * I)
SIGNS = tuple(Fact(f"{p}≥0", p) for p in (I, R, S))


def _statement(conclusion: Polynomial, *equations: Fact) -> Statement:
    return Statement(dict.fromkeys("irs", frozenset()), conclusion, facts=SIGNS, equations=equations)


@pytest.mark.parametrize(
    ("conclusion", "false"),
    [(S - R * I, False), (R * I + ONE - S, False), (R * I - S, True), (S - R * I - ONE, True), (R * R - ONE, False)],
)
def test_roots_are_what_their_squares_say(conclusion: Polynomial, false: bool) -> None:
    """√2 i ≤ √(1 + 2i²) ≤ 1 + √2 i."""
    for equations in ((TWO, SUM), (SUM, TWO)):
        assert plainly_false(_statement(conclusion, *equations)) == false


def test_of_other_equations_nothing_is_said() -> None:
    assert not plainly_false(_statement(-ONE, Fact("other", R * S - I)))


def test_an_inequality_with_roots_is_proved() -> None:
    larger = Fact("larger", S - R * I)
    statement = _statement(S * S + S + S - (R * I).scale(2) - (I * I).scale(2), TWO, SUM)
    found = proved(Statement(statement.variables, statement.conclusion, facts=(*SIGNS, larger), equations=(TWO, SUM)))
    assert found is not None


def test_quadratics_in_the_number_of_steps_have_roots_but_for_a_constant() -> None:
    i = Scalar.variable("i")
    assert completed_root(2 * (i + 2) ** 2 + 2 * (i + 2) ** 2 + 7) == 2 * i + 4
    assert completed_root(i**2 + 3) == i
    for other in (2 * i**2, i + 1, -(i**2), i**2 * Scalar.variable("L"), i**4, Scalar.constant(4)):
        assert completed_root(other) is None
