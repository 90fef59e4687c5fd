"""Linear rates of declared methods: values of the literature, and methods without a linear rate."""

from __future__ import annotations

from fractions import Fraction

import pytest

from certify.analysis.catalogue import load_assumption, load_method
from certify.kernel.worst_case import check_attained, check_upper
from certify.pep import BadQuestion
from certify.pep.method_rates import linear_rate

CURVED = load_assumption("smooth-strongly-convex")
SMOOTH, CONVEX, STRONG = map(load_assumption, ("smooth-convex", "convex", "strongly-convex"))


@pytest.mark.parametrize(
    ("method", "assumptions", "values", "measure", "rate"),
    [
        ("gd", CURVED, {"L": 1, "mu": "1/10", "gamma": "3/2"}, "distance", 0.85**2),
        ("gd", CURVED, {"L": 1, "mu": "1/10", "gamma": "20/11"}, "gap", (9 / 11) ** 2),
        ("heavy-ball", CURVED, {"L": 1, "mu": "1/4", "gamma": "16/9", "beta": "1/9"}, "distance", 0.3475677),
        ("ppm", STRONG, {"mu": 1, "gamma": "1/2"}, "distance", 4 / 9),
        ("pgm", [CURVED, CONVEX], {"f.L": 1, "f.mu": "1/10", "gamma": 1}, "distance", 0.81),
        (
            "davis-yin",
            [SMOOTH, CONVEX, CURVED],
            {"f.L": 2, "h.L": 2, "h.mu": 1, "gamma": "1/2", "lam": 1},
            "distance",
            0.2773061196,
        ),
        ("triple-momentum", CURVED, {"L": 1, "mu": "1/4"}, "distance", 0.25),
        ("triple-momentum", CURVED, {"L": 1, "mu": "1/9"}, "gap", 4 / 9),
    ],
)
def test_rates_of_methods(method, assumptions, values, measure, rate) -> None:
    found = linear_rate(load_method(method), assumptions, values, measure=measure)
    assert found.found is not None
    assert found.refused is not None
    assert found.lower is not None
    assert found.upper is not None
    assert found.lower - Fraction(1, 10**7) < rate < found.upper + Fraction(1, 10**7)
    assert found.upper - found.lower < Fraction(1, 10**5)
    check_upper(found.found.descent)
    check_upper(found.found.bounded_below)
    check_attained(found.refused.certificate)


def test_methods_that_change_have_no_linear_rate() -> None:
    with pytest.raises(BadQuestion, match="coefficients change"):
        linear_rate(load_method("ogm"), SMOOTH, {"L": 1})
    with pytest.raises(BadQuestion, match="coefficients change"):
        linear_rate(load_method("fgm-simple"), SMOOTH, {"L": 1})
    with pytest.raises(BadQuestion, match="homogeneous"):
        linear_rate(load_method("subgradient"), load_assumption("lipschitz-convex"), {"M": 1, "gamma": 1})
    assert str(linear_rate(load_method("dca"), [SMOOTH, CONVEX], {"f.L": 1})) == "no rate was proved"
