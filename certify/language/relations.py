"""Relations other than inequalities that an assumption may state; the sides are whatever its points are made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Equation:
    """left = right, between two scalars or two vectors."""

    left: Any
    right: Any


@dataclass(frozen=True, slots=True)
class Semidefinite:
    """A symmetric matrix of scalars, row by row, that is ⪰ 0."""

    rows: tuple[tuple[Any, ...], ...]
