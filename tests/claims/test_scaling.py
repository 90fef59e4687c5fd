"""Claims at one N for all units: what is brought to 1, what is not, and mutations that must stay unproved."""

from fractions import Fraction
from typing import Any

import pytest

from certify.claims.decide import Verdict, decide
from certify.claims.reading import claim
from certify.claims.scaling import normal
from certify.claims.units import LENGTH, ONE, SLOPE, STEP, VALUE, Amount, Arrow, Function, OtherUnits, times

GD: dict[str, Any] = {"method": "gd", "assumptions": ["smooth-convex"], "steps": 1}


def read(**entry: Any) -> Any:
    return claim({**GD, **entry})


def test_units_of_sums_and_oracles() -> None:
    L = Amount(times(VALUE, LENGTH, -2))
    x, f = Arrow(LENGTH), Function({"L": L})
    assert (x - f.gradient(x) / f.L).unit == LENGTH
    assert (L * x.geometry.squared_norm(x)).unit == VALUE
    for wrong in (lambda: x - f.gradient(x), lambda: L + 1, lambda: f.prox(x, f.L), lambda: 1 - Amount(STEP)):
        with pytest.raises(OtherUnits):
            wrong()
    assert (1 + Amount(ONE)).unit == ONE
    with pytest.raises(OtherUnits):
        bool(x == x)


@pytest.mark.parametrize(
    ("entry", "wanted"),
    [
        ({"set": {"gamma": "1/L"}, "claim": "f(x_N) - f* <= L R^2/6"}, {"L": 1, "gamma": 1}),
        ({"set": {"gamma": "3/(2 L)"}, "claim": "f(x_N) - f* <= L R^2/8"}, {"L": 1, "gamma": Fraction(3, 2)}),
        ({"set": {"gamma": "1/L^2"}, "claim": "f(x_N) - f* <= L R^2/6"}, None),  # another unit
        ({"set": {"gamma": "1/L"}, "claim": "f(x_N) - f* <= L^2 R^2/6"}, None),
        ({"set": {"gamma": "1/L"}, "claim": "f(x_N) - f* <= L R^2/6 + 1"}, None),
        ({"set": {"gamma": "1/(L + 1)"}, "claim": "f(x_N) - f* <= L R^2/6"}, None),
        ({"claim": "f(x_N) - f* <= L R^2/6"}, None),  # γL stays what it is in all units
        ({"set": {"gamma": 1}, "claim": "f(x_N) - f* <= L R^2/6"}, None),
        ({"set": {"gamma": "1/L"}, "where": "L >= 2", "claim": "f(x_N) - f* <= L R^2/6"}, None),
    ],
)
def test_what_is_brought_to_one(entry: dict[str, Any], wanted: dict[str, Any] | None) -> None:
    found = normal(read(**entry))
    assert found is None if wanted is None else found is not None and wanted.items() <= found.items()


def test_verdicts_at_one_step() -> None:
    step = {"set": {"gamma": "3/(2 L)"}}
    assert decide(read(**step, claim="f(x_N) - f* <= L R^2/8"), seconds=10).verdict is Verdict.PROVED
    assert decide(read(**step, claim="f(x_N) - f* <= L R^2/8.1"), seconds=10).verdict is Verdict.REFUTED


def test_two_units_and_a_radius() -> None:
    entry = {"method": "subgradient", "assumptions": ["lipschitz-convex"], "steps": 1}
    free = claim({**entry, "claim": "f(x_N) - f* <= M R"})
    tied = claim({**entry, "set": {"gamma": "R/M"}, "claim": "f(x_N) - f* <= M R"})
    found = normal(tied)
    assert found is not None
    assert found["gamma"] == found["M"] == found["R"] == 1
    assert normal(free) is not None  # γM and M: one for lengths, one for values
    assert times(VALUE, LENGTH, -1) == SLOPE
