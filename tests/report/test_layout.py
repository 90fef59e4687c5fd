"""Formulas are broken where a mathematician would break them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certify.report.layout import columns, wrap, wrap_words
from certify.report.words import duration, outer_terms, pretty, short


@pytest.mark.parametrize(
    ("formula", "width", "lines"),
    [
        ("a + b ≤ c", 40, ["a + b ≤ c"]),
        ("aaaa + bbbb ≤ cccc", 12, ["aaaa + bbbb", "≤ cccc"]),
        ("aaaa(bbbb + cccc) + dddd", 20, ["aaaa(bbbb + cccc)", "+ dddd"]),
        ("‖aaaa − bbbb‖² + ‖cc − dd‖²", 20, ["‖aaaa − bbbb‖²", "+ ‖cc − dd‖²"]),
        ("aaaa if bbbb ≥ 1; cccc if dddd ≥ 1", 26, ["aaaa if bbbb ≥ 1;", "cccc if dddd ≥ 1"]),
        ("abcdefghijklmnop", 8, ["abcdefgh", "ijklmnop"]),
    ],
)
def test_breaks(formula, width, lines):
    assert wrap(formula, width) == lines


def test_prose_keeps_a_formula_together():
    assert wrap_words("we know that f(x) ≥ f(y) for all x", 20) == ["we know that", "f(x) ≥ f(y) for all", "x"]


def test_a_hanging_indent():
    assert wrap("aaaa + bbbb + cccc", 12, hang=2) == ["aaaa + bbbb", "  + cccc"]


@given(st.text(alphabet="ab()[]‖⟨⟩+−≤;: ", max_size=80), st.integers(8, 40))
def test_nothing_is_lost_and_everything_fits(text, width):
    for fill in (wrap, wrap_words):
        lines = fill(text, width)
        assert "".join("".join(lines).split()) == "".join(text.split())
        assert all(columns(line) <= width for line in lines)


def test_combining_characters_take_no_column():
    assert columns("x̂") == 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (4096, "4,096"),
        (0.123456789, "0.123457"),
        (True, "yes"),
        ({"a": 1, "b": [1, 2]}, "a = 1, b = (1, 2)"),
        (None, "null"),
    ],
)
def test_data_in_words(value, text):
    assert short(value) == text


def test_long_data_is_cut():
    assert short("x" * 1000).endswith("…")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0123, "0.012 s"), (1.26, "1.3 s"), (59.6, "60 s"), (200.2, "3 min 20 s")]
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_terms_and_names():
    assert outer_terms("a(b + c) − d") == ["a(b + c)", "− d"]
    assert pretty("smooth-convex from x1 to x12") == "smooth-convex from x₁ to x₁₂"
