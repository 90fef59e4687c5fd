"""The variance of a batch drawn without replacement: an identity for all n and b, and counted by hand for some."""

from fractions import Fraction
from itertools import combinations

import pytest

from certify.analysis.sampling import batch_variance
from certify.kernel import check
from certify.language import Scalar

n, b = (Scalar.variable(name) for name in "nb")


def test_the_factor_is_proved_in_both_directions():
    both = batch_variance()
    assert both is not None
    for certificate in both:
        check(certificate)
    below, above = (c.statement.conclusion for c in both)
    assert below == -above


@pytest.mark.parametrize("factor", [n - 1, n, n - b + 1, n - 2 * b, n - b * b])
def test_other_factors_are_not_proved(factor):
    assert batch_variance(factor) is None


@pytest.mark.parametrize(("count", "size"), [(2, 1), (5, 1), (5, 2), (5, 4), (5, 5), (6, 3)])
def test_all_batches_counted(count, size):
    values = [Fraction(7 * i * i - 3 * i + 2, i + 2) for i in range(count)]
    mean = sum(values) / count
    variance = sum((v - mean) ** 2 for v in values) / (count - 1)
    errors = [(sum(batch) / size - mean) ** 2 for batch in combinations(values, size)]
    assert sum(errors) / len(errors) == (1 - Fraction(size, count)) * variance / size
