"""Norms with their duals, linear minimisation oracles and exact constants, and approximate polar factors.

Everything is a frozen value; tensors are computed with torch, which is imported when first needed.
"""

from __future__ import annotations

from certify.geometry.base import Norm
from certify.geometry.composed import RMS, RMS_TO_RMS, Product, Scaled
from certify.geometry.matrices import (
    FROBENIUS,
    MAX_COLUMN,
    MAX_ENTRY,
    MAX_ROW,
    NUCLEAR,
    SPECTRAL,
    Mixed,
    Schatten,
)
from certify.geometry.names import EUCLIDEAN, NORMS, named
from certify.geometry.polar import (
    POLAR_EXPRESS,
    Iteration,
    NotAnOracle,
    Quality,
    by_svd,
    classical,
    least_threshold,
    newton_schulz,
    quality,
)
from certify.geometry.roots import Root
from certify.geometry.vectors import L1, L2, LINF, Lp

__all__ = [
    "EUCLIDEAN", "FROBENIUS", "L1", "L2", "LINF", "MAX_COLUMN", "MAX_ENTRY", "MAX_ROW", "NORMS", "NUCLEAR",
    "POLAR_EXPRESS", "RMS", "RMS_TO_RMS", "SPECTRAL", "Iteration", "Lp", "Mixed", "Norm", "NotAnOracle", "Product",
    "Quality", "Root", "Scaled", "Schatten", "by_svd", "classical", "least_threshold", "named", "newton_schulz",
    "quality",
]  # fmt: skip
