"""Signs that are called plain are right at every point where the facts hold."""

import random
from fractions import Fraction as Q

import pytest

from certify.kernel import Fact, Polynomial
from certify.language.plain_signs import PlainSigns

a, b, c, d, g, m = (Polynomial.variable(n) for n in "abcdgm")
one = Polynomial.constant(1)
FACTS = (
    Fact("a>0", a, True),
    Fact("b≥0", b),
    Fact("c<1", one - c, True),
    Fact("c≥0", c),
    Fact("d≥a", d - a),
)
SQUARE = (g - m) ** 2


def sign(polynomial: Polynomial, facts: tuple[Fact, ...] = FACTS) -> int | None:
    return PlainSigns(facts, frozenset({"n"})).of(polynomial)


@pytest.mark.parametrize(
    ("polynomial", "expected"),
    [
        (a + (one - c) * SQUARE, 1),  # ε + (1 − β)(g − m)², the scale of AdaBelief
        (b + (one - c) * SQUARE, 0),
        ((one - c) * SQUARE, 0),
        (a + (one - c) ** 2 * SQUARE, 1),
        (a - (one - c) * SQUARE, None),
        (a + (c - one) * SQUARE, None),
        (a + (g + m) * SQUARE, None),  # an odd factor of unknown sign
        (a + (g - m) ** 3, None),
        (a * g + SQUARE, None),
        (g - m, None),
    ],
)
def test_squares_beside_terms_of_known_sign(polynomial: Polynomial, expected: int | None) -> None:
    assert sign(polynomial) == expected


def test_a_square_is_positive_only_beside_something_positive() -> None:
    assert sign(b * a + SQUARE) == 0
    assert sign(b * a + SQUARE, (*FACTS, Fact("b>0", b, True))) == 1


def _value(polynomial: Polynomial, point: dict[str, Q]) -> Q:
    total = Q(0)
    for monomial, coefficient in polynomial:
        for name, exponent in monomial:
            coefficient *= point[name] ** exponent
        total += coefficient
    return total


def _point(source: random.Random) -> dict[str, Q]:
    def number(low: int, high: int) -> Q:
        return Q(source.randint(12 * low, 12 * high), 12)

    low = number(0, 2) + Q(1, 12)
    return {
        "a": low,
        "b": number(0, 2),
        "c": Q(source.randint(0, 11), 12),
        "d": low + number(0, 2),
        "g": number(-2, 2),
        "m": number(-2, 2),
        "n": number(0, 2),
    }


@pytest.mark.parametrize("seed", range(20))
def test_no_sign_is_wrong_at_any_point(seed: int) -> None:
    """Random sums of a few products; one in five has a plain sign."""
    source, known = random.Random(seed), 0  # noqa: S311
    n = Polynomial.variable("n")
    pieces = [a, b, c, d, g, m, n, one - c, d - a, SQUARE, g * g, one]
    points = [_point(source) for _ in range(20)]
    for _ in range(40):
        polynomial = Polynomial()
        for _ in range(source.randint(1, 3)):
            product = Polynomial.constant(source.choice([1, 1, 2, -1]))
            for _ in range(source.randint(1, 3)):
                product = product * source.choice(pieces)
            polynomial = polynomial + product
        found = sign(polynomial)
        known += found is not None
        values = [_value(polynomial, point) for point in points]
        assert found != 1 or all(v > 0 for v in values)
        assert found != -1 or all(v < 0 for v in values)
        assert found != 0 or all(v >= 0 for v in values)
    assert known
