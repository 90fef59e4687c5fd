"""A rounded factor shows that a matrix is ⪰ 0 only where elimination agrees, and does so where it should."""

import random
from fractions import Fraction as Q

import pytest

from certify.kernel.semidefinite import MAX_DIGITS, Budget, Unproved, eliminated, factored, semidefinite


def rows(matrix):
    return {f"v{i}": {f"v{j}": c for j, c in enumerate(row) if c} for i, row in enumerate(matrix)}


def verdicts(matrix):
    """By a rounded factor, by elimination, by both together."""
    table = rows(matrix)
    return (
        factored(table, Budget(MAX_DIGITS)),
        eliminated(table, Budget(MAX_DIGITS)),
        semidefinite(table, Budget(MAX_DIGITS)),
    )


def product(generator, n, rank, denominators=3):
    """L Lᵀ with a random rational n × rank matrix L."""
    factor = [[Q(generator.randint(-5, 5), generator.randint(1, denominators)) for _ in range(rank)] for _ in range(n)]
    return [[sum((a * b for a, b in zip(u, v, strict=True)), Q(0)) for v in factor] for u in factor]


def congruent(matrix, sizes):
    return [[a * c * b for c, b in zip(row, sizes, strict=True)] for a, row in zip(sizes, matrix, strict=True)]


@pytest.mark.parametrize("seed", range(60))
def test_a_factor_agrees_with_elimination(seed):
    """On matrices of all ranks, on all scales, moved by a little or by nothing off the boundary."""
    generator = random.Random(seed)  # noqa: S311
    n = generator.randint(1, 9)
    matrix = product(generator, n, generator.randint(1, n + 1))
    shift = generator.choice([0, 1, -1]) * Q(1, 10 ** generator.choice([1, 6, 15, 18, 25, 60]))
    matrix = [[c + shift * (i == j) for j, c in enumerate(row)] for i, row in enumerate(matrix)]
    matrix = congruent(matrix, [Q(10) ** generator.randint(-20, 20) for _ in range(n)])
    quick, exact, both = verdicts(matrix)
    assert both == exact
    assert exact or not quick


@pytest.mark.parametrize("seed", range(10))
def test_clearly_definite_matrices_need_no_elimination(seed):
    """Nor do those that are so but for a short vector in the kernel, as translations of all points are."""
    generator = random.Random(seed)  # noqa: S311
    n = generator.randint(3, 9)
    definite = product(generator, n, n + 1)
    definite = [[c + Q(1, 10**9) * (i == j) for j, c in enumerate(row)] for i, row in enumerate(definite)]
    assert factored(rows(definite), Budget(MAX_DIGITS))
    kernel = [Q(generator.randint(-3, 3), generator.randint(1, 4)) for _ in range(n - 1)] + [Q(1)]
    # the last row and column so that A·kernel = 0
    invariant = [row[:-1] for row in definite[:-1]]
    column = [-sum(c * k for c, k in zip(row, kernel, strict=False)) for row in invariant]
    corner = -sum(c * k for c, k in zip(column, kernel, strict=False))
    invariant = [[*row, c] for row, c in zip(invariant, column, strict=True)] + [[*column, corner]]
    order = list(range(n))
    generator.shuffle(order)
    shuffled = [[invariant[i][j] for j in order] for i in order]
    assert verdicts(shuffled) == (True, True, True)
    last = order.index(n - 1)
    shuffled[last][last] -= Q(1, 10**80)
    assert verdicts(shuffled) == (False, False, False)


def test_signs_and_zeros():
    assert verdicts([[Q(0), Q(0)], [Q(0), Q(1)]])[1:] == (True, True)
    assert verdicts([[Q(0), Q(1)], [Q(1), Q(1)]]) == (False, False, False)
    assert verdicts([[Q(1), Q(2)], [Q(2), Q(1)]]) == (False, False, False)
    assert verdicts([[Q(-1)]]) == (False, False, False)
    assert verdicts([[Q(1), Q(10**50)], [Q(10**50), Q(1)]]) == (False, False, False)
    assert semidefinite({}, Budget(0))


def test_every_way_is_paid_for():
    n = 30
    dense = [[Q(1) + n * (i == j) for j in range(n)] for i in range(n)]
    with pytest.raises(Unproved, match="more work"):
        semidefinite(rows(dense), Budget(1000))
