"""Laws that every worst case obeys, on random small methods: symmetries, monotonicity, agreement of solvers."""

from fractions import Fraction as Q

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.assumptions.cocoercive import Cocoercive
from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.monotone import Monotone
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.pep import Model, norm2
from certify.pep.engine.bounds import Verdict
from certify.pep.engine.solve import Clock, prepare
from certify.pep.engine.solvers import SECOND, call

NARROW = Q(1, 10**5)
SMOOTH = [SmoothConvex(L=1), SmoothStronglyConvex(L=1, mu=Q(1, 10)), SmoothStronglyConvex(L=1, mu=Q(9, 10))]
few = settings(max_examples=12)

steps = st.fractions(Q(1, 10), Q(19, 10), max_denominator=20)
sizes = st.fractions(Q(1, 1000), 1000, max_denominator=1000)


@st.composite
def methods(draw, longest=4):
    """A random method: row k gives x_{k+1} = x_0 − Σ h_kj ∇f(x_j), a perturbation of gradient descent."""
    N = draw(st.integers(1, longest))
    h = draw(steps)
    noise = st.fractions(Q(-1, 4), Q(1, 4), max_denominator=8)
    return [[h + draw(noise) for _ in range(k + 1)] for k in range(N)]


def run(rows, *assumptions, R=1, L=1, measure="value", order=1, shift=False, extra=()):
    """The worst case of a method on a class; gradients count as multiples of 1/L."""
    model = Model()
    f = model.function(*assumptions)
    if shift:  # all points move by an unknown vector
        origin = model.point("origin")
        x0 = origin + model.point("x0")
    else:
        x0 = model.point("x0")
    conditions = [norm2(x0 - f.minimizer) <= R**2]
    x, gradients = x0, [f.gradient(x0)]
    for row in rows:
        x = x0 - sum((c * g for c, g in zip(row, gradients, strict=True)), model.zero()) / L
        gradients.append(f.gradient(x))
    conditions += [condition(f, x0, x) for condition in extra]
    model.suppose(*conditions[::order])
    model.maximise({"value": lambda: f(x) - f.minimum, "gradient": lambda: norm2(gradients[-1]),
                    "point": lambda: norm2(x - f.minimizer)}[measure]())  # fmt: skip
    return model


def interval(model):
    """The certified interval, after checking that it is one and that it is narrow where the solver was accurate."""
    bound = model.solve()
    assert bound.verdict is Verdict.CERTIFIED, str(bound)
    assert bound.lower <= bound.upper
    wide = 10 if any(a.status == "inaccurate" for a in bound.attempts) else 1
    assert bound.upper - bound.lower <= wide * NARROW * max(abs(bound.upper), Q(1, 1000))
    return bound


def overlap(first, second, factor=1):
    """Whether two intervals are compatible with first = factor · second."""
    return first.lower <= factor * second.upper and factor * second.lower <= first.upper


@few
@given(methods(3), st.sampled_from(SMOOTH), st.sampled_from(["value", "gradient", "point"]))
def test_random_methods_are_certified_and_agree_with_another_solver(rows, assumption, measure):
    model = run(rows, assumption, measure=measure)
    bound = interval(model)
    prepared = prepare(model.problem(), Clock())
    answer = call(prepared.data, SECOND, eps_abs=1e-8, eps_rel=1e-8, max_iters=20_000)
    if answer.status == "optimal":
        value = float(prepared.dual.constant.p) / float(prepared.dual.constant.q) + answer.value
        assert float(bound.lower) - 1e-5 <= value <= float(bound.upper) + 1e-5


@few
@given(methods(3), st.sampled_from(["nonconvex", "subgradients", "proximal", "resolvents"]))
def test_random_methods_on_other_classes_are_certified(rows, kind):
    model = Model()
    x = x0 = model.point("x0")
    if kind == "nonconvex":
        f = model.function(Smooth(L=1))
        points = [x0]
        for row in rows:
            x = x - row[0] / 2 * f.gradient(x)
            points.append(x)
        model.suppose(f(x0) - f(x) <= 1)
        model.maximise(*(norm2(f.gradient(x)) for x in points))
    elif kind == "subgradients":
        f = model.function(LipschitzConvex(M=1))
        model.suppose(norm2(x0 - f.minimizer) <= 1)
        values = [f(x)]
        for row in rows:
            x = x - row[-1] / 2 * f.subgradient(x)
            values.append(f(x))
        f.subgradient(x)
        model.maximise(*(value - f.minimum for value in values))
    elif kind == "proximal":
        f = model.function(StronglyConvex(mu=Q(1, 10)), name="f")
        h = model.function(SmoothConvex(L=1), name="h")
        model.suppose(norm2(x0 - (f + h).minimizer) <= 1)
        for row in rows:
            x = f.prox(x - row[0] / 2 * h.gradient(x), row[0] / 2)
        model.maximise((f + h)(x) - (f + h).minimum)
    else:
        A, B = model.operator(Monotone(), name="A"), model.operator(Cocoercive(beta=1), name="B")
        model.suppose(norm2(x0 - (A + B).zero) <= 1)
        for row in rows:
            x = A.resolvent(x - row[0] * B(x), row[0])
        model.maximise(norm2(x - (A + B).zero))
    interval(model)


@few
@given(methods(2), sizes, sizes)
def test_bounds_scale_with_the_constants(rows, L, R):
    base = interval(run(rows, SmoothConvex(L=1)))
    scaled = interval(run(rows, SmoothConvex(L=L), L=L, R=R))
    assert overlap(scaled, base, L * R**2)


@few
@given(st.integers(0, 4), st.fractions(Q(1, 10), 1, max_denominator=10), st.sampled_from(SMOOTH[:2]))
def test_another_step_of_a_monotone_method_never_hurts(N, h, assumption):
    shorter = interval(run([[h] * (k + 1) for k in range(N)], assumption))
    longer = interval(run([[h] * (k + 1) for k in range(N + 1)], assumption))
    assert longer.lower <= shorter.upper


@few
@given(methods(2), st.integers(0, 2))
def test_more_conditions_never_increase_the_worst_case(rows, which):
    free = interval(run(rows, SmoothConvex(L=1)))
    conditions = [
        lambda f, x0, x: f(x0) - f.minimum <= Q(1, 4),
        lambda f, x0, x: norm2(f.gradient(x0)) <= Q(1, 2),
        lambda f, x0, x: norm2(x - f.minimizer) <= Q(3, 2),
    ]
    bound = interval(run(rows, SmoothConvex(L=1), extra=conditions[which : which + 1]))
    assert bound.lower <= free.upper


@few
@given(methods(2), st.sampled_from(["value", "point"]))
def test_smaller_classes_have_smaller_worst_cases(rows, measure):
    wide = interval(run(rows, SMOOTH[0], measure=measure))
    middle = interval(run(rows, SMOOTH[1], measure=measure))
    small = interval(run(rows, SMOOTH[2], measure=measure))
    assert small.lower <= middle.upper
    assert middle.lower <= wide.upper
    assert overlap(interval(run(rows, SMOOTH[0], SMOOTH[1], measure=measure)), middle)


@few
@given(methods(3))
def test_order_duplicates_and_translation_do_not_matter(rows):
    again = [lambda f, x0, x: norm2(x0 - f.minimizer) <= 1, lambda f, x0, x: norm2(x0 - f.minimizer) <= 1]
    slack = [lambda f, x0, x: norm2(x0 - f.minimizer) <= 4]
    base = interval(run(rows, SMOOTH[0]))
    assert overlap(base, interval(run(rows, SMOOTH[0], extra=again + slack)))
    assert overlap(base, interval(run(rows, SMOOTH[0], extra=again + slack, order=-1)))
    assert overlap(base, interval(run(rows, SMOOTH[0], shift=True)))


@few
@given(methods(2))
def test_names_do_not_matter(rows):
    def named(*names):
        model = Model()
        f = model.function(SmoothConvex(L=1), name=names[0])
        x = x0 = model.point(names[1])
        model.suppose(norm2(x0 - f.minimizer) <= 1, name=names[2])
        for row in rows:
            x = model.label(x - row[0] * f.gradient(x), names[1])
        model.maximise(f(x) - f.minimum)
        return interval(model)

    assert overlap(named("f", "x0", "initial"), named("⋆", "⋆", "⋆"))


# -- edges -------------------------------------------------------------------------------------------------


def descent(N=1, **arguments):
    return run([[Q(1)] * (k + 1) for k in range(N)], SmoothConvex(L=1), **arguments)


def test_forgotten_initial_condition_is_unbounded():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.maximise(f(x - f.gradient(x)) - f.minimum)
    bound = model.solve()
    assert bound.verdict is Verdict.UNBOUNDED
    assert bound.upper is None
    assert bound.lower is None


def test_contradictory_conditions_are_infeasible():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = model.point("x0")
    model.suppose(norm2(x - f.minimizer) <= 1, norm2(x - f.minimizer) >= 2)
    model.maximise(f(x) - f.minimum)
    bound = model.solve()
    assert bound.verdict is Verdict.INFEASIBLE
    assert bound.lower is None


def test_divergent_parameters_still_have_a_worst_case():
    bound = interval(run([[Q(3)]], SmoothConvex(L=1)))
    assert bound.lower <= 2 <= bound.upper


@pytest.mark.parametrize("value", [0, 1, -1, Q(1, 3)])
def test_objectives_without_unknowns(value):
    model = Model()
    model.maximise(model.constant(value))
    bound = model.solve()
    assert bound.upper >= value
    assert bound.lower is None or bound.lower <= value


def test_objective_without_gram_part():
    model = Model()
    s, t = model.number("s"), model.number("t")
    model.suppose(s + t <= 1, s - t <= 1)
    model.maximise(s)
    bound = interval(model)
    assert bound.lower <= 1 <= bound.upper


def test_functions_and_points_that_take_no_part():
    base = interval(descent())
    model = descent()
    model.function(Convex(), name="idle")
    model.point("idle")
    model.number("idle")
    busy = model.function(SmoothConvex(L=5), name="busy")
    busy.gradient(model.point("elsewhere"))
    assert overlap(base, interval(model))


def test_repeated_evaluation_changes_nothing():
    model = descent(2)
    (f,) = model.owners
    before = len(f.evaluations)
    for evaluation in list(f.evaluations):
        f.gradient(evaluation.point)
        f.value(evaluation.point)
    assert len(f.evaluations) == before
    assert overlap(interval(descent(2)), interval(model))


def test_start_at_the_minimiser():
    assert interval(descent(2, R=0)).upper <= Q(1, 10**6)


def test_zero_steps():
    bound = interval(descent(0))
    assert bound.lower <= Q(1, 2) <= bound.upper


def test_equal_points_share_values():
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x, y = model.point("x"), model.point("y")
    model.suppose(norm2(x - f.minimizer) <= 1)
    model.suppose(norm2(x - y) <= 0)
    model.maximise(f(y) - f.minimum)
    bound = interval(model)
    assert bound.lower <= Q(1, 2) <= bound.upper


def test_names_of_conditions_may_coincide_with_those_of_functions():
    def model(names):
        model = Model()
        f = model.function(SmoothConvex(L=1))
        x = x0 = model.point("x0")
        for _ in range(4):
            x = x - f.gradient(x)
        model.suppose(norm2(x0 - f.minimizer) <= 1, name="initial")
        for name in names:
            model.suppose(norm2(x0 - f.minimizer) <= Q(1, 4), name=name)
        model.maximise(f(x) - f.minimum)
        return model

    rows = [row.name for row in model(()).problem().inequalities]
    for name in (rows[1], rows[-1]):
        bound = interval(model((name, name)))
        assert bound.lower <= Q(1, 72) <= bound.upper


def test_names_of_points_may_coincide_with_those_of_values():
    model = Model()
    f = model.function(SmoothConvex(L=1), name="f")
    x = model.point("f1")
    model.suppose(norm2(x - f.minimizer) <= 1)
    y = model.label(x - f.gradient(x), "1")
    model.maximise(f(y) - f.minimum)
    bound = interval(model)
    assert bound.lower <= Q(1, 6) <= bound.upper
