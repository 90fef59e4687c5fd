"""Tensors that take exact coefficients, and the plain ones that test functions get."""

from __future__ import annotations

from fractions import Fraction

import pytest
import torch

from certify.analysis.analyse import _runs
from certify.analysis.results import Formula, TheoremResult, Verdict
from certify.analysis.runner import FAILED
from certify.language import Scalar
from certify.simulate.recorded import Recorded
from certify.simulate.rows import Rows, bare, rows

DATA = torch.tensor([[1.0, -2.0], [0.25, 3.0]], dtype=torch.float64)


@pytest.mark.parametrize("number", [Fraction(1, 4), Scalar.constant(3), 2, 0.5])
def test_numbers_of_all_kinds_from_both_sides(number):
    x, value = rows(DATA.clone()), float(number.as_constant() if isinstance(number, Scalar) else number)
    pairs = [(x + number, DATA + value), (number + x, value + DATA), (x - number, DATA - value)]
    pairs += [(number - x, value - DATA), (x * number, DATA * value), (number * x, value * DATA)]
    pairs += [(x / number, DATA / value), (number / x, value / DATA)]
    for found, expected in pairs:
        assert type(found) is Rows
        assert torch.equal(bare(found), expected)


def test_what_cannot_be_multiplied_is_refused():
    with pytest.raises(TypeError):
        rows(DATA) * "a"


class _Function:
    """|x|²/2, which notes what it is given."""

    oracles = frozenset({"value", "gradient", "prox"})

    def __init__(self):
        self.kinds = set()

    def value(self, x):
        self.kinds.add(type(x))
        return (x * x).sum(1, keepdim=True) / 2

    def subgradient(self, x):
        self.kinds.add(type(x))
        return x

    def prox(self, x, gamma):
        self.kinds |= {type(x), type(gamma)}
        return x / (1 + gamma)


def test_test_functions_compute_with_plain_tensors_and_declarations_do_not():
    function = _Function()
    f, x = Recorded(function, {}), rows(DATA)
    found = f.value(x), f.gradient(x), f.prox(x, rows(torch.ones(2, 1, dtype=torch.float64)))
    assert {type(v) for v in found} == {Rows}
    assert function.kinds == {torch.Tensor}


def test_runs_that_fail_are_no_answer_unless_their_theorem_is_proved():
    words = Formula("", "")
    open_, proved = (TheoremResult("m/a/t", "gap", words, words, v) for v in (Verdict.OPEN, Verdict.PROVED))
    found = [{FAILED: "ValueError: no"}, {"violations": 0}, None]
    assert _runs(open_, found, 0) is None
    assert _runs(proved, found, 1) == {"violations": 0}
    assert _runs(proved, found, 2) is None
    assert _runs(proved, found, None) is None
    with pytest.raises(RuntimeError, match=r"m/a/t failed: ValueError: no"):
        _runs(proved, found, 0)
