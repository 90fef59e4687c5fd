"""Formulas: how they are read, what is refused and where, and that nothing strange gets through."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.claims.formulas import Formula, Name, Quantity, names, quantities, walk
from certify.claims.intervals import Interval, NotEvaluated, evaluate
from certify.claims.lexer import MAX_LENGTH, FormulaProblem
from certify.claims.parser import MAX_PARTS, Least, comparisons, formula

NAMES = ("L", "mu", "gamma", "sigma", "N", "M", "t")
NUMBERS = {
    "L": 2,
    "mu": Fraction(1, 3),
    "gamma": Fraction(1, 5),
    "sigma": 7,
    "N": 3,
    "M": 11,
    "t": 13,
    "R": 17,
    "Delta0": 19,
}


def value(text: str) -> Fraction:
    found = evaluate(formula(text, NAMES), {n: Interval.of(v) for n, v in NUMBERS.items()})
    assert found.exact is not None
    return found.exact


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("L R^2/(4 N + 2)", Fraction(2 * 289, 14)),
        ("LR²/(4N+2)", Fraction(2 * 289, 14)),
        (r"\frac{L R^2}{4N + 2}", Fraction(2 * 289, 14)),
        ("1/2 L R^2", 289),
        ("-R^2", -289),
        ("(-R)^2", 289),
        ("2^-N", Fraction(1, 8)),
        ("(1 - γμ)²ᴺ", Fraction(14, 15) ** 6),
        ("(1 - gamma mu)^(2 N)", Fraction(14, 15) ** 6),
        (r"(1 - \gamma\mu)^{2N}", Fraction(14, 15) ** 6),
        ("√(N + 1) σ", 14),
        ("sqrt(N + 1)", 2),
        ("max(L, M, 3)", 11),
        ("min(L, M)", 2),
        ("L - t - M", -22),
        ("L/(3) M", Fraction(22, 3)),
        ("L·μ·Δ₀", Fraction(38, 3)),
        ("0.1 M", Fraction(11, 10)),
        ("1/L^2 M - 1/L^2 M", None),
    ],
)
def test_notation(text: str, same: Fraction | int | None) -> None:
    if same is None:
        with pytest.raises(FormulaProblem, match="ambiguous"):
            formula(text, NAMES)
    else:
        assert value(text) == same


@pytest.mark.parametrize(
    ("text", "what", "position"),
    [
        ("R^2/2 N", "ambiguous", 6),
        ("L/2N", "ambiguous", 3),
        ("a/b/c", "unknown name", 0),
        ("L/mu/N", "ambiguous", 4),
        ("L +", "expected a number", 3),
        ("L $ N", "not understood", 2),
        ("nu R^2", "unknown name 'nu'", 0),
        ("√2N", "without brackets", 2),
        ("(L", "expected ')'", 2),
        ("L)", "not understood", 1),
        ("L^N^2", "ambiguous", 3),
        ("max(L)", "two arguments", 6),
        ("__import__('os')", "not understood", 0),
        ("L.real", "not understood", 1),
    ],
)
def test_refusals_say_where(text: str, what: str, position: int) -> None:
    with pytest.raises(FormulaProblem, match=what.replace("(", r"\(").replace(")", r"\)")) as caught:
        formula(text, NAMES)
    assert caught.value.position == position
    line, caret = str(caught.value).splitlines()[-2:]
    assert caret.index("^") == line.index(text[0]) + position


def test_quantities() -> None:
    (one,) = comparisons("f(x_N) - f* <= L ||x_0 - x*||^2 + ‖∇f(x₀)‖", NAMES)
    assert quantities(one.left) == {Quantity("value", "N")}
    assert "fstar" in names(one.left)
    assert quantities(one.right) == {Quantity("distance", "0"), Quantity("gradient", "0")}
    (one,) = comparisons(r"\|x_{k+1} - x^\star\|^2 \le \|x_k - x^\star\|^2", NAMES)
    assert quantities(one.left) == {Quantity("distance", "k+1")}
    assert quantities(one.right) == {Quantity("distance", "k")}
    (one,) = comparisons("min_{k<N} ||grad f(x_k)||^2 <= 2 L (f(x_0) - f(x*))/N", NAMES)
    assert one.least == Least(0, 1)
    (one,) = comparisons("min_{0<=k<=N} ||grad f(x_k)|| <= L", NAMES)
    assert one.least == Least(0, 0)
    (one,) = comparisons("E[f(x̄_N) - f⋆] ≤ R", NAMES)
    assert Quantity("value", "mean") in quantities(one.left)


def test_chains() -> None:
    low, high = comparisons("0 < γ ≤ 1/(2μ)", NAMES)
    assert (low.relation, high.relation) == ("<", "<=")
    assert low.right == high.left == Name("gamma")


def test_limits() -> None:
    for text in ("L+" * 400 + "L", "(" * 100 + "L" + ")" * 100, "1" * 40, "-" * 100 + "L", "L^999", "L " * 299 + "L"):
        try:
            found = formula(text, NAMES)
        except FormulaProblem:
            continue
        assert sum(1 for _ in walk(found)) <= 4 * MAX_PARTS
    with pytest.raises(FormulaProblem, match="characters"):
        formula(" " * (MAX_LENGTH + 1), NAMES)


PIECES = [
    *"()+-*/^{}|,<>=_·−²₀γμ√‖∇⋆\\ ", "L", "mu", "N", "R", "f", "x", "x_0", "f*", "frac", "sqrt", "max", "min_",
    "\\frac", "12", "0.5", "||", "<=", "x_{k+1}", "nabla", "E", "log", "ᴺ", "x̄", "\\left", "min_{k<N}",
]  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.one_of(st.text(max_size=80), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
def test_any_text_is_a_formula_or_a_clear_refusal(text: str) -> None:
    for read in (formula, comparisons):
        try:
            found = read(text, NAMES)
        except FormulaProblem:
            continue
        assert found


SMALL = st.recursive(
    st.one_of(st.sampled_from(["L", "mu", "N", "2", "1/3", "0.5"])),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*"), inner).map(lambda t: f"({t[0]} {t[1]} {t[2]})"),
        inner.map(lambda a: f"({a})^2"),
        st.tuples(inner, inner).map(lambda t: f"({t[0]})/({t[1]})"),
    ),
    max_leaves=8,
)


@settings(max_examples=200, deadline=None)
@given(SMALL)
def test_values_are_those_of_python(text: str) -> None:
    scope = {n: Fraction(v) for n, v in NUMBERS.items()}
    python = text.replace("^", "**").replace("0.5", "F(1,2)").replace("1/3", "F(1,3)")
    try:
        expected = eval(python, {"__builtins__": {}, "F": Fraction}, scope)  # noqa: S307 (made here, from a grammar)
    except ZeroDivisionError:
        with pytest.raises(NotEvaluated):
            value(text)
        return
    assert value(text) == expected


def evaluated(found: Formula) -> Interval:
    return evaluate(found, {n: Interval.of(v) for n, v in NUMBERS.items()})


@settings(max_examples=150, deadline=None)
@given(st.fractions(min_value=Fraction(1, 10**6), max_value=10**6), st.sampled_from(["sqrt", "log", "log2"]))
def test_enclosures_of_roots_and_logarithms(number: Fraction, function: str) -> None:
    from math import log, log2, sqrt

    found = evaluated(formula(f"{function}({number.numerator}/{number.denominator})", NAMES))
    true = {"sqrt": sqrt, "log": log, "log2": log2}[function](number)
    assert found.low <= found.high
    assert found.high - found.low <= Fraction(1, 10**25) * (1 + abs(found.high))
    assert abs(float(found.low) - true) <= 1e-9 * (1 + abs(true))
    if function == "sqrt":
        assert found.low**2 <= number <= found.high**2


@settings(max_examples=100, deadline=None)
@given(st.fractions(min_value=-50, max_value=50, max_denominator=1000))
def test_enclosures_of_exponentials(number: Fraction) -> None:
    from math import exp

    found = evaluated(formula(f"exp(({number.numerator})/{number.denominator})", NAMES))
    assert found.low <= found.high
    assert abs(float(found.low) / exp(number) - 1) < 1e-9
    assert float(found.high / found.low - 1) < 1e-20


@pytest.mark.parametrize(
    ("text", "same"),
    [
        (r"f(x_t) - f(x^\ast) \le L", "f(x_k) - f* <= L"),
        (r"\mathbb{E} F(\bar{x}_N) - F_\star \le L", "E f(xbar_N) - f* <= L"),
        (r"f(\overline x_T) - \min f \le L", "f(xbar_N) - f* <= L"),
        ("f(x^{(k)}) - inf f <= L", "f(x_k) - f* <= L"),
        ("||x^{k+1} - x^*||^2 <= ||x^k - x^*||^2", "||x_{k+1} - x*||^2 <= ||x_k - x*||^2"),
        ("|x_N - x*|^2 <= L |x_0-x*|^2", "||x_N - x*||^2 <= L ||x_0 - x*||^2"),
        (r"min_{t=0,\dots,T-1} ||\nabla f(x_t)||^2 <= L", "min_{k<=N-1} ||grad f(x_k)||^2 <= L"),
    ],
)
def test_ways_to_write_the_same_claim(text: str, same: str) -> None:
    short = {"k": Name("N"), "t": Name("N"), "T": Name("N")}
    (one,), (other,) = comparisons(text, NAMES, short), comparisons(same, NAMES, short)
    assert (one.left, one.relation, one.right, one.least) == (other.left, other.relation, other.right, other.least)


@pytest.mark.parametrize(
    "text",
    [
        "f(x_{k+1}) <= f(x_k) - L ||grad f(x_k)||^2",
        "f(x_{k+1}) - f(x_k) <= -L ||grad f(x_k)||^2",
        "f(x_k) - f(x_{k+1}) >= L ||grad f(x_k)||^2",
    ],
)
def test_ways_to_write_a_decrease(text: str) -> None:
    from certify.claims.reading import claim

    made = claim({"method": "gd", "assumptions": "smooth", "claim": text})
    assert made.step
    assert made.measured.what == "gap"
