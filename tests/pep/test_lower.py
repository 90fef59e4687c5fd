"""Exact worst cases: accepted by the kernel, never above the truth, and close to it.

The closed forms are from the literature and written out here, so that no solver is trusted.
"""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction as Q

import numpy as np
import pytest

from certify.assumptions.convex import Convex
from certify.assumptions.lipschitz_convex import LipschitzConvex
from certify.assumptions.nonexpansive import Nonexpansive
from certify.assumptions.smooth import Smooth
from certify.assumptions.smooth_convex import SmoothConvex
from certify.assumptions.smooth_strongly_convex import SmoothStronglyConvex
from certify.assumptions.strongly_convex import StronglyConvex
from certify.kernel.worst_case import Unproved, check_attained
from certify.language import Assumption, Positive, Semidefinite
from certify.pep import Model, equal, inner, norm, norm2
from certify.pep.engine.conic import Answer, conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.lower import Rounded, round_primal
from certify.pep.engine.problem import Problem, as_fraction, to_kernel
from certify.pep.engine.program import program
from certify.pep.engine.solvers import call

Build = Callable[[], Model]
CASES: dict[str, tuple[Build, Q | None]] = {}


class Monotone(Assumption):
    name = "monotone-here"
    subject = "operator"
    symmetric = True

    def between(self, x, y):
        return inner(x.output - y.output, x.point - y.point) >= 0


class Lipschitz(Assumption):
    name = "lipschitz-here"
    subject = "operator"
    symmetric = True
    L = Positive("L", "Lipschitz constant")

    def between(self, x, y):
        return self.L**2 * norm2(x.point - y.point) >= norm2(x.output - y.output)


class StronglyMonotone(Assumption):
    name = "strongly-monotone-here"
    subject = "operator"
    symmetric = True
    mu = Positive("mu", "strong monotonicity")

    def between(self, x, y):
        return inner(x.output - y.output, x.point - y.point) >= self.mu * norm2(x.point - y.point)


def case(name: str, value: Q | int | None, build: Build) -> None:
    CASES[name] = build, None if value is None else Q(value)


def gd(steps, h, measure="gap", initial="distance", radius=1, assumption=None):
    """Gradient descent on functions with L = 1 unless an assumption is given."""
    m = Model()
    f = m.function(assumption or SmoothConvex(L=1))
    x = x0 = m.point("x0")
    xs = [x]
    for _ in range(steps):
        x = x - Q(h) * f.gradient(x)
        xs.append(x)
    quantity = {
        "distance": lambda y: norm2(y - f.minimizer),
        "gap": lambda y: f(y) - f.minimum,
        "gradient": lambda y: norm2(f.gradient(y)),
    }
    m.suppose(quantity[initial](x0) <= radius, name="initial")
    if measure == "best":
        m.maximise(*(quantity["gradient"](y) for y in xs))
    else:
        m.maximise(quantity[measure](x))
    return m


def proximal(steps, measure="gap"):
    m = Model()
    f = m.function(Convex())
    x = x0 = m.point("x0")
    m.suppose(norm2(x0 - f.minimizer) <= 1)
    for _ in range(steps):
        x = f.prox(x, 1)
    m.maximise(f(x) - f.minimum if measure == "gap" else norm2(f.gradient(x)))
    return m


def proximal_strong():
    m = Model()
    f = m.function(StronglyConvex(mu=Q(1, 2)))
    x0 = m.point("x0")
    m.suppose(norm2(x0 - f.minimizer) <= 1)
    m.maximise(norm2(f.prox(x0, 1) - f.minimizer))
    return m


def subgradient(steps, h):
    m = Model()
    f = m.function(LipschitzConvex(M=1))
    x = x0 = m.point("x0")
    m.suppose(norm2(x0 - f.minimizer) <= 1)
    xs = [x]
    for _ in range(steps):
        x = x - h * f.subgradient(x)
        xs.append(x)
    f.subgradient(x)
    m.maximise(*(f(y) - f.minimum for y in xs))
    return m


def line_search(kappa, steps):
    """Exact line search: two equations a step and no multiplier in sight."""
    m = Model()
    f = m.function(SmoothStronglyConvex(L=1, mu=Q(1, kappa)))
    x = x0 = m.point("x0")
    m.suppose(f(x0) - f.minimum <= 1)
    for k in range(steps):
        y = m.point(f"x{k + 1}")
        g = f.gradient(x)
        m.suppose(equal(inner(f.gradient(y), g), 0), equal(inner(f.gradient(y), y - x), 0))
        x = y
    m.maximise(f(x) - f.minimum)
    return m


def equal_points(steps, how):
    """Gradient descent whose points are free vectors tied by ‖y − (x − h g)‖² = 0, ≤ 0, or ≤ s ≤ t ≤ 0."""
    m = Model()
    f = m.function(SmoothConvex(L=1))
    x = x0 = m.point("x0")
    m.suppose(norm2(x0 - f.minimizer) <= 1)
    s, t = m.number("s"), m.number("t")
    for k in range(steps):
        y = m.point(f"y{k}")
        target = x - f.gradient(x)
        if how == "equal":
            m.suppose(equal(y, target))
        elif how == "norm":
            m.suppose(norm(y - target) <= 0)
        else:
            m.suppose(norm2(y - target) <= s, s <= t, t <= 0)
        x = y
    m.maximise(f(x) - f.minimum)
    return m


def operator(assumptions, step, steps=1, resolvent=False):
    m = Model()
    A = m.operator(*assumptions)
    x = x0 = m.point("x0")
    solution = A.zero
    m.suppose(norm2(x0 - solution) <= 1)
    for _ in range(steps):
        before = x
        x = A.resolvent(x, step) if resolvent else x - step * A(x)
    m.maximise(norm2(x - before) if resolvent else norm2(x - solution))
    return m


def halpern(steps):
    m = Model()
    T = m.operator(Lipschitz(L=1))
    x = x0 = m.point("x0")
    m.suppose(norm2(x0 - T.fixed_point) <= 1)
    for k in range(steps):
        x = Q(1, k + 2) * x0 + (1 - Q(1, k + 2)) * T(x)
    m.maximise(norm2(x - T(x)))
    return m


def forward_backward(steps):
    m = Model()
    f, h = m.function(SmoothConvex(L=1)), m.function(Convex(), name="h")
    total = f + h
    solution = total.minimizer
    x = x0 = m.point("x0")
    m.suppose(norm2(x0 - solution) <= 1)
    for _ in range(steps):
        x = h.prox(x - f.gradient(x), 1)
    m.maximise(total(x) - total(solution))
    return m


def matrix():
    """‖x‖, ‖y‖ ≤ 1 and [[‖x‖², ⟨x,y⟩ + s], [·, ‖y‖²]] ⪰ 0: the largest s is 2."""
    m = Model()
    s, x, y = m.number("s"), m.point("x"), m.point("y")
    rows = ((norm2(x), inner(x, y) + s), (inner(x, y) + s, norm2(y)))
    m.suppose(Semidefinite(rows), norm2(x) <= 1, norm2(y) <= 1)
    m.maximise(s)
    return m


def thin_matrix():
    """[[‖x‖², s], [s, 0]] ⪰ 0 forces s = 0."""
    m = Model()
    s, x = m.number("s"), m.point("x")
    m.suppose(Semidefinite(((norm2(x), s), (s, m.constant(0)))), norm2(x) <= 1)
    m.maximise(s + norm2(x))
    return m


def inexact():
    """A relative error ε = 1/10 in the gradient: de Klerk, Glineur, Taylor (2020)."""
    m = Model()
    f = m.function(SmoothStronglyConvex(L=1, mu=Q(1, 10)))
    x, d = m.point("x0"), m.point("d")
    g = f.gradient(x)
    m.suppose(norm2(d - g) <= Q(1, 100) * norm2(g), f(x) - f.minimum <= 1)
    m.maximise(f(x - 2 / (Q(11, 10) + Q(9, 100)) * d) - f.minimum)
    return m


for N in range(1, 11):
    for h in (Q(1, 2), Q(1), Q(3, 2)):
        case(f"gd-{N}-{h}", max(1 / (4 * N * h + 2), (1 - h) ** (2 * N) / 2), lambda N=N, h=h: gd(N, h))
for N in (1, 2, 5):
    case(f"gradient-from-gap-{N}", Q(2, 2 * N + 1), lambda N=N: gd(N, 1, "gradient", "gap"))
    case(f"gradient-{N}", Q(1, (N + 1) ** 2), lambda N=N: gd(N, 1, "gradient"))
    case(f"nonconvex-{N}", Q(4, 3 * N + 2), lambda N=N: gd(N, 1, "best", "gap", 1, Smooth(L=1)))
    case(f"ppm-{N}", Q(1, 4 * N), lambda N=N: proximal(N))
    case(f"ppm-gradient-{N}", Q(1, N * N), lambda N=N: proximal(N, "gradient"))
    case(f"forward-backward-{N}", Q(1, 4 * N), lambda N=N: forward_backward(N))
    case(f"equal-points-{N}", Q(1, 4 * N + 2), lambda N=N: equal_points(N, "equal"))
    case(f"resolvent-{N}", (1 - Q(1, N)) ** (N - 1) / N, lambda N=N: operator((Monotone(),), 1, N, True))
    case(f"halpern-{N}", Q(4, (N + 1) ** 2), lambda N=N: halpern(N))
for κ in (10, 1000):
    strong = SmoothStronglyConvex(L=1, mu=Q(1, κ))
    for what in ("distance", "gap", "gradient"):
        case(f"strong-{κ}-{what}", (1 - Q(1, κ)) ** 2, lambda w=what, a=strong: gd(1, 1, w, w, 1, a))
        best_step = 2 / (1 + Q(1, κ))
        case(
            f"strong-best-{κ}-{what}", Q(κ - 1, κ + 1) ** 2, lambda w=what, a=strong, s=best_step: gd(1, s, w, w, 1, a)
        )
case("strong-4-steps", Q(9, 10) ** 8, lambda: gd(4, 1, "distance", assumption=SmoothStronglyConvex(L=1, mu=Q(1, 10))))
case("ppm-strong", Q(4, 9), proximal_strong)
case("subgradient-3", Q(1, 2), lambda: subgradient(3, Q(1, 2)))
case("subgradient-8", Q(1, 3), lambda: subgradient(8, Q(1, 3)))
case("line-search", Q(9, 11) ** 2, lambda: line_search(10, 1))
case("line-search-twice", Q(99, 101) ** 4, lambda: line_search(100, 2))
case("equal-norms", Q(1, 10), lambda: equal_points(2, "norm"))
case("equal-hidden", Q(1, 10), lambda: equal_points(2, "hidden"))
case("forward-step", 1 - Q(1, 3) + Q(1, 9), lambda: operator((StronglyMonotone(mu=Q(1, 2)), Lipschitz(L=1)), Q(1, 3)))
case("matrix", 2, matrix)
case("thin-matrix", 1, thin_matrix)
case("inexact", (Q(101, 100) / Q(119, 100)) ** 2, inexact)
case("tiny", Q(1, 6 * 10**6), lambda: gd(1, 1, radius=Q(1, 10**6)))
case("large", Q(10**7, 6), lambda: gd(1, Q(1, 1000), radius=10**4, assumption=SmoothConvex(L=1000)))
case("nothing", 0, lambda: gd(1, 1, radius=0))

QUICK = [
    "gd-1-1", "gd-2-3/2", "gd-5-1/2", "gd-10-1", "gradient-from-gap-2", "gradient-5", "nonconvex-2", "ppm-5",
    "ppm-gradient-2", "forward-backward-2", "equal-points-2", "resolvent-5", "halpern-2", "strong-1000-gap",
    "strong-best-10-gradient", "strong-4-steps", "ppm-strong", "subgradient-3", "line-search-twice", "equal-norms",
    "equal-hidden", "forward-step", "matrix", "thin-matrix", "inexact", "tiny", "large", "nothing",
]  # fmt: skip


def rounded(problem: Problem, tolerance: float = 1e-6) -> Rounded:
    dual = program(problem, *invisible(problem))
    data = conic(dual)
    return round_primal(problem, dual, call(data), data=data, tolerance=tolerance)


def check(name: str, tolerance: float) -> None:
    build, truth = CASES[name]
    found = rounded(build().problem(), tolerance)
    assert found.point is not None, found.reason
    found.point.certificate()
    lower = as_fraction(found.point.value)
    assert lower <= truth
    assert truth - lower <= tolerance * truth


@pytest.mark.parametrize("name", QUICK)
def test_lower_ends_are_exact_and_close(name):
    check(name, 1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("tolerance", [1e-6, 1e-9])
@pytest.mark.parametrize("name", list(CASES))
def test_all_lower_ends(name, tolerance):
    check(name, tolerance)


@pytest.mark.parametrize("name", ["gd-2-3/2", "ppm-5", "line-search-twice", "equal-points-2", "gradient-from-gap-2"])
def test_more_digits_on_request(name):
    check(name, 1e-9)


def test_relations_left_out_of_the_dual_are_satisfied_too():
    problem = gd(6, 1).problem()
    few = replace(
        problem, inequalities=tuple(r for r in problem.inequalities if "[1←4]" not in r.name and "[3←5]" not in r.name)
    )
    assert len(few.inequalities) == len(problem.inequalities) - 2
    dual = program(few, *invisible(few))
    found = round_primal(problem, dual, call(conic(dual)))
    assert found.point is not None
    found.point.certificate()
    assert Q(1, 26) * (1 - Q(1, 10**6)) <= as_fraction(found.point.value) <= Q(1, 26)


def test_a_sloppy_answer_is_improved():
    problem = gd(4, 1).problem()
    dual = program(problem, *invisible(problem))
    answer = call(conic(dual), tol_gap_abs=1e-2, tol_gap_rel=1e-2, tol_feas=1e-3)
    found = round_primal(problem, dual, answer)
    assert found.point is not None
    assert Q(1, 18) * (1 - Q(1, 10**6)) <= as_fraction(found.point.value) <= Q(1, 18)


def test_no_point_without_an_answer():
    problem = gd(1, 1).problem()
    dual = program(problem)
    for status in ("infeasible", "unbounded", "failed: PanicException"):
        found = round_primal(problem, dual, Answer("CLARABEL", status, None, 0.0))
        assert found.point is None
        assert status in found.reason
    x, z = np.full(len(dual.variables), np.nan), np.zeros(3)
    assert round_primal(problem, dual, Answer("CLARABEL", "optimal", 1.0, 0.0, x, z)).point is None


def test_contradictory_equations_are_noticed():
    m = Model()
    x, y = m.point("x"), m.point("y")
    m.suppose(equal(inner(x, y), 1), equal(2 * inner(x, y), 3), norm2(x) <= 1, norm2(y) <= 4)
    m.maximise(inner(x, y))
    problem = m.problem()
    dual = program(problem)
    data = conic(dual)
    answer = Answer("CLARABEL", "optimal", 1.0, 0.0, np.zeros(len(data.q)), np.ones(len(data.b)))
    found = round_primal(problem, dual, answer, data=data)
    assert found.point is None
    assert "contradict" in found.reason


@pytest.mark.parametrize("name", ["gd-2-3/2", "line-search-twice", "matrix"])
def test_changed_certificates_are_rejected(name):
    """Every change of an entry that breaks some relation is found; the rest are other feasible points."""
    problem = CASES[name][0]().problem()
    point = rounded(problem).point
    good = point.certificate()
    known = to_kernel(problem)
    rejected = 0
    for where in ("gram", "values"):
        for entry, value in getattr(good, where).items():
            changed = replace(good, **{where: {**getattr(good, where), entry: value + Q(1, 7)}})
            with pytest.raises(Unproved):
                check_attained(changed)
            rejected += 1
    assert rejected > len(known.vectors)
    for value in (good.value + Q(1, 10**12), good.value - 1):
        with pytest.raises(Unproved):
            check_attained(replace(good, value=value))
    with pytest.raises(Unproved):
        check_attained(replace(good, gram={k: -v for k, v in good.gram.items()}))
    with pytest.raises(Unproved):
        check_attained(replace(good, values={}))


def test_a_displacement_that_is_attained_by_an_equation_does_no_harm():
    """Halpern's iteration without a fixed point; all conditions are equations or homogeneous once v is eliminated."""
    model = Model()
    T = model.operator(Nonexpansive(), name="T")
    best, x0 = model.point("x⋆"), model.point("x0")
    v = best - T(best)
    model.suppose(equal(T.displacement, v))
    model.suppose(norm2(x0 - best) <= 1)
    x = x0 / 2 + T(x0) / 2
    x = x0 / 3 + T(x) * Q(2, 3)
    model.maximise(norm2(x - T(x) - v))
    bound = model.solve()  # the supremum, 1.451767…, takes vectors without bound: an end may be missing
    assert bound.lower is None or bound.lower <= Q("1.45177")
    assert bound.upper is None or bound.upper >= Q("1.45176")
