"""Certificates written by hand: one for every feature of the kernel, each with a proof from a textbook."""

from collections.abc import Mapping
from fractions import Fraction

import pytest

from certify.kernel import Certificate, EquationTerm, Fact, Functional, Moment, Polynomial, Proof, Statement, Term

NONE: frozenset[str] = frozenset()
Square = Polynomial | Mapping[str, Polynomial] | None


def polynomial(terms: Mapping[str, int]) -> Polynomial:
    """The polynomial with these integer coefficients."""
    return Polynomial.from_json({monomial: str(c) for monomial, c in terms.items()})


def fact(name: str, terms: Mapping[str, int], strict: bool = False) -> Fact:
    return Fact(name, polynomial(terms), strict)


def term(coefficient: int, *factors: str, square: Square = None, under: tuple[str, ...] = ()) -> Term:
    exponents = {name: factors.count(name) for name in factors}
    return Term(Fraction(coefficient), exponents, square, under)


def cauchy_schwarz() -> Certificate:
    """‖v‖² (‖u‖² ‖v‖² − ⟨u,v⟩²) = ‖ ‖v‖² u − ⟨u,v⟩ v ‖²."""
    statement = Statement(
        {},
        polynomial({"<u,u>*<v,v>": 1, "<u,v>^2": -1}),
        vectors={"u": NONE, "v": NONE},
        facts=(fact("v≠0", {"<v,v>": 1}, strict=True),),
    )
    square = {"u": polynomial({"<v,v>": 1}), "v": polynomial({"<u,v>": -1})}
    return Certificate(statement, Proof((term(1, square=square),), multiplier=(term(1, "v≠0"),)))


def ball_proximal_gap() -> Certificate:
    """a d − b (d + t) = d (a − b − t n) + t (n d − b)."""
    statement = Statement(
        dict.fromkeys("abdnt", NONE),
        polynomial({"a*d": 1, "b*d": -1, "b*t": -1}),
        facts=(fact("d≥0", {"d": 1}), fact("t>0", {"t": 1}, strict=True)),
        hypotheses=(fact("decrease", {"a": 1, "b": -1, "n*t": -1}), fact("convexity", {"d*n": 1, "b": -1})),
    )
    return Certificate(statement, Proof((term(1, "d≥0", "decrease"), term(1, "t>0", "convexity"))))


def titu() -> Certificate:
    """B (B Q − A²) = Σ b (u B − A)², with b = bᵢ ≥ 0, u = uᵢ, B = Σ b, A = Σ bu, Q = Σ bu²."""
    statement = Statement(
        {"b": frozenset("S"), "u": frozenset("S"), "n": NONE},
        polynomial({"B*Q": 1, "A^2": -1}),
        functionals=(Functional("S", "n"),),
        moments=(
            Moment("B", "S", (("b", 1),)),
            Moment("A", "S", (("b", 1), ("u", 1))),
            Moment("Q", "S", (("b", 1), ("u", 2))),
        ),
        facts=(fact("b≥0", {"b": 1}), fact("B>0", {"B": 1}, strict=True)),
    )
    square = polynomial({"u*B": 1, "A": -1})
    proof = Proof((term(1, "b≥0", square=square, under=("S",)),), multiplier=(term(1, "B>0"),))
    return Certificate(statement, proof)


def jensen() -> Certificate:
    """E[x²] − E[x]² = E[(x − E[x])²]."""
    statement = Statement(
        {"x": frozenset("E")},
        polynomial({"q": 1, "m^2": -1}),
        functionals=(Functional("E"),),
        moments=(Moment("m", "E", (("x", 1),)), Moment("q", "E", (("x", 2),))),
    )
    return Certificate(statement, Proof((term(1, square=polynomial({"x": 1, "m": -1}), under=("E",)),)))


def sum_of_squares() -> Certificate:
    """n (n Σ x² − (Σ x)²) = Σ (n x − Σ x)², for a sum of n numbers."""
    statement = Statement(
        {"x": frozenset("S"), "n": NONE},
        polynomial({"n*q": 1, "a^2": -1}),
        functionals=(Functional("S", "n"),),
        moments=(Moment("a", "S", (("x", 1),)), Moment("q", "S", (("x", 2),))),
        facts=(fact("n>0", {"n": 1}, strict=True),),
    )
    square = polynomial({"n*x": 1, "a": -1})
    return Certificate(statement, Proof((term(1, square=square, under=("S",)),), multiplier=(term(1, "n>0"),)))


def layerwise_variance() -> Certificate:
    """Σ_layers E[x²] − Σ_layers E[x]² = Σ_layers E[(x − E[x])²]: a mean inside a sum."""
    both, layer = frozenset({"E", "layer"}), "layer"
    statement = Statement(
        {"x": both, "n": NONE},
        polynomial({"Q": 1, "M": -1}),
        functionals=(Functional("E"), Functional(layer, "n")),
        moments=(
            Moment("M", layer, (("m", 2),)),
            Moment("m", "E", (("x", 1),)),
            Moment("q", "E", (("x", 2),)),
            Moment("Q", layer, (("q", 1),)),
        ),
    )
    return Certificate(statement, Proof((term(1, square=polynomial({"x": 1, "m": -1}), under=("E", layer)),)))


def noisy_vector() -> Certificate:
    """E‖g − c − x‖² ≥ 0 for a random vector g and fixed ones c and x, expanded."""
    statement = Statement(
        {},
        polynomial({"gg": 1, "cg": -2, "gx": -2, "<c,c>": 1, "<c,x>": 2, "<x,x>": 1}),
        vectors={"g": frozenset("E"), "c": NONE, "x": NONE},
        functionals=(Functional("E"),),
        moments=(
            Moment("gg", "E", (("<g,g>", 1),)),
            Moment("gx", "E", (("<g,x>", 1),)),
            Moment("cg", "E", (("<c,g>", 1),)),
        ),
    )
    square = {"g": polynomial({"1": 1}), "c": polynomial({"1": -1}), "x": polynomial({"1": -1})}
    return Certificate(statement, Proof((term(1, square=square, under=("E",)),)))


def mean_of_an_equation() -> Certificate:
    """y = a x + e for every sample, so E[y] = a E[x] + E[e]."""
    statement = Statement(
        {"x": frozenset("E"), "y": frozenset("E"), "e": frozenset("E"), "a": NONE},
        polynomial({"my": 1, "a*mx": -1, "me": -1}),
        "=",
        functionals=(Functional("E"),),
        moments=tuple(Moment(f"m{v}", "E", ((v, 1),)) for v in "xye"),
        equations=(fact("model", {"y": 1, "a*x": -1, "e": -1}),),
    )
    return Certificate(statement, Proof((), (EquationTerm("model", polynomial({"1": 1}), ("E",)),)))


def cancelled_factor() -> Certificate:
    """t x = t y and t > 0 give x = y."""
    statement = Statement(
        dict.fromkeys("txy", NONE),
        polynomial({"x": 1, "y": -1}),
        "=",
        facts=(fact("t>0", {"t": 1}, strict=True),),
        equations=(fact("e", {"t*x": 1, "t*y": -1}),),
    )
    return Certificate(statement, Proof((), (EquationTerm("e", polynomial({"1": 1})),), (term(1, "t>0"),)))


def strict_sum() -> Certificate:
    """2a + 3a³d + (b − c)² > 0 for a > 0 and d ≥ 0."""
    statement = Statement(
        dict.fromkeys("abcd", NONE),
        polynomial({"a": 2, "a^3*d": 3, "b^2": 1, "b*c": -2, "c^2": 1}),
        ">",
        facts=(fact("a>0", {"a": 1}, strict=True), fact("d≥0", {"d": 1})),
    )
    square = polynomial({"b": 1, "c": -1})
    return Certificate(statement, Proof((term(2, "a>0"), term(1, square=square), term(3, "a>0", "a>0", "a>0", "d≥0"))))


BY_HAND = {
    make.__name__: make()
    for make in (
        cauchy_schwarz,
        ball_proximal_gap,
        titu,
        jensen,
        sum_of_squares,
        layerwise_variance,
        noisy_vector,
        mean_of_an_equation,
        cancelled_factor,
        strict_sum,
    )
}


@pytest.fixture(scope="session")
def by_hand() -> dict[str, Certificate]:
    """All certificates written by hand, by name."""
    return dict(BY_HAND)


@pytest.fixture(params=sorted(BY_HAND))
def certificate(request: pytest.FixtureRequest) -> Certificate:
    """Each certificate written by hand in turn."""
    return BY_HAND[request.param]
