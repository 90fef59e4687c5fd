"""Polynomials: the ring axioms, the canonical form, and a parser that refuses everything else."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.kernel import Malformed, Monomial, Polynomial, inner_product_name
from certify.kernel.polynomial import ONE, monomial_text, read_monomial, read_rational, times

NAMES = ["x", "y", "gamma", "<a,b>", "x0-x⋆", "|g|"]
monomials = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 99)).map(lambda d: tuple(sorted(d.items())))
coefficients = st.fractions(max_denominator=50)
polynomials = st.dictionaries(monomials, coefficients, max_size=5).map(Polynomial)
points = st.fixed_dictionaries({n: st.fractions(-3, 3, max_denominator=5) for n in NAMES})
small = st.dictionaries(
    st.dictionaries(st.sampled_from(NAMES), st.integers(1, 3), max_size=3).map(lambda d: tuple(sorted(d.items()))),
    coefficients,
    max_size=4,
).map(Polynomial)


def value(polynomial: Polynomial, point: dict[str, Fraction]) -> Fraction:
    """The value at a point, computed straight from the dictionary of terms."""
    total = Fraction(0)
    for monomial, coefficient in polynomial:
        product = coefficient
        for name, exponent in monomial:
            product *= point[name] ** exponent
        total += product
    return total


@given(small, small, points)
def test_arithmetic_is_that_of_functions(p, q, point):
    a, b = value(p, point), value(q, point)
    assert value(p + q, point) == a + b
    assert value(p - q, point) == a - b
    assert value(p * q, point) == a * b
    assert value(-p, point) == -a
    assert value(p.scale(Fraction(-2, 3)), point) == a * Fraction(-2, 3)
    assert value(p**3, point) == a**3


@given(small, small, small)
def test_equal_polynomials_are_equal_objects(p, q, r):
    assert p * (q + r) == p * q + p * r
    assert hash(p * (q + r)) == hash(p * q + p * r)
    assert not p - p
    assert (p - p).degree == 0
    assert p**0 == Polynomial.constant(1)


@given(polynomials)
def test_json_round_trip(p):
    assert Polynomial.from_json(p.to_json()) == p
    assert all(isinstance(k, str) and isinstance(v, str) for k, v in p.to_json().items())


@given(monomials, monomials)
def test_products_of_monomials_are_sorted(left, right):
    product = times(left, right)
    assert product == times(right, left) == tuple(sorted(product))
    assert sum(e for _, e in product) == sum(e for _, e in (*left, *right))


def test_zero_coefficients_vanish():
    assert Polynomial({(("x", 1),): 0}) == Polynomial() == Polynomial.from_json({"x": "0", "y": "-0/7"})
    assert not Polynomial.from_json({"x": "0"}).variables


@pytest.mark.parametrize(
    ("terms", "constant"),
    [({}, 0), ({"1": "-3/4"}, Fraction(-3, 4)), ({"x": "1"}, None), ({"1": "2", "x": "1"}, None)],
)
def test_as_constant(terms, constant):
    assert Polynomial.from_json(terms).as_constant() == constant


def test_text_of_monomials():
    monomial: Monomial = (("L", 1), ("gamma", 2))
    assert monomial_text(monomial) == "L*gamma^2"
    assert read_monomial("gamma^2*L") == monomial
    assert read_monomial("1") == ONE
    assert monomial_text(ONE) == "1"
    assert Polynomial.from_json({"gamma^2*L": "4/6"}).to_json() == {"L*gamma^2": "2/3"}


def test_inner_products_are_symmetric():
    assert inner_product_name("b", "a") == inner_product_name("a", "b") == "<a,b>"


NOT_MONOMIALS = [
    "", "*", "x*", "*x", "x**2", "x^", "x^0", "x^-1", "x^1.5", "x^100", "x^+2", "x^٣", "x^2^2", "x*x", "x*y*x^2",
    "x y", " x", "x\n", "x\t", "1*x", "x*1", "2", "2*x", "-x", "+x", ".5", "0", "1e3", "٣", "x\u202ey",
    "x\x00", "x\ud800", 'x"', "x\\", "n" * 1001, None, 1, ["x"], (("x", 1),),
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_MONOMIALS)
def test_what_is_not_a_monomial(text):
    with pytest.raises(Malformed):
        read_monomial(text)


@pytest.mark.parametrize("name", ["1", "x*y", "x^2", "", "7", "a b"])
def test_what_is_not_a_variable(name):
    with pytest.raises(Malformed):
        Polynomial.variable(name)


NOT_NUMBERS = [
    "", "-", "/", "1/", "/2", "1/0", "0/0", "1/00", "1/-2", "1//2", "1/2/3", "--1", "+1", "1.5", "1e3", " 1", "1 ",
    "1\n", "1_000", "0x10", "inf", "nan", "٣", "9" * 2001, "1/" + "9" * 2001, 1, 1.5, None, True, ["1"], {"1": "1"},
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_NUMBERS)
def test_what_is_not_a_rational_number(text):
    with pytest.raises(Malformed):
        read_rational(text)


@pytest.mark.parametrize("data", [None, [], "x", 1, {"x": 1}, {"x": None}, {"x*x": "1"}, {"x*y": "1", "y*x": "1"}])
def test_what_is_not_a_polynomial(data):
    with pytest.raises(Malformed):
        Polynomial.from_json(data)


def test_long_numbers_survive():
    digits = "7" * 2000
    assert Polynomial.from_json({"x": f"-{digits}/3"}).to_json() == {"x": str(Fraction(-int(digits), 3))}
