"""The lecture notes: which claims hold, which are loose and which are false."""

import importlib.util
from fractions import Fraction
from pathlib import Path
from types import ModuleType

import pytest

from certify.language import pose, theorem
from certify.prove.prover import prove

FILE = Path(__file__).parents[2] / "examples" / "lecture_notes.py"
VERDICTS = {
    "second_moment": "holds", "called_variance": "false", "off_by_one": "loose", "impossible": "false",
    "nonsmooth": "holds", "root_steps": "loose", "root_steps_at_solution": "loose", "decreasing": "holds",
    "mini_batches": "holds", "weight_decay": "false", "polar_factor": "false", "newton_schulz": "false",
}  # fmt: skip


@pytest.fixture(scope="module")
def notes() -> ModuleType:
    spec = importlib.util.spec_from_file_location("lecture_notes", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    import sys

    sys.modules["lecture_notes"] = module
    spec.loader.exec_module(module)
    return module


def test_every_claim_has_its_verdict(notes: ModuleType) -> None:
    assert {c.__name__ for c in notes.CLAIMS} == VERDICTS.keys()


@pytest.mark.parametrize("name", VERDICTS)
def test_verdicts(notes: ModuleType, name: str) -> None:
    finding = getattr(notes, name)()
    assert finding.verdict == VERDICTS[name]
    assert finding.found


def test_the_variance_diverges_at_four_over_L(notes: ModuleType) -> None:
    """½(10x² + y²), no noise: each step of 4/L takes x to −3x, and the gap grows ninefold in that direction."""
    assert "α = 4/L" in notes.called_variance().found
    x, step = Fraction(1), Fraction(4, 10)
    for _ in range(5):
        x -= step * 10 * x
    assert x == (-3) ** 5


def test_constants_that_are_too_small_are_not_proved(notes: ModuleType) -> None:
    """Weights of 7α/(10√(k + 1)) do not add up to 4α√k/5: false at k = 1 already."""

    class Smaller(notes.Printed):
        name = "smaller"

        @theorem(notes.Convex, notes.SecondMoment, measure=notes.GAP, indexed=True)
        def second_moment(self, f, x, y, *, k, m):
            return self._printed(f, x, y, k, Fraction(7, 10), 1, ())

    statement = Smaller.theorems()["second-moment"]
    assert not prove(pose(Smaller, statement.assumptions, statement), seconds=2).proved
