"""Exact scenes: oracles on the line and in the plane, classes, enclosed numbers, replays that can fail."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction as Q
from math import log, sqrt
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seeded_catalogue import FAULTS

from certify.analysis.catalogue import load_assumption, load_method
from certify.assumptions.convex import Convex
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, Goal, Monotone, norm2, root, theorem
from certify.language.enclosures import Enclosure
from certify.language.roundings import enclosed
from certify.methods.gd import GradientDescent
from certify.simulate.claims import Claim
from certify.simulate.exact import absolute, huber, quadratic
from certify.simulate.refute import refute
from certify.simulate.scenes import line, plane
from certify.simulate.scenes.drafts import Diagonal, Turn
from certify.simulate.scenes.judge import Scene, judge
from certify.simulate.scenes.line import LineRole, Segment
from certify.simulate.scenes.plane import SPACE, Matrix
from certify.simulate.scenes.search import search

NUMBERS = st.fractions(min_value=Q(1, 50), max_value=50, max_denominator=60)


@given(NUMBERS, NUMBERS, st.integers(-3, 4))
def test_enclosed_numbers_contain_the_true_ones(a, b, n):
    r, s = Enclosure.of(a).root(), Enclosure.of(b).log()
    for found, true in ((r, sqrt(a)), (s, log(b)), (abs(-r), sqrt(a)), (r**n, sqrt(a) ** n), (s**2, log(b) ** 2)):
        assert found.low <= found.high <= found.low + Q(1, 10**20)
        assert float(found.low) == pytest.approx(true, rel=1e-12, abs=1e-12)
    assert (r * r <= a) == (r * r >= a) == (r.number is not None)
    assert r < r + 1
    assert not r > r


def test_logarithms_are_not_known_of_what_may_be_negative():
    with pytest.raises(ValueError, match="positive"):
        Enclosure(Q(-1), Q(1)).log()


@given(st.tuples(NUMBERS, NUMBERS, st.sampled_from([-1, 0, 1])), NUMBERS)
def test_classes_of_operators_are_those_of_their_eigenvalues(data, step):
    """On normal matrices, by their eigenvalues; near an edge floating point does not say."""
    size, slope, kind = data
    made: Any = Turn(size, slope * kind) if kind else Diagonal(size, -slope)
    A = made.build()
    values = np.linalg.eigvals([[float(A.a), float(A.b)], [float(A.c), float(A.d)]])
    known = {"L": step, "mu": step, "beta": step}
    slack = {
        "monotone": values.real,
        "strongly-monotone": values.real - float(step),
        "cocoercive": values.real - float(step) * abs(values) ** 2,
        "nonexpansive": 1 - abs(values),
        "lipschitz": float(step) - abs(values),
    }
    for name, room in slack.items():
        if min(abs(room)) > 1e-9:
            assert plane.CLASSES[name](A, known) == (min(room) > 0), name
    x = SPACE.vector(2, -3)
    if values.real.min() > 0:
        u = A.resolvent(x, step)
        assert u + A(u) * step == x


def test_a_shear_is_not_normal():
    """[[1, c], [0, 1]] is monotone exactly for |c| ≤ 2, though its eigenvalues are 1."""
    assert plane.CLASSES["monotone"](Matrix(Q(1), Q(2), Q(0), Q(1)), {})
    assert not plane.CLASSES["monotone"](Matrix(Q(1), Q(21, 10), Q(0), Q(1)), {})


def test_sums_on_the_line():
    f, h = LineRole(quadratic(2, Q(3)), {}, {}), LineRole(absolute(1), {}, {})
    whole = f + h
    assert whole.minimizer == Q(5, 2)  # 2(y − 3) + 1 = 0
    assert whole.value(whole.minimizer) == Q(1, 4) + Q(5, 2)
    assert f.gradient(whole.minimizer) + h.subgradient(whole.minimizer) == 0
    box = LineRole(Segment(Q(0), Q(1)), {}, {})
    assert (f + box).minimizer == 1
    assert box.prox(Q(7), 1) == 1
    assert box.shifted_minimizer(Q(-2)) == 0
    with pytest.raises(ValueError, match="infinite"):
        box.value(Q(2))


def test_directions_of_least_slope():
    f = LineRole(huber(1, 1), {}, {"alpha": Q(1, 2)})
    assert (f.lmo(Q(3)), f.lmo(Q(-3)), f.lmo(Q(3), Q(1, 2), Q(2))) == (-1, 1, -2)
    for wrong in ((Q(0),), (Q(1), Q(3), Q(2))):
        with pytest.raises(ValueError, match="direction"):
            f.lmo(*wrong)
    with pytest.raises(ValueError, match="direction"):  # Newton–Schulz computes a direction of its own
        LineRole(huber(1, 1), {}, {}).lmo(Q(1), Q(1, 2), Q(2))


def test_smooth_above_may_bend_down_but_has_no_kinks():
    one = load_assumption("smooth-above")(L=Q(1))
    assert line.belongs(quadratic(-5), one, {"L": Q(1)}, ())
    assert not line.belongs(quadratic(Q(101, 100)), one, {"L": Q(1)}, ())
    assert not line.belongs(absolute(1), one, {"L": Q(1)}, ())


def _fault(name):
    return next(f for f in FAULTS if str(f) == name)


def test_a_scene_outside_the_class_or_the_conditions_says_nothing():
    method, false, _ = _fault("forward-step-distance-rate-0.98").made()
    claim = Claim(method, tuple(false.assumptions), false)
    skew = Matrix(Q(1), Q(-1), Q(1), Q(1))  # μ = 1, L² = 2
    numbers = {"mu": Q(1), "gamma": Q(1, 4)}
    inside = Scene((skew,), numbers | {"L": Q(142, 100)}, (Q(1), Q(0)))
    assert judge(claim, inside).failure is not None
    outside = replace(inside, values=inside.values | {"L": Q(141, 100)})
    assert judge(claim, outside).failure is None


def test_counterexamples_that_were_changed_do_not_replay():
    method, false, _ = _fault("muon-fixed-long-error-0.96").made()
    found = refute(method, false.assumptions, false, [], seconds=5.0)
    assert found is not None
    assert found.replay()
    data = found.to_json()
    for name, value in (("lhs", "7"), ("starts", ["1/7"]), ("lead", 1), ("method", 3), ("functions", [])):
        changed = data | {name: value}
        if name != "method":
            assert not type(found).from_json(changed, found.claim).replay(), name
    assert data["method"] == "muon"


def test_batches_are_those_of_one_of_two_functions():
    """Two outcomes are samples without replacement for n = 2 and b = 1 only."""
    method = load_method("sgd-batch")
    true = method.theorems()["gap-pl-batch"]
    claim = Claim(method, tuple(true.assumptions), true)
    numbers = {"L": Q(1), "mu": Q(1, 2), "n": Q(2), "b": Q(1), "S": Q(1)}
    scene = Scene((quadratic(1),), numbers, (Q(0),), samples=(Q(1),))
    assert judge(claim, scene).nearness == pytest.approx(0.0, abs=1e-15)  # an equality
    other = replace(scene, values=numbers | {"n": Q(3)})
    assert judge(claim, other).nearness == -float("inf")


class Rooted(GradientDescent):
    """Gradient descent with theorems that hold with equality for roots, and fail for numbers close to them."""

    name = "rooted"

    @theorem(SmoothConvex, measure=DISTANCE)
    def two(self, f: Any, x: Any, y: Any) -> Goal:
        """√2² = 2."""
        return Monotone(before=2 * norm2(x - f.minimizer), after=root(2) ** 2 * norm2(x - f.minimizer))

    @theorem(SmoothConvex, measure=DISTANCE)
    def two_again(self, f: Any, x: Any, y: Any) -> Goal:
        """2 = √2², the other way round."""
        return Monotone(before=root(2) ** 2 * norm2(x - f.minimizer), after=2 * norm2(x - f.minimizer))

    @theorem(SmoothConvex, measure=DISTANCE)
    def smaller(self, f: Any, x: Any, y: Any) -> Goal:
        """√2² ≤ 1999/1000, which is false."""
        lhs = root(2) ** 2 * norm2(x - f.minimizer)
        return Monotone(before=Q(1999, 1000) * norm2(x - f.minimizer), after=lhs)


def test_rounded_roots_refute_nothing():
    """The numbers close to roots with which methods run differ from them: what fails by that much is not false."""
    assert root(2) ** 2 != 2
    found = {n: refute(Rooted, t.assumptions, t, [], seconds=0.4) for n, t in Rooted.theorems().items() if "two" in n}
    assert found == {"two": None, "two-again": None}
    false = Rooted.theorems()["smaller"]
    assert refute(Rooted, false.assumptions, false, [], seconds=5.0) is not None


def test_roots_and_logarithms_of_numbers_are_enclosed_where_asked():
    from certify.language import log as ln

    with enclosed():
        assert isinstance(root(Q(2)), Enclosure)
        assert float(ln(Q(2)).low) == pytest.approx(log(2))
        assert ln(Q(1)) == 0
    assert isinstance(root(Q(2)), Q)
    with pytest.raises(TypeError):
        ln(Q(2))


def test_no_scene_without_predicates():
    """What is assumed must be decided exactly: no search where some of it is not known."""
    method = load_method("amsgrad")
    true = method.theorems()["regret"]
    assert search(Claim(method, tuple(true.assumptions), true), "amsgrad", seconds=1.0) is None
    assert line.belongs(Segment(Q(0), Q(2)), load_assumption("bounded-indicator")(D=Q(2)), {"D": Q(2)}, ())
    assert not line.belongs(Segment(Q(0), Q(2)), load_assumption("bounded-indicator")(D=Q(1)), {"D": Q(1)}, ())
    assert line.belongs(Segment(Q(0), Q(2)), Convex(), {}, ())


def test_floats_are_no_exact_numbers() -> None:
    with pytest.raises(TypeError, match="not an exact number"):
        Enclosure.of(0.2)  # ty: ignore[invalid-argument-type]
