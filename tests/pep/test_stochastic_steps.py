"""Theorems about one stochastic step against exact worst cases over sums of two functions.

The declaration's own goal is evaluated on the points of a worst-case problem, once for each outcome. No right-hand side
is ever exceeded, and those that are tight are attained.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any

import pytest

from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption, Method
from certify.methods.sgd import StochasticGradient
from certify.methods.sgd_sampled import SampledStochasticGradient
from certify.methods.sgd_split import SplitStochasticGradient
from certify.methods.sppm import StochasticProximalPoint
from certify.pep import Model, norm2

Q = Fraction
CLOSE = 1e-6


@dataclass
class Sampled:
    """f = ½(f₁ + f₂) as a declaration sees it where the sample is f_i."""

    functions: tuple[Any, Any]
    outcome: int
    constants: dict[str, Fraction]

    def __post_init__(self) -> None:
        self.whole = (self.functions[0] + self.functions[1]) / 2
        self.minimizer, self.minimum = self.whole.minimizer, self.whole.minimum

    def __getattr__(self, name: str) -> Fraction:
        return self.__dict__["constants"][name]

    def value(self, x: Any) -> Any:
        return self.whole.value(x)

    def gradient(self, x: Any) -> Any:
        return self.whole.gradient(x)

    def stochastic_prox(self, x: Any, step: Any) -> Any:
        return self.functions[self.outcome].prox(x, step)

    def stochastic_gradient(self, x: Any) -> Any:
        return self.functions[self.outcome].gradient(x)


def excess(
    method: Method, theorem: str, kind: Assumption, constants: dict[str, Fraction], noise: Callable[..., Any]
) -> tuple[float, float]:
    """Both ends of the largest E[lhs − rhs] with σ = 1."""
    model = Model()
    functions = (model.function(kind, name="f1"), model.function(kind, name="f2"))
    sides = [Sampled(functions, i, {**constants, "sigma": Q(1)}) for i in (0, 1)]
    x, f = model.point("x0"), sides[0]
    model.suppose(noise(model, functions, f, x) <= 1, name="noise")
    goals = []
    for side in sides:
        side.whole, side.minimizer, side.minimum = f.whole, f.minimizer, f.minimum
        y = method.step(x, side)
        goals.append(type(method).theorems()[theorem].goal(method, side, x, y))
    model.maximise(model.mean(g.sides[0] - g.sides[1] for g in goals))
    bound = model.solve()
    return float(bound.lower), float(bound.upper)


def second_moment(model: Model, functions: Any, f: Any, x: Any) -> Any:
    return model.mean(norm2(g.gradient(x)) for g in functions)


def variance(model: Model, functions: Any, f: Any, x: Any) -> Any:
    return model.mean(norm2(g.gradient(x) - f.gradient(x)) for g in functions)


def at_solution(model: Model, functions: Any, f: Any, x: Any) -> Any:
    return model.mean(norm2(g.gradient(f.minimizer)) for g in functions)


def sgd(γ: str) -> Method:
    return StochasticGradient(gamma=Q(γ))


SC, L1 = SmoothStronglyConvex(L=1, mu=Q(1, 10)), {"L": Q(1), "mu": Q(1, 10)}
TIGHT = {
    "second moment, convex": (sgd("1/2"), "gap", Convex(), {}, second_moment),
    "second moment, strongly convex": (
        sgd("1/2"),
        "distance",
        StronglyConvex(mu=Q(1, 10)),
        {"mu": Q(1, 10)},
        second_moment,
    ),
    "variance, convex": (sgd("1/2"), "gap-variance", SmoothConvex(L=1), {"L": Q(1)}, variance),
    "balanced": (SplitStochasticGradient(gamma=Q(3, 2), s=Q(1)), "distance", SC, L1, at_solution),
    "balanced, short": (SplitStochasticGradient(gamma=Q(1, 2), s=Q(1, 4)), "distance", SC, L1, at_solution),
    "stochastic proximal": (
        StochasticProximalPoint(gamma=Q(3)),
        "distance",
        StronglyConvex(mu=Q(1, 10)),
        {"mu": Q(1, 10)},
        at_solution,
    ),
}
VALID = {  # the rate of gradient descent is the worst case in the limit of no noise
    "at the solution": (SampledStochasticGradient(gamma=Q(1, 2)), "distance", SC, L1, at_solution),
    "at the solution, long": (SampledStochasticGradient(gamma=Q(19, 10)), "distance-long", SC, L1, at_solution),
    "at the solution, convex": (sgd("1/4"), "gap-sampled", SmoothConvex(L=1), {"L": Q(1)}, at_solution),
    "at the solution, strongly convex": (sgd("1/4"), "distance-sampled", SC, L1, at_solution),
    "expected smoothness": (sgd("1/4"), "distance-expected", SC, L1, at_solution),
}


@pytest.mark.parametrize("case", TIGHT)
def test_tight_theorems_are_attained_by_sums_of_two_functions(case: str) -> None:
    low, high = excess(*TIGHT[case])
    assert -CLOSE <= low <= high <= CLOSE


@pytest.mark.parametrize("case", VALID)
def test_other_theorems_are_not_exceeded(case: str) -> None:
    low, high = excess(*VALID[case])
    assert low <= high <= CLOSE


@pytest.mark.parametrize("γ", [Q(1, 2), Q(1), Q(19, 10)])
def test_one_step_is_the_balanced_theorem_at_its_best(γ: Fraction) -> None:
    """The least right-hand side over s, (aR + √(b²R² + γ²σ²))², is the worst case for R = 2, σ = 1."""
    model = Model()
    functions = [model.function(SC) for _ in range(2)]
    f = (functions[0] + functions[1]) / 2
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 4)
    model.suppose(model.mean(norm2(g.gradient(f.minimizer)) for g in functions) <= 1)
    model.maximise(model.mean(norm2(x - γ * g.gradient(x) - f.minimizer) for g in functions))
    bound = model.solve()
    a, b = float(γ) * 0.9 / 2, 1 - float(γ) * 1.1 / 2
    closed = (2 * a + sqrt(4 * b**2 + float(γ) ** 2)) ** 2
    s = 2 * a / sqrt(4 * b**2 + float(γ) ** 2)
    split = (1 + 1 / s) * 4 * a**2 + (1 + s) * (4 * b**2 + float(γ) ** 2)
    assert abs(split - closed) < 1e-12
    assert abs(float(bound.lower) - closed) < CLOSE
    assert abs(float(bound.upper) - closed) < CLOSE
