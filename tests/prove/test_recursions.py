"""The recursion lemmas: every induction step is certified, and every bound is compared with runs in fractions.

A run takes the worst step that a recursion allows; its bound must hold, and be attained where the lemma is exact.
"""

import random
from collections.abc import Callable
from fractions import Fraction as Q
from math import isqrt, log
from typing import Any

import pytest
import sympy as sp

from certify.kernel import Certificate, check
from certify.prove import recursions
from certify.prove.inductions import LEMMAS, induction
from certify.prove.recursions import EPSILON, N

SEEDS = range(8)


def draws(seed: int) -> Callable[[], Q]:
    """Random positive rationals."""
    generator = random.Random(seed)  # noqa: S311
    return lambda: Q(generator.randrange(1, 40), generator.randrange(1, 12))


def exact(value: Q) -> Any:
    """The same number for SymPy."""
    return sp.Rational(value.numerator, value.denominator)


def at(expression: Any, count: int) -> Any:
    """A bound after `count` steps."""
    return expression.subs(N, count)


def steps(conclusion: recursions.Conclusion, accuracy: Q) -> int:
    """N(ε), at least 0."""
    return max(0, int(conclusion.complexity.subs(EPSILON, exact(accuracy))))


# --- inductions ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lemma", LEMMAS)
def test_every_algebraic_induction_step_is_certified(lemma) -> None:
    certificate = induction(lemma)
    if lemma == "integral decrease":  # a sum against an integral
        assert certificate is None
        return
    assert certificate is not None
    again = Certificate.from_json(certificate.to_json())
    assert check(again) == certificate.statement
    assert certificate.claim == {"lemma": lemma}


def test_an_unknown_lemma_has_no_induction() -> None:
    with pytest.raises(KeyError):
        induction("quadratic increase")


# --- bounds that are attained --------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_contraction(seed) -> None:
    draw = draws(seed)
    q, e, start = draw() / 41, draw(), draw()
    end, a = recursions.contraction(exact(q), exact(start), exact(e)), start
    for k in range(6):
        assert at(end.bound, k) == exact(a)
        a = q * a + e
    accuracy = start / 100
    assert q ** steps(end, accuracy) * start <= accuracy
    assert q ** (steps(end, accuracy) - 1) * start > accuracy


@pytest.mark.parametrize("seed", SEEDS)
def test_telescoping(seed) -> None:
    """Equal quantities a attain (V₀ + N e)/(N w + v) with V_N = v a."""
    draw = draws(seed)
    w, v, e, V = draw(), draw(), draw() / 100, 40 + draw()
    end = recursions.telescoping(exact(w), exact(V), exact(e), exact(v))
    for count in (1, 2, 5):
        a = Q(str(at(end.bound, count)))
        left = V
        for _ in range(count):
            left = left + e - w * a
        assert left == v * a
    accuracy = draw()
    count = max(1, steps(end, accuracy))
    assert at(end.bound, count) <= exact(e / w + accuracy)


@pytest.mark.parametrize("seed", SEEDS)
def test_telescoping_bounds_the_minimum(seed) -> None:
    draw = draws(seed)
    w, e, count = draw(), draw(), 7
    drops = [draw() for _ in range(count)]
    V = sum(drops) + draw()
    quantities = [(drop + e) / w for drop in drops]
    end = recursions.telescoping(exact(w), exact(V), exact(e))
    assert exact(min(quantities)) <= at(end.bound, count)


@pytest.mark.parametrize("seed", SEEDS)
def test_weighted_telescoping(seed) -> None:
    draw = draws(seed)
    start, e = 40 + draw(), draw()
    end = recursions.weighted_telescoping(lambda k: (k + 1) ** 2, exact(start), exact(e))
    a = start
    for k in range(6):
        assert at(end.bound, k) == exact(a)
        a = (Q(k + 1) ** 2 * a + e) / Q(k + 2) ** 2
    accuracy = Q(1, 10)
    count = steps(end, accuracy)
    assert all(at(end.bound, k) <= exact(accuracy) for k in (count, count + 1, 2 * count))
    assert at(end.bound, count - 1) > exact(accuracy)


def test_weighted_telescoping_that_forgets_its_start() -> None:
    """w = k² and errors e: a_N ≤ e/N."""
    end = recursions.weighted_telescoping(lambda k: k**2, exact(Q(1000)), exact(Q(3)))
    assert at(end.bound, 6) == sp.Rational(1, 2)
    assert steps(end, Q(1, 7)) == 21


@pytest.mark.parametrize("seed", SEEDS)
def test_product_decrease(seed) -> None:
    """Distances that grow by t attain the telescoping product."""
    draw = draws(seed)
    t, start = draw(), draw()
    d = R = t + draw()
    end, a = recursions.product_decrease(exact(t), exact(R), exact(start)), start
    for k in range(1, 7):
        a, d = (1 - t / d) * a, d + t
        assert at(end.bound, k) == exact(a)
    accuracy = start / 50
    count = steps(end, accuracy)
    assert at(end.bound, count) <= exact(accuracy)
    assert count < 2 or at(end.bound, count - 1) > exact(accuracy)


@pytest.mark.parametrize("seed", SEEDS)
def test_finite_decrease(seed) -> None:
    draw = draws(seed)
    V, c = draw(), draw() / 5
    end = recursions.finite_decrease(exact(c), exact(V))
    count, left = 0, V
    while left > 0:
        count, left = count + 1, left - c
        assert at(end.bound, count) == exact(left)
    assert int(end.complexity) == count


def test_potential() -> None:
    """Φ_N = s(N) a_N and Φ_0 = I give a_N = I/s(N); ⌈N⌉ solves I/s(N) = ε."""
    end = recursions.potential((2 * N + 1) ** 2, sp.Integer(50))
    assert at(end.bound, 2) == 2
    assert steps(end, Q(2)) == 2
    assert steps(end, Q(19, 10)) == 3
    assert recursions.potential(2**N, sp.Integer(50)).complexity is None  # no polynomial to solve


@pytest.mark.parametrize("seed", SEEDS)
def test_exponential_average(seed) -> None:
    draw = draws(seed)
    β, start, drift, noise = draw() / 41, draw(), draw(), draw()
    e, bound = start, recursions.exponential_average(*map(exact, (β, start, drift, noise)))
    for k in range(6):
        assert at(bound, k) == exact(e)
        e = β * e + β * drift + (1 - β) * noise


@pytest.mark.parametrize("seed", SEEDS)
def test_titu(seed) -> None:
    draw = draws(seed)
    a, b = [draw() for _ in range(5)], [draw() for _ in range(5)]
    right = recursions.titu(sum(a), sum(b))
    assert sum(u * u / v for u, v in zip(a, b, strict=True)) >= right
    proportional = [3 * v for v in b]
    assert sum(u * u / v for u, v in zip(proportional, b, strict=True)) == recursions.titu(sum(proportional), sum(b))


# --- bounds that hold ----------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_quadratic_decrease(seed) -> None:
    draw = draws(seed)
    start = draw()
    c, a = 1 / (start * (1 + draw())), start  # a − c a² ≥ 0
    end = recursions.quadratic_decrease(exact(c), exact(start))
    accuracy, reached = start / 20, None
    for k in range(60):
        assert exact(a) <= at(end.bound, k)
        if reached is None and a <= accuracy:
            reached = k
        a = (a - c * a * a).limit_denominator(10**9) if k > 3 else a - c * a * a
    assert at(end.bound, steps(end, accuracy)) <= exact(accuracy)
    assert reached is None or reached <= steps(end, accuracy)


@pytest.mark.parametrize("seed", SEEDS)
def test_square_root_decrease(seed) -> None:
    """a⁺ = a − c√a for squares: rounded up to a square, it still falls below the bound."""
    draw = draws(seed)
    root, c = 3 + draw(), draw() / 41
    end = recursions.square_root_decrease(exact(c), exact(root * root))
    r, scale = root, 10**12
    for k in range(60):
        assert exact(r) <= sp.sqrt(at(end.bound, k)) + sp.Rational(2 * k, scale)
        if r <= c:
            break
        square = (r * r - c * r) * scale * scale
        r = Q(isqrt(square.numerator // square.denominator) + 1, scale)
    accuracy = root * root / 9
    assert at(end.bound, steps(end, accuracy)) <= exact(accuracy)


@pytest.mark.parametrize(("decrease", "power"), [(lambda s: s**2 / 3, 2), (lambda s: s / 4, 1)])
def test_integral_decrease(decrease, power) -> None:
    """a⁺ = a − φ(a) is below ε after ⌈∫ ds/φ⌉ steps."""
    end = recursions.integral_decrease(decrease, sp.Integer(1))
    assert end.bound is None
    for accuracy in (Q(1, 2), Q(1, 10), Q(1, 30)):
        a, count = 1.0, steps(end, accuracy)
        for _ in range(count):
            a -= a**power / {1: 4, 2: 3}[power]
        assert a <= accuracy


@pytest.mark.parametrize("seed", SEEDS)
def test_logarithm(seed) -> None:
    draw = draws(seed)
    b = first = draw()
    total = Q(0)
    for _ in range(20):
        a = draw()
        b += a
        total += a / b
    assert float(total) <= log(b / first) == pytest.approx(float(recursions.logarithm(exact(b), exact(first))))
