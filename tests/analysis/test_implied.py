"""Declared implications between assumptions are theorems; undeclared ones are not provable."""

import pytest

from certify.analysis.catalogue import assumption_names, load_assumption
from certify.analysis.implications import implication
from certify.kernel import check

EDGES = [
    (a, b.name)
    for a in assumption_names()
    for b in sorted(load_assumption(a).closure(), key=lambda k: k.name)
    if b.name != a
]


@pytest.mark.parametrize(("strong", "weak"), EDGES)
def test_declared_implications_are_proved(strong, weak):
    certificates = implication(load_assumption(strong), load_assumption(weak))
    assert certificates is not None
    for certificate in certificates:
        check(certificate)


@pytest.mark.parametrize(
    ("strong", "weak"),
    [
        ("smooth", "convex"),
        ("convex", "strongly-convex"),
        ("convex", "smooth"),
        ("strongly-convex", "smooth-convex"),
        ("ball-convex-lsc", "ball-convex"),
        ("smooth-convex", "pl"),
    ],
)
def test_false_implications_are_not(strong, weak):
    assert implication(load_assumption(strong), load_assumption(weak)) is None
