"""Bounds without inflation: the optimal face is recognised and the certificate proves the closed form itself."""

from fractions import Fraction as Q
from math import sqrt

import pytest
from flint import fmpq

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.monotone import Monotone
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.kernel.worst_case import UpperBound, check_upper
from certify.pep import Model, norm, norm2
from certify.pep.engine.closed import minimal_polynomial, simplest, tighten
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import Problem, as_fraction, to_kernel
from certify.pep.engine.program import program, to_multipliers
from certify.pep.engine.sieve import Sieved, sieve


def reduced(problem: Problem) -> Sieved:
    return sieve(program(problem, *invisible(problem)))


def proved(problem: Problem) -> Q | None:
    """The bound by recognition that the kernel accepts."""
    sieved = reduced(problem)
    y = tighten(sieved.program)
    lifted = None if y is None else sieved.lift(y)
    if lifted is None:
        return None
    inequalities, equations, matrices = to_multipliers(sieved.original, [as_fraction(v) for v in lifted])
    certificate = UpperBound(
        problem=to_kernel(problem),
        bound=as_fraction(sieved.original.cost(lifted)),
        multipliers=inequalities,
        equation_multipliers=equations,
        matrix_multipliers={name: tuple(map(tuple, rows)) for name, rows in matrices.items()},
    )
    check_upper(certificate)
    return certificate.bound


def descent(assumption, steps, measure="gap", start="distance") -> Problem:
    model = Model()
    f = model.function(assumption)
    x = x0 = model.point("x0")
    model.suppose(f(x0) - f.minimum <= 1 if start == "gap" else norm(x0 - f.minimizer) <= 1)
    path = [x]
    for h in steps:
        x = x - h * f.gradient(x)
        path.append(x)
    measures = {"gap": lambda y: f(y) - f.minimum, "gradient": lambda y: norm2(f.gradient(y))}
    if measure == "best":
        model.maximise(*(norm2(f.gradient(y)) for y in path))
    elif measure == "distance":
        model.maximise(norm2(x - f.minimizer))
    else:
        model.maximise(measures[measure](x))
    return model.problem()


def proximal(n, step) -> Problem:
    model = Model()
    f = model.function(Convex())
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= 1)
    for _ in range(n):
        x = f.prox(x, step)
    model.maximise(f(x) - f.minimum)
    return model.problem()


def douglas_rachford(relaxation, *classes) -> Problem:
    """One relaxed step from two starts; `classes` are those of A and of B."""
    model = Model()
    A = model.operator(*classes[0], name="A")
    B = model.operator(*classes[1], name="B")
    z, w = model.point("z"), model.point("w")

    def step(z):
        y = B.resolvent(z, 1)
        return z + relaxation * (A.resolvent(2 * y - z, 1) - y)

    model.maximise(norm2(step(z) - step(w)), relative_to=norm2(z - w))
    return model.problem()


@pytest.mark.parametrize("h", [Q(1, 2), Q(1), Q(3, 2)], ids=str)
@pytest.mark.parametrize("n", [1, 2, 3, 5])
def test_gradient_descent(n, h):
    """Drori, Teboulle (2014); Taylor, Hendrickx, Glineur (2017)."""
    assert proved(descent(SmoothConvex(L=1), [h] * n)) == max(1 / (4 * n * h + 2), (1 - h) ** (2 * n) / 2)


@pytest.mark.parametrize("n", [1, 2, 4])
def test_without_an_interior(n):
    assert proved(descent(SmoothConvex(L=1), [Q(1)] * n, "gradient", "gap")) == Q(2, 2 * n + 1)


def test_where_the_residual_vanishes():
    """Abbaszadehpeivasti, de Klerk, Zamani (2022)."""
    assert proved(descent(Smooth(L=1), [Q(1)] * 2, "best", "gap")) == Q(1, 2)


@pytest.mark.parametrize(("kappa", "h"), [(2, Q(1)), (10, Q(1, 2)), (10, Q(20, 11))])
def test_strong_convexity(kappa, h):
    μ = Q(1, kappa)
    rate = max((1 - h) ** 2, (1 - μ * h) ** 2)
    assert proved(descent(SmoothStronglyConvex(mu=μ, L=1), [h], "distance")) == rate


@pytest.mark.parametrize("n", [1, 3])
def test_proximal_points(n):
    assert proved(proximal(n, Q(1, 3))) == Q(3, 4 * n)


@pytest.mark.parametrize(
    ("relaxation", "rate"), [(Q(1), Q(1, 3)), (Q(6, 5), Q(32, 125)), (Q(199, 100), Q(9801, 10000))]
)
def test_operator_splitting(relaxation, rate):
    """Ryu, Taylor, Bergeling, Giselsson (2020), Theorem 4.1."""
    assert proved(douglas_rachford(relaxation, [Cocoercive(beta=1)], [StronglyMonotone(mu=1)])) == rate


def test_a_target_that_is_too_low_is_not_proved():
    dual = reduced(descent(SmoothConvex(L=1), [Q(1)])).program
    assert tighten(dual, target=fmpq(1, 6)) is not None
    assert tighten(dual, target=fmpq(1, 6) - fmpq(1, 10**30)) is None


def test_irrational_optima_are_not_invented():
    """The optimum is (3 + √5)/8: no rational face, but a polynomial."""
    problem = douglas_rachford(Q(1), [Monotone(), Lipschitz(L=1)], [StronglyMonotone(mu=1)])
    found = proved(problem)
    assert found is None or float(found) >= (3 + sqrt(5)) / 8 - 1e-12


@pytest.mark.parametrize(
    ("value", "polynomial"),
    [
        (0.75, (-3, 4)),
        ((3 + sqrt(5)) / 8, (1, -12, 16)),
        (2 ** (1 / 3), (-2, 0, 0, 1)),
        (0.739085133215, None),
        (0.998001, None),
    ],
)
def test_polynomials(value, polynomial):
    assert minimal_polynomial(value) == polynomial


@pytest.mark.parametrize(
    ("low", "high", "simple"),
    [(fmpq(3, 10), fmpq(2, 5), fmpq(1, 3)), (fmpq(-1, 2), fmpq(1, 2), fmpq(0)), (fmpq(7, 3), fmpq(7, 3), fmpq(7, 3))],
)
def test_the_simplest_number_of_an_interval(low, high, simple):
    assert simplest(low, high) == simple


def test_solve_offers_it():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= 1)
    for _ in range(4):
        x = x - f.gradient(x)
    model.maximise(f(x) - f.minimum)
    assert model.solve(exact=True).upper == Q(1, 18)
