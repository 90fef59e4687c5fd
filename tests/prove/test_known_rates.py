"""What is proved, compared with rates from the literature and with runs in plain fractions.

The rates on the right-hand side are written out here, and the runs that attain them use functions of a few lines, so
that no code of the prover takes part in the comparison.
"""

import random
from collections.abc import Callable
from fractions import Fraction as Q
from functools import cache
from math import prod
from typing import Any

import pytest
import sympy as sp

from certify.analysis.conclude import conclude
from certify.analysis.consequences import Consequences
from certify.kernel import Polynomial
from certify.language import Contraction, Method, Scalar, Telescoping, pose
from certify.methods.bpm import BroximalPoint
from certify.methods.gd import GradientDescent
from certify.methods.ppm import ProximalPoint
from certify.methods.subgradient import Subgradient
from certify.prove.prover import Proved, prove
from certify.prove.recursions import EPSILON, N

Point = dict[str, Q]


@cache
def proof(method: type[Method], name: str) -> Proved:
    """The proof of a declared theorem."""
    statement = method.theorems()[name]
    found = prove(pose(method, statement.assumptions, statement))
    assert found.proved
    return found


@cache
def consequences(method: type[Method], name: str) -> Consequences:
    """What follows from it after N steps."""
    return conclude(proof(method, name))


def number(polynomial: Polynomial, point: Point) -> Q:
    """The value of a polynomial."""
    return sum((c * prod(point[n] ** e for n, e in monomial) for monomial, c in polynomial), Q(0))


def value(scalar: Any, point: Point) -> Q:
    """The value of a scalar."""
    exact = Scalar.constant(1) * scalar
    return number(exact.numerator, point) / prod((number(b, point) ** e for b, e in exact.denominators), start=Q(1))


def derived(method: type[Method], name: str, point: Point) -> Q:
    """The rate or weight of a theorem at a point, by the case whose conditions hold there."""
    for conditions, goal in proof(method, name).goals():
        if all(number(c, point) >= 0 for c in conditions):
            assert isinstance(goal, Contraction | Telescoping)
            chosen = goal.rate if isinstance(goal, Contraction) else (goal.weights or ())[0]
            return value(chosen, point)
    raise AssertionError(f"no case of {name} covers {point}")


def bound(method: type[Method], name: str, **point: Any) -> Any:
    """The N-step bound of a theorem, with numbers for all quantities."""
    return at(consequences(method, name).conclusion.bound, **point)


def at(expression: Any, **point: Any) -> Any:
    """A SymPy expression with numbers for its symbols, which are found by name."""
    by_name = {s.name: s for s in expression.free_symbols}
    exact = {n: sp.Rational(v.numerator, v.denominator) if isinstance(v, Q) else v for n, v in point.items()}
    found = sp.simplify(expression.subs({by_name[n]: v for n, v in exact.items() if n in by_name}))
    assert not found.free_symbols
    return found


def points(count: int, *, longest: Q = Q(2), shortest: Q = Q(0), seed: int = 0) -> list[Point]:
    """Random L > μ > 0 and γ with shortest < γL < longest."""
    generator = random.Random(seed)  # noqa: S311

    def draw(low: Q, high: Q) -> Q:
        return low + (high - low) * Q(generator.randrange(1, 1000), 1000)

    found = []
    for _ in range(count):
        L = draw(Q(0), Q(5))
        found.append({"L": L, "mu": draw(Q(0), L), "gamma": draw(shortest, longest) / L})
    return found


# --- rates of one step ---------------------------------------------------------------------------

# method, theorem, range of γL, rate or weight; Polyak (1963), Nesterov (2004), Rockafellar (1976) and
# Abbaszadehpeivasti, de Klerk, Zamani (2022, 2023)
RATES: list[tuple[type[Method], str, Q, Q, Callable[[Q, Q, Q], Q]]] = [
    (GradientDescent, "distance", Q(0), Q(4), lambda γ, L, μ: max((1 - γ * μ) ** 2, (1 - γ * L) ** 2)),
    (GradientDescent, "descent", Q(0), Q(4), lambda γ, L, μ: γ * (2 - γ * L) / 2),
    (GradientDescent, "gap-pl", Q(0), Q(2), lambda γ, L, μ: 1 - μ * γ * (2 - L * γ)),
    (GradientDescent, "gap-pl-long", Q(1), Q(17, 10), lambda γ, L, μ: 1 - μ * γ * (4 - (L * γ) ** 2) / (2 + μ * γ)),
    (ProximalPoint, "distance", Q(0), Q(9), lambda γ, L, μ: 1 / (1 + γ * μ) ** 2),
]


@pytest.mark.parametrize(("method", "name", "shortest", "longest", "known"), RATES)
def test_the_rate_is_the_known_one(method, name, shortest, longest, known) -> None:
    for point in points(40, shortest=shortest, longest=longest):
        assert derived(method, name, point) == known(point["gamma"], point["L"], point["mu"])


def test_both_cases_of_gradient_descent_meet_at_the_optimal_step() -> None:
    for point in points(20):
        L, μ = point["L"], point["mu"]
        best = 2 / (L + μ)
        rates = [
            derived(GradientDescent, "distance", point | {"gamma": best * (1 + d)}) for d in (Q(-1, 50), 0, Q(1, 50))
        ]
        assert rates[1] == ((L - μ) / (L + μ)) ** 2
        assert rates[1] < min(rates[0], rates[2])
    optimal = consequences(GradientDescent, "distance").optimal
    assert optimal is not None
    assert "γ = 2/(L + μ)" in optimal.text
    assert "(L − μ)²/(L + μ)²" in optimal.text


@pytest.mark.parametrize("name", ["distance", "descent"])
def test_gradient_descent_makes_progress_up_to_two_over_L(name) -> None:
    step_size = consequences(GradientDescent, name).step_size
    assert step_size is not None
    assert step_size.text == "0 < γ < 2/L"


def test_the_three_pl_rates_at_one_over_L() -> None:
    """1 − μ/L by Polyak's argument, 2/5 with the gradient at both ends, for μ = L/2."""
    point = {"L": Q(1), "mu": Q(1, 2), "gamma": Q(1)}
    assert derived(GradientDescent, "gap-pl", point) == Q(1, 2)
    assert derived(GradientDescent, "gap-pl-short", point) == Q(2, 5)
    assert derived(GradientDescent, "gap-pl-long", point) == Q(2, 5)


def test_the_short_pl_rate_is_the_better_one_unless_the_condition_number_is_small() -> None:
    """The difference of the two rates has the sign of μ(2 − γL) − L."""
    for point in points(40, longest=Q(1)):
        short, plain = (derived(GradientDescent, n, point) for n in ("gap-pl-short", "gap-pl"))
        assert (short < plain) == (point["L"] > point["mu"] * (2 - point["gamma"] * point["L"]))


@pytest.mark.parametrize(("name", "known"), [("gap", lambda R, t: 1 - t / R), ("gap-next", lambda R, t: R / (R + t))])
def test_rates_that_vary_are_bounded_at_the_start(name, known) -> None:
    for _, goal in proof(BroximalPoint, name).goals():
        assert isinstance(goal, Contraction)
        assert goal.uniform is not None
        assert value(goal.uniform(Scalar.variable("R")), {"R": Q(3), "t": Q(2)}) == known(Q(3), Q(2))


# --- N steps: bounds and functions that attain them ----------------------------------------------


def steps_on_huber(width: Q, h: Q, count: int) -> tuple[Q, Q]:
    """Gradient descent with γ = h on the Huber function of width w and L = 1, from 1: f(x_N) − f⋆ and |f'(x_N)|."""
    x = Q(1)
    for _ in range(count):
        x -= h * max(-width, min(width, x))
    slope = max(-width, min(width, x))
    return (x * x / 2 if abs(x) <= width else width * abs(x) - width * width / 2), abs(slope)


@pytest.mark.parametrize("h", [Q(1, 3), Q(1)])
@pytest.mark.parametrize("count", [1, 2, 5, 20])
def test_gradient_descent_attains_its_bounds(h, count) -> None:
    """Drori, Teboulle (2014), Theorem 3.1, and Taylor, Hendrickx, Glineur (2017): L R²/(4Nh + 2) and L R/(Nh + 1)."""
    numbers = {"L": 1, "gamma": h, "R": 1, "N": count}
    gap, _ = steps_on_huber(1 / (2 * count * h + 1), h, count)
    assert gap == 1 / (4 * count * h + 2) == Q(str(bound(GradientDescent, "gap", **numbers)))
    _, slope = steps_on_huber(1 / (count * h + 1), h, count)
    assert slope == 1 / (count * h + 1)
    assert slope**2 == Q(str(bound(GradientDescent, "gradient-last", **numbers)))


@pytest.mark.parametrize("count", [1, 2, 7])
def test_the_proximal_methods_attain_their_bounds(count) -> None:
    """R²/(4γN) on c|y| with 2cγN = R, and M R²/(4Nt) on M|y| with R = 2Nt."""
    γ, R = Q(2, 3), Q(5)
    slope, x = R / (2 * γ * count), R
    for _ in range(count):
        x -= γ * slope
    assert slope * x == R**2 / (4 * γ * count) == Q(str(bound(ProximalPoint, "gap", gamma=γ, R=R, N=count)))
    t, M = R / (2 * count), Q(3)
    x = R - count * t
    assert M * x == Q(str(bound(BroximalPoint, "gap-potential", M=M, R=R, t=t, N=count)))


@pytest.mark.parametrize(("name", "numbers", "known"), [
    ("gradient", {"gamma": Q(1, 2)}, lambda L, D, N: 4 * L * D / (3 * N + 2)),
    ("gradient-long", {"gamma": Q(1, 2)}, lambda L, D, N: 4 * L * D / (3 * N + 2)),
    ("gradient-long", {"gamma": Q(3, 5)}, lambda L, D, N: L * D / (Q(1, 2) + N * Q(6, 5) * (4 - Q(36, 25)) / 4)),
    ("descent", {"gamma": Q(1, 2)}, lambda L, D, N: 2 * L * D / N),
])  # fmt: skip
def test_the_smallest_gradient(name, numbers, known) -> None:
    """Abbaszadehpeivasti, de Klerk, Zamani (2022); the descent lemma alone gives 2LΔ₀/N. Here L = 2."""
    for count in (1, 2, 10):
        found = bound(GradientDescent, name, L=2, Delta_0=5, N=count, **numbers)
        assert Q(str(found)) == known(Q(2), Q(5), count)


def test_the_best_step_for_small_gradients_is_inside_the_range() -> None:
    """γ = 2/(√3 L) is admissible for long steps; the short steps' bound falls up to the end of its range."""
    optimal = consequences(GradientDescent, "gradient-long").optimal
    assert optimal is not None
    assert "2√(3)/(3L)" in optimal.text
    assert consequences(GradientDescent, "gradient").optimal is None


@pytest.mark.parametrize(("method", "name", "numbers", "known"), [
    (Subgradient, "gap", {"M": 2, "gamma": Q(1, 3), "R": 3, "N": 6}, Q(9, 4) + Q(2, 3)),
    (BroximalPoint, "gap-distance", {"M": 2, "t": Q(1, 2), "R": 3, "N": 6}, Q(2) * (9 - Q(6, 4)) / 6),
    (BroximalPoint, "gap-any-norm", {"t": Q(1, 2), "R": 3, "Delta_0": 4, "N": 6}, Q(5, 2) / (3 + Q(5, 2)) * 4),
    (BroximalPoint, "subgradient", {"t": Q(1, 2), "Delta_0": 4, "N": 6}, Q(4, 3)),
    (BroximalPoint, "distance-step", {"R": 3, "N": 6}, Q(3, 2)),
])  # fmt: skip
def test_bounds_at_numbers(method, name, numbers, known) -> None:
    assert Q(str(bound(method, name, **numbers))) == known


@pytest.mark.parametrize(("method", "name", "numbers", "known"), [
    (BroximalPoint, "distance", {"R": 3, "t": 2}, 3),  # ⌈9/4⌉
    (BroximalPoint, "distance-smooth", {"R": 3, "t": 1}, 9),
    (BroximalPoint, "subgradient-decrease", {"G_0": 5, "mu": 2, "t": 1}, 3),  # ⌈5/2⌉
    (ProximalPoint, "gap", {"R": 3, "gamma": 1, "accuracy": Q(1, 2)}, 5),  # ⌈9/2⌉
    (GradientDescent, "gap", {"R": 1, "L": 1, "gamma": 1, "accuracy": Q(1, 100)}, 25),  # 1/(4N + 2) ≤ 1/100
    (GradientDescent, "gradient-last", {"R": 1, "L": 1, "gamma": 1, "accuracy": Q(1, 100)}, 9),  # 1/(N + 1) ≤ 1/10
    (GradientDescent, "descent", {"L": 1, "gamma": 1, "Delta_0": 1, "accuracy": Q(1, 100)}, 200),
    (Subgradient, "gap", {"R": 1, "gamma": Q(1, 10), "accuracy": Q(1, 10)}, 50),
])  # fmt: skip
def test_numbers_of_steps(method, name, numbers, known) -> None:
    assert at(consequences(method, name).conclusion.complexity, **numbers) == known


ALL = [(m, n) for m in (GradientDescent, ProximalPoint, Subgradient, BroximalPoint) for n in m.theorems()]
MONOTONE = ("subgradient-start", "distance-monotone")  # nothing becomes small
VARYING = ("gap-varying", "gap-varying-textbook", "subgradient-varying")  # how many steps, their lengths decide
EXAMPLE = {
    "L": 2,
    "mu": Q(1, 3),
    "nu": Q(1, 4),
    "M": 2,
    "s": 1,
    "D": 4,
    "gamma": Q(1, 2),
    "t": Q(1, 2),
    "R": 3,
    "Delta_0": 5,
    "G_0": 4,
    "rho": Q(9, 10),
    "<g0,g0>": 7,
}


@pytest.mark.parametrize(("method", "name"), [(m, n) for m, n in ALL if n not in MONOTONE + VARYING])
def test_so_many_steps_suffice(method, name) -> None:
    """The bound after N(ε) steps is at most ε above its floor, and after half as many it is not."""
    end = consequences(method, name).conclusion
    ε = Q(1, 10)
    numbers = EXAMPLE | {"gamma": Q(9, 10)} if name == "gap-longest" else EXAMPLE
    count = int(at(end.complexity, accuracy=ε, **numbers))
    assert count >= 2
    if end.lemma == "finite decrease":
        assert at(end.bound, N=count, **numbers) <= 0 < at(end.bound, N=count - 1, **numbers)
        return
    if end.lemma == "finite contraction":  # the bound before the last step is at most ν, and one step before it is not
        before = [at(end.bound, N=n, **numbers) for n in (count - 1, count - 2)]
        assert before[0] <= sp.Rational(1, 4) < before[1]
        return
    numbers = {s: sp.Rational(str(numbers[s.name])) for s in end.bound.free_symbols if s.name in numbers}
    floor = sp.limit(end.bound.subs(numbers), N, sp.oo)
    above = [sp.N(end.bound.subs(numbers).subs(N, n) - floor) for n in (count, count // 2)]
    assert above[0] <= float(ε) * (1 + 1e-12) < above[1]
    assert EPSILON not in end.bound.free_symbols
