"""A theorem and its proof as the appendix of a paper prints them: the same paragraphs in LaTeX, Markdown and text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from certify.analysis.results import Formula, ProofLine, ProofPart, TheoremResult, Verdict
from certify.report import escape, latex, markdown, words
from certify.report.layout import wrap_words
from certify.report.proofs import product
from certify.report.tables.bibliography import cited
from certify.report.tables.rows import Row

Piece = str | Formula
FORMATS = ("text", "latex", "markdown")
WIDTH = 100


@dataclass(frozen=True)
class Paragraph:
    """A sentence or more: words and formulas in turn."""

    pieces: tuple[Piece, ...]


@dataclass(frozen=True)
class Summands:
    """Inequalities with the multipliers in front of them, one a line."""

    lines: tuple[ProofLine, ...]
    equations: tuple[str, ...] = ()


Block = Paragraph | Summands


def render(row: Row, kind: str, *, standalone: bool = False) -> str:
    """The theorem, and its proof if there is one, in the format; `standalone` makes LaTeX a whole document."""
    statement, proof = list(_statement(row)), list(_proof(row.theorem))
    if kind == "latex":
        return _latex(row, statement, proof, standalone)
    if kind == "markdown":
        return _markdown(row, statement, proof)
    return _text(row, statement, proof)


def _statement(row: Row) -> Iterator[Paragraph]:
    """What is assumed, how the method steps, and what follows."""
    theorem = row.theorem
    yield Paragraph(
        (f"Consider {_named(row.title)} ({row.method}): " if row.title else f"Consider {row.method}: ", row.update, ".")
    )
    for name, formula in row.assumptions:
        yield Paragraph((f"Assumption ({name}): ", formula, "."))
    if not row.established:
        yield Paragraph((f"The claim, which is {theorem.verdict.value}: ", theorem.statement, "."))
        if theorem.counterexample:
            yield Paragraph((f"Counterexample: {words.counterexample(theorem.counterexample)}",))
        return
    given: tuple[Piece, ...] = ("If ", theorem.step_size, ", then ") if theorem.step_size else ("Then ",)
    yield Paragraph((*given, _inside(_defined(theorem)), "."))
    if theorem.rate and theorem.rate.text.startswith("ρ"):
        yield Paragraph(("Here ", theorem.rate, "."))
    shown = " ".join(each.text for each in (theorem.bound, theorem.complexity, theorem.optimal) if each)
    named = [words for sign, words in START.items() if re.search(sign, shown)]
    if named:
        yield Paragraph((f"At the start {' and '.join(named)}.",))
    if theorem.complexity:
        taken = theorem.step_size is not None and "ε" in theorem.step_size.text  # by a parameter of the method
        yield Paragraph((f"For an accuracy {'δ' if taken else 'ε'} > 0 it suffices that ", theorem.complexity, "."))
    if theorem.optimal:
        yield Paragraph(("The best step size: ", theorem.optimal, "."))
    for note in theorem.notes:
        yield Paragraph((f"Remark: {note}.",))


def _defined(theorem: TheoremResult) -> Formula:
    """The bound; where its LaTeX is about an energy V, with what V is, as the statement has it."""
    bound = theorem.bound or theorem.one_step
    energy = re.search(r"\bwith (V = [^;:]*)", " ".join(theorem.statement.text.split()))
    if energy is None or "V(" not in bound.latex or "V(" in bound.text:
        return bound
    formula = escape.formula(energy[1].partition(" for ")[0].partition(" and ")[0].removesuffix("."))
    return Formula(bound.text, rf"{bound.latex.removesuffix('.')},\quad {formula}")


START = {
    r"R(?![A-Za-z])": "R = ‖x₀ − x⋆‖",
    "Δ₀": "Δ₀ = f(x₀) − f⋆",
    "G₀": "G₀ = ‖g₀‖",
}
"""What bounds start from."""


def _named(title: str) -> str:
    """``the heavy ball method``, but ``gradient descent``."""
    return f"the {title}" if title.endswith("method") else title


def _proof(theorem: TheoremResult) -> Iterator[Block]:
    """The step, case by case; what the recursion needs besides; the recursion; what it says."""
    steps = [part for part in theorem.proof if part.role == "step"]
    if not steps:
        return
    if notation := words.notation(theorem):
        yield Paragraph((f"Notation: {notation}.",))
    lemmas = [part for part in theorem.proof if part.role.startswith("lemma")]
    for number, part in enumerate(lemmas, 1):
        yield _by_itself(f"Lemma {number}: ", part)
    yield Paragraph(("For one step it is shown that ", _inside(theorem.one_step), "."))
    for number, part in enumerate(steps, 1):
        if len(steps) > 1:
            yield Paragraph((f"Case {number}: ", *_listed(part.conditions), "."))
        yield from _sum(part)
    said: set[Block] = set()
    for part in theorem.proof:
        kind = part.role.partition("[")[0]
        trivial = part.conclusion.text in ("0 ≥ 0", "1 ≥ 0") or not (part.lines or part.equations)
        if kind not in ("step", "lemma") and not trivial:
            found = _by_itself(ROLES.get(kind, "The recursion needs that "), part)
            if found not in said:
                yield found
            said.add(found)
    if theorem.lemma:
        yield Paragraph((f"N steps: {theorem.lemma}.",))
    if theorem.bound:
        yield Paragraph(("Hence ", _inside(theorem.bound), "."))


ROLES = {
    "start": "At the start ",
    "kept": "This is kept by a step: ",
    "end": "The recursion applies because ",
}
"""How the parts of a proof besides lemmas and steps are introduced."""


def _by_itself(head: str, part: ProofPart) -> Paragraph:
    """A supporting inequality, and what it is the sum of."""
    given: tuple[Piece, ...] = (", if ", *_listed(part.conditions)) if part.conditions else ()
    return Paragraph((head, *_times(part), *given, f", by {words.combination(part)}."))


def _inside(formula: Formula) -> Formula:
    """A sentence as a part of another one; other formulas as they are."""
    if formula.latex == formula.text and formula.text[1:2].islower():
        small = formula.text[0].lower() + formula.text[1:].removesuffix(".")
        return Formula(small, small)
    return formula


def _sum(part: ProofPart) -> Iterator[Block]:
    """The inequalities, and that their sum is the claim."""
    if not part.lines:
        used = f" by these equations: {words.pretty('; '.join(part.equations))}" if part.equations else ""
        yield Paragraph((f"Both sides are the same{used}.",))
        return
    yield Paragraph(("Each of these inequalities holds; add them up with the multipliers in front of them:",))
    yield Summands(part.lines, part.equations)
    if not all(re.fullmatch(r"[\d/()]+", line.weight.text) for line in part.lines):
        yield Paragraph(("No multiplier is negative under these conditions.",))
    positive: tuple[Piece, ...] = () if part.multiplier.text == "1" else (", and ", part.multiplier, " is positive")
    yield Paragraph(("The sum is, identically in all quantities, ", *_times(part), *positive, "."))


def _times(part: ProofPart) -> tuple[Piece, ...]:
    """The conclusion, with its multiplier in front."""
    return (part.conclusion,) if part.multiplier.text == "1" else (part.multiplier, " times ", part.conclusion)


def _listed(formulas: Sequence[Formula]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    for i, formula in enumerate(formulas):
        found += [" and ", formula] if i else [formula]
    return tuple(found)


def _latex(row: Row, statement: Sequence[Block], proof: Sequence[Block], standalone: bool) -> str:
    def piece(each: Piece) -> str:
        if isinstance(each, Formula):
            return latex.stated(each).removesuffix(".")
        return f"{' ' * each.startswith(' ')}{escape.prose(each)}{' ' * each.endswith(' ')}"

    def block(each: Block) -> str:
        if isinstance(each, Paragraph):
            return "".join(map(piece, each.pieces)).replace(r"\].", r".\]")  # the full stop of a displayed formula
        items = [rf"\item {latex.product(one)} ({escape.prose(words.pretty(one.name))})" for one in each.lines]
        if each.equations:
            items.append(rf"\item multiples of equations ({escape.prose(words.pretty('; '.join(each.equations)))})")
        return "\n".join((r"\begin{itemize}\setlength{\itemsep}{0pt}", *items, r"\end{itemize}"))

    template = latex.environment().get_template("proof_document.tex.jinja" if standalone else "proof.tex.jinja")
    source = row.theorem.source
    fields: dict[str, Any] = {
        "environment": "theorem" if row.established else "claim",
        "name": row.theorem.identifier,
        "source": source,
        "cited": cited(source) if source and not standalone else escape.prose(source),
        "statement": [block(each) for each in statement],
        "proof": [block(each) for each in proof],
        "verdict": row.theorem.verdict,
        "label": "thm:" + re.sub(r"[^A-Za-z0-9:]+", "-", row.theorem.identifier.replace("/", ":")),
    }
    return template.render(fields)


def _markdown(row: Row, statement: Sequence[Block], proof: Sequence[Block]) -> str:
    def block(each: Block) -> str:
        if isinstance(each, Paragraph):
            return markdown.escape(_plain(each))
        lines = [
            f"- {markdown.escape(product(one.weight, one.inequality.text))} ({markdown.escape(words.pretty(one.name))})"
            for one in each.lines
        ]
        return "\n".join(lines + [f"- {markdown.escape(each)}" for each in _zeros(each)])

    head = f"## {'Theorem' if row.established else 'Claim'} ({markdown.escape(row.theorem.identifier)})"
    source = [f"Source: {markdown.escape(row.theorem.source)}."] if row.theorem.source else []
    parts = [head, *map(block, statement), *source]
    parts += ["### Proof", *map(block, proof), _verdict(row)] if proof else [_verdict(row)]
    return "\n\n".join(parts) + "\n"


def _text(row: Row, statement: Sequence[Block], proof: Sequence[Block]) -> str:
    def block(each: Block) -> list[str]:
        if isinstance(each, Paragraph):
            return wrap_words(_plain(each), WIDTH, hang=2)
        lines = [
            f"{product(one.weight, one.inequality.text)}   ({words.pretty(one.name)})" for one in each.lines
        ] + list(_zeros(each))
        return [line for each_line in lines for line in _item(each_line)]

    head = f"{'Theorem' if row.established else 'Claim'} ({row.theorem.identifier})"
    lines = [head, *(line for each in statement for line in block(each))]
    if row.theorem.source:
        lines.append(f"Source: {row.theorem.source}.")
    if proof:
        lines += ["", "Proof", *(line for each in proof for line in block(each))]
    return "\n".join([*lines, "", *wrap_words(_verdict(row), WIDTH, hang=2)]) + "\n"


def _item(line: str) -> list[str]:
    first, *rest = wrap_words(line, WIDTH - 4, hang=2)
    return [f"  • {first}", *(f"    {each}" for each in rest)]


def _zeros(summands: Summands) -> Iterator[str]:
    if summands.equations:
        yield f"multiples of equations: {words.pretty('; '.join(summands.equations))}"


def _plain(paragraph: Paragraph) -> str:
    return "".join(piece.text.removesuffix(".") if isinstance(piece, Formula) else piece for piece in paragraph.pieces)


def _verdict(row: Row) -> str:
    verdict = row.theorem.verdict
    return f"{verdict.value}: {verdict.meaning}." + ("" if verdict is Verdict.PROVED else " No proof is claimed.")
