"""The report for a person at a terminal: the method, the assumptions, then each theorem with its proof.

Everything is laid out as lines of styled spans, wrapped to the width; colour is added only if asked for.
"""

from __future__ import annotations

from collections.abc import Iterator

from certify.analysis.results import Analysis, TheoremResult
from certify.report import words
from certify.report.layout import columns, shortened, wrap, wrap_words
from certify.report.proofs import LONGEST, proof_lines
from certify.report.spans import BLANK, Line, Span, coloured, line, plain

LABEL = 15
"""The width of the labels; the text beside them begins two columns further right."""


def render(analysis: Analysis, *, width: int = 100, color: bool = False, quiet: bool = False) -> str:
    """The whole report, or if `quiet` one line a theorem; plain text unless `color`."""
    width = max(width, 40)
    lines = list(verdicts(analysis) if quiet else report(analysis, width))
    return coloured(lines, width) if color else plain(lines)


def report(analysis: Analysis, width: int) -> Iterator[Line]:
    """The report as lines."""
    yield line(Span(words.heading(analysis), "title"))
    yield from labelled("update", analysis.update.text.rstrip("."), width, prose=True)
    for i, (name, formula) in enumerate(analysis.assumptions):
        yield from labelled("" if i else "assuming", f"{name}: {formula.text.rstrip('.')}", width, prose=True, hang=2)
    if analysis.values:
        yield from labelled("where", ", ".join(words.values(analysis)), width)
    if any(theorem.proof for theorem in analysis.theorems):
        yield from labelled("notation", words.legend(analysis), width, prose=True)
    for theorem in analysis.theorems:
        yield BLANK
        yield from theorem_lines(theorem, width)
    yield BLANK
    yield from closing(analysis, width)


def verdicts(analysis: Analysis) -> Iterator[Line]:
    """``✓ proved  gd/smooth/descent`` for each theorem, and nothing else."""
    for theorem in analysis.theorems:
        verdict = "contradicted" if theorem.contradiction else theorem.verdict.value
        mark = Span(f"{words.mark(theorem)} {verdict:<9}", words.style(theorem))
        yield line(mark, f" {theorem.identifier}")


def theorem_lines(theorem: TheoremResult, width: int) -> Iterator[Line]:
    """One theorem: a headline with the verdict, what it says, and how that was established and tested."""
    yield from _headline(theorem, width)
    for text in wrap_words(theorem.statement.text, width - 2):
        yield line("  ", Span(text, "head"))
    if theorem.contradiction:
        yield from labelled("CONTRADICTION", theorem.contradiction, width, style="bad", prose=True)
    for label, formula in words.results(theorem):
        yield from labelled(label, formula.text, width)
        if label == "after N steps" and theorem.lemma:
            yield from labelled("", f"by {theorem.lemma}", width, style="quiet")
    yield from proof_lines(theorem.proof, width)
    yield from _tests(theorem, width)
    before = ""
    for label, entry in words.remarks(theorem):
        yield from labelled("" if label == before else label, entry, width, prose=True)
        before = label


def labelled(
    label: str, text: str, width: int, *, style: str = "", prose: bool = False, hang: int = 0
) -> Iterator[Line]:
    """A label and the text beside it; formulas are broken before operators, prose between words."""
    fill = wrap_words if prose else wrap
    lines = fill(text, width - LABEL - 2, hang)
    if not prose:
        lines = shortened(lines, LONGEST, width - LABEL - 2, "all of it in --format json")
    for i, each in enumerate(lines):
        yield line(Span(f"  {'' if i else label:<{LABEL}}", "bad" if style == "bad" else "label"), Span(each, style))


def closing(analysis: Analysis, width: int) -> Iterator[Line]:
    """The summary and how to check the certificates again."""
    style = {0: "good", 1: "bad"}.get(analysis.exit_code, "warn") if analysis.theorems else "warn"
    for text in wrap_words(words.summary(analysis), width):
        yield line(Span(text, style))
    for sentence in [*words.meanings(analysis), *filter(None, [words.recheck(analysis)])]:
        for text in wrap_words(sentence, width, hang=2):
            yield line(Span(text, "quiet"))


def _headline(theorem: TheoremResult, width: int) -> Iterator[Line]:
    """``✓ name ── proved ─────── source · time``; what has no room goes below."""
    style = words.style(theorem)
    name, verdict = f"{words.mark(theorem)} {theorem.identifier}", f" {theorem.verdict.value} "
    source, time = theorem.source, words.duration(theorem.seconds)
    left = columns(name) + 3 + columns(verdict)
    if left + columns(time) + 3 > width:
        for text in wrap(name, width, hang=2):
            yield line(Span(text, style))
        yield line(" ", Span(verdict, style), Span(f"· {time}", "quiet"))
    else:
        right = f" {source} · {time}" if source else f" {time}"
        if left + columns(right) + 3 > width:
            right = f" {time}"
        else:
            source = ""
        rule = "─" * (width - left - columns(right))
        yield line(Span(name, style), Span(" ──", "quiet"), Span(verdict, style), Span(rule + right, "quiet"))
    if source:
        for text in wrap_words(source, width - 2):
            yield line("  ", Span(text, "quiet"))


def _tests(theorem: TheoremResult, width: int) -> Iterator[Line]:
    """What worst cases, trajectories and counterexamples showed."""
    if theorem.worst_case is not None:
        yield from labelled("tightness", words.tightness(theorem.worst_case), width, prose=True)
    if theorem.trajectories is not None:
        style = "bad" if theorem.trajectories.get("violations") else ""
        yield from labelled("trajectories", words.trajectories(theorem.trajectories), width, style=style, prose=True)
    if theorem.counterexample is not None:
        text = words.counterexample(theorem.counterexample)
        yield from labelled("counterexample", text, width, style="bad", prose=True)
