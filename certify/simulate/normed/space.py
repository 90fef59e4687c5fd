"""Batches of vectors that know their norm, so that a declaration's own `norm` and `inner` mean what they should.

Rows (B, d) stay flat everywhere; a norm of matrices sees each row as a matrix.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from certify.geometry import Lp, Norm, Scaled
from certify.simulate.functions import TestFunction, UnsupportedOracle
from certify.simulate.rows import rows
from certify.simulate.scaled import Scaled as ScaledFunction

MATRICES = {4: (2, 2), 6: (2, 3)}


@dataclass(frozen=True)
class TensorSpace:
    """Rᵈ, row by row, with a norm."""

    norm_of_space: Norm

    @property
    def matrices(self) -> bool:
        """Whether the norm is one of matrices."""
        base = self.norm_of_space
        while isinstance(base, Scaled):
            base = base.base
        return not isinstance(base, Lp)

    @property
    def dimensions(self) -> tuple[int, ...]:
        """The lengths of rows that runs use."""
        return tuple(MATRICES) if self.matrices else (2, 3, 5)

    def shaped(self, rows: Tensor) -> Tensor:
        """Rows as the norm sees them."""
        return rows.unflatten(-1, MATRICES[rows.shape[-1]]) if self.matrices else rows

    def flat(self, x: Tensor) -> Tensor:
        """The inverse of `shaped`."""
        return x.flatten(-2) if self.matrices else x

    def size(self, rows: Tensor) -> Tensor:
        """‖x‖ of each row, (B, 1)."""
        return self.norm_of_space.value(self.shaped(rows))[:, None]

    def norming(self, rows: Tensor) -> Tensor:
        """A subgradient of the norm at each row."""
        return self.flat(self.norm_of_space.norming(self.shaped(rows)))

    # -- the geometry of located tensors ---------------------------------------------------------

    def inner(self, u: Located, v: Located) -> Tensor:
        """The pairing of gradients with points, (B, 1)."""
        if u.dual == v.dual:
            raise TypeError("an inner product of two points (or two gradients) needs a Euclidean space")
        return rows((u.data * v.data).sum(-1, keepdim=True))

    def norm(self, v: Located) -> Tensor:
        """‖v‖, the dual norm for gradients."""
        space = TensorSpace(self.norm_of_space.dual) if v.dual else self
        return rows(space.size(v.data))

    def squared_norm(self, v: Located) -> Tensor:
        """‖v‖²."""
        return self.norm(v) ** 2


@dataclass(frozen=True, eq=False)
class Located:
    """Rows `data` (B, d) of points or (`dual`) gradients of a space."""

    geometry: TensorSpace
    data: Tensor
    dual: bool = False

    def __add__(self, other: Located) -> Located:
        if not isinstance(other, Located):
            return NotImplemented
        if self.dual != other.dual:
            raise TypeError("a gradient was added to a point")
        return Located(self.geometry, self.data + other.data, self.dual)

    def __sub__(self, other: Located) -> Located:
        return self + (-other)

    def __neg__(self) -> Located:
        return self * -1

    def __mul__(self, factor: Any) -> Located:
        return Located(self.geometry, self.data * factor, self.dual)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Any) -> Located:
        return Located(self.geometry, self.data / divisor, self.dual)

    def __getitem__(self, row: int) -> Tensor:
        return self.data[row]


class Translated:
    """A batch of test functions that takes and returns located tensors."""

    def __init__(self, function: TestFunction | ScaledFunction, space: TensorSpace) -> None:
        self.function, self.space = function, space
        self.name: str = function.name
        self.oracles = function.oracles
        self.constants: Mapping[str, Tensor] = function.constants
        self.parameters: Mapping[str, Tensor] = function.parameters
        self.minimum: Tensor = function.minimum
        self.satisfies: frozenset[str] = function.satisfies
        self.minimizer = Located(space, function.minimizer)

    def value(self, x: Located) -> Tensor:
        """f(x)."""
        return self.function.value(x.data)

    def subgradient(self, x: Located) -> Located:
        """An element of ∂f(x)."""
        return Located(self.space, self.function.subgradient(x.data), dual=True)

    def prox(self, x: Located, gamma: Any) -> Located:
        """Not here: the proximal point needs an inner product."""
        raise UnsupportedOracle("the prox needs a Euclidean space")

    def brox(self, x: Located, t: Any) -> tuple[Located, Located]:
        """A minimiser u over the ball of this norm, and g ∈ ∂f(u) with ⟨g, x − u⟩ = t ‖g‖*."""
        u, g = self.function.brox(x.data, t)
        return Located(self.space, u), Located(self.space, g, dual=True)

    def accepts_radius(self, t: Any) -> Tensor:
        """As the function says."""
        return self.function.accepts_radius(t)
