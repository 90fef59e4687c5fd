"""Proximal point steps of different lengths: the worst cases after N steps depend on their sum only."""

import random
from fractions import Fraction

import pytest

from certify.assumptions.convex import Convex
from certify.pep import Model, norm2


def steps(seed: int, N: int) -> list[Fraction]:
    generator = random.Random(seed)  # noqa: S311
    return [Fraction(generator.randint(1, 20), generator.randint(1, 8)) for _ in range(N)]


def worst(gammas: list[Fraction], measure: str) -> tuple[Fraction, Fraction]:
    model = Model()
    f, x = model.function(Convex()), model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    for gamma in gammas:
        before, x = x, f.prox(x, gamma)
    model.maximise(f(x) - f.minimum if measure == "gap" else norm2(before - x) / gammas[-1] ** 2)
    bound = model.solve()
    return Fraction(bound.lower), Fraction(bound.upper)


@pytest.mark.parametrize(("N", "seed"), [(1, 0), (2, 1), (3, 2), (4, 3), (5, 4), (5, 5), (8, 6)])
def test_the_gap_is_a_quarter_of_the_squared_distance_over_the_sum_of_the_steps(N: int, seed: int) -> None:
    gammas = steps(seed, N)
    lower, upper = worst(gammas, "gap")
    bound = 1 / (4 * sum(gammas, Fraction(0)))
    assert bound * (1 - Fraction(1, 10**6)) <= lower <= bound <= upper <= bound * (1 + Fraction(1, 10**6))


@pytest.mark.parametrize(("N", "seed"), [(1, 0), (2, 1), (3, 2), (5, 4)])
def test_the_subgradient_is_the_distance_over_the_sum_of_the_steps(N: int, seed: int) -> None:
    gammas = steps(seed, N)
    lower, upper = worst(gammas, "subgradient")
    bound = 1 / sum(gammas, Fraction(0)) ** 2
    assert bound * (1 - Fraction(1, 10**6)) <= lower <= bound <= upper <= bound * (1 + Fraction(1, 10**6))
