"""One declaration, several interpretations: symbols, rational numbers and tensors agree, and nothing is shared."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction

import pytest
import torch

from certify.analysis.catalogue import load_method, method_names
from certify.language import MixedSpaces, Scalar, Trace, inner, norm, norm2, pose
from certify.language.expressions import SyntaxProblem, parse
from certify.language.oracles import SymbolicFunction
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.simulate.exact import quadratic

A = Fraction(3, 2)
"""Curvature of the test function f(y) = (a/2) y²."""


class TorchQuadratic:
    """f(y) = (a/2) y² on batches of one-dimensional points."""

    __test__ = False

    def gradient(self, x):
        return float(A) * x

    subgradient = gradient

    def prox(self, x, gamma):
        return x / (1 + float(A) * gamma)

    def brox(self, x, t):
        return torch.sign(x) * torch.clamp(x.abs() - t, min=0)


class RationalQuadratic:
    """The same on rational numbers."""

    def __init__(self):
        self.f = quadratic(A)

    def gradient(self, x):
        return self.f.gradient(x)

    subgradient = gradient

    def prox(self, x, gamma):
        return self.f.prox(x, gamma)

    def brox(self, x, t):
        return self.f.brox(x, t)[0]


@pytest.mark.parametrize("method", [GradientDescent, Subgradient, ProximalPoint, BroximalPoint])
def test_numbers_and_tensors_take_the_same_step(method):
    (symbol,) = method.parameters()
    starts, sizes = [Fraction(2), Fraction(-5, 3), Fraction(1, 7)], [Fraction(1, 3), Fraction(1, 2), Fraction(1, 9)]
    exact = [method(**{symbol: s}).step(x, RationalQuadratic()) for x, s in zip(starts, sizes, strict=True)]
    x = torch.tensor([[float(v)] for v in starts], dtype=torch.float64)
    size = torch.tensor([[float(v)] for v in sizes], dtype=torch.float64)
    batch = method(**{symbol: size}).step(x, TorchQuadratic())
    assert torch.allclose(batch[:, 0], torch.tensor([float(v) for v in exact], dtype=torch.float64), atol=1e-12)


def test_symbols_with_numbers_filled_in_take_the_same_step():
    trace = Trace()
    f = SymbolicFunction(trace)
    x = f.start("0")
    y = GradientDescent(gamma=Fraction(1, 3)).step(x, f)
    coefficients = {n: c.as_constant() for n, c in (y - f.minimizer).coefficients.items()}
    assert coefficients == {"x0-x⋆": 1, "g0": Fraction(-1, 3)}


def statements():
    found = {}
    for name in method_names():
        method = load_method(name)
        for theorem in method.theorems().values():
            problem = pose(method, theorem.assumptions, theorem)
            sides = problem.goal.ends[0] if problem.goal.unknown and problem.goal.ends else None
            sides = sides or (problem.goal.sides if not problem.goal.unknown else (0, 0))
            found[problem.identifier] = problem.statement("step", sides)
    return found


def test_reruns_and_threads_disturb_nothing():
    first = statements()
    with ThreadPoolExecutor(2) as pool:
        assert all(other == first for other in pool.map(lambda _: statements(), range(2)))


def test_two_problems_do_not_mix():
    one, two = SymbolicFunction(Trace()), SymbolicFunction(Trace())
    x, y = one.start("0"), two.start("0")
    with pytest.raises(MixedSpaces):
        x - y
    assert one.gradient(x) == one.gradient(x)
    assert one.gradient(x) != two.gradient(y)


def test_without_an_inner_product_gradients_are_no_points():
    f = SymbolicFunction(Trace("any"))
    x = f.start("0")
    with pytest.raises(MixedSpaces, match="inner product"):
        GradientDescent().step(x, f)
    with pytest.raises(TypeError):
        inner(x, x)


def test_functions_of_the_language_agree_on_arrays():
    u = torch.tensor([[3.0, 4.0], [1.0, 0.0]], dtype=torch.float64)
    assert norm(u)[:, 0].tolist() == [5.0, 1.0]
    assert norm2(u)[:, 0].tolist() == [25.0, 1.0]
    assert inner(u, u).shape == (2, 1)
    assert norm(Fraction(-2, 3)) == Fraction(2, 3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1/L", 1 / Scalar.variable("L")),
        ("0.1", Fraction(1, 10)),
        ("2/(L+mu)^2", None),
        ("-L*-2", None),
        ("L**2", None),
    ],
)
def test_rules_are_read_exactly(text, value):
    found = parse(text, ["L", "mu"])
    point = {"L": Fraction(3), "mu": Fraction(1, 2)}
    expected = eval(text.replace("^", "**"), {}, point) if value is None else value  # noqa: S307 (the test's own text)
    assert found.substitute(point) == (expected.substitute(point) if isinstance(expected, Scalar) else expected)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "__import__('os')",
        "L.real",
        "L**99999",
        "9**9**9",
        "(" * 100 + "L" + ")" * 100,
        "L" * 1000,
        "1/(L-L)",
        "L L",
        "K",
        "1e99999",
        "L[0]",
    ],
)
def test_other_text_is_refused_with_its_place(text):
    with pytest.raises(SyntaxProblem, match=r"position|longer"):
        parse(text, ["L", "mu"])
