"""Exact upper ends against closed forms: never below the worst case, never more than the tolerance above it.

The closed forms are rational, so that both comparisons are exact. Sources are given with the builders.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction as Q
from functools import cache, partial

import pytest

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.monotone import Monotone
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.kernel.worst_case import Unproved, UpperBound, check_upper
from certify.pep import Model, norm, norm2
from certify.pep.engine.conic import conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import Problem, as_fraction, to_kernel
from certify.pep.engine.program import program, to_multipliers
from certify.pep.engine.pushed import solve_inside
from certify.pep.engine.sieve import sieve
from certify.pep.engine.solvers import call
from certify.pep.engine.upper import Rounded, Unrounded, lift, round_dual

Case = tuple[str, Callable[[], Model], Q | None]

RESOLUTION = Q(1, 10**13)
"""Optima are not located better than this in doubles."""


# -- problems --------------------------------------------------------------------------------------------


def descent(assumption, steps, measure, start="distance"):
    """x⁺ = x − h ∇f(x); measures gap, gradient, distance, best (the smallest gradient)."""
    model = Model()
    f = model.function(assumption)
    x = x0 = model.point("x0")
    if start == "gap":
        model.suppose(f(x0) - f.minimum <= 1)
    elif start == "gradient":
        model.suppose(norm(f.gradient(x0)) <= 1)
    else:
        model.suppose(norm(x0 - f.minimizer) <= 1)
    path = [x]
    for h in steps:
        x = x - h * f.gradient(x)
        path.append(x)
    if measure == "gap":
        f.gradient(x)
        model.maximise(f(x) - f.minimum)
    elif measure == "distance":
        model.maximise(norm2(x - f.minimizer))
    elif measure == "gradient":
        model.maximise(norm2(f.gradient(x)))
    else:
        model.maximise(*(norm2(f.gradient(y)) for y in path))
    return model


def proximal(n, step, measure):
    model = Model()
    f = model.function(Convex())
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= 1)
    for _ in range(n):
        x = f.prox(x, step)
    model.maximise(f(x) - f.minimum if measure == "gap" else norm2(f.subgradient(x)))
    return model


def subgradient(n, step):
    model = Model()
    f = model.function(LipschitzConvex(M=1))
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= 1)
    path = [x]
    for _ in range(n):
        x = x - step * f.subgradient(x)
        path.append(x)
    f.subgradient(x)
    model.maximise(*(f(y) - f.minimum for y in path))
    return model


def heavy_ball(n, step, momentum):
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = before = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= 1)
    for _ in range(n):
        x, before = x - step * f.gradient(x) + momentum * (x - before), x
    model.maximise(f(x) - f.minimum)
    return model


def douglas_rachford(relaxation, first, second):
    """One relaxed Douglas–Rachford step from two starts."""
    model = Model()
    A, B = model.operator(first, name="A"), model.operator(second, name="B")
    z, w = model.point("z"), model.point("w")

    def step(z):
        y = B.resolvent(z, 1)
        return z + relaxation * (A.resolvent(2 * y - z, 1) - y)

    model.maximise(norm2(step(z) - step(w)), relative_to=norm2(z - w))
    return model


def forward(step, *assumptions):
    model = Model()
    A = model.operator(*assumptions)
    x, y = model.point("x"), model.point("y")
    model.maximise(norm2(x - step * A(x) - y + step * A(y)), relative_to=norm2(x - y))
    return model


def inclusion(n):
    model = Model()
    A = model.operator(Monotone())
    x = x0 = before = model.point("x0")
    model.suppose(norm(x0 - A.zero) <= 1)
    for _ in range(n):
        x, before = A.resolvent(x, 1), x
    model.maximise(norm2(x - before))
    return model


def halpern(n):
    model = Model()
    T = model.operator(Nonexpansive(), name="T")
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - T.fixed_point) <= 1)
    for k in range(n):
        x = Q(1, k + 2) * x0 + Q(k + 1, k + 2) * T(x)
    model.maximise(norm2(x - T(x)))
    return model


def proximal_gradient(n):
    model = Model()
    f, g = model.function(SmoothConvex(L=1), name="f"), model.function(Convex(), name="g")
    x = x0 = model.point("x0")
    total = f + g
    model.suppose(norm(x0 - total.minimizer) <= 1)
    for _ in range(n):
        x = g.prox(x - f.gradient(x), 1)
    model.maximise(total(x) - total.minimum)
    return model


# -- the table -------------------------------------------------------------------------------------------


def smooth_table(sizes) -> Iterator[Case]:
    """Drori, Teboulle (2014); Taylor, Hendrickx, Glineur (2017); Abbaszadehpeivasti, de Klerk, Zamani (2022)."""
    convex = SmoothConvex(L=1)
    for n in sizes:
        for h in (Q(1, 2), Q(1), Q(3, 2)):
            rate = max(1 / (4 * n * h + 2), (1 - h) ** (2 * n) / 2)
            yield f"gd {n} {h}", partial(descent, convex, [h] * n, "gap"), rate
        for h in (Q(1, 2), Q(1)):
            yield f"gd gradient {n} {h}", partial(descent, convex, [h] * n, "gradient", "gap"), 2 / (2 * n * h + 1)
            yield f"gd gradient R {n} {h}", partial(descent, convex, [h] * n, "gradient"), 1 / (n * h + 1) ** 2
        yield f"nonconvex {n}", partial(descent, Smooth(L=1), [Q(1)] * n, "best", "gap"), Q(4, 3 * n + 2)
        yield f"quadratic growth {n}", partial(descent, QGConvex(L=1), [Q(1, 2)] * n, "gap"), None
        yield f"proximal {n}", partial(proximal, n, Q(1, 3), "gap"), Q(3, 4 * n)
        yield f"proximal gradient norm {n}", partial(proximal, n, 1, "gradient"), Q(1, n * n)
        yield f"composite {n}", partial(proximal_gradient, n), Q(1, 4 * n)


def strong_table(sizes, conditions) -> Iterator[Case]:
    """Polyak (1963); Taylor, Hendrickx, Glineur (2017, 2018)."""
    for n in sizes:
        for κ in conditions:
            μ = Q(1, κ)
            for h in (Q(1), 2 / (1 + μ), Q(1, 2)):
                factor = max((1 - h) ** 2, (1 - μ * h) ** 2) ** n
                assumption = SmoothStronglyConvex(mu=μ, L=1)
                for measure, start in (("distance", "distance"), ("gap", "gap"), ("gradient", "gradient")):
                    name = f"strongly convex {measure} {n} {κ} {h}"
                    yield name, partial(descent, assumption, [h] * n, measure, start), factor
                gap = max(μ / (μ - 1 + (1 - μ * h) ** (-2 * n)), (1 - h) ** (2 * n)) / 2
                yield f"strongly convex mixed {n} {κ} {h}", partial(descent, assumption, [h] * n, "gap"), gap


def operator_table(sizes) -> Iterator[Case]:
    """Ryu, Taylor, Bergeling, Giselsson (2020); Giselsson (2017); Gu, Yang (2020); Lieder (2021)."""
    strong, coco = StronglyMonotone(mu=1), Cocoercive(beta=1)
    for relaxation, rate in ((Q(1), Q(1, 3)), (Q(6, 5), Q(32, 125)), (Q(199, 100), Q(9801, 10000))):
        yield f"douglas-rachford {relaxation}", partial(douglas_rachford, relaxation, coco, strong), rate
    yield "douglas-rachford monotone", partial(douglas_rachford, Q(1), Monotone(), Monotone()), Q(1)
    yield "douglas-rachford plain", partial(douglas_rachford, Q(1, 2), Monotone(), strong), None
    for h in (Q(1, 2), Q(1), Q(2)):
        yield f"forward {h}", partial(forward, h, coco), None
    for n in sizes:
        yield f"halpern {n}", partial(halpern, n), Q(4, (n + 1) ** 2)
        if n > 1:
            yield f"inclusion {n}", partial(inclusion, n), Q((n - 1) ** (n - 1), n**n)


def random_table(count, longest) -> Iterator[Case]:
    numbers = random.Random(1)  # noqa: S311
    for k in range(count):
        n = numbers.randint(1, longest)
        steps = [Q(numbers.randint(1, 39), 20) for _ in range(n)]
        yield f"random {k}", partial(descent, SmoothConvex(L=1), steps, "gap"), None
        yield f"random gradient {k}", partial(descent, SmoothConvex(L=1), steps, "gradient", "gap"), None
        step, momentum = Q(numbers.randint(1, 19), 20), Q(numbers.randint(1, 9), 10)
        yield f"heavy ball {k}", partial(heavy_ball, n, step, momentum), None


def quick() -> Iterator[Case]:
    yield from smooth_table((1, 2, 5))
    yield from strong_table((1, 2), (2, 10, 1000))
    yield from operator_table((1, 2, 4))
    yield from random_table(4, 5)
    yield "subgradient", partial(subgradient, 3, Q(1, 2)), Q(1, 2)


def long() -> Iterator[Case]:
    yield from smooth_table((3, 4, 6, 7, 8, 9, 10))
    yield from strong_table((3, 5), (2, 10, 100, 1000))
    yield from operator_table((3, 6, 10))
    yield from random_table(10, 9)
    yield "subgradient long", partial(subgradient, 8, Q(1, 3)), Q(1, 3)


# -- tests -----------------------------------------------------------------------------------------------


def bound(problem: Problem, tolerance: Q) -> tuple[UpperBound | None, Rounded | Unrounded]:
    """From a problem to a certificate on the original problem."""
    sieved = sieve(program(problem, *invisible(problem)))
    assert not sieved.contradiction
    data = conic(sieved.program)
    found = round_dual(sieved.program, solve_inside(sieved.program, data), data=data, tolerance=tolerance)
    if isinstance(found, Unrounded):
        return None, found
    y = lift(sieved, found.y, tolerance)
    assert y is not None
    return certificate(problem, sieved.original, y), found


def certificate(problem, dual, y) -> UpperBound:
    inequalities, equations, matrices = to_multipliers(dual, [as_fraction(v) for v in y])
    return UpperBound(
        problem=to_kernel(problem),
        bound=as_fraction(dual.cost(y)),
        multipliers=inequalities,
        equation_multipliers=equations,
        matrix_multipliers={name: tuple(map(tuple, rows)) for name, rows in matrices.items()},
    )


def check(case: Case, tolerance: Q) -> None:
    _, build, rate = case
    found, how = bound(build().problem(), tolerance)
    assert found is not None, how
    assert isinstance(how, Rounded)
    check_upper(found)
    assert how.inflation <= tolerance
    if rate is not None:
        assert rate <= found.bound <= rate * (1 + tolerance * Q(1001, 1000)) + RESOLUTION


@pytest.mark.parametrize("case", list(quick()), ids=lambda case: case[0])
def test_bounds_are_valid_and_tight(case):
    check(case, Q(1, 10**6))


@pytest.mark.parametrize("case", list(quick())[::3], ids=lambda case: case[0])
def test_nine_digits_on_request(case):
    check(case, Q(1, 10**9))


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [Q(1, 10**6), Q(1, 10**9)], ids=["1e-6", "1e-9"])
@pytest.mark.parametrize("case", list(long()), ids=lambda case: case[0])
def test_long_table(case, tolerance):
    check(case, tolerance)


def test_a_plain_answer_is_enough():
    problem = descent(SmoothConvex(L=1), [Q(1)] * 3, "gap").problem()
    dual = program(problem, *invisible(problem))
    found = round_dual(dual, call(conic(dual)))
    assert isinstance(found, Rounded)
    assert Q(1, 14) <= as_fraction(found.bound) <= Q(1, 14) * (1 + Q(2, 10**6))


@cache
def example() -> UpperBound:
    problem = descent(SmoothConvex(L=1), [Q(1)] * 3, "gap").problem()
    found, _ = bound(problem, Q(1, 10**6))
    assert found is not None
    return found


@pytest.mark.parametrize("name", sorted(example().multipliers))
@pytest.mark.parametrize("change", [Q(1, 10**6), -Q(1, 10**6)])
def test_changed_multipliers_are_refused(name, change):
    certificate = example()
    multipliers = {**certificate.multipliers, name: certificate.multipliers[name] + change}
    with pytest.raises(Unproved):
        check_upper(replace(certificate, multipliers=multipliers))


def test_traces_of_a_solver_are_no_part_of_a_proof():
    certificate = descent(SmoothConvex(L=1), [1] * 5, "gap").solve(lower=False).upper_certificate
    assert min(certificate.multipliers.values()) > Q(1, 1000)


def test_smaller_bounds_are_refused():
    with pytest.raises(Unproved):
        check_upper(replace(example(), bound=example().bound - Q(1, 10**12)))


def test_a_solver_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr("certify.pep.engine.solvers.LIMIT", 1e-9)
    bound = descent(SmoothConvex(L=1), [1, 1, 1], "gap").solve()
    assert (bound.attempts[0].solver, bound.attempts[0].status) == ("CLARABEL", "timed out")
    assert bound.attempts[-1].solver == "SCS"  # stopped, too
    assert bound.upper is None or bound.upper >= Q(1, 14)
    assert bound.verdict.word in ("numerical", "failed", "upper bound")
