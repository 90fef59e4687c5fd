"""Long runs with noise: the moments are those of all branches, and floors that are too low are found."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from certify.claims import line
from certify.claims.decide import Verdict, decide
from certify.claims.line import _run
from certify.claims.members import spread
from certify.claims.moments import Affine, Oracle, long_run
from certify.claims.reading import claim
from certify.simulate.exact import Piece, huber
from certify.simulate.line_functions import simple

SGD = {"method": "sgd", "assumptions": "smooth-strongly-convex", "noise": "variance", "where": "gamma <= 1/L"}
SPPM = {"method": "sppm", "assumptions": "sampled-strongly-convex"}
VALUES = {"L": Fraction(2), "mu": Fraction(1, 3), "sigma": Fraction(3, 2), "gamma": Fraction(2, 5)}
MEASURES: list[dict[str, Any]] = [
    {"claim": "f(x_N) - f* <= R^2"},
    {"claim": "||x_N - x*||^2 <= R^2"},
    {"measure": "gap", "bound": "R^2", "iterate": "average", "over": "0..N-1"},
    {"measure": "gap", "bound": "R^2", "iterate": "values", "over": "1..N"},
    {"measure": "distance", "bound": "R^2", "iterate": "best", "over": "0..N"},
]


@pytest.mark.parametrize("measured", MEASURES)
@pytest.mark.parametrize("entry", [SGD, SPPM])
def test_moments_are_those_of_all_branches(entry: dict[str, Any], measured: dict[str, Any]) -> None:
    made = claim(entry | measured)
    constants = {n: VALUES[n] for a in made.assumptions for n in a.parameters()}
    function = next(r for r in simple(constants) if r.kind == "quadratic").build()
    star, start = function.minimizer(Fraction(0)), Fraction(3)
    values = {n: VALUES[n] for n in made.parameters}
    all_branches = _run(made, function, constants, values, start, star, 4, True)[0].exact
    method = made.method(**{n: values[n] for n in made.method.parameters()})
    found, _ = long_run(made, method, Oracle(function, constants, VALUES["sigma"]), start, star, 4)
    if measured.get("iterate") == "best":  # of branches the least is taken first: a smaller number
        assert all_branches is not None
        assert all_branches <= found
    else:
        assert found == all_branches


def test_squares_of_affine_numbers() -> None:
    x = 2 - Affine(Fraction(1), (Fraction(1, 2),)) * 3 + Affine(Fraction(0), (Fraction(0), Fraction(2)))
    assert x.mean == -1
    assert x.square == 1 + Fraction(9, 4) + 4


@pytest.mark.slow
def test_a_floor_that_only_long_runs_reach_is_refuted() -> None:
    text = "E||x_N - x*||^2 <= (1 - gamma mu)^(2 N) R^2 + gamma sigma^2/(2 mu)"
    found = decide(claim(SGD | {"where": ["gamma <= 1/L", "mu <= L/10"], "claim": text}))
    assert found.verdict is Verdict.REFUTED
    assert found.counterexample is not None
    assert found.counterexample["steps"] > 6


SAMPLES = {"method": "sgd", "assumptions": "smooth-strongly-convex"}
TWICE = "E||x_N - x*||^2 <= (1 - gamma mu)^(2 N) R^2"


@pytest.mark.parametrize(
    ("noise", "where", "bound"),
    [("interpolation", "gamma <= 1/L", TWICE),
     ("sampled-smooth-convex", "gamma <= 1/(2 L)", f"{TWICE} + 2 gamma sigma^2/mu")],
)  # fmt: skip
def test_samples_that_are_steeper_than_their_mean(noise: str, where: str, bound: str) -> None:
    """One of two functions may be flat: then E‖x − x⋆‖² falls by 1 − γμ, and not by its square."""
    entry = SAMPLES | {"noise": noise, "where": where}
    found = line.search(claim(entry | {"claim": bound}), seconds=10)
    assert found is not None
    assert "(1 ± 1) f'(x)" in found.describe()
    assert line.search(claim(entry | {"claim": bound.replace("(2 N)", "N")}), seconds=1) is None


def test_samples_are_as_steep_as_they_may_be() -> None:
    for factor in (Fraction(1), Fraction(5, 4), Fraction(2), Fraction(7)):
        f = huber(L=2)
        steep = 1 + spread(f, 2 * factor)
        assert steep == min(factor, 2)
        twice = replace(f, pieces=tuple(Piece(steep * p.a, steep * p.b, steep * p.c) for p in f.pieces))
        assert twice.is_smooth(2 * factor)
        assert steep == 2 or not twice.is_smooth(2 * factor - Fraction(1, 100))
