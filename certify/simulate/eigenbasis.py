"""Runs on quadratics in their eigenbasis, where a step costs d multiplications instead of two d × d products.

A method that only adds vectors, multiplies them with numbers and takes inner products does not notice which orthonormal
basis they are written in. That a run is of this kind is not declared but enforced: its vectors are `Turned`, which can
do nothing else, and whoever tries (a sign, a coordinate, an elementwise product) makes the engine run in the given
basis.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from certify.simulate.curved import Curved
from certify.simulate.functions import Quadratic
from certify.simulate.functions.diagonal_quadratic import DiagonalQuadratic
from certify.simulate.rows import Rows, number, plain, rows
from certify.simulate.scaled import Scaled

Coordinates = Callable[[Tensor], Tensor]


class BasisMatters(TypeError):
    """Something was asked of a vector whose answer depends on the basis."""


class Turned:
    """Vectors (B, d) in some orthonormal basis, a different one in every row: sums, multiples and inner products."""

    __slots__ = ("data",)

    def __init__(self, data: Tensor) -> None:
        self.data = data

    @property
    def geometry(self) -> type[_Inner]:
        """What `inner`, `norm` and `norm2` of the language ask."""
        return _Inner

    def __add__(self, other: Any) -> Turned:
        return Turned(self.data + _vector(other))

    def __radd__(self, other: Any) -> Turned:
        return self if type(other) is int and other == 0 else Turned(_vector(other) + self.data)

    def __sub__(self, other: Any) -> Turned:
        return Turned(self.data - _vector(other))

    def __mul__(self, factor: Any) -> Turned:
        return Turned(self.data * _factor(factor))

    def __truediv__(self, factor: Any) -> Turned:
        return Turned(self.data / _factor(factor))

    __rmul__ = __mul__

    def __neg__(self) -> Turned:
        return Turned(-self.data)

    def where(self, mask: Tensor, other: Turned) -> Turned:
        """This vector in the rows of the mask (B, 1), the other one elsewhere."""
        return Turned(torch.where(_factor(mask), self.data, _vector(other)))


class _Inner:
    """The geometry of `Turned` vectors."""

    @staticmethod
    def inner(u: Any, v: Any) -> Rows:
        """⟨u, v⟩, (B, 1)."""
        return rows((_vector(u) * _vector(v)).sum(1, keepdim=True))

    @staticmethod
    def squared_norm(v: Turned) -> Rows:
        """‖v‖²."""
        return _Inner.inner(v, v)

    @staticmethod
    def norm(v: Turned) -> Rows:
        """‖v‖."""
        return rows(_Inner.inner(v, v) ** 0.5)


def _vector(value: Any) -> Tensor:
    if type(value) is not Turned:
        raise BasisMatters(f"a vector and {type(value).__name__}")
    return value.data


def _factor(value: Any) -> Any:
    """A number, or one for each row."""
    value = number(value)
    if isinstance(value, Tensor):
        if value.ndim and value.shape[-1] != 1:
            raise BasisMatters("an elementwise product")
        return plain(value)
    if not isinstance(value, int | float):
        raise BasisMatters(f"a vector times {type(value).__name__}")
    return value


def in_eigenbasis(function: Any) -> tuple[DiagonalQuadratic, Coordinates] | None:
    """The same function of the coordinates y = Qᵀ(x − x⋆), and these coordinates; None if it is no quadratic."""
    if isinstance(function, Quadratic):
        return function.diagonal, function.coordinates
    if not isinstance(function, Scaled | Curved):
        return None
    found = in_eigenbasis(function.function)
    if found is None:
        return None
    spectrum = function.factor * found[0].parameters["spectrum"]
    if isinstance(function, Curved):
        spectrum = spectrum + function.curvature
    return DiagonalQuadratic(spectrum=spectrum), found[1]
