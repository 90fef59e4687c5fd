"""Every declared rate is compared with the certified worst case at each of its sample points.

Rows of new method files are found by themselves. A row fails if a certified worst case refutes it, if the certified
upper end does not reach down to it, or if it is said to be tight and is not.
"""

from fractions import Fraction
from typing import Any

import pytest

from certify.analysis.catalogue import load_method, method_names
from certify.assumptions.smooth_convex import SmoothConvex
from certify.language import DISTANCE, GAP, Method, Rate
from certify.methods.ogm import inertia

CLOSE = Fraction(1, 10**6)
SLOW: set[tuple[str, str]] = set()
"""Method and row where one sample point takes more than a second."""


def _samples() -> list[Any]:
    found = []
    for name in method_names():
        method = load_method(name)
        for row in method.rates().values():
            for k, point in enumerate(row.at):
                marks = [pytest.mark.slow] if (name, row.name) in SLOW else []
                found.append(pytest.param(method, row, point, id=f"{name}/{row.name}/{k + 1}", marks=marks))
    return found


def _question(method: type[Method], row: Rate, point: dict[str, Any]) -> Any:
    from certify.pep.questions import question

    values = dict(point)
    steps = values.pop("N")
    assumptions = row.assumptions if len(row.assumptions) > 1 else row.assumptions[0]
    return question(method, assumptions, values, steps=steps, measure=row.measure, initial=row.initial)


def _claimed(method: type[Method], row: Rate, point: dict[str, Any]) -> Any:
    asked = _question(method, row, point)
    return row.claimed(asked.method, asked.constants, asked.steps, asked.bound)


@pytest.mark.parametrize(("method", "row", "point"), _samples())
def test_the_row_is_reproduced(method: type[Method], row: Rate, point: dict[str, Any]) -> None:
    from certify.pep.runs import answer, pose

    asked = _question(method, row, point)
    value = row.claimed(asked.method, asked.constants, asked.steps, asked.bound)
    assert value is not None, "the row is not claimed at its own sample point"
    claimed = Fraction(value)
    bound = answer(pose(asked))
    assert bound.upper is not None, f"no certified upper end: {bound}"
    assert bound.lower is None or bound.lower <= claimed * (1 + CLOSE), f"refuted: {bound}, claimed {float(claimed)}"
    assert bound.upper <= claimed * (1 + CLOSE), f"not reached: {bound}, claimed {float(claimed)}"
    if row.tight:
        assert bound.upper >= claimed * (1 - CLOSE), f"not tight: {bound}, claimed {float(claimed)}"


@pytest.mark.parametrize("name", [name for name in method_names() if load_method(name).rates()])
def test_rows_have_sample_points_and_sources(name: str) -> None:
    for row in load_method(name).rates().values():
        assert row.at, f"{row.name} has no sample point"
        assert row.source, f"{row.name} has no source"


def test_no_row_beats_the_optimal_method() -> None:
    """No N gradients of a smooth convex function guarantee less than L R²/(2θ_N²): Drori (2017), Theorem 3."""
    count = 0
    for name in method_names():
        method = load_method(name)
        for row in method.rates().values():
            if row.assumptions == ((SmoothConvex,),) and (row.measure.name, row.initial.name) == (
                GAP.name,
                DISTANCE.name,
            ):
                for point in row.at:
                    L, N = Fraction(point["L"]), int(point["N"])
                    claimed = _claimed(method, row, dict(point))
                    assert claimed >= (1 - CLOSE) * L / (2 * inertia(N)[N] ** 2), (name, row.name, point)
                    count += 1
    assert count > 10
