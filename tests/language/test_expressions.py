"""Rules typed by people: what is read is exact, and what is not is refused with the place where reading stopped."""

import operator
import random
from fractions import Fraction as Q

import pytest

from certify.language import Scalar
from certify.language.expressions import MAX_DEPTH, MAX_EXPONENT, MAX_LENGTH, SyntaxProblem, parse

NAMES = {"L": Q(3), "mu": Q(1, 2), "gamma": Q(2, 7)}


def formula(generator: random.Random, depth: int) -> tuple[str, Q]:
    """A random formula and its value at NAMES."""
    if depth == 0:
        if generator.random() < 0.5:
            name = generator.choice(list(NAMES))
            return name, NAMES[name]
        text = generator.choice(["1", "2", "10", "0.5", "3.25", "007"])
        return text, Q(text)
    (left, a), (right, b) = (formula(generator, depth - 1) for _ in range(2))
    match generator.choice("+-*/^n"):
        case "^":
            exponent = generator.randrange(3)
            return f"({left}){generator.choice(['^', '**'])}{exponent}", a**exponent
        case "n":
            return f"-({left})", -a
        case "/" if b:
            return f"({left})/({right})", a / b
        case "*" | "/":
            return f"({left}) *({right})", a * b
        case sign:
            return f"({left}) {sign} ({right})", {"+": operator.add, "-": operator.sub}[sign](a, b)


@pytest.mark.parametrize("seed", range(60))
def test_formulas_have_the_value_of_arithmetic(seed: int) -> None:
    text, value = formula(random.Random(seed), 3)  # noqa: S311
    assert parse(text, NAMES).substitute(NAMES) == value


@pytest.mark.parametrize(("text", "value"), [
    ("1-1-1", -1), ("8/2/2", 2), ("2*3^2", 18), ("-3^2", -9), ("2*-3", -6), ("--3", 3), ("1/2*L", Q(3, 2)),
    ("1/(2*L)", Q(1, 6)), ("0.1", Q(1, 10)), (" L ", 3), ("L^0", 1), ("(((L)))", 3), ("1 -\tmu", Q(1, 2)),
    ("1e-3", Q(1, 1000)), (".5", Q(1, 2)), ("2.5E2*L", 750), ("1e+1-1", 9),
])  # fmt: skip
def test_precedence(text: str, value: Q) -> None:
    assert parse(text, NAMES).substitute(NAMES) == value


def test_formulas_stay_formulas() -> None:
    L, μ = Scalar.variable("L"), Scalar.variable("mu")
    assert parse("2/(L+mu)", NAMES) == 2 / (L + μ)
    assert parse("(L^2-mu^2)/(L+mu)", NAMES) == L - μ
    assert parse("0*L", NAMES) == 0


@pytest.mark.parametrize(("text", "position", "word"), [
    ("", 1, "ends too early"), ("L+", 3, "ends too early"), ("(L", 3, "ends too early"), ("L)", 2, "unexpected ')'"),
    ("L L", 3, "unexpected 'L'"), ("2L", 2, "unexpected 'L'"), ("1e5L", 2, "unexpected 'e5L'"),
    ("1e999", 2, "unexpected 'e999'"),
    ("*L", 1, "unexpected '*'"), ("1+ K", 4, "unknown name"), ("1,2", 2, "','"),
    ("1//2", 3, "unexpected '/'"), ("L=1", 2, "unexpected character '='"), ("__import__('os')", 1, "character '_'"),
    ("L.__class__", 2, "character '.'"), ("L[0]", 2, "character '['"), ("eval(L)", 1, "unknown name 'eval'"),
    ("lambda: L", 7, "character ':'"), ("K+L", 1, "unknown name 'K' (known: L, gamma, mu)"),
    ("L^-1", 3, "whole number"), ("L^mu", 3, "whole number"), ("L^0.5", 3, "whole number"), ("L^21", 3, "up to 20"),
    ("L^99999999999", 3, "up to 20"), ("9**9**9", 5, "unexpected '**'"), ("1/0", 2, "division by zero"),
    ("1/(L-L)", 2, "division by zero"), ("mu/(0*L)", 3, "division by zero"), ("γ", 1, "character 'γ'"),
    ("(" * (MAX_DEPTH + 1) + "L" + ")" * (MAX_DEPTH + 1), MAX_DEPTH + 1, "nested"),
    ("L+" * MAX_LENGTH + "L", MAX_LENGTH, "goes on"),
])  # fmt: skip
def test_the_place_of_a_mistake(text: str, position: int, word: str) -> None:
    with pytest.raises(SyntaxProblem) as caught:
        parse(text, NAMES)
    message = str(caught.value)
    assert f"position {position}" in message
    assert word in message
    assert "\n" not in message


@pytest.mark.parametrize("text", [
    "((((9^20)^20)^20)^20)^20", "(L^20)^20", "(L+mu+gamma+1)^20", "(L+mu)^20*(L+gamma)^20*(mu+gamma)^20*(L+1)^20",
    "*".join(["(1+L+mu+gamma)^9"] * 10), "*".join(["9" * 190] * 2) + "^9",
    "1/(" + "+".join(["1/(1+L)^20"] * 9) + ")^20",
])  # fmt: skip
def test_small_formulas_of_huge_size_are_refused(text: str) -> None:
    assert len(text) <= MAX_LENGTH
    with pytest.raises(SyntaxProblem, match=r"position \d+"):
        parse(text, NAMES)


def test_the_largest_formulas_that_are_read() -> None:
    deep = "(" * MAX_DEPTH + "L" + ")" * MAX_DEPTH
    assert parse(deep, NAMES) == Scalar.variable("L")
    assert parse(f"L^{MAX_EXPONENT}", NAMES) == Scalar.variable("L") ** MAX_EXPONENT
    assert parse("9" * MAX_LENGTH, NAMES) == 10**MAX_LENGTH - 1
    assert parse("-" * (MAX_LENGTH - 1) + "1", NAMES) == -1
