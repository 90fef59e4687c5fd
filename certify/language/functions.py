"""The functions that updates and goals are written with: they work on abstract vectors, tensors and numbers.

Abstract vectors carry the geometry they live in, which knows inner products and norms.

Arrays hold one vector per row, shape (B, d); inner products and norms then have shape (B, 1).
A plain number is a vector of the real line.
"""

from __future__ import annotations

import math
from typing import Any


def inner(u: Any, v: Any) -> Any:
    """⟨u, v⟩ (the pairing of a gradient u with a point v where there is no inner product)."""
    if hasattr(u, "geometry"):
        return u.geometry.inner(u, v)
    return (u * v).sum(-1, keepdims=True) if hasattr(u, "ndim") else u * v


def norm2(v: Any) -> Any:
    """‖v‖², the squared norm."""
    if hasattr(v, "geometry"):
        return v.geometry.squared_norm(v)
    return inner(v, v)


def norm(v: Any) -> Any:
    """‖v‖ (the dual norm for gradients where there is no inner product)."""
    if hasattr(v, "geometry"):
        return v.geometry.norm(v)
    return inner(v, v) ** 0.5 if hasattr(v, "ndim") else abs(v)


def clip(v: Any, low: Any, high: Any) -> Any:
    """The nearest point with all coordinates in [low, high]."""
    if hasattr(v, "clipped"):
        return v.clipped(low, high)
    return v.clamp(low, high) if hasattr(v, "ndim") else min(max(v, low), high)


def maximum(u: Any, v: Any) -> Any:
    """The larger of two, in every coordinate."""
    if hasattr(u, "larger"):
        return u.larger(v)
    return u.maximum(v) if hasattr(u, "ndim") else max(u, v)


def cosh(v: Any) -> Any:
    """cosh in every coordinate of a tensor, or of a float. **Raises:** TypeError for what is exact."""
    if hasattr(v, "ndim"):
        return v.cosh()
    if not isinstance(v, float):
        raise TypeError("cosh has no exact value on rational numbers or symbols")
    return math.cosh(v)


def block(v: Any, k: int, of: int) -> Any:
    """Block k (from 0) of the coordinates of v, which fall into `of` blocks; the other coordinates are 0."""
    if of == 1:
        return v
    if hasattr(v, "geometry"):
        return v.geometry.block(v, k)
    if not hasattr(v, "ndim"):
        raise TypeError(f"a number has one coordinate, not {of} blocks")
    size = v.shape[-1]
    part = v * 0
    part[..., k * size // of : (k + 1) * size // of] = v[..., k * size // of : (k + 1) * size // of]
    return part
