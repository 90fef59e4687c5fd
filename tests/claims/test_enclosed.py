"""Runs with irrational coefficients: the enclosures are narrow, contain the run in floats, and are proper intervals."""

from fractions import Fraction

import pytest

from certify.claims.enclosed import Enclosed, Oracle, interval
from certify.claims.enclosed_runs import Samples, paths
from certify.claims.intervals import Interval
from certify.methods.adagrad import AdaGrad
from certify.methods.fgm import FastGradient
from certify.methods.nag import ConstantMomentum
from certify.simulate.exact import absolute, huber, quadratic

L = {"L": Fraction(1), "mu": Fraction(1, 10)}


@pytest.mark.parametrize("function", [quadratic(1), huber(1, 1), quadratic(Fraction(1, 10))])
@pytest.mark.parametrize("kind", [FastGradient, ConstantMomentum])
def test_runs_are_enclosed(function, kind) -> None:
    (points,) = paths(kind(), Samples(function, L, Fraction(0)), Fraction(7), 6)
    x, y, t, s = 7.0, 7.0, 1.0, 0.1**0.5
    for point in points:
        assert point.low <= point.high
        assert point.high - point.low < Fraction(1, 10**20)
        assert abs(float(point.low) - x) < 1e-9
        after, longer = y - float(function.gradient(Fraction(y))), (1 + (1 + 4 * t * t) ** 0.5) / 2
        momentum = (t - 1) / longer if kind is FastGradient else (1 - s) / (1 + s)
        x, y, t = after, after + momentum * (after - x), longer


def test_bounded_samples_follow_all_outcomes() -> None:
    M, α, ε = Fraction(2), Fraction(1, 2), Fraction(1, 10)
    oracle = Samples(quadratic(1), {"L": Fraction(1), "M": M}, Fraction(0))
    found = paths(AdaGrad(alpha=α, epsilon=ε), oracle, Fraction(1), 2, M, noisy=True)
    wanted = []
    for first in (1, -1):
        for second in (1, -1):
            x, v = 1.0, 0.0
            for sign in (first, second):
                g = x + sign * (2 - abs(x))
                v += g * g
                x -= 0.5 * g / (0.1 + v) ** 0.5
            wanted.append(x)
    assert [float(path[-1].low) for path in found] == pytest.approx(wanted)
    assert all(0 <= path[-1].high - path[-1].low < Fraction(1, 10**20) for path in found)
    with pytest.raises(ValueError, match="larger"):
        paths(AdaGrad(alpha=α, epsilon=ε), oracle, Fraction(3), 1, M)


def test_kinks_between_pieces_are_hulls() -> None:
    oracle = Oracle(huber(1, 1), L, Fraction(0))
    across = Enclosed(Interval(Fraction(1, 2), Fraction(3)))
    assert interval(oracle.gradient(across)) == Interval(Fraction(1, 2), Fraction(1))
    assert interval(oracle.value(across)).low <= Fraction(1, 8)
    assert interval(oracle.value(across)).high >= Fraction(5, 2)
    with pytest.raises(ValueError, match="differentiable"):
        Oracle(absolute(1), L, Fraction(0))
