"""Seeded false theorems where the line does not do: in layers, in coordinates, with memory, in bounded domains."""

from dataclasses import replace
from fractions import Fraction as Q

import pytest

from certify.analysis.analyse import analyse
from certify.analysis.catalogue import load_method
from certify.analysis.results import Verdict
from certify.simulate.attack import attack
from certify.simulate.refute import refute

SEEDED = [
    ("bpm", "gap-bounded", {"rate": Q(9, 10)}),
    ("bpm", "gap-growth", {"amount": Q(11, 10)}),
    ("heavy-ball", "gap", {"weights": Q(11, 10)}),
    ("adam", "gradient", {"error": Q(9, 10)}),
    ("rmsprop", "gradient", {"error": Q(9, 10)}),
    ("frugal", "split", {"weights": Q(11, 10)}),
    ("frugal", "split", {"error": Q(9, 10)}),
    ("gluon", "descent", {"weights": Q(11, 10)}),
    ("gluon", "scaled", {"weights": Q(11, 10)}),
    ("gluon", "momentum", {"error": Q(4, 5)}),
    ("gluon", "weight-decay", {"rate": Q(9, 10)}),
    ("muon", "descent", {"weights": Q(21, 20)}),
    ("nsgd", "fixed", {"error": Q(9, 10)}),
    ("nsgd", "scaled", {"weights": Q(21, 20)}),
    ("signsgd", "descent", {"weights": Q(11, 10)}),
]


def _mutated(method: str, name: str, factors: dict[str, Q]):
    """The theorem with some numbers of its goal multiplied."""
    kind = load_method(method)
    true = kind.theorems()[name]

    def goal(*arguments, **keywords):
        found = true.goal(*arguments, **keywords)
        changed = {}
        for part, factor in factors.items():
            value = getattr(found, part)
            changed[part] = tuple(v * factor for v in value) if isinstance(value, tuple) else value * factor
        return replace(found, **changed)

    return kind, replace(true, goal=goal)


@pytest.mark.parametrize(("method", "name", "factors"), SEEDED, ids=[f"{m}-{n}-{next(iter(f))}" for m, n, f in SEEDED])
def test_a_false_theorem_is_exceeded(method, name, factors):
    kind, false = _mutated(method, name, factors)
    found = attack(kind, false.assumptions, false)
    assert found is not None
    assert found.violations > 0
    assert found.worst_ratio is not None
    assert found.worst_ratio > 1


@pytest.mark.parametrize(
    ("name", "factors"),
    [("gap-bounded", {"rate": Q(19, 20)}), ("gap-growth", {"amount": Q(21, 20)}), ("gap-sharp", {"amount": Q(21, 20)})],
)
def test_bounded_domains_and_growth_are_decided_on_the_line(name, factors):
    """Five in a hundred too good, within the time that an analysis allows, and replayed exactly."""
    kind, false = _mutated("bpm", name, factors)
    found = refute(kind, false.assumptions, false, [], seconds=10.0)
    assert found is not None
    assert found.replay()


FALSE = '''
from fractions import Fraction

from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.language import Telescoping, norm, theorem
from certify.methods._layerwise import DECREASE, Adaptive


class TooGood(Adaptive):
    """A decrease by more than there is: 11/20 instead of 1/2."""

    name = "too-good"
    title = "too good"

    @theorem(LayerwiseSmooth, measure=DECREASE, norms=("layers",))
    def descent(self, f, x, y):
        """The decrease is 11/20 of the measure."""
        r = norm(f.gradient(x))
        total = f.total(r**2 / (f.L0 + f.L1 * r))
        before, after = f.value(x) - f.minimum, f.value(y) - f.minimum
        return Telescoping(quantities=(total,), before=before, after=after, weights=(Fraction(11, 20),))
'''


def test_an_analysis_refutes_a_false_theorem_in_layers(tmp_path):
    path = tmp_path / "too_good.py"
    path.write_text(FALSE)
    (result,) = analyse(str(path), theorems=("descent",), seconds=5.0, sdp=False).theorems
    assert result.verdict is Verdict.REFUTED
    assert result.counterexample is not None


def test_an_analysis_says_that_what_is_false_for_two_layers_is_exceeded(tmp_path):
    """It stays open: it is true for one layer, where counterexamples are searched and replayed exactly."""
    path = tmp_path / "too_good.py"
    path.write_text(FALSE.replace("Fraction(11, 20)", "f.total(1) / 2"))
    (result,) = analyse(str(path), theorems=("descent",), seconds=5.0, sdp=False).theorems
    assert result.verdict is Verdict.OPEN
    assert result.trajectories is not None
    assert result.trajectories["violations"] > 0
    assert any("false, as far as floating point can tell" in note for note in result.notes)


def test_quotients_of_integers_are_exact_in_exact_runs(tmp_path):
    """1/(p + 1) ≤ 1/2 for p ≥ 1 layers, and equal for one; as a float it would be refuted by a rounding."""
    path = tmp_path / "true.py"
    path.write_text(FALSE.replace("Fraction(11, 20)", "1 / (f.total(1) + 1)"))
    (result,) = analyse(str(path), theorems=("descent",), seconds=5.0, sdp=False).theorems
    assert result.verdict is not Verdict.REFUTED
    assert result.counterexample is None
