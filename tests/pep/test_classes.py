"""Every class of functions and operators against a value that is known otherwise.

Where the value is the worst case, the class is exact for this problem: so is every class that claims to interpolate.
"""

from fractions import Fraction as Q

import pytest
from direct import worst

from certify.analysis.catalogue import assumption_names, load_assumption
from certify.assumptions.ball_indicator import BallIndicator
from certify.assumptions.block_smooth_convex import BlockSmoothConvex
from certify.assumptions.bounded_indicator import BoundedIndicator
from certify.assumptions.bounded_support import BoundedSupport
from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.cocoercive_strongly_monotone import CocoerciveStronglyMonotone
from certify.assumptions.comonotone import NegativelyComonotone
from certify.assumptions.convex import Convex
from certify.assumptions.eb import ErrorBound
from certify.assumptions.indicator import Indicator
from certify.assumptions.linear import Linear
from certify.assumptions.lipschitz import Lipschitz
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.assumptions.lipschitz_strongly_convex import LipschitzStronglyConvex
from certify.assumptions.lipschitz_strongly_monotone import LipschitzStronglyMonotone
from certify.assumptions.monotone import Monotone
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.pl import PolyakLojasiewicz
from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.rsi import RSI
from certify.assumptions.rsi_eb import RSIEB
from certify.assumptions.skew_linear import SkewLinear
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_lipschitz_convex import SmoothLipschitzConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.smooth_weakly_convex import SmoothWeaklyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.assumptions.support import Support
from certify.assumptions.symmetric_linear import SymmetricLinear
from certify.assumptions.weakly_convex import WeaklyConvex
from certify.pep import Model, inner, norm, norm2
from certify.pep.modelling.oracles import linear_minimisation, projection

HALF = Q(1, 2)
VALUES = {}
"""Class → problems (builder, value)."""


def known(kind, value):
    """A problem with this class whose value is known."""

    def add(build):
        VALUES.setdefault(kind.name, []).append((build, float(value)))
        return build

    return add


def gradient_steps(model, assumption, steps, gamma, measure="gap", initial="distance"):
    """N gradient steps, ‖x₀ − x⋆‖ ≤ 1 or f(x₀) − f⋆ ≤ 1; returns what is to be maximised."""
    f, x = model.function(assumption), model.point("x0")
    model.suppose(norm(x - f.minimizer) <= 1 if initial == "distance" else f(x) - f.minimum <= 1)
    for _ in range(steps):
        x = x - gamma * f.gradient(x)
    return {
        "gap": lambda: f(x) - f.minimum,
        "distance": lambda: norm2(x - f.minimizer),
        "gradient": lambda: norm2(f.gradient(x)),
    }[measure]()


@known(Convex, Q(1, 8))  # R²/(4γN): Taylor, Hendrickx, Glineur (2017), Theorem 4.1
def proximal_points(model):
    f, x = model.function(Convex()), model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    for _ in range(2):
        x = f.prox(x, 1)
    return f(x) - f.minimum


@known(SmoothConvex, Q(1, 10))  # LR²/(4N + 2): Drori, Teboulle (2014)
def gradient_descent(model):
    return gradient_steps(model, SmoothConvex(L=1), 2, 1)


@known(SmoothConvex, Q(2, 5))  # 2L(f₀ − f⋆)/(2N + 1): Taylor, Hendrickx, Glineur (2017)
def gradient_descent_gradient(model):
    return gradient_steps(model, SmoothConvex(L=1), 2, 1, "gradient", "gap")


@known(SmoothStronglyConvex, Q(81, 100))  # max{(1 − γL)², (1 − γμ)²}: Polyak (1963)
def gradient_descent_contraction(model):
    return gradient_steps(model, SmoothStronglyConvex(L=1, mu="0.1"), 1, 1, "distance")


@known(Smooth, Q(1, 2))  # 4L(f₀ − f⋆)/(3N + 2): Abbaszadehpeivasti, de Klerk, Zamani (2022)
def nonconvex_descent(model):
    f, x = model.function(Smooth(L=1)), model.point("x0")
    model.suppose(f(x) - f.minimum <= 1)
    points = [x]
    for _ in range(2):
        points.append(points[-1] - f.gradient(points[-1]))
    model.maximise(*(norm2(f.gradient(x)) for x in points))


@known(SmoothWeaklyConvex, Q(1, 2))  # the same class if ρ = L
def hypoconvex_descent(model):
    f, x = model.function(SmoothWeaklyConvex(L=1, rho=1)), model.point("x0")
    model.suppose(f(x) - f.minimum <= 1)
    y = x - f.gradient(x)
    model.maximise(*(norm2(f.gradient(p)) for p in (x, y, y - f.gradient(y))))


@known(SmoothWeaklyConvex, Q(25, 16))  # max{|1 − γL|, 1 + γρ}²: attained by −(ρ/2)‖x‖²
def hypoconvex_expansion(model):
    f, x, y = model.function(SmoothWeaklyConvex(L=1, rho=HALF)), model.point("x"), model.point("y")
    model.suppose(norm2(x - y) <= 1)
    return norm2(x - y - HALF * (f.gradient(x) - f.gradient(y)))


@known(WeaklyConvex, 4)  # 1/(1 − γρ)²: attained by −(ρ/2)‖x‖²
def weakly_convex_prox(model):
    f, x, y = model.function(WeaklyConvex(rho=1)), model.point("x"), model.point("y")
    model.suppose(norm2(x - y) <= 1)
    return norm2(f.prox(x, HALF) - f.prox(y, HALF))


@known(StronglyConvex, Q(4, 9))  # 1/(1 + γμ)²: Rockafellar (1976)
def strongly_convex_prox(model):
    f, x = model.function(StronglyConvex(mu=HALF)), model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    return norm2(f.prox(x, 1) - f.minimizer)


@known(LipschitzConvex, HALF)  # MR/√(N + 1): Drori, Teboulle (2016)
def subgradients(model):
    f, x = model.function(LipschitzConvex(M=1)), model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    points = [x]
    for _ in range(3):
        points.append(points[-1] - HALF * f.subgradient(points[-1]))
    model.maximise(*(f(x) - f.minimum for x in points))


@known(LipschitzStronglyConvex, Q(3, 4))  # (1 − 2γμ)R² + γ²M²
def strongly_convex_subgradient(model):
    f, x = model.function(LipschitzStronglyConvex(M=1, mu=HALF)), model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    return norm2(x - HALF * f.subgradient(x) - f.minimizer)


@known(SmoothLipschitzConvex, Q(3, 4))  # MR − M²/(2L): the Huber function
def huber(model):
    f, x = model.function(SmoothLipschitzConvex(L=2, M=1)), model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    return f(x) - f.minimum


@known(PolyakLojasiewicz, Q(2, 5))  # Abbaszadehpeivasti, de Klerk, Zamani (2023), Theorem 3
def pl_descent(model):
    return gradient_steps(model, PolyakLojasiewicz(L=1, mu=HALF), 1, 1, "gap", "gap")


@known(QGConvex, Q(1, 4))  # (LR²/2) max{1/(2NLγ + 1), Lγ}: Goujaud, Taylor, Dieuleveut (2022)
def qg_long_steps(model):
    return gradient_steps(model, QGConvex(L=1), 2, HALF)


@known(QGConvex, Q(5, 14))  # the other branch
def qg_short_steps(model):
    return gradient_steps(model, QGConvex(L=1), 2, Q(1, 10))


@known(RSIEB, Q(9, 16))  # (1 − 2γμ + γ²L²)^N: Guille-Escuret et al. (2022)
def rsi_eb_descent(model):
    return gradient_steps(model, RSIEB(L=1, mu=HALF), 2, HALF, "distance")


@known(RSI, 4)  # ‖x − x⋆‖ ≤ ‖∇f(x)‖/μ
def rsi_distance(model):
    f, x = model.function(RSI(mu=HALF)), model.point("x0")
    model.suppose(norm2(f.gradient(x)) <= 1)
    return norm2(x - f.minimizer)


@known(ErrorBound, 4)  # ‖∇f(x)‖ ≤ L‖x − x⋆‖
def eb_gradient(model):
    f, x = model.function(ErrorBound(L=2)), model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1)
    return norm2(f.gradient(x))


@known(Quadratic, Q(2, 27))  # (L/2)(2N)^{2N}/(2N + 1)^{2N + 1}: max λ(1 − λ)²/2 over 0 ≤ λ ≤ 1
def quadratic_descent(model):
    return gradient_steps(model, Quadratic(L=1, mu=0), 1, 1)


@known(Quadratic, Q(1, 9))  # conjugate gradients reach ((κ − 1)/(κ + 1))² in one step of the best length 2/(L + μ)
def quadratic_contraction(model):
    return gradient_steps(model, Quadratic(L=1, mu=HALF), 1, Q(4, 3), "distance")


@known(Indicator, 1)
def projections_are_nonexpansive(model):
    f, x, y = model.function(Indicator()), model.point("x"), model.point("y")
    model.suppose(norm2(x - y) <= 1)
    return norm2(projection(f, x) - projection(f, y))


@known(Indicator, 0)
def projections_stay_put(model):
    f, x = model.function(Indicator()), model.point("x")
    f.value(x)
    return norm2(projection(f, x) - x)


@known(BoundedIndicator, HALF)  # one step of Frank–Wolfe: LD²/2
def frank_wolfe(model):
    f, c = model.function(SmoothConvex(L=1)), model.function(BoundedIndicator(D=1), name="c")
    x = model.point("x0")
    c.value(x)
    x = linear_minimisation(c, f.gradient(x))
    F = f + c
    return F(x) - F.minimum


@known(BallIndicator, 4)
def diameter_of_a_ball(model):
    f, x, y = model.function(BallIndicator(B=1)), model.point("x"), model.point("y")
    model.suppose(norm2(x - y) <= 100)
    f.value(x), f.value(y)
    return norm2(x - y)


@known(Support, 0)
def support_is_homogeneous(model):
    f, x = model.function(Support()), model.point("x")
    f.subgradient(x), f.subgradient(2 * x)
    model.suppose(norm2(x) <= 1)
    return f(2 * x) - 2 * f(x)


@known(Support, 1)  # x − γ P(x/γ) with the projection P on C is firmly nonexpansive
def support_prox(model):
    f, x, y = model.function(Support()), model.point("x"), model.point("y")
    u, v = f.prox(x, 2), f.prox(y, 2)
    model.suppose(inner(x - y, u - v) <= 1)
    return norm2(u - v)


@known(BoundedSupport, 2)  # M‖x‖
def norm_is_largest(model):
    f, x = model.function(BoundedSupport(M=2)), model.point("x")
    f.subgradient(x)
    model.suppose(norm2(x) <= 1)
    return f(x)


@known(BlockSmoothConvex, Q(13, 2))  # fₖ ≤ f⋆ + Lₖ‖x − x⋆‖²/2 for a step in block 1 only
def one_block(model):
    space = model.blocks(2)
    f = model.function(BlockSmoothConvex(block=0, L=1), BlockSmoothConvex(block=1, L=13), space=space)
    x = space.join(model.zero(space.parts[0]), model.point("u", space=space.parts[1]))
    y = f.minimizer + x
    model.suppose(norm2(x) <= 1)
    return f(y) - f.minimum


# -- operators -----------------------------------------------------------------------------------------------


@known(Monotone, Q(1, 4))  # (1 − 1/N)^{N−1} R²/N: Gu, Yang (2020)
def inclusion_proximal_points(model):
    a, x = model.operator(Monotone()), model.point("x0")
    model.suppose(norm2(x - a.zero) <= 1)
    y = a.resolvent(x, 3)
    return norm2(a.resolvent(y, 3) - y)


@known(StronglyMonotone, Q(4, 9))
def resolvent_contracts(model):
    a, x = model.operator(StronglyMonotone(mu=HALF)), model.point("x0")
    model.suppose(norm2(x - a.zero) <= 1)
    return norm2(a.resolvent(x, 1) - a.zero)


def douglas_rachford(model, first, second, gamma, relaxation):
    """‖T z − T w‖² for ‖z − w‖ ≤ 1, T = I + λ(J_A(2J_B − I) − J_B)."""
    a, b = model.operator(first, name="A"), model.operator(second, name="B")
    z = [model.point("z"), model.point("w")]
    model.suppose(norm2(z[0] - z[1]) <= 1)
    after = []
    for point in z:
        x = b.resolvent(point, gamma)
        y = a.resolvent(2 * x - point, gamma)
        after.append(point + relaxation * (y - x))
    return norm2(after[0] - after[1])


@known(Cocoercive, Q(32, 125))  # Ryu, Taylor, Bergeling, Giselsson (2020), Theorem 4.1
def cocoercive_splitting(model):
    return douglas_rachford(model, Cocoercive(beta=1), StronglyMonotone(mu=1), 1, Q(6, 5))


@known(LipschitzMonotone, Q(16, 25))  # the same, Theorem 4.3
def lipschitz_splitting(model):
    return douglas_rachford(model, LipschitzMonotone(L=1), StronglyMonotone(mu=1), 1, Q(6, 5))


def forward_step(model, assumption, gamma):
    a, x = model.operator(assumption), model.point("x0")
    model.suppose(norm2(x - a.zero) <= 1)
    return norm2(x - gamma * a(x) - a.zero)


@known(LipschitzStronglyMonotone, Q(3, 4))  # 1 − 2γμ + γ²L²
def forward_lipschitz(model):
    return forward_step(model, LipschitzStronglyMonotone(L=1, mu=HALF), HALF)


@known(CocoerciveStronglyMonotone, Q(5, 8))  # 1 − 2γμ + γ²μ/β
def forward_cocoercive(model):
    return forward_step(model, CocoerciveStronglyMonotone(beta=1, mu=HALF), HALF)


@known(SkewLinear, Q(5, 4))  # 1 + γ²L²: a rotation
def forward_skew(model):
    return forward_step(model, SkewLinear(L=1), HALF)


@known(Nonexpansive, Q(4, 9))  # 4R²/(N + 1)²: Lieder (2021)
def halpern(model):
    t, x0 = model.operator(Nonexpansive(), name="T"), model.point("x0")
    model.suppose(norm2(x0 - t.fixed_point) <= 1)
    x = x0
    for k in range(2):
        x = Q(1, k + 2) * x0 + Q(k + 1, k + 2) * t(x)
    return norm2(x - t(x))


@known(Nonexpansive, 1)  # the displacement is no longer than any step
def displacement(model):
    t, x = model.operator(Nonexpansive()), model.point("x0")
    model.suppose(norm2(x - t(x)) <= 1)
    return norm2(t.displacement)


@known(Lipschitz, 4)  # ‖x − x⋆‖ ≤ ‖x − Tx‖/(1 − L)
def contraction(model):
    t, x = model.operator(Lipschitz(L=HALF)), model.point("x0")
    model.suppose(norm2(x - t(x)) <= 1)
    return norm2(x - t.fixed_point)


@known(NegativelyComonotone, Q(4, 9))  # 1/(γ − ρ)²: attained by −I/ρ
def comonotone_resolvent(model):
    a, x = model.operator(NegativelyComonotone(rho=HALF)), model.point("x0")
    model.suppose(norm2(x - a.zero) <= 1)
    return norm2(x - a.resolvent(x, 2)) / 4


@known(Linear, Q(2, 27))  # gradient descent on ½‖Mx‖², as for quadratics
def least_squares(model):
    m, x = model.operator(Linear(L=1), into=model.new_space("range")), model.point("x0")
    model.suppose(norm2(x) <= 1)
    x = x - m.adjoint(m(x))
    return norm2(m(x)) / 2


@known(Linear, 2)  # ⟨Mx, u⟩ = ⟨x, Mᵀu⟩ ≤ L‖x‖‖u‖
def pairing(model):
    space = model.new_space("range")
    m, x, u = model.operator(Linear(L=2), into=space), model.point("x"), model.point("u", space=space)
    model.suppose(norm2(x) <= 1, norm2(m.adjoint(u)) <= 4, norm2(u) <= 1)
    m(x)
    return inner(m.adjoint(u), x)


@known(SymmetricLinear, Q(2, 27))
def symmetric_descent(model):
    m, x = model.operator(SymmetricLinear(mu=0, L=1)), model.point("x0")
    model.suppose(norm2(x) <= 1)
    x = x - m(x)
    return inner(m(x), x) / 2


@known(SymmetricLinear, 2)
def indefinite(model):
    m, x = model.operator(SymmetricLinear(mu=-2, L=1)), model.point("x0")
    model.suppose(norm2(x) <= 1)
    return -inner(m(x), x)


CASES = [
    pytest.param(build, value, id=f"{name}-{build.__name__}") for name, many in VALUES.items() for build, value in many
]


@pytest.mark.parametrize(("build", "value"), CASES)
def test_the_worst_case_is_the_known_one(build, value):
    model = Model()
    measure = build(model)
    if measure is not None:
        model.maximise(measure)
    assert worst(model) == pytest.approx(value, abs=3e-5)


def test_every_class_has_a_known_value():
    apart = {"ball-convex", "ball-convex-lsc", "bounded-domain", "sharp-growth"}  # about steps and regions, not points
    apart |= {"convex-on-ball", "smooth-above", "online-convex"}  # about regions, descent and functions that change
    apart |= {"growth-at-radius", "smooth-workers", "sum-smooth-strongly-convex"}  # about balls, about sums
    apart |= {name for name in assumption_names() if name.startswith("layerwise")}  # about layers
    assert {name for name in assumption_names() if load_assumption(name).subject != "noise"} - apart <= VALUES.keys()


RELAXED = {
    "ball-convex", "ball-convex-lsc", "pl", "lipschitz-strongly-convex", "block-smooth-convex", "lipschitz-monotone",
    "lipschitz-strongly-monotone", "cocoercive-strongly-monotone", "bounded-domain", "sharp-growth", "convex-on-ball",
    "layerwise-convex", "layerwise-dominated", "layerwise-lipschitz", "layerwise-pl", "layerwise-smooth",
    "layerwise-smooth-gradients", "smooth-above", "online-convex", "growth-at-radius", "smooth-workers",
    "sum-smooth-strongly-convex",
}  # fmt: skip


@pytest.mark.parametrize("name", assumption_names())
def test_the_relaxed_classes_say_so(name):
    assert load_assumption(name).interpolating == (name not in RELAXED)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda m: m.function(RSIEB(L=1, mu=0)), "mu must be positive, not 0"),
        (lambda m: m.function(SmoothStronglyConvex(L=1, mu=-1)), "mu must be positive, not -1"),
        (lambda m: m.function(SmoothStronglyConvex(L=1, mu=2)), "needs μ < L, which L = 1, mu = 2 do not satisfy"),
        (lambda m: m.function(SmoothConvex()), "needs a number for L"),
        (lambda m: m.function(SmoothConvex(L=-1)), "L must be positive"),
        (lambda m: m.function(Quadratic(L=1, mu=2)), "needs μ ≤ L"),
        (lambda m: m.function(BlockSmoothConvex(L=1, block=HALF)), "needs other numbers"),
        (lambda m: m.operator(CocoerciveStronglyMonotone(mu=2, beta=1)), "needs βμ ≤ 1"),
        (lambda m: m.operator(SymmetricLinear(mu=1, L=-1)), "needs μ ≤ L"),
    ],
)
def test_parameters_out_of_their_domain_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make(Model())


def test_functions_and_operators_are_told_apart():
    with pytest.raises(TypeError, match=r"monotone is a property of operators: write model.operator"):
        Model().function(Monotone())
    with pytest.raises(TypeError, match=r"convex is a property of functions: write model.function"):
        Model().operator(Convex())
    with pytest.raises(TypeError, match=r"is a class; give its parameters"):
        Model().function(Convex)
    with pytest.raises(TypeError, match="is no assumption"):
        Model().function("convex")


def test_monotone_pairs_appear_once():
    model = Model()
    a = model.operator(Monotone())
    for _ in range(4):
        a(model.point())
    model.maximise(model.constant(0) + 1)
    assert len(model.problem().inequalities) == 6
