"""Every oracle in a worst case that is known: by a theorem, or by the number that PEPit 0.5.1 gives."""

from fractions import Fraction as Q
from itertools import pairwise

import pytest
from direct import worst

from certify.assumptions.block_smooth_convex import BlockSmoothConvex
from certify.assumptions.cocoercive_strongly_monotone import CocoerciveStronglyMonotone
from certify.assumptions.convex import Convex
from certify.assumptions.indicator import Indicator
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.monotone import Monotone
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.pep import Model, equal, inner, norm, norm2
from certify.pep.modelling.ball_prox import lift
from certify.pep.modelling.oracles import (
    bregman_distance,
    bregman_gradient,
    bregman_prox,
    epsilon_subgradient,
    inexact_gradient,
    inexact_prox,
    projection,
    relatively_smooth,
    span_search,
)

HALF = Q(1, 2)
TENTH = Q(1, 10)
CASES = []


def known(value):
    """A problem whose worst case is known."""

    def add(build):
        CASES.append(pytest.param(build, float(value), id=build.__name__))
        return build

    return add


def start(model, f, radius=1):
    x = model.point("x0")
    model.suppose(norm(x - f.minimizer) <= radius)
    return x


# -- sums ----------------------------------------------------------------------------------------------------


@known(Q(1, 8))  # LR²/(4N): Taylor, Hendrickx, Glineur, SIAM J. Optim. 27 (2017)
def proximal_gradient(model):
    f, h = model.function(SmoothConvex(L=1)), model.function(Convex(), name="h")
    F = f + h
    x = start(model, F)
    for _ in range(2):
        x = h.prox(x - f.gradient(x), 1)
    return F(x) - F.minimum


@known(Q(1, 8))  # the same for ½f + ½f and h = 2 (½h)
def proximal_gradient_of_multiples(model):
    f, h = model.function(SmoothConvex(L=1)), model.function(Convex(), name="h")
    f, h = f / 2 + f / 2, 2 * (h / 2)
    x = start(model, f + h)
    for _ in range(2):
        x = h.prox(x - f.gradient(x), 1)
    return (h + f)(x) - (f + h).minimum


@known(Q(1, 8))  # R²/(4γN) for the proximal point method, here of a sum of two functions
def proximal_points_of_a_sum(model):
    F = model.function(Convex()) + model.function(Convex())
    x = start(model, F)
    return F(F.prox(F.prox(x, 1), 1)) - F.minimum


@known(Q(21, 41))  # difference of convex functions: Abbaszadehpeivasti, de Klerk, Zamani (2021), Theorem 3
def difference_of_convex(model):
    f, g = model.function(SmoothStronglyConvex(L=2, mu=HALF)), model.function(SmoothStronglyConvex(L=1, mu=Q(1, 4)))
    F, x = f - g, model.point("x0")
    model.suppose(F(x) - F.minimum <= 1)
    points = [x]
    for _ in range(2):
        points.append(f.shifted_minimizer(g.gradient(points[-1])))
    model.maximise(*(norm2(F.gradient(x)) for x in points))


@known(HALF)  # a sum of nonconvex functions that is L-smooth: 4L(f₀ − f⋆)/(3N + 2)
def nonconvex_sum(model):
    F, x = (model.function(Smooth(L=1)) + model.function(Smooth(L=1))) / 2, model.point("x0")
    model.suppose(F(x) - F.minimum <= 1)
    points = [x]
    for _ in range(2):
        points.append(points[-1] - F.gradient(points[-1]))
    model.maximise(*(norm2(F.gradient(x)) for x in points))


# -- inexact gradients, searches -------------------------------------------------------------------------------


@known(Q(101, 119) ** 2)  # de Klerk, Glineur, Taylor (2020)
def relatively_inexact_gradient(model):
    f, x = model.function(SmoothStronglyConvex(L=1, mu=TENTH)), model.point("x0")
    model.suppose(f(x) - f.minimum <= 1)
    high, low = Q(11, 10), Q(9, 100)
    x = x - 2 / (high + low) * inexact_gradient(f, x, relative=TENTH)
    return f(x) - f.minimum


@known(1)  # ((1 − γμ)R + γε)²
def absolutely_inexact_gradient(model):
    f = model.function(SmoothStronglyConvex(L=1, mu=TENTH))
    x = start(model, f)
    return norm2(x - inexact_gradient(f, x, absolute=TENTH) - f.minimizer)


@known(1.5213633722502995)  # PEPit: wc_epsilon_subgradient_method(M=2, n=1, gamma=.5, eps=.1, R=1)
def epsilon_subgradients(model):
    f = model.function(Convex())
    x = start(model, f)
    g = epsilon_subgradient(f, x, TENTH)
    y = x - HALF * g
    model.suppose(norm2(g) <= 4, norm2(f.subgradient(y)) <= 4)
    model.maximise(f(x) - f.minimum, f(y) - f.minimum)


@known(Q(9, 11) ** 2)  # ((κ − 1)/(κ + 1))²: de Klerk, Glineur, Taylor (2017)
def exact_line_search(model):
    f, x = model.function(SmoothStronglyConvex(L=1, mu=TENTH)), model.point("x0")
    model.suppose(f(x) - f.minimum <= 1)
    return f(span_search(f, x, f.gradient(x))) - f.minimum


@known(0.0618942)  # LR²/(2θ_N²): Drori, Taylor (2020)
def greedy_first_order_method(model):
    f = model.function(SmoothConvex(L=1))
    x0 = x = start(model, f)
    directions = [f.gradient(x0)]
    for _ in range(2):
        x = span_search(f, x, x - x0, *directions) if x is not x0 else span_search(f, x0, *directions)
        directions.append(f.gradient(x))
    return f(x) - f.minimum


# -- Bregman steps ---------------------------------------------------------------------------------------------


@known(1)  # D_h(x⋆, x₀)/(γN): Bauschke, Bolte, Teboulle (2017)
def no_lips(model):
    f, h = relatively_smooth(model, 1)
    x = model.point("x0")
    model.suppose(bregman_distance(h, f.minimizer, x) <= 1)
    for _ in range(2):
        x = bregman_gradient(f, h, x, HALF)
    return f(x) - f.minimum


@known(HALF)  # γ(F₀ − F_N)/(N(1 − Lγ)): Bolte, Sabach, Teboulle, Vaisbourd (2018)
def no_lips_nonconvex(model):
    f, h = relatively_smooth(model, 1, convex=False)
    x = x0 = model.point("x0")
    distances = []
    for _ in range(2):
        y = bregman_gradient(f, h, x, HALF)
        distances.append(bregman_distance(h, y, x))
        x = y
    model.suppose(f(x0) - f(x) <= 1)
    model.maximise(*distances)


@known(Q(1, 6))  # D_h(x⋆, x₀)/(γN)
def bregman_proximal_points(model):
    f, h = model.function(Convex()), model.function(Convex(), name="h")
    x = model.point("x0")
    model.suppose(bregman_distance(h, f.minimizer, x) <= 1)
    for _ in range(2):
        x = bregman_prox(f, h, x, 3)
    return f(x) - f.minimum


# -- inexact proximal points -----------------------------------------------------------------------------------


@known(0.0954915)  # PEPit: wc_relatively_inexact_proximal_point_algorithm(n=2, gamma=2, sigma=.5)
def relatively_inexact_proximal_points(model):
    f = model.function(Convex())
    x = start(model, f)
    for _ in range(2):
        step = inexact_prox(f, x, 2, "residual")
        model.suppose(step.error <= norm2(step.point - x) / 8)
        x = step.point
    return f(x) - f.minimum


@known(0.49)  # Barré, Taylor, Bach (2022), Theorem 5.1
def partially_inexact_douglas_rachford(model):
    f, g = model.function(SmoothStronglyConvex(L=2, mu=HALF)), model.function(Convex(), name="g")
    F, z = f + g, model.point("z0")
    fixed = F.minimizer + f.gradient(F.minimizer)
    model.suppose(norm2(z - fixed) <= 1)
    step = inexact_prox(f, z, 1, "residual")
    y = g.prox(step.point - step.subgradient, 1)
    model.suppose(step.error <= norm2(y - z + step.subgradient) / 32)
    return norm2(z + y - step.point - fixed)


@known(0.21654237)  # PEPit: wc_accelerated_inexact_forward_backward(L=1, zeta=.5, n=2)
def accelerated_inexact_forward_backward(model):
    f, h = model.function(SmoothConvex(L=1)), model.function(Convex(), name="h")
    F, eta = f + h, Q(3, 4)
    x = z = start(model, F)
    weights = [0, eta, Q("1.963525491562421")]  # A + (η + √(η² + 4ηA))/2
    for before, after in pairwise(weights):
        y = x + (1 - before / Q(after)) * (z - x)
        g = f.gradient(y)
        step = inexact_prox(h, y - g, 1, "gap")
        model.suppose(step.error <= norm2(step.dual + g) / 8)
        x, z = step.point, z - (after - before) * (step.dual + g)
    return F(x) - F.minimum


@known(Q(1, 4))  # no error: R²/(4γN)
def exact_dual_criterion(model):
    f = model.function(Convex())
    x = start(model, f)
    step = inexact_prox(f, x, 1, "subgradient")
    model.suppose(step.error <= 0)
    return f(step.point) - f.minimum


# -- sets, ball-prox -------------------------------------------------------------------------------------------


@known(Q(1, 4))  # ‖x − P_C x‖ for C inside a half-space through x⋆: the projection does not leave the segment
def projections(model):
    c, x = model.function(Indicator()), model.point("x0")
    y = model.point("y")
    c.value(y)
    model.suppose(norm2(x - y) <= 1)
    p = projection(c, x)
    return inner(x - p, p - y)


@known(Q(16, 25))  # R² − t²: Gruntkowska, Li, Rane, Richtárik (2025)
def ball_prox_distance(model):
    f = model.function(Convex())
    x = start(model, f)
    return norm2(f.brox(x, Q(3, 5)) - f.minimizer)


@known(Q(6, 25))  # with multiplier c: min{1 − ct², ct(R − t)}
def ball_prox_with_multiplier(model):
    f = model.function(Convex())
    x = start(model, f)
    model.suppose(f(x) - f.minimum <= 1)
    return f(f.brox(x, Q(3, 5), multiplier=1)) - f.minimum


# -- operators -------------------------------------------------------------------------------------------------


@known(Q(5, 8))  # forward-backward: 1 − 2γμ + γ²μ/β, attained by A = 0
def zeros_of_sums(model):
    a = model.operator(Monotone())
    b = model.operator(CocoerciveStronglyMonotone(beta=1, mu=HALF), name="B")
    x, solution = model.point("x0"), (a + b).zero
    assert (b + a).zero is solution
    model.suppose(norm2(x - solution) <= 1)
    return norm2(a.resolvent(x - HALF * b(x), HALF) - solution)


# -- randomness and blocks ---------------------------------------------------------------------------------------


@known(5.0416523)  # PEPit: wc_sgd(L=1, mu=.1, gamma=1, v=1, R=2, n=2)
def stochastic_gradients(model):
    functions = [model.function(SmoothStronglyConvex(L=1, mu=TENTH)) for _ in range(2)]
    F = (functions[0] + functions[1]) / 2
    x = start(model, F, 2)
    model.suppose(model.mean(norm2(f.gradient(F.minimizer)) for f in functions) <= 1)
    return model.mean(norm2(x - f.gradient(x) - F.minimizer) for f in functions)


@known(Q(23, 24))  # 1 − γμ, γ = 1/(2(μn + L)): Defazio, Bach, Lacoste-Julien (2014)
def saga(model):
    functions = [model.function(SmoothStronglyConvex(L=1, mu=TENTH)) for _ in range(2)]
    h = model.function(Convex(), name="h")
    F, x, tables = h + functions[0] / 2 + functions[1] / 2, model.point("x0"), [model.point(), model.point()]
    gamma, xs = Q(5, 12), F.minimizer
    c = 1 / (4 * gamma * (1 - gamma / 10))

    def potential(x, points):
        gaps = (bregman_distance(f, p, xs) for f, p in zip(functions, points, strict=True))
        return c * norm2(x - xs) + model.mean(gaps)

    outcomes = []
    for i, f in enumerate(functions):
        mean = sum((g.gradient(p) / 2 for g, p in zip(functions, tables, strict=True)), 0 * x)
        y = h.prox(x - gamma * (f.gradient(x) - f.gradient(tables[i]) + mean), gamma)
        outcomes.append(potential(y, [x if j == i else p for j, p in enumerate(tables)]))
    model.maximise(model.mean(outcomes), relative_to=potential(x, tables))


@known(0.905)  # max{((1 − γμ)² + d − 1)/d, ((1 − γL)² + d − 1)/d}: Taylor, Bach (2019), Theorem 17
def random_coordinates(model):
    space = model.blocks(2)
    f = model.function(SmoothStronglyConvex(L=1, mu=TENTH), space=space)
    x = model.point("x0", space=space)
    model.suppose(norm2(x - f.minimizer) <= 1)
    g = f.gradient(x)
    return model.mean(norm2(x - space.block(g, k) - f.minimizer) for k in range(2))


@known(0.9005989)  # PEPit: wc_cyclic_coordinate_descent(L=[1, 4], n=2)
def cyclic_coordinates(model):
    space = model.blocks(2)
    f = model.function(BlockSmoothConvex(block=0, L=1), BlockSmoothConvex(block=1, L=4), space=space)
    x = model.point("x0", space=space)
    model.suppose(norm2(x - f.minimizer) <= 1)
    x = x - space.block(f.gradient(x), 0)
    x = x - space.block(f.gradient(x), 1) / 4
    return f(x) - f.minimum


@pytest.mark.parametrize(("build", "value"), CASES)
def test_the_worst_case_is_the_known_one(build, value):
    model = Model()
    measure = build(model)
    if measure is not None:
        model.maximise(measure)
    assert worst(model) == pytest.approx(value, abs=3e-5)


def broximal_points(steps, radius, lifted):
    model = Model()
    f = model.function(Convex())
    x = start(model, f)
    model.suppose(f(x) - f.minimum <= 1)
    for _ in range(steps):
        x = f.brox(x, radius)
    model.maximise(f(x) - f.minimum)
    if lifted:
        lift(model)
    return worst(model)


def test_a_lifted_model_knows_that_gradients_are_parallel_to_steps():
    """One step: (R − t)/R of the gap remains at most, which |x| attains; the plain relaxation sees no decrease."""
    assert broximal_points(1, Q(3, 5), lifted=False) == pytest.approx(1, abs=1e-4)
    assert broximal_points(1, Q(3, 5), lifted=True) == pytest.approx(0.4, abs=1e-4)
    assert Q(1, 5) - 1e-4 <= broximal_points(2, Q(2, 5), lifted=True) <= Q(3, 5)


# -- what is said about them -------------------------------------------------------------------------------------


def test_relaxed_oracles_say_so():
    model = Model()
    f, x = model.function(SmoothConvex(L=1)), model.point("x0")
    span_search(f, x, f.gradient(x))
    f.brox(x, 1)
    model.maximise(f(x))
    first, second = model.problem().relaxations
    assert "search" in first
    assert "ball-prox" in second


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f, x: inexact_gradient(f, x), "absolute=… or as relative=…"),
        (lambda f, x: inexact_gradient(f, x, absolute=-1), "must be nonnegative"),
        (lambda f, x: epsilon_subgradient(f, x, 1), "needs a convex function"),
        (lambda f, x: inexact_prox(f, x, 1), "needs a convex function"),
        (lambda f, x: f.brox(x, 1), "not known to be convex"),
        (lambda f, x: span_search(f, x), "at least one direction"),
    ],
)
def test_wrong_uses_are_explained(call, message):
    model = Model()
    with pytest.raises(ValueError, match=message):
        call(model.function(Smooth(L=1)), model.point("x0"))


def test_criteria_and_radii_are_checked():
    model = Model()
    f, x = model.function(Convex()), model.point("x0")
    with pytest.raises(ValueError, match="'gap', 'residual', 'subgradient'"):
        inexact_prox(f, x, 1, "PD_gapI")
    with pytest.raises(ValueError, match="must be positive, not 0"):
        inexact_prox(f, x, 0)
    with pytest.raises(ValueError, match="radius of a ball-prox must be positive"):
        f.brox(x, 0)
    with pytest.raises(ValueError, match="needs a positive L"):
        relatively_smooth(model, 0)


def test_a_gradient_can_be_imposed_where_all_terms_have_one():
    model = Model()
    f, h, x = model.function(SmoothConvex(L=1)), model.function(LipschitzConvex(M=1)), model.point("x0")
    F, slope = f + h, model.point("slope")
    F.gradient(x)
    F.impose(x, slope)
    model.suppose(norm2(slope) <= 1, equal(slope, F.gradient(x)))
    model.maximise(norm2(f.gradient(x)))
    assert worst(model) == pytest.approx(4, abs=1e-4)
