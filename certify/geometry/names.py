"""The norms that have a name on the command line."""

from __future__ import annotations

from fractions import Fraction

from certify.geometry.base import Norm
from certify.geometry.composed import RMS, RMS_TO_RMS, SCALED_MAX_ENTRY
from certify.geometry.matrices import FROBENIUS, MAX_COLUMN, MAX_ENTRY, MAX_ROW, NUCLEAR, SPECTRAL
from certify.geometry.vectors import L1, L2, LINF, Lp

NORMS: dict[str, Norm] = {
    n.name: n
    for n in (
        L1,
        L2,
        LINF,
        RMS,
        SPECTRAL,
        NUCLEAR,
        FROBENIUS,
        RMS_TO_RMS,
        MAX_COLUMN,
        MAX_ROW,
        MAX_ENTRY,
        SCALED_MAX_ENTRY,
    )
}
EUCLIDEAN = frozenset({"l2", "frobenius"})
"""Names of the norm that comes from the inner product of all entries."""


def named(name: str) -> Norm:
    """The norm of this name, ``lp:3/2`` included; raises `ValueError` with the names there are."""
    if name in NORMS:
        return NORMS[name]
    kind, colon, exponent = name.partition(":")
    if kind == "lp" and colon:
        try:
            p = Fraction(exponent)
        except (ValueError, ZeroDivisionError):
            p = Fraction(0)
        if p >= 1:
            return Lp(1 / p)
        raise ValueError(f"norm {name!r}: p must be a rational number ≥ 1, as in lp:3/2")
    raise ValueError(f"norm {name!r} is unknown; there are euclidean, any, {', '.join(NORMS)} and lp:P")
