"""Numbers and functions for people."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from certify.pep.engine.bounds import decimal
from certify.simulate.exact import PiecewiseQuadratic


def short(value: Fraction, *, up: bool = False) -> str:
    """The number if it is short, else eight digits rounded to the safe side."""
    return str(value) if len(str(value)) <= 14 else decimal(value, up=up, digits=8)


def shown(f: PiecewiseQuadratic) -> str:
    """The function piece by piece: ``1/2 y² (−1 ≤ y ≤ 1), y − 1/2 (y ≥ 1)``."""
    cuts = [signed(c) for c in f.breakpoints]
    pieces = []
    for i, p in enumerate(f.pieces):
        where = "" if not cuts else f" (y ≤ {cuts[0]})" if i == 0 else f" (y ≥ {cuts[-1]})" if i == len(cuts) else ""
        where = where or (f" ({cuts[i - 1]} ≤ y ≤ {cuts[i]})" if cuts else "")
        pieces.append(_polynomial(((p.a, "y²"), (p.b, "y"), (p.c, ""))) + where)
    return ", ".join(pieces)


def signed(value: Fraction | str) -> str:
    """A number with the sign for minus."""
    return str(value).replace("-", "−")


def _polynomial(terms: Iterable[tuple[Fraction, str]]) -> str:
    """``−1/2 y² + y − 3``."""
    text = ""
    for number, power in terms:
        if number:
            size = "" if abs(number) == 1 and power else f"{abs(number)} " if power else str(abs(number))
            sign = (" − " if number < 0 else " + ") if text else ("−" if number < 0 else "")
            text += f"{sign}{size}{power}"
    return text or "0"
