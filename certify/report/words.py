"""What all formats say in the same words: marks, labels, tightness, trajectories, counterexamples, the summary."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from fractions import Fraction
from typing import Any

from certify.analysis.results import Analysis, Formula, ProofLine, ProofPart, TheoremResult, Verdict
from certify.language.text import name_text

_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
MARKS = {
    Verdict.PROVED: "✓",
    Verdict.CERTIFIED: "✓",
    Verdict.NUMERICAL: "≈",
    Verdict.REFUTED: "✗",
    Verdict.VACUOUS: "∅",
    Verdict.OPEN: "?",
}
STYLES = {
    Verdict.PROVED: "good",
    Verdict.CERTIFIED: "fair",
    Verdict.NUMERICAL: "warn",
    Verdict.REFUTED: "bad",
    Verdict.VACUOUS: "bad",
    Verdict.OPEN: "warn",
}
ESTABLISHED = (Verdict.PROVED, Verdict.CERTIFIED)
LONGEST = 240
"""Longer pieces of data are cut in reports for people; JSON has all of them."""


def mark(theorem: TheoremResult) -> str:
    """One sign for the verdict; a contradiction outweighs it."""
    return "!" if theorem.contradiction else MARKS[theorem.verdict]


def style(theorem: TheoremResult) -> str:
    """The colour of the verdict; a contradiction outweighs it."""
    return "bad" if theorem.contradiction else STYLES[theorem.verdict]


def results(theorem: TheoremResult) -> list[tuple[str, Formula]]:
    """The labelled formulas of a theorem, in the order of an argument; what is missing or said twice is left out."""
    rows = [
        ("variant", theorem.update),
        ("one step", theorem.one_step),
        ("admissible", theorem.step_size),
        ("rate", theorem.rate),
        ("optimal", theorem.optimal),
        ("after N steps", theorem.bound),
        ("to reach ε", theorem.complexity),
    ]
    stated = theorem.statement.text.rstrip(".")
    bound = theorem.bound.text if theorem.bound else ""
    return [
        (label, formula)
        for label, formula in rows
        if formula is not None
        and formula.text.rstrip(".") not in ("", stated)
        and not bound.endswith(f" {formula.text}")
    ]


def remarks(theorem: TheoremResult) -> list[tuple[str, str]]:
    """What was tried, if that is all there is to tell, and notes; each with its label."""
    tried = theorem.tried if theorem.verdict in (Verdict.OPEN, Verdict.NUMERICAL) else ()
    return [("tried", each) for each in _condensed(tried)] + [("note", each) for each in theorem.notes]


_GROUP = re.compile(r"(.*): no closed form with the inequalities .*")
_DEGREE = re.compile(r"(.*: products of facts up to degree) (\d+)")


def _condensed(tried: Sequence[str]) -> list[str]:
    """What was tried for each part of a proof: the highest degree, and how many groups of inequalities gave nothing."""
    groups = Counter(found[1] for each in tried if (found := _GROUP.fullmatch(each)))
    degrees = {found[1]: found[2] for each in tried if (found := _DEGREE.fullmatch(each))}
    lines = []
    for each in tried:
        if found := _GROUP.fullmatch(each):
            many = groups[found[1]]
            lines.append(each if many == 1 else f"{found[1]}: no closed form from {many} groups of inequalities")
        elif found := _DEGREE.fullmatch(each):
            lines.append(f"{found[1]} {degrees[found[1]]}")
        else:
            lines.append(each)
    return list(dict.fromkeys(lines))


def heading(analysis: Analysis) -> str:
    """The method's title, or its name where there is none."""
    return f"{analysis.method}: {analysis.title}" if analysis.title else analysis.method


def summary(analysis: Analysis) -> str:
    """``10 proved, 1 refuted (gap-next), 2 open (…) in 3.2 s``."""
    if not analysis.theorems:
        return "No theorem of this method applies."
    counts = Counter(theorem.verdict for theorem in analysis.theorems)
    parts = []
    for verdict in Verdict:
        if counts[verdict]:
            names = ", ".join(t.identifier for t in analysis.theorems if t.verdict is verdict)
            parts.append(f"{counts[verdict]} {verdict.value}" + ("" if verdict in ESTABLISHED else f" ({names})"))
    if contradicted := [t.identifier for t in analysis.theorems if t.contradiction]:
        parts.append(f"{len(contradicted)} contradicted ({', '.join(contradicted)})")
    return f"{', '.join(parts)} in {duration(analysis.seconds)}"


def meanings(analysis: Analysis) -> list[str]:
    """What each verdict that occurs means."""
    found = {theorem.verdict for theorem in analysis.theorems}
    return [f"{verdict.value}: {verdict.meaning}" for verdict in Verdict if verdict in found]


def product(line: ProofLine) -> str:
    """``weight × (name)`` of a summand, or its name alone."""
    name = pretty(line.name)
    if line.weight.text == "1":
        return name
    return f"{weight(line.weight)} × {name if name == 'a square' else f'({name})'}"


def combination(part: ProofPart) -> str:
    """In words, what a part of a proof is the sum of."""
    return " + ".join(map(product, part.lines)) or "; ".join(map(pretty, part.equations))


def duration(seconds: float) -> str:
    """``0.42 s``, ``12 s`` or ``3 min 20 s``."""
    if seconds >= 100:
        minutes, rest = divmod(round(seconds), 60)
        return f"{minutes} min {rest} s"
    return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"


def recheck(analysis: Analysis) -> str | None:
    """How to check the certificates again; none if there is nothing to check."""
    if not any(theorem.certificate for theorem in analysis.theorems):
        return None
    return "To check the certificates again, save them with --format json -o FILE and run: certify verify FILE"


def pretty(name: str) -> str:
    """The name of an inequality with indices set low: ``convex from x1 to x0`` → convex from x₁ to x₀."""
    name = re.sub(r"inv\([^ ]*\)", lambda found: name_text(found[0]), name)
    name = re.sub(r"\bf_i\(", "fᵢ(", name)
    name = re.sub(r"\b([a-z]+\d+)-(?=[a-z]+[\d⋆])", r"\1−", name)  # x0-x⋆, a difference
    return re.sub(r"(?<=[a-z])\d+", lambda found: found[0].translate(_SUBSCRIPT), name)


def weight(formula: Formula) -> str:
    """A weight as the left factor of a product, in parentheses where it is a sum or has a sign."""
    return f"({formula.text})" if is_sum(formula) else formula.text


def is_sum(formula: Formula) -> bool:
    """Whether a factor needs parentheses: it is a sum or has a sign."""
    return formula.text.startswith("−") or len(outer_terms(formula.text)) > 1


def titles(parts: Sequence[ProofPart]) -> list[tuple[str, ProofPart]]:
    """The parts of a proof that say something, each with its role; lemmas have the numbers by which they are cited."""
    found, lemmas = [], 0
    for part in parts:
        role = part.role.partition("[")[0]
        lemmas += role == "lemma"
        if role == "step" or part.lines or part.equations:  # else it holds identically
            found.append((f"lemma {lemmas}" if role == "lemma" else role, part))
    return found


def claim(part: ProofPart) -> ProofLine:
    """What a part of a proof shows, as a product like the summands: multiplier × conclusion."""
    return ProofLine(part.multiplier, part.conclusion, part.role)


def outer_terms(text: str) -> list[str]:
    """The summands of a formula: it is cut at plus and minus signs outside brackets."""
    terms, depth = [""], 0
    for word in text.split(" "):
        if word in ("+", "−") and depth == 0:
            terms.append("")
        terms[-1] += f" {word}" if terms[-1] else word
        depth += sum(word.count(c) for c in "([{⌈⟨") - sum(word.count(c) for c in ")]}⌉⟩")
    return terms


def notation(theorem: TheoremResult) -> str:
    """What the letters in the proof of a theorem mean; nothing of letters that do not occur."""
    lines = [line for part in theorem.proof for line in part.lines]
    shown = " ".join(
        [theorem.one_step.text, *(part.conclusion.text for part in theorem.proof)]
        + [f"{line.weight.text} {line.inequality.text}" for line in lines]
    )
    meanings = (
        (r"[xyfgs][₀₁]", "x₀ is the point before the step and x₁ the one after it"),
        (r"(?<![A-Za-zψ])f[₀-₉]", "f₀ = f(x₀) and so on"),
        (r"(?<![A-Za-zψ])g[₀-₉]", "g₀ is the (sub)gradient at x₀"),
        (r"gf[₀-₉⋆]|gψ[₀-₉⋆]", "a (sub)gradient has the name of its function, and ⋆ where it is taken at x⋆"),
        (r"(?<![A-Za-z])s[₀-₉]", "s₀ is the stochastic gradient at x₀"),
        (r"(?<![A-Za-z])c[₀-₉]", "c₁ is the factor with g₁ = c₁(x₀ − x₁)"),
        (r"(?<![A-Za-z])o[₀-₉]", "o₀ is the minimiser of ⟨g₀, ·⟩ on the unit ball"),
        (r"[xy][₀-₉]'", "x₁' is another point at which the step evaluates the function"),
        (r"(?<![A-Za-z])sw[₀-₉]", "sw₀ is the gradient at w₀ of the function that is drawn"),
        (r"before[₀-₉]", "before₀ is the point before x₀"),
        (r"clip[₀-₉]", "clip₀ is the coordinate of x₀ after the projection"),
        (r"mean[₀-₉]", "mean₀ is the mean over the workers, or over the entries of the table"),
        (
            r"(?s)(?=.*s⋆).*(?<![A-Za-z])t₀",
            "t₀ is the entry of the table, and s⋆ the gradient at x⋆, of the function that is drawn",
        ),
        (r"max[₀-₉]", "max₀ is the larger of two numbers in the step"),
        LARGER,
        (r"θ", "θ ≥ 0 is any number, and the best one gives the claim") if "q²/" in theorem.lemma else ("(?!)", ""),
    )
    if theorem.lemma.startswith("Φ") and re.search(r"(?<![A-Za-z])[km](?![A-Za-z₀-₉ᵢ])", shown):
        meanings += (("", "the step is number k, and m more follow: N = k + 1 + m"),)
    plain = not several(shown)
    return "; ".join(
        words for pattern, words in meanings if re.search(pattern, shown) and (plain or not words.startswith("f"))
    )


def legend(analysis: Analysis) -> str:
    """The names that results and proofs use, those that occur: x₀ = x, x₁ = x⁺, f₀ = f(x₀), … R = ‖x₀ − x⋆‖, ….

    With several functions the values have names such as f(x₀) that say what they are.
    """
    shown = " ".join(_shown(theorem) for theorem in analysis.theorems)
    names = ["x₀ = x", "x₁ = x⁺"]
    if not several(shown):
        names += ["f₀ = f(x₀)", "g₀ ∈ ∂f(x₀)"]
    names[-1] += " and so on"
    parts = [", ".join(names)]
    meanings = (
        (r"(?<![A-Za-z])s[₀-₉]", "s₀ a stochastic gradient at x₀"),
        (r"(?<![A-Za-z])c[₀-₉]", "ball-prox: g₁ = c₁ (x₀ − x₁)"),
        (r"Φ", "potentials: step k of N = k + 1 + m"),
    )
    parts += [words for pattern, words in meanings if re.search(pattern, shown)]
    start = {r"(?<![A-Za-z])R(?![A-Za-z])": "R = ‖x₀ − x⋆‖", "Δ₀": "Δ₀ = f₀ − f⋆", "G₀": "G₀ = ‖g₀‖"}
    if known := [words for pattern, words in start.items() if re.search(pattern, shown)]:
        parts.append(", ".join(known))
    return "; ".join([*parts, LARGER[1]] if re.search(LARGER[0], shown) else parts)


LARGER = (r"(?<![A-Za-z])r(?=[t ])", "r ≥ 0 is how far the distance has fallen below R")
"""A letter of proofs that a rate which depends on the distance is largest at its start."""


def several(shown: str) -> bool:
    """Whether values are those of several functions, written f(x₀) and ψ."""
    return re.search(r"f\(x[₀₁⋆]|ψ", shown) is not None


def _shown(theorem: TheoremResult) -> str:
    """All formulas of a theorem."""
    formulas = [theorem.one_step, *(formula for _, formula in results(theorem))]
    formulas += [each for part in theorem.proof for each in (part.multiplier, part.conclusion)]
    formulas += [each for part in theorem.proof for line in part.lines for each in (line.weight, line.inequality)]
    return f"{theorem.lemma} " + " ".join(formula.text for formula in formulas)


def values(analysis: Analysis) -> list[str]:
    """``γ = 1/L`` for every parameter that was set."""
    return [f"{name_text(name)} = {value}" for name, value in analysis.values.items()]


def counterexample(data: Mapping[str, Any]) -> str:
    """The description that comes with a counterexample, or else all of its data."""
    return str(data["text"]) if data.get("text") else " · ".join(pairs(data))


def tightness(data: Mapping[str, Any]) -> str:
    """How much of a one-step bound is attained, and where; lower ends are rounded down and upper ends up."""
    count = len(data["points"])
    if data["parameters"] is None:
        return f"nothing exact was found at {count} points"
    place = ", ".join(f"{name_text(name)} = {value}" for name, value in data["parameters"].items())
    where = f"exact{f', at {place}' if place else ''}{f': the best of {count} points' if count > 1 else ''}"
    if data["lower"] is None:
        return f"exceeded: no multiple of this bound holds ({where})"
    lower, upper = Fraction(data["lower"]), None if data["upper"] is None else Fraction(data["upper"])
    share = "all of the bound is" if lower == 1 else f"at least {_percent(lower, ROUND_FLOOR)} of the bound is"
    exceeded = "exceeded: " if lower > 1 else ""
    most = "" if upper is None or upper >= 1 else f", at most {_percent(upper, ROUND_CEILING)} there"
    if data["relaxations"]:
        return f"{exceeded}{share} allowed by the inequalities used{most} ({where}); {'; '.join(data['relaxations'])}"
    return f"{exceeded}{share} attained by some {data['within']} function{most} ({where})"


def _percent(value: Fraction, rounding: str) -> str:
    """Four decimals, rounded so that what is said stays true."""
    exact = Decimal(100 * value.numerator) / Decimal(value.denominator)  # 28 digits, far more than are shown
    return f"{exact.quantize(Decimal('0.0001'), rounding=rounding)}%"


def families(data: Mapping[str, Any]) -> str:
    """How many families of functions there were."""
    count = len(data["families"])
    return f"{count} {'family' if count == 1 else 'families'}"


def trajectories(data: Mapping[str, Any]) -> str:
    """How many runs and steps, and how close they came to the bound; if one broke it, which."""
    pieces = []
    if data.get("runs") is not None:
        steps = data.get("steps")
        pieces.append(f"{short(data['runs'])} runs" + ("" if steps is None else f" of {short(steps)} steps"))
    if data.get("families"):
        pieces.append(f"{families(data)} of functions")
    violations = data.get("violations")
    if violations is not None:
        pieces.append(f"{short(violations)} VIOLATIONS" if violations else "no violation")
    if data.get("worst_ratio") is not None:
        pieces.append(f"worst ratio {short(data['worst_ratio'])}")
    if violations and data.get("worst"):
        pieces.append(f"worst run {short(data['worst'])}")
    return " · ".join(pieces)


def pairs(data: Mapping[str, Any]) -> Iterator[str]:
    """``key value`` for everything in a JSON object, keys in words; empty entries are left out."""
    for key, value in data.items():
        if value is not None and value not in ("", [], {}):
            yield f"{key.replace('_', ' ')} {short(value)}"


def short(value: object) -> str:
    """A JSON value for people: numbers rounded, lists and objects on one line, long ones cut."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, Mapping):
        text = ", ".join(f"{key} = {short(each)}" for key, each in value.items())
    elif isinstance(value, list | tuple):
        text = f"({', '.join(short(each) for each in value)})"
    else:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
