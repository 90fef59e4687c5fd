"""Numbers and functions for people."""

from __future__ import annotations

from fractions import Fraction

from certify.pep.engine.bounds import decimal
from certify.simulate.exact import PiecewiseQuadratic


def short(value: Fraction, *, up: bool = False) -> str:
    """The number if it is short, else eight digits rounded to the safe side."""
    return str(value) if len(str(value)) <= 14 else decimal(value, up=up, digits=8)


def shown(f: PiecewiseQuadratic) -> str:
    """The function piece by piece."""
    cuts = [*map(str, f.breakpoints)]
    pieces = []
    for i, p in enumerate(f.pieces):
        terms = [t for c, t in ((p.a, f"{p.a} y²"), (p.b, f"{p.b} y"), (p.c, f"{p.c}")) if c]
        where = "" if not cuts else f" (y ≤ {cuts[0]})" if i == 0 else f" (y ≥ {cuts[-1]})" if i == len(cuts) else ""
        where = where or (f" ({cuts[i - 1]} ≤ y ≤ {cuts[i]})" if cuts else "")
        pieces.append((" + ".join(terms) or "0") + where)
    return ", ".join(pieces)
