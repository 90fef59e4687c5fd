"""Bounds without inflation: the optimal face is recognised and the certificate proves the closed form itself."""

from dataclasses import replace
from decimal import Decimal, localcontext
from fractions import Fraction as Q

import pytest
from flint import fmpq
from reference_problems import PROBLEMS, gradient_descent

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.monotone import Monotone
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.kernel import Surd, Unproved, UpperBound, check_attained, check_upper
from certify.pep import Model, norm, norm2
from certify.pep.engine.algebraic import Pair, guess, minimal_polynomial, quadratic
from certify.pep.engine.bounds import enclosure
from certify.pep.engine.closed import tighten, worst_point
from certify.pep.engine.conic import conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import Problem, as_fraction, to_kernel
from certify.pep.engine.program import program, to_multipliers
from certify.pep.engine.sieve import sieve
from certify.pep.engine.sieved import Sieved
from certify.pep.engine.solve import solve


def reduced(problem: Problem) -> Sieved:
    return sieve(program(problem, *invisible(problem)))


def proved(problem: Problem) -> Q | None:
    """The bound by recognition that the kernel accepts."""
    sieved = reduced(problem)
    y = tighten(sieved.program).y
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
    assert tighten(dual, target=fmpq(1, 6)).y is not None
    assert tighten(dual, target=fmpq(1, 6) - fmpq(1, 10**30)).y is None


# -- square roots --------------------------------------------------------------------------------------

REFERENCES = {r.name: r for r in PROBLEMS}


def subgradients(n, step) -> Problem:
    """The best iterate of the subgradient method; M = R = 1."""
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
    return model.problem()


IRRATIONAL = {
    # Drori, Teboulle (2016): 1/√(N+1), which rational steps near it attain as well
    "subgradients, N = 1": (lambda: subgradients(1, Q(7, 10)), Surd(Q(0), Q(1, 2), 2)),
    "subgradients, N = 2": (lambda: subgradients(2, Q(1, 2)), Surd(Q(0), Q(1, 3), 3)),
    "subgradients, N = 4": (lambda: subgradients(4, Q(2, 5)), Surd(Q(0), Q(1, 5), 5)),
    # Ryu, Taylor, Bergeling, Giselsson (2020), Theorem 4.3
    "Douglas–Rachford, contraction": (
        lambda: douglas_rachford(Q(1), [Monotone(), Lipschitz(L=1)], [StronglyMonotone(mu=1)]),
        Surd(Q(3, 8), Q(1, 8), 5),
    ),
}


@pytest.mark.parametrize("name", IRRATIONAL)
def test_quadratic_irrationals_of_the_literature_are_proved_without_slack(name):
    build, value = IRRATIONAL[name]
    bound = solve(build(), exact=True)
    assert bound.closed == value
    assert_tight(bound)


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("stochastic gradients [2]", "(131 + 9*sqrt(181))/50"),
        ("follow the leader [2]", "(2 + sqrt(3))/4"),
        ("Douglas–Rachford, value [2]", "(3 - sqrt(5))/6"),
        ("Davis–Yin [1]", "(175 + 12*sqrt(111))/363"),
        ("Frank–Wolfe [2]", "(17 + 2*sqrt(31))/90"),
        ("constant momentum [2,1/2]", "(33 - sqrt(769))/40"),
        ("inexact proximal points [3]", "(17 - 3*sqrt(21))/200"),
        ("ε-subgradients [1]", "(-10 + sqrt(310))/5"),
    ],
)
def test_quadratic_irrationals_agree_with_other_tools(name, formula):
    """The formula is new, its value is that of the reference: a theorem, or another tool's number."""
    bound = REFERENCES[name].build().solve(exact=True)
    assert bound.closed is not None
    assert str(bound.closed) == formula
    low, high = enclosure(bound.closed)
    assert REFERENCES[name].low <= high
    assert low <= REFERENCES[name].high
    assert_tight(bound)


def assert_tight(bound) -> None:
    """The certificate is accepted as it is, nothing smaller is, and the worst case found is near it."""
    certificate = bound.closed_certificate
    check_upper(certificate)
    with pytest.raises(Unproved):
        check_upper(replace(certificate, bound=certificate.bound - Q(1, 10**40)))
    for name, value in certificate.multipliers.items():
        for change in (Surd(Q(-1, 10**40), Q(0), certificate.bound.d), -value):
            with pytest.raises(Unproved):
                check_upper(replace(certificate, multipliers={**certificate.multipliers, name: value + change}))
    assert not certificate.bound > bound.upper
    if not bound.problem.relaxations:
        assert bound.lower < certificate.bound
        assert bound.relative_gap < 1e-6


def test_the_conjugate_of_a_certificate_is_refused():
    certificate = solve(subgradients(2, Q(1, 2)), exact=True).closed_certificate

    def conjugate(number):
        return Surd(number.a, -number.b, number.d) if isinstance(number, Surd) else number

    with pytest.raises(Unproved):
        check_upper(
            replace(
                certificate,
                bound=conjugate(certificate.bound),
                multipliers={name: conjugate(m) for name, m in certificate.multipliers.items()},
                equation_multipliers={name: conjugate(m) for name, m in certificate.equation_multipliers.items()},
            )
        )


def test_optima_of_higher_degree_are_guessed_only():
    """The greedy first-order method, N = 2: the optimum has degree 4."""
    bound = REFERENCES["greedy [2]"].build().solve(exact=True)
    assert bound.closed is None
    assert bound.polynomial == (1, -28, 228, -608, 256)
    value = float((bound.lower + bound.upper) / 2)
    assert abs(sum(c * value**k for k, c in enumerate(bound.polynomial))) < 1e-4


def test_irrational_optima_are_not_taken_for_rational_ones():
    """The optimum is (3 + √5)/8."""
    assert proved(IRRATIONAL["Douglas–Rachford, contraction"][0]()) is None


def rounded(text: str) -> fmpq:
    """A number with 70 right decimals."""
    with localcontext() as context:
        context.prec = 90
        value = eval(text, {"D": Decimal, "sqrt": lambda n: Decimal(n).sqrt()})  # noqa: S307, the texts below
        return fmpq(int(value.scaleb(70).to_integral_value()), 10**70)


@pytest.mark.parametrize(
    ("text", "polynomial"),
    [
        ("D(3) / 4", (-3, 4)),
        ("(3 + sqrt(5)) / 8", (1, -12, 16)),
        ("D(2) ** (D(1) / 3)", (-2, 0, 0, 1)),
        ("sqrt(2) + sqrt(3)", (1, 0, -10, 0, 1)),
        ("D(1).exp()", None),
    ],
)
def test_polynomials(text, polynomial):
    assert minimal_polynomial(rounded(text)) == polynomial
    assert guess(rounded(text)) == (polynomial or ())


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("D(-22) / 7", Pair(fmpq(-22, 7), fmpq(0), 0)),
        ("(3 - sqrt(5)) / 8", Pair(fmpq(3, 8), fmpq(-1, 8), 5)),
        ("(1 + 3 * sqrt(8)) / 5", Pair(fmpq(1, 5), fmpq(6, 5), 2)),
        ("D(2) ** (D(1) / 3)", None),
    ],
)
def test_quadratic_irrationals_are_recognised(text, pair):
    assert quadratic(rounded(text)) == pair


def test_solve_offers_it():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = x0 = model.point("x0")
    model.suppose(norm(x0 - f.minimizer) <= 1)
    for _ in range(4):
        x = x - f.gradient(x)
    model.maximise(f(x) - f.minimum)
    assert model.solve(exact=True).upper == Q(1, 18)


# -- worst cases ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [6, 10])
def test_worst_cases_on_quadratics_for_which_rounding_finds_none(n):
    """Bousselmi, Hendrickx, Glineur (2024): μ(1 − μ)^2N/2 for μ > 1/(2N + 1); every relation holds with equality."""
    bound = gradient_descent(n, mu="1/10", quadratic=True).solve()
    assert bound.lower == Q(1, 20) * Q(9, 10) ** (2 * n)
    check_attained(bound.lower_certificate)


def test_worst_cases_that_satisfy_thousands_of_relations_with_equality():
    """Huber functions: all gradients of gradient descent are equal (Drori, Teboulle 2014)."""
    bound = gradient_descent(84).solve()
    assert bound.lower == Q(1, 4 * 84 + 2)
    check_attained(bound.lower_certificate)


def test_points_that_are_not_unique_are_not_proposed():
    """Nothing depends on a, whose norm may be anything from 0 to 1."""
    model = Model()
    x, y, a = model.point("x"), model.point("y"), model.point("a")
    model.suppose(norm2(x) <= 1, norm2(y) <= 1, norm2(a) <= 1)
    model.maximise((norm2(x) + norm2(y)) / 2)
    dual = reduced(model.problem()).program
    assert worst_point(dual, conic(dual)) is None


def test_an_optimum_without_slack_gives_way_where_relations_were_eliminated() -> None:
    """A gradient with a relative error of 0: its equation needs a multiplier, for which exact optima leave no room."""
    model = Model()
    f = model.function(SmoothStronglyConvex(L=1, mu="1/10"))
    x = x0 = model.point("x0")
    model.suppose(f(x0) - f.minimum <= 1)
    for _ in range(2):
        x = x - f.inexact_gradient(x, relative=0)
    model.maximise(f(x) - f.minimum)
    bound = model.solve(exact=True)
    assert bound.lower <= Q(9, 10) ** 4 <= bound.upper <= Q(9, 10) ** 4 * (1 + Q(1, 10**6))
