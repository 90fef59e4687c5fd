"""Rational expressions through python-flint: the same as SymPy's, and SymPy for what is not rational."""

from __future__ import annotations

import pytest
import sympy as sp
from hypothesis import given, settings
from hypothesis import strategies as st

from certify.prove.quotients import NotRational, cancelled, numerator, quotient
from certify.prove.symbolic import from_sympy, symbol, to_sympy

X, Y, Z = (symbol(n) for n in ("x", "y", "weight0"))

LEAVES = st.sampled_from([X, Y, Z, sp.Integer(2), sp.Rational(-1, 3), sp.Integer(0)])
EXPRESSIONS = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda a, b: a + b, inner, inner),
        st.builds(lambda a, b: a * b, inner, inner),
        st.builds(lambda a, b: a / (1 + b**2), inner, inner),
        st.builds(lambda a: (a + X - Y) ** 2, inner),
    ),
    max_leaves=5,
)


@settings(max_examples=40, deadline=None)
@given(EXPRESSIONS)
def test_quotients_are_those_of_sympy(expression):
    ours, theirs = cancelled(expression), sp.cancel(expression)
    assert sp.cancel(ours - theirs) == 0
    assert (
        sp.expand(sp.denom(ours)).equals(sp.expand(sp.denom(theirs)))
        or sp.cancel(sp.denom(ours) / sp.denom(theirs)).is_Rational
    )  # no factor is left in both
    ratio = sp.cancel(numerator(expression) / sp.numer(theirs)) if theirs != 0 else sp.Integer(1)
    assert ratio.is_Rational
    assert (numerator(expression) == 0) == (theirs == 0)
    assert sp.cancel(to_sympy(from_sympy(expression)) - theirs) == 0


def test_common_factors_go():
    assert cancelled((X**2 - 1) / (X - 1)) == X + 1
    assert numerator(1 / X - 1 / X) == 0
    top, bottom = quotient(X / (2 * X * Y))[2]
    assert top.total_degree() == 0
    assert bottom.total_degree() == 1


@pytest.mark.parametrize("expression", [sp.sqrt(X), X**Y, sp.Float(0.5) * X, sp.zoo, sp.sqrt(2) + X])
def test_what_is_not_rational_is_left_to_sympy(expression):
    with pytest.raises(NotRational):
        quotient(expression)
    assert cancelled(expression) == sp.cancel(expression)


def test_a_division_by_zero_is_not_rational():
    with pytest.raises(NotRational):
        quotient(sp.Pow(sp.Add(X, -X, evaluate=False), -1, evaluate=False))


def test_symbols_with_one_name_are_not_mixed_up():
    with pytest.raises(NotRational):
        quotient(X + sp.Symbol("x", positive=True))
    assert from_sympy(sp.sqrt(2) * X) is None
