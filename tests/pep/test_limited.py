"""Time limits: what was established stays, nothing hangs, and errors come through."""

import os
import time
from fractions import Fraction as Q

import pytest

from certify.assumptions.smooth_convex import SmoothConvex
from certify.kernel.worst_case import check_upper
from certify.methods.gd import GradientDescent
from certify.pep import Model, norm2, worst_case
from certify.pep.engine.bounds import Bound, Verdict
from certify.pep.engine.limited import NoTimeLimit, within
from certify.pep.engine.solvers import UnknownSolver

FOREVER = 600


def descent(steps=2) -> Model:
    model = Model()
    f = model.function(SmoothConvex(L=1))
    x = x0 = model.point("x0")
    model.suppose(norm2(x0 - f.minimizer) <= 1)
    for _ in range(steps):
        x = x - f.gradient(x)
    model.maximise(f(x) - f.minimum)
    return model


def test_with_time_enough_nothing_changes():
    limited, free = descent().solve(time_limit=300), descent().solve()
    assert (limited.lower, limited.upper, limited.verdict) == (free.lower, free.upper, free.verdict)
    assert limited.stopped == ""
    check_upper(limited.upper_certificate)


def test_what_was_established_before_the_end_is_kept():
    complete = descent().solve()

    def work(report):
        report(complete)
        time.sleep(FOREVER)
        return complete

    bound = within(3, work)
    assert bound.upper == complete.upper
    assert bound.stopped == "the time limit was reached"


def test_bounds_are_reported_on_the_way():
    """First a number, then a proved upper end, then both ends; what is reported is never taken back."""
    seen: list[Bound] = []
    final = descent().solve(report=seen.append)
    assert [b.verdict for b in seen[:2]] == [Verdict.NUMERICAL, Verdict.UPPER]
    assert final.verdict is Verdict.CERTIFIED
    assert all(b.upper is None or b.upper >= final.upper for b in seen)
    assert all(b.lower is None for b in seen)


def test_without_any_result_the_answer_is_stopped():
    bound = within(0.05, lambda _: time.sleep(FOREVER))
    assert bound.verdict is Verdict.STOPPED
    assert bound.upper is bound.lower is bound.value is None
    assert "stopped" in str(bound)


def test_a_process_that_dies_is_no_result():
    def work(report):
        report(descent().solve())
        os._exit(9)

    bound = within(FOREVER, work)
    assert bound.stopped == "the process that did the work ended unexpectedly"
    assert bound.upper is not None


def test_errors_come_through():
    with pytest.raises(UnknownSolver, match="NONESUCH"):
        descent().solve(time_limit=FOREVER, solver="NONESUCH")
    for seconds in (0, -1, float("inf"), float("nan")):
        with pytest.raises(NoTimeLimit, match="positive number of seconds"):
            descent().solve(time_limit=seconds)


def test_it_is_an_option_of_declared_methods():
    options = {"steps": 2, "measure": "gap"}
    bound = worst_case(GradientDescent, SmoothConvex, {"L": 1, "gamma": "1/L"}, **options, time_limit=300, exact=True)
    assert bound.upper == Q(1, 10)
