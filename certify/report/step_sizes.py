"""The report on step sizes: the whole answer at the best one, what is proved about it, and what it rests on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Context, Decimal
from fractions import Fraction

from certify.analysis.step_sizes import StepSizes
from certify.language.text import name_text
from certify.pep.step_size import Optimum
from certify.report import worst_case
from certify.report.spans import Line, coloured, plain
from certify.report.text import labelled

DIGITS = 10
LARGEST = 1000
"""Fractions with denominators up to this are shown as such."""
SHAPE = "that the worst case falls and then rises along the parameter (quasi-convexity)"


def render(found: StepSizes, *, width: int = 100, color: bool = False) -> str:
    """The report for people; plain text unless `color`."""
    width = max(width, 40)
    lines = list(_lines(found, width))
    return worst_case.render(found.answer, width=width, color=color) + (
        coloured(lines, width) if color else plain(lines)
    )


def render_json(found: StepSizes) -> str:
    """The report as JSON: rationals as "p/q"."""
    samples = [
        {"value": str(value), "lower": _text(bound.lower), "upper": _text(bound.upper), "verdict": bound.verdict.word}
        for value, bound in sorted(found.found.samples.items())
    ]
    data: dict[str, object] = {"parameter": found.parameter, "range": [str(end) for end in found.range]}
    if isinstance(found.found, Optimum):
        data |= {
            "best": str(found.found.gamma),
            "upper": str(found.found.upper),
            "bracket": [_text(end) for end in found.found.bracket],
        }
    else:
        data |= {
            "below": _text(found.found.threshold),
            "inside": [str(end) for end in found.found.inside],
            "outside": [_text(end) for end in found.found.outside],
        }
    whole = {**data, "supposed": SHAPE, "samples": samples, "answer": worst_case.data(found.answer)}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _lines(found: StepSizes, width: int) -> Iterator[Line]:
    name, result = name_text(found.parameter), found.found
    count = f"{len(result.samples)} worst cases were bounded"
    if isinstance(result, Optimum):
        yield from labelled("best", f"{name} = {_short(result.gamma)}", width)
        yield from labelled(
            "proved", f"at this {name} the worst case is at most {_above(result.upper)}", width, prose=True
        )
        low, high = result.bracket
        ends = [f"{name} = {_short(end)}" for end in (low, high) if end is not None]
        if ends:
            yield from labelled("", f"it is larger at {' and at '.join(ends)}", width, prose=True)
        left, right = (
            end if end is not None else limit for end, limit in zip(result.bracket, found.range, strict=True)
        )
        yield from labelled(
            "bracket", f"the best {name} lies between {_short(left)} and {_short(right)}", width, prose=True
        )
    else:
        low, high = map(_short, result.inside)
        limit = "∞" if result.threshold is None else _short(result.threshold)
        yield from labelled("admissible", f"{low} ≤ {name} ≤ {high}", width)
        yield from labelled(
            "proved", f"the worst case is below {limit} at {name} = {low} and at {high}", width, prose=True
        )
        ends = [_short(end) for end in result.outside if end is not None]
        if ends:
            yield from labelled("", f"it is at least {limit} at {name} = {' and at '.join(ends)}", width, prose=True)
        else:
            yield from labelled("", "nothing in the range was proved not to be admissible", width, prose=True)
    yield from labelled("supposed", f"{SHAPE}; {count}", width, prose=True)


def _short(value: Fraction) -> str:
    """A small fraction, a finite decimal, or ten digits."""
    text = str(value)
    if value.denominator <= LARGEST or len(str(value.numerator)) > DIGITS:
        return text if len(text) <= 2 * DIGITS else f"{float(value):.{DIGITS}g}"
    decimal = Context(prec=40).divide(Decimal(value.numerator), Decimal(value.denominator))
    return (
        f"{decimal:f}" if len(str(decimal)) <= 2 * DIGITS and Fraction(decimal) == value else f"≈ {decimal:.{DIGITS}g}"
    )


def _above(value: Fraction) -> str:
    """A bound: the fraction, or a decimal that is not smaller."""
    text = str(value)
    return text if len(text) <= DIGITS else worst_case.decimals(None, value)[1]


def _text(value: Fraction | None) -> str | None:
    return None if value is None else str(value)
