"""Certify's interval against known answers: never on the wrong side, narrow, and labelled where it is a relaxation."""

from fractions import Fraction

import pytest
from reference_problems import PROBLEMS, Reference

NARROW = Fraction(1, 10**5)
WIDE = Fraction(1, 100)
TINY = Fraction(1, 10**3)
"""Optima below this count as this when widths are measured (the problems are normalised)."""


CASES = [pytest.param(p, id=p.name, marks=[pytest.mark.slow] if p.slow else []) for p in PROBLEMS]


@pytest.mark.parametrize("reference", CASES)
def test_interval_contains_the_true_value(reference: Reference):
    bound = reference.build().solve()
    assert bool(bound.problem.relaxations) == reference.relaxed
    assert bound.upper is not None
    scale = max(abs(bound.upper), TINY if reference.low == 0 else abs(reference.low))
    assert reference.low <= bound.upper <= reference.high + NARROW * scale
    if reference.relaxed and not bound.narrowed:
        assert bound.lower is None
    elif reference.relaxed:  # what certainly occurs may stay below the relaxation
        assert bound.lower is not None
        assert bound.lower <= reference.high
    else:
        assert bound.lower is not None
        assert bound.lower <= reference.high
        assert bound.upper - bound.lower <= (WIDE if reference.unattained else NARROW) * scale


def test_table_is_large_and_its_names_are_unique():
    assert len(PROBLEMS) >= 250
    assert len({problem.name for problem in PROBLEMS}) == len(PROBLEMS)
    assert all(problem.low <= problem.high for problem in PROBLEMS)
