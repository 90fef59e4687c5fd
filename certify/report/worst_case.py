"""The report on a worst case: the problem in words, the interval, how it compares with the literature, and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import takewhile
from math import log10
from typing import Any

from certify.analysis.worst_cases import Answer, Sweep
from certify.kernel.worst_case_json import number_to_json
from certify.language import Rate
from certify.language.text import name_text
from certify.pep.engine.bounds import Bound, decimal
from certify.pep.runs import pose
from certify.report.bound_proof import proof_of
from certify.report.bound_words import LATEX, TEXT, closed_form
from certify.report.layout import columns, pad
from certify.report.spans import BLANK, Line, Span, coloured, line, plain
from certify.report.text import labelled

DIGITS = 10
"""Significant digits of decimals; lower ends are rounded down and upper ends up, so that intervals stay true."""
SHORT = 16
"""Fractions with no more characters are printed beside the decimals."""
FORMULA = 60
"""Formulas with square roots with no more characters are printed."""
SHOWN = 6
"""How many multipliers are listed."""
CLOSE = 1e-5
"""A claimed rate is reproduced if both ends are within this part of it."""
SMALL = 1e-9
"""What floating-point numbers in claims are good for."""
MARKS = {"CERTIFIED": ("✓", "good"), "RELAXATION": ("✓", "fair"), "UPPER": ("≤", "fair")}


def render(found: Answer | Sweep, *, width: int = 100, color: bool = False) -> str:
    """The report for people; plain text unless `color`."""
    width = max(width, 40)
    lines = list(_answer(found, width) if isinstance(found, Answer) else _sweep(found, width))
    return coloured(lines, width) if color else plain(lines)


def render_json(found: Answer | Sweep) -> str:
    """The report as JSON: rationals as "p/q"."""
    return json.dumps(data(found), indent=2, ensure_ascii=False) + "\n"


def data(found: Answer | Sweep) -> dict[str, Any]:
    """The report as plain data."""
    if isinstance(found, Sweep):
        return {
            "sweep": {"parameter": found.parameter, "points": [str(p) for p in found.points]},
            "answers": [data(answer) for answer in found.answers],
        }
    asked, bound = found.question, found.bound
    roles = zip(asked.method.functions, asked.assumptions, strict=True)
    return {
        "method": asked.method.name,
        "assumptions": {role: [a.name for a in own] for role, own in roles},
        "parameters": {symbol: str(value) for symbol, value in asked.values.items()},
        "steps": asked.steps,
        "measure": asked.measure.name,
        "initial": {"measure": asked.initial.name, "bound": str(asked.bound)},
        "verdict": bound.verdict.word,
        "lower": None if bound.lower is None else str(bound.lower),
        "upper": None if bound.upper is None else str(bound.upper),
        "closed": None if bound.closed is None else number_to_json(bound.closed),
        "guess": list(bound.polynomial) or None,
        "value": bound.value,
        "stopped": bound.stopped or None,
        "gap": bound.relative_gap,
        "replay": None if found.replay is None else {"attained": found.replay.attained, "error": found.replay.error},
        "relaxations": list(bound.problem.relaxations),
        "rounded_coefficients": found.rounded,
        "claims": [
            {
                "rate": row.name,
                "statement": row.statement,
                "source": row.source,
                "tight": row.tight,
                "value": str(value) if isinstance(value, Fraction) else value,
                "ratio": ratio(found, value),
                "comparison": comparison(found, row, value),
            }
            for row, value in found.claims
        ],
        "multipliers": _multipliers_of(bound),
        "solver": {
            "attempts": [
                {
                    "solver": a.solver,
                    "status": a.status,
                    "value": a.value,
                    "seconds": round(a.seconds, 6),
                    "purpose": a.purpose,
                }
                for a in bound.attempts
            ],
        },
        "seconds": {stage: round(bound.seconds.get(stage, 0.0), 6) for stage in ("model", "solve", "round", "check")},
    }


def _multipliers_of(bound: Bound) -> list[dict[str, Any]]:
    """All multipliers that are used; those of a matrix are a list of rows."""
    upper = bound.upper_certificate
    if upper is None:
        return []
    numbers = {**upper.multipliers, **upper.equation_multipliers}
    matrices = {
        name: [[str(entry) for entry in row] for row in rows] for name, rows in upper.matrix_multipliers.items()
    }
    scalars = [{"name": name, "value": str(value)} for name, value in numbers.items()]
    return scalars + [{"name": name, "value": rows} for name, rows in matrices.items()]


def proof(found: Answer, *, latex: bool = False) -> str | None:
    """The proof of the upper end in words, if there is one."""
    if found.bound.upper_certificate is None:
        return None
    written = proof_of(found.bound, pose(found.question).model)
    return (written.latex() if latex else written.text()) + _without_slack(found.bound, latex)


def _without_slack(bound: Bound, latex: bool) -> str:
    """One more sentence of a proof whose bound can be replaced by a closed form."""
    if bound.closed is None:
        return ""
    formula, field = closed_form(bound.closed, LATEX if latex else TEXT), bound.closed.d
    if latex:
        formula, field = f"${formula}$", rf"$\mathbb{{Q}}(\sqrt{{{field}}})$"
    else:
        field = f"ℚ(√{field})"
    return f"With numbers of {field} in their place, which the certificate has, the bound is {formula}.\n"


def ratio(found: Answer, claimed: Fraction | float) -> float | None:
    """Upper end (or the solver's value) over the claimed number."""
    value = found.bound.upper if found.bound.upper is not None else found.bound.value
    return float(value) / float(claimed) if value is not None and claimed > 0 else None


def comparison(found: Answer, row: Rate, claimed: Fraction | float) -> str:
    """How the interval compares with a claimed rate, in words."""
    lower, upper, relative = found.bound.lower, found.bound.upper, ratio(found, claimed)
    if lower is not None and lower > float(claimed) * (1 + SMALL) and lower > claimed:
        return "exceeded: the worst case is larger than claimed"
    if upper is None or relative is None:
        return "not compared: no exact upper end"
    if relative > 1 + CLOSE:
        return "undecided: the upper end is above the claim"
    if lower is not None and float(lower) >= float(claimed) * (1 - CLOSE):
        return "reproduced"
    if relative >= 1 - CLOSE:
        return "confirmed as an upper bound"
    tight = " although claimed tight" * claims_equality(found, row)
    return f"true, but not attained{tight}: the bound is {relative:.4g} of it"


def claims_equality(found: Answer, row: Rate) -> bool:
    """Whether the row claims that its value is attained, for the very assumptions of the question."""
    return row.tight and row.assumptions == tuple(tuple(type(a) for a in role) for role in found.question.assumptions)


def decimals(lower: Fraction | None, upper: Fraction | None, digits: int = DIGITS) -> tuple[str, str, str]:
    """Both ends rounded outwards, and the digits in which they agree."""
    low, high = (
        "" if end is None else decimal(end, up=up, digits=digits) for end, up in ((lower, False), (upper, True))
    )
    same = "".join(a for a, _ in takewhile(lambda pair: pair[0] == pair[1], zip(low, high, strict=False)))
    return low, high, same if "E" not in low + high and low[:1] == high[:1] else ""


def _answer(found: Answer, width: int) -> Iterator[Line]:
    bound = found.bound
    yield from _problem(found, width)
    yield from labelled("where", _values([found]), width)
    yield BLANK
    mark, style = MARKS.get(bound.verdict.name, ("?", "warn"))
    yield line(Span(f"{mark} {bound.verdict.word}", style), Span(f" ── {bound.verdict.sentence}", "quiet"))
    yield _interval(found)
    if bound.closed is not None:
        formula = closed_form(bound.closed, TEXT)
        shown = f"{formula} = " if len(formula) <= FORMULA else "a number of the form a + b√d (--format json has it), "
        text = f"worst case ≤ {shown}{decimal(bound.closed, up=True, digits=DIGITS)}, proved"
        yield from labelled("closed form", text, width, prose=True, hang=2)
    elif bound.polynomial:
        text = f"a root of {_polynomial(bound.polynomial)} (numerical guess, not proved)"
        yield from labelled("perhaps", text, width, prose=True, hang=2)
    if bound.relative_gap is not None:
        digits = "" if not 0 < bound.relative_gap < 1 else f"{int(-log10(bound.relative_gap))} digits; "
        yield from labelled("", f"{digits}relative gap {bound.relative_gap:.1e}", width, style="quiet")
    if bound.stopped:
        yield from labelled("stopped", f"{bound.stopped}; the rest was not finished", width, prose=True)
    if bound.upper is not None or bound.lower is not None:
        yield from labelled("theorem", _theorem(found), width, prose=True, hang=2)
    if found.replay is not None:
        text = f"running the method on an explicit worst-case function attains {found.replay.attained:.{DIGITS}g}"
        yield from labelled("replayed", text, width, prose=True)
    for i, why in enumerate(bound.problem.relaxations):
        yield from labelled("" if i else "relaxation", why, width, prose=True)
    if bound.narrowed:
        text = "the lower end satisfies narrower conditions, with which it certainly occurs"
        yield from labelled("", text, width, prose=True)
    if found.rounded:
        text = f"the interval is for the method with its irrational coefficients rounded ({found.rounded} roundings)"
        yield from labelled("rounded", text, width, prose=True)
    for row, value in found.claims:
        yield from _claim(found, row, value, width)
    yield from _multipliers(found, width)
    solvers = ", ".join(dict.fromkeys(f"{a.solver} {a.status}" for a in bound.attempts))
    seconds = ", ".join(
        f"{stage} {bound.seconds.get(stage, 0.0):.2f}" for stage in ("model", "solve", "round", "check")
    )
    yield from labelled("seconds", f"{seconds} ({solvers})", width)


def _problem(found: Answer | Sweep, width: int) -> Iterator[Line]:
    asked = (found if isinstance(found, Answer) else found.answers[0]).question
    method = asked.method
    steps = f", N = {asked.steps}" if isinstance(found, Answer) or found.parameter != "N" else ""
    yield line(Span(f"{method.name}: {method.title or method.name}{steps}", "title"))
    yield from labelled("update", _first_line(type(method)).rstrip("."), width, prose=True)
    for role, own in zip(method.functions, asked.assumptions, strict=True):
        for assumption in own:
            who = f"{role} " if len(method.functions) > 1 else ""
            text = f"{who}{assumption.name}: {_first_line(type(assumption)).rstrip('.')}"
            label = "assuming" if (role, assumption) == (method.functions[0], asked.assumptions[0][0]) else ""
            yield from labelled(label, text, width, prose=True, hang=2)
    yield from labelled("start", asked.started, width)
    yield from labelled("worst case of", asked.measured, width)


def _interval(found: Answer) -> Line:
    """The two ends, with the digits that agree set off."""
    bound = found.bound
    label = Span(f"  {'interval':<15}", "label")
    if bound.upper is None:
        text = "nothing exact" if bound.value is None else f"worst case ≈ {bound.value:.8g} (a solver's number)"
        return line(label, text)
    low, high, same = decimals(bound.lower, bound.upper)
    spans: list[Span | str] = [label]
    if low:
        spans += [Span(same, "head"), Span(low[len(same) :]), " ≤ "]
    spans += ["worst case ≤ ", Span(same if low else high, "head"), Span(high[len(same) :] if low else "")]
    if bound.upper.denominator != 1 and len(str(bound.upper)) <= SHORT:
        spans += [Span(f"  = {bound.upper}", "quiet")]
    return line(*spans)


def _theorem(found: Answer) -> str:
    """What is proved, in one sentence: a fraction where it is short, else a decimal rounded to the safe side."""
    lower, upper = found.bound.lower, found.bound.upper
    low, high, _ = decimals(lower, upper)
    shown = str(upper) if upper is not None and len(str(upper)) <= SHORT else high
    if found.bound.closed is not None:
        formula = closed_form(found.bound.closed, TEXT)
        shown = formula if len(formula) <= FORMULA else decimal(found.bound.closed, up=True, digits=DIGITS)
    most = f"{found.question.measured} ≤ {shown} in every case" if upper is not None else ""
    if lower is None:
        return most
    if lower == upper:
        return f"{most}, and equal to it in one of them"
    return f"{most}, and ≥ {low} in one of them" if most else f"{found.question.measured} ≥ {low} in some case"


def _polynomial(coefficients: Sequence[int]) -> str:
    """Σ cₖ xᵏ, the highest power first."""
    parts = [
        f"{'−' if c < 0 else '+'} {abs(c) if abs(c) != 1 or not k else ''}{f'x^{k}' if k > 1 else 'x' * k}"
        for k, c in reversed(list(enumerate(coefficients)))
        if c
    ]
    return " ".join(parts).removeprefix("+ ")


def _claim(found: Answer, row: Rate, value: Fraction | float, width: int) -> Iterator[Line]:
    shown = (
        f"{value} ≈ {float(value):.8g}"
        if isinstance(value, Fraction) and len(str(value)) <= 20
        else f"{float(value):.8g}"
    )
    relative = ratio(found, value)
    number = "" if relative is None else f"; upper end/claim = {relative:.7g}"
    tight = ", claimed tight" * claims_equality(found, row)
    yield from labelled("claimed", f"{shown} by {row.name}: {row.statement.rstrip('.')}", width, prose=True, hang=2)
    yield from labelled("", f"{row.source}{tight}", width, style="quiet", prose=True, hang=2)
    bad = comparison(found, row, value).startswith("exceeded")
    yield from labelled("", comparison(found, row, value) + number, width, style="bad" if bad else "", prose=True)


def _multipliers(found: Answer, width: int) -> Iterator[Line]:
    """The largest multipliers, with the names of their inequalities."""
    entries = sorted(found.bound.multipliers.items(), key=lambda item: -item[1])
    for i, (name, value) in enumerate(entries[:SHOWN]):
        yield from labelled("" if i else "multipliers", f"{float(value):<12.6g} {name}", width)
    if len(entries) > SHOWN:
        yield from labelled("", f"… and {len(entries) - SHOWN} more (--format json has all)", width, style="quiet")


def _sweep(found: Sweep, width: int) -> Iterator[Line]:
    yield from _problem(found, width)
    yield from labelled("where", _values(found.answers, found.parameter), width)
    yield BLANK
    claims = list(dict.fromkeys(row.name for answer in found.answers for row, _ in answer.claims))
    rows = [[name_text(found.parameter), "lower", "upper", "verdict", *claims]]
    for point, answer in zip(found.points, found.answers, strict=True):
        low, high, _ = decimals(answer.bound.lower, answer.bound.upper)
        claimed = {row.name: f"{float(value):.8g}" for row, value in answer.claims}
        number = str(point) if len(str(point)) <= 10 else f"{float(point):.8g}"
        value = high or ("" if answer.bound.value is None else f"≈ {answer.bound.value:.7g}")
        rows.append(
            [number, low or "–", value or "–", answer.bound.verdict.word, *(claimed.get(c, "–") for c in claims)]
        )
    widths = [max(map(columns, column)) for column in zip(*rows, strict=True)]
    for i, row in enumerate(rows):
        text = "  ".join(pad(cell, size) for cell, size in zip(row, widths, strict=True))
        yield line("  ", Span(text.rstrip(), "label" if not i else ""))


def _values(answers: Sequence[Answer], without: str = "") -> str:
    """The parameters, except the one that is swept; of those tied to it only that they vary."""
    each = [answer.question.values for answer in answers]
    parts = []
    for symbol in each[0]:
        if symbol != without:
            same = len({values[symbol] for values in each}) == 1
            parts.append(f"{name_text(symbol)} = {each[0][symbol]}" if same else f"{name_text(symbol)} varies")
    return ", ".join(parts) or "no parameters"


def _first_line(kind: type[Any]) -> str:
    return (kind.__doc__ or "").strip().partition("\n\n")[0].replace("\n", " ")
