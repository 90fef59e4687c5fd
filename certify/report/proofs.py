"""A proof on paper: multiplier × conclusion = Σ weight × inequality, one line each, aligned where it fits.

The step itself is printed in full; supporting inequalities, ends and inductions by name only.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from certify.analysis.results import Formula, ProofLine, ProofPart
from certify.report.layout import columns, pad, shortened, wrap
from certify.report.spans import Line, Span, line
from certify.report.words import combination, outer_terms, pretty, titles, weight

MARGIN = 4
"""Where a proof begins on a line; the signs ``=`` and ``+`` stand there."""
BODY = MARGIN + 2
LONGEST = 6
"""More lines than this of one formula help nobody; JSON and LaTeX have all of it."""


def proof_lines(parts: Sequence[ProofPart], width: int) -> Iterator[Line]:
    """All parts of a theorem's proof; the cases of the step are numbered."""
    steps = [part for part in parts if part.role == "step"]
    for number, part in enumerate(steps, 1):
        yield from _caption(part, number, len(steps), width)
        yield from full(part, width)
    for title, part in titles(parts):
        if part.role != "step":
            yield from compact(part, title, width)


def _caption(part: ProofPart, number: int, total: int, width: int) -> Iterator[Line]:
    case = f"case {number} of {total}" if total > 1 else ""
    words = ": ".join(filter(None, (case, _conditions(part))))
    for i, text in enumerate(wrap(words, width - 9)):
        yield line("  ", Span("proof  " if i == 0 else " " * 7, "label"), text)


def full(part: ProofPart, width: int) -> Iterator[Line]:
    """``multiplier × [conclusion]``, then the sum, then the equations that were used."""
    for text in _long(part.multiplier, part.conclusion, width - BODY):
        yield line(" " * BODY, text)
    yield from _table(part.lines, width) or _stacked(part.lines, width)
    for i, text in enumerate(wrap("; ".join(map(pretty, part.equations)), width - BODY - 6) if part.equations else []):
        yield line(" " * BODY, Span("using " if i == 0 else " " * 6, "quiet"), Span(text, "quiet"))


def compact(part: ProofPart, title: str, width: int) -> Iterator[Line]:
    """The conclusion and, in words, what it is the sum of."""
    given = _conditions(part)
    words = f"by {combination(part)}"
    label = f"  {title}  "
    claim = _long(part.multiplier, part.conclusion, width - columns(label), f" if {given}" if given else "")
    room = width - columns(label) - columns(claim[-1]) - 2
    beside = len(claim) == 1 and columns(words) <= room
    for i, text in enumerate(claim):
        tail = (Span(f"  {words}", "quiet"),) if beside else ()
        yield line(Span(label, "label") if i == 0 else " " * columns(label), text, *tail)
    if not beside:
        for text in wrap(words, width - BODY, hang=3):
            yield line(" " * BODY, Span(text, "quiet"))


def _conditions(part: ProofPart) -> str:
    return " and ".join(condition.text for condition in part.conditions)


def product(factor: Formula, inequality: str) -> str:
    """``factor × [inequality]``; a factor of one is left out."""
    return inequality if factor.text == "1" else f"{weight(factor)} × [{inequality}]"


def _long(factor: Formula, inequality: Formula, width: int, after: str = "") -> list[str]:
    """A product on a few lines; very long ones are cut."""
    lines = wrap(product(factor, inequality.text) + after, width, hang=2)
    return shortened(lines, LONGEST, width, f"{len(outer_terms(inequality.text))} terms, all of them in --format json")


def _table(lines: Sequence[ProofLine], width: int) -> list[Line]:
    """One line a summand in three columns, weight, inequality and name; nothing if that does not fit."""
    weighted = any(each.weight.text != "1" for each in lines)
    weights = [weight(each.weight) if weighted else "" for each in lines]
    inner = [f"[{each.inequality.text}]" if weighted else each.inequality.text for each in lines]
    names = [pretty(each.name) for each in lines]
    first, second, third = (max(map(columns, column), default=0) for column in (weights, inner, names))
    times = " × " if weighted else ""
    if BODY + first + len(times) + second + 3 + third > width:
        return []
    rows = zip(weights, inner, names, strict=True)
    return [
        line(" " * MARGIN, "+ " if i else "= ", pad(w, first), times, pad(q, second), "   ", Span(name, "quiet"))
        for i, (w, q, name) in enumerate(rows)
    ]


def _stacked(lines: Sequence[ProofLine], width: int) -> Iterator[Line]:
    """The name of a summand at its end or below it, where three columns have no room."""
    for i, each in enumerate(lines):
        texts = _long(each.weight, each.inequality, width - BODY)
        name = f"— {pretty(each.name)}"
        beside = columns(texts[-1]) + 2 + columns(name) <= width - BODY
        for j, text in enumerate(texts):
            tail = (Span(f"  {name}", "quiet"),) if beside and j == len(texts) - 1 else ()
            yield line(" " * MARGIN, ("+ " if i else "= ") if j == 0 else "  ", text, *tail)
        if not beside:
            for text in wrap(name, width - BODY - 2, hang=2):
                yield line(" " * (BODY + 2), Span(text, "quiet"))
