"""The report on a linear rate: the interval, the Lyapunov function, and both proofs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from certify.analysis.linear_rates import LinearRate
from certify.language.text import name_text
from certify.report.bound_proof import proof_of
from certify.report.spans import Line, Span, line, plain
from certify.report.text import labelled
from certify.report.worst_case import decimals

NOTATION = "s: parts of the state; x, f′, f: points, gradients and values where a step evaluates; all minus those at ⋆"


_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _term(name: str, size: Fraction) -> str:
    """``0.23664·⟨s₀, f′₁⟩``: the 2 in the name of a product is a part of the number."""
    number = 2 * size if name.startswith("2⟨") else size
    low = re.sub(r"(?<=[a-z'′])\d+", lambda found: found[0].translate(_SUBSCRIPT), name.removeprefix("2"))
    shown = f"{float(number):.5g}"
    return low.replace("'", "′") if shown == "1" else f"{shown}·{low.replace(chr(39), '′')}"


def render(found: LinearRate, *, width: int = 100) -> str:
    """The report for people."""
    return plain(list(_lines(found, max(width, 40))))


def render_json(found: LinearRate) -> str:
    """The report as JSON: rationals as "p/q"."""
    return json.dumps(data(found), indent=2, ensure_ascii=False) + "\n"


def data(found: LinearRate) -> dict[str, Any]:
    """The report as plain data."""
    asked, rate = found.question, found.rate
    roles = zip(asked.method.functions, asked.assumptions, strict=True)
    return {
        "method": asked.method.name,
        "assumptions": {role: [a.name for a in own] for role, own in roles},
        "parameters": {symbol: str(value) for symbol, value in asked.values.items()},
        "measure": asked.measure.name,
        "lower": None if rate.lower is None else str(rate.lower),
        "upper": None if rate.upper is None else str(rate.upper),
        "rounded_coefficients": found.rounded,
        "value": rate.value if rate.value == rate.value else None,
        "lyapunov": {} if rate.found is None else {name: str(c) for name, c in rate.found.coefficients.items()},
    }


def proofs(found: LinearRate, *, latex: bool = False) -> str:
    """That V decreases, and that V ≥ measure; empty without a V."""
    if found.rate.found is None:
        return ""
    parts = [proof_of(c) for c in (found.rate.found.descent, found.rate.found.bounded_below)]
    return "\n".join(part.latex() if latex else part.text() for part in parts)


def _lines(found: LinearRate, width: int) -> Iterator[Line]:
    asked, rate = found.question, found.rate
    yield line(Span(f"{asked.method.name}: {asked.method.title or asked.method.name}, linear rate", "title"))
    for role, own in zip(asked.method.functions, asked.assumptions, strict=True):
        text = f"{role} " if len(asked.assumptions) > 1 else ""
        yield from labelled("assuming", text + ", ".join(a.name for a in own), width, prose=True)
    yield from labelled("where", ", ".join(f"{name_text(s)} = {v}" for s, v in asked.values.items()), width)
    yield from labelled("wanted", f"V⁺ ≤ ρV, V ≥ {asked.measure.describe('x', '')}", width)
    low, high, _ = decimals(rate.lower, rate.upper)
    below = f"{low} < " if low else ""
    above = f" ≤ {high}" if high else ""
    yield from labelled("interval", f"{below}best ρ{above}" if low or high else "nothing was proved", width)
    if found.rounded:
        text = "the interval is for the method with its irrational coefficients rounded"
        yield from labelled("rounded", text, width, prose=True)
    if rate.found is not None:
        coefficients = rate.found.coefficients
        top = max((abs(c) for c in coefficients.values()), default=1)
        terms = " ".join(f"{'−' if c < 0 else '+'} {_term(n, abs(c) / top)}" for n, c in coefficients.items())
        yield from labelled("V ∝", terms.removeprefix("+ "), width)
        yield from labelled("", NOTATION, width, style="quiet", prose=True)
        used = len(rate.found.descent.multipliers) + len(rate.found.bounded_below.multipliers)
        yield from labelled(
            "proved", f"the kernel checked V at the upper end, by {used} multipliers", width, prose=True
        )
    if rate.refused is not None:
        text = "at the lower end a worst case rules out every such V"
        yield from labelled("" if rate.found else "proved", text, width, prose=True)
