"""Abstract vectors: linear forms over named basis vectors, with exact coefficients.

A vector knows the geometry it lives in, so nothing here is global: two problems never share anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from certify.language.scalar import DependsOnValue, Scalar, as_scalar


class Space(Protocol):
    """What a vector asks of the geometry it lives in."""

    def inner(self, u: Vector, v: Vector) -> Scalar:
        """⟨u, v⟩."""
        ...

    def norm(self, v: Vector) -> Scalar:
        """‖v‖."""
        ...

    def squared_norm(self, v: Vector) -> Scalar:
        """‖v‖²."""
        ...


class MixedSpaces(TypeError):
    """Vectors of two problems, or a primal and a dual vector, were combined."""


@dataclass(frozen=True, slots=True, eq=False)
class Vector:
    """``Σ coefficientᵢ · basisᵢ``; `dual` marks gradients in a space without an inner product."""

    geometry: Space
    coefficients: Mapping[str, Scalar]
    dual: bool = False

    def __add__(self, other: Vector) -> Vector:
        if not isinstance(other, Vector):
            return NotImplemented
        self._same_space(other)
        total = dict(self.coefficients)
        for name, coefficient in other.coefficients.items():
            total[name] = total[name] + coefficient if name in total else coefficient
        return Vector(self.geometry, {n: c for n, c in total.items() if c.numerator}, self.dual)

    def __sub__(self, other: Vector) -> Vector:
        return self + (-other) if isinstance(other, Vector) else NotImplemented

    def __neg__(self) -> Vector:
        return self * -1

    def __mul__(self, factor: Scalar | int | Fraction) -> Vector:
        if (scalar := as_scalar(factor)) is None:
            return NotImplemented
        if not scalar.numerator:
            return Vector(self.geometry, {}, self.dual)
        return Vector(self.geometry, {n: c * scalar for n, c in self.coefficients.items()}, self.dual)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Scalar | int | Fraction) -> Vector:
        scalar = as_scalar(divisor)
        return NotImplemented if scalar is None else self * scalar.reciprocal()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Vector):
            if as_scalar(other) is not None:
                raise DependsOnValue(self.coefficients)
            return NotImplemented
        same = self.geometry is other.geometry and self.coefficients.keys() == other.coefficients.keys()
        return same and all(c == other.coefficients[n] for n, c in self.coefficients.items())

    def __bool__(self) -> bool:
        raise DependsOnValue(self.coefficients)

    def __hash__(self) -> int:
        return hash((id(self.geometry), frozenset(self.coefficients)))

    def _same_space(self, other: Vector) -> None:
        if self.geometry is not other.geometry:
            raise MixedSpaces("vectors of two different problems were combined")
        if self.dual != other.dual:
            raise MixedSpaces(
                "a gradient was added to a point: this update needs an inner product, but the space has only a norm"
            )
