"""Questions at the edges: μ = 0 and μ = L, points that are equal, roots in formulas, inclusions with ∂f."""

from dataclasses import replace
from fractions import Fraction as Q

import pytest

import certify.pep.engine.solve as engine
from certify.analysis.catalogue import load_assumption, load_method
from certify.assumptions.ball_indicator import BallIndicator
from certify.assumptions.bounded_indicator import BoundedIndicator
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.lipschitz_strongly_monotone import LipschitzStronglyMonotone
from certify.assumptions.monotone import Monotone
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.qg_convex import QGConvex
from certify.assumptions.quadratic import Quadratic
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_lipschitz_convex import SmoothLipschitzConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.language import Assumption
from certify.pep import Model, equal, norm2
from certify.pep.certificates import to_json, verify
from certify.pep.engine.bounds import Bound, Verdict
from certify.pep.engine.problem import ONE, MatrixRow, Row
from certify.pep.engine.solve import solve
from certify.pep.modelling.intersections import joined
from certify.pep.modelling.oracles import linear_minimisation
from certify.pep.modelling.records import exact_assumptions
from certify.pep.modelling.vanishing import vanishing
from certify.pep.questions import BadQuestion, evaluate, question
from certify.pep.runs import answer, pose, worst_case


def certified(bound: Bound, value: Q, within: Q = Q(1, 10**5)) -> bool:
    """Whether the interval contains the value and is narrow."""
    assert bound.lower is not None
    assert bound.upper is not None
    return bound.lower <= value <= bound.upper and bound.upper - bound.lower <= within * value


def gd(**values: object) -> Bound:
    return worst_case(load_method("gd"), SmoothStronglyConvex, values, steps=2, measure="distance", exact=True)


# -- classes at the edge of their parameters ----------------------------------------------------------------


def test_strong_convexity_may_be_zero_and_is_then_convexity():
    for kind, values in ((SmoothStronglyConvex, {"L": 1, "mu": 0}), (SmoothConvex, {"L": 1})):
        found = worst_case(load_method("gd"), kind, {**values, "gamma": 1}, steps=2, measure="gap", exact=True)
        assert found.upper == Q(1, 10)
        assert certified(found, Q(1, 10))
    model = Model()
    f = model.function(StronglyConvex(mu=0))
    x0 = model.point()
    model.suppose(norm2(x0 - f.minimizer) <= 1)
    model.maximise(f(f.prox(x0, 1)) - f.minimum)
    assert certified(model.solve(), Q(1, 4))
    assert Model().operator(LipschitzStronglyMonotone(L=1, mu=0))


def test_rates_for_strong_convexity_are_not_claimed_where_it_is_zero():
    asked = question(load_method("gd"), SmoothStronglyConvex, {"L": 1, "mu": 0, "gamma": 1}, steps=2, measure="gap")
    assert not list(asked.claims())
    strong = question(
        load_method("gd"), SmoothStronglyConvex, {"L": 1, "mu": "1/2", "gamma": 1}, steps=2, measure="gap"
    )
    assert list(strong.claims())


@pytest.mark.parametrize(("gamma", "value"), [("1/2", Q(1, 16)), ("3", Q(16)), ("1/3", Q(16, 81))])
def test_with_mu_equal_to_L_the_function_is_known(gamma, value):
    """f = ‖x − x⋆‖²/2 + f⋆, so that x_2 − x⋆ = (1 − γ)²(x_0 − x⋆)."""
    found = gd(L=1, mu=1, gamma=gamma)
    assert found.upper == value
    assert certified(found, value)


def test_a_certificate_with_mu_equal_to_L_verifies():
    def load(name: str, kind: type) -> type:
        return load_assumption(name) if issubclass(kind, Assumption) else load_method(name)

    values = {"L": 2, "mu": 2, "gamma": "1/4"}
    asked = question(load_method("gd"), SmoothStronglyConvex, values, steps=2, measure="gap")
    bound = answer(pose(asked))
    assert certified(bound, Q(1, 16))
    assert any("certainly occurs" in line or "attained" in line for line in verify(to_json(asked, bound), load)[1])


def test_what_lies_beyond_is_refused_with_the_condition():
    with pytest.raises(BadQuestion, match=r"needs μ < L, which L = 1, mu = 2 do not satisfy"):
        gd(L=1, mu=2, gamma=1)
    with pytest.raises(BadQuestion, match=r"not defined for L = 1, mu = 0: a coefficient divides by zero"):
        worst_case(load_method("triple-momentum"), SmoothStronglyConvex, {"L": 1, "mu": 0}, steps=2, measure="gap")


# -- several assumptions at once ---------------------------------------------------------------------------------


def step(*assumptions: Assumption, gamma: object) -> Bound:
    """One gradient step, by the squared distance."""
    model = Model()
    f = model.function(*assumptions)
    x0 = model.point("x0")
    model.suppose(norm2(x0 - f.minimizer) <= 1)
    model.maximise(norm2(x0 - Q(gamma) * f.gradient(x0) - f.minimizer))
    return model.solve()


def test_an_intersection_that_is_a_class_is_that_class():
    for assumptions in (
        (SmoothConvex(L=1), StronglyConvex(mu="1/4")),
        (StronglyConvex(mu="1/4"), Smooth(L=1), Convex()),
        (SmoothStronglyConvex(L=1, mu="1/4"), StronglyConvex(mu="1/4"), SmoothConvex(L=1)),
    ):
        assert [type(a) for a in joined(exact(assumptions))] == [SmoothStronglyConvex]
        assert certified(step(*assumptions, gamma=1), Q(9, 16))  # (1 − γμ)²
    assert [type(a) for a in joined(exact((SmoothConvex(L=1), StronglyConvex(mu=1))))] == [Quadratic]
    assert [type(a) for a in joined(exact((LipschitzConvex(M=1), Convex())))] == [LipschitzConvex]
    asked = question(
        load_method("gd"), (SmoothConvex, LipschitzConvex), {"L": 1, "M": 1, "gamma": 1}, steps=1, measure="gap"
    )
    assert [type(a) for a in asked.assumptions[0]] == [SmoothLipschitzConvex]


@pytest.mark.parametrize(
    "assumptions",
    [
        (SmoothConvex(L=1), StronglyConvex(mu=2)),  # there is no such function
        (SmoothStronglyConvex(L=1, mu="1/4"), StronglyConvex(mu="1/2")),
        (SmoothConvex(L=1), Smooth(L="1/2")),
        (QGConvex(L=1), StronglyConvex(mu="1/2")),
    ],
)
def test_other_intersections_stay_relaxations(assumptions):
    assert len(joined(exact(assumptions))) == 2
    assert step(*assumptions, gamma="1/2").verdict in (Verdict.RELAXATION, Verdict.INFEASIBLE)


def exact(assumptions: tuple[Assumption, ...]) -> tuple[Assumption, ...]:
    return exact_assumptions(assumptions, "function")


# -- equal points ---------------------------------------------------------------------------------------------


def halpern(steps: int = 1) -> Model:
    """Halpern steps of a nonexpansive operator that need not have a fixed point (Park, Ryu, 2023)."""
    model = Model()
    T = model.operator(Nonexpansive())
    start, x0 = model.point("xs"), model.point("x0")
    v = T.displacement
    model.suppose(equal(v, start - T(start)))
    model.suppose(norm2(x0 - start) <= 1)
    x = x0
    for k in range(steps):
        x = x0 / (k + 2) + T(x) * Q(k + 1, k + 2)
    model.maximise(norm2(x - T(x) - v))
    return model


def test_equal_points_have_finite_multipliers():
    """Value 4 for one step: T = −I + v without fixed points in the limit of long v; nothing can be larger than 2²."""
    model = halpern()
    assert certified(model.solve(), Q(4))
    problem = model.problem()
    weaker = replace(problem, equations=tuple(row for row in problem.equations if ":zero[" not in row.name))
    assert len(weaker.equations) == 1
    assert solve(weaker).upper is None  # ‖w‖² = 0 alone would need an infinite multiplier


def test_vanishing_vectors_are_read_off_and_no_others():
    homes = ["a", "a", "b"]
    difference = Row("equal", {(0, 0): ONE, (0, 1): -2 * ONE, (1, 1): ONE})
    names = ["u", "v", "w"]
    rows = list(vanishing([], [difference], [], homes, names))
    assert [row.name for row in rows] == ["equal:zero[v]", "equal:zero[v,u]", "equal:zero[v,v]"]
    assert rows[1].terms == {(0, 0): -ONE, (0, 1): ONE}
    assert [row.name for row in vanishing([Row("small", {(2, 2): -ONE})], [], [], homes, names)] == ["small:zero[w]"]
    matrix = MatrixRow("matrix", (({(0, 0): -ONE}, {}), ({}, {(1, 1): ONE})))
    assert [row.name for row in vanishing([], [], [matrix], homes, names)] == ["matrix:zero[u]", "matrix:zero[u,v]"]
    bounded = Row("bounded", {(): ONE, (0, 0): -ONE})
    mixed = Row("mixed", {(0, 0): -ONE, (1, 1): ONE})
    assert not list(vanishing([bounded, mixed, Row("large", {(0, 0): ONE})], [mixed], [], homes, names))


def test_an_accuracy_of_zero_is_an_exact_proximal_point():
    """error ≤ 0 and ‖e‖²/2 ≤ error: e = 0, and the bound is that of the proximal point method, 1/(4γN)."""
    found = worst_case(load_method("inexact-ppm"), Convex, {"gamma": 1, "sigma": 0}, steps=2, measure="gap")
    assert certified(found, Q(1, 8), Q(1, 10**6))
    homes, names = ["a", "a"], ["u", "v"]
    low = Row("low", {(5,): ONE, (0, 0): -ONE})
    high = Row("high", {(5,): -2 * ONE})
    rows = list(vanishing([low, high], [], [], homes, names, [5]))
    assert [row.name for row in rows] == ["high & low:zero[u]", "high & low:zero[u,v]"]
    assert not list(vanishing([low, high], [], [], homes, names))  # s may occur elsewhere
    assert not list(vanishing([low, high], [Row("more", {(5,): ONE, (): ONE})], [], homes, names, [5]))
    assert not list(vanishing([low, Row("high", {(5,): -ONE, (): ONE})], [], [], homes, names, [5]))
    assert not list(vanishing([low, Row("low too", {(5,): ONE})], [], [], homes, names, [5]))


def test_a_value_of_an_indicator_function_needs_no_normal_vector():
    """Frank–Wolfe on a ball; between 0.553430 and 0.553431 (a solver's 0.5534024 is too small)."""
    model = Model()
    f, c = model.function(SmoothConvex(L=1)), model.function(BallIndicator(B=1), name="c")
    F = f + c
    x = model.point("x0")
    best, _ = F.minimum, c(x)
    for k in range(4):
        x = (k * x + 2 * linear_minimisation(c, f.gradient(x))) / (k + 2)
    model.maximise(F(x) - best)
    bound = model.solve()
    assert bound.verdict is Verdict.CERTIFIED
    assert certified(bound, Q("0.553431"))
    assert not [name for name in model.vectors if name.startswith("c'") and name.endswith(("x0", "6"))]


def frank_wolfe(L: object) -> Model:
    """Three steps on a set of diameter 1."""
    model = Model()
    f, c = model.function(SmoothConvex(L=L)), model.function(BoundedIndicator(D=1), name="c")
    F = f + c
    x = model.point("x0")
    best, _ = F.minimum, c(x)
    for k in range(3):
        x = (k * x + 2 * linear_minimisation(c, f.gradient(x))) / (k + 2)
    model.maximise(F(x) - best)
    return model


def test_worst_cases_do_not_depend_on_the_units(monkeypatch):
    """If f has gradients of size 1e-4, 1e-4 times the worst case is one."""
    value = frank_wolfe(1).solve().value
    assert value is not None
    tiny = frank_wolfe("1/10000")
    assert certified(tiny.solve(), Q(value) / 10000)
    monkeypatch.setattr(engine, "adapted", lambda *_: None)
    lower = tiny.solve().lower
    assert lower is None or lower < Q(value) / 10000 * Q(99, 100)


# -- inclusions -------------------------------------------------------------------------------------------------


def test_zeros_of_an_operator_and_a_subdifferential():
    model = Model()
    f, h = model.function(SmoothConvex(L=1)), model.function(Convex(), name="h")
    inclusion = f.subdifferential + h.subdifferential
    z = inclusion.zero
    assert (2 * inclusion).zero is z
    x = model.point("x0")
    model.suppose(norm2(x - z) <= 1)
    for _ in range(2):
        x = h.prox(x - f.gradient(x), 1)
    model.maximise(f(x) + h(x) - f(z) - h(z))
    assert certified(model.solve(), Q(1, 8))  # as for a minimiser of f + h


def test_a_resolvent_of_a_monotone_operator_and_a_prox():
    """Douglas–Rachford with 0 ∈ A(z) + ∂f(z), the fixed point w = z + A(z): ‖T(w₀) − w‖ ≤ ‖w₀ − w‖, attained."""
    model = Model()
    A, f = model.operator(Monotone()), model.function(Convex())
    z = (A + f.subdifferential).zero
    w, w0 = z + A(z), model.point("w0")
    model.suppose(norm2(w0 - w) <= 1)
    x = A.resolvent(w0, 1)
    y = f.subdifferential.resolvent(2 * x - w0, 1)
    model.maximise(norm2(w0 + y - x - w))
    assert certified(model.solve(), Q(1))
    with pytest.raises(TypeError, match=r"write A \+ f.subdifferential"):
        A + f  # ty: ignore
    with pytest.raises(TypeError, match=r"write A \+ f.subdifferential"):
        f + A  # ty: ignore


# -- what is typed ------------------------------------------------------------------------------------------------


def test_square_roots_in_formulas():
    assert evaluate("sqrt(L)/2", {"L": "9/4"}) == Q(3, 4)
    assert evaluate("sqrt(4 + sqrt(25)*(L - 1))", {"L": 2}) == 3
    assert abs(evaluate("2*sqrt(2)", {}) ** 2 - 8) < Q(1, 2**60)
    asked = question(
        load_method("gd"), SmoothConvex, {"L": "sqrt(4)", "gamma": "1/sqrt(2)"}, steps=1, measure="gap", bound="sqrt(3)"
    )
    assert asked.assumptions[0][0].L == 2
    assert asked.rounded == 2
    assert pose(asked).rounded == 2


@pytest.mark.parametrize(
    ("formula", "message"),
    [
        ("sqrt(2", r"expected '\)'"),
        ("sqrt(1 - 2)", "root of a negative number, -1"),
        ("sqrt(gamma)", "gamma depends on gamma"),
        ("sqrt()", "ends too early"),
    ],
)
def test_roots_that_cannot_be_read(formula, message):
    with pytest.raises(BadQuestion, match=message):
        question(load_method("gd"), SmoothConvex, {"L": 1, "gamma": formula}, steps=1, measure="gap")


@pytest.mark.parametrize(
    ("method", "assumption", "values", "message"),
    [
        (
            "gd",
            Monotone,
            {"gamma": 1},
            r"f is an operator \(monotone\), and 'gradient' is an oracle of functions: give",
        ),
        (
            "inclusion-ppm",
            Convex,
            {"gamma": 1},
            r"A is a function \(convex\), and 'resolvent' is an oracle of operators",
        ),
        ("forward-step", Convex, {"gamma": 1}, r"a value and a point were combined: f\(x\) is the value"),
    ],
)
def test_functions_and_operators_in_the_wrong_place(method, assumption, values, message):
    with pytest.raises(BadQuestion, match=message):
        worst_case(load_method(method), assumption, values, steps=1, measure="distance")


def test_a_measure_of_one_point_where_iterates_have_several():
    roles = [load_assumption(name) for name in ("convex", "convex", "linear")]
    with pytest.raises(BadQuestion, match=r"'step' is of one point, and an iterate has several \(of its own it has: "):
        worst_case(load_method("chambolle-pock"), roles, {"tau": 1, "sigma": 1, "K.L": 1}, steps=2, measure="step")


@pytest.mark.parametrize(
    ("method", "assumption", "values", "measure", "message"),
    [
        ("gd", SmoothConvex, {"L": 1, "gamma": 1}, "operator", "'operator' is of operators, and there are functions"),
        ("inclusion-ppm", Monotone, {"gamma": 1}, "gap", "'gap' is of functions, and A is an operator"),
    ],
)
def test_measures_of_the_wrong_kind(method, assumption, values, measure, message):
    with pytest.raises(BadQuestion, match=message):
        worst_case(load_method(method), assumption, values, steps=1, measure=measure)
