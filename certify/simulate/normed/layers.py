"""Points made of layers, each with a norm of its own: rows (B, d) that are cut into p vectors or matrices.

Norms and pairings of such points have one column for every layer, shape (B, p), and so may the numbers that multiply
them; sums over the layers are taken by `total`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import Tensor

from certify.geometry import Norm
from certify.simulate.functions import TestFunction
from certify.simulate.rows import number, plain, rows

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayeredSpace:
    """The layers: their norms and shapes."""

    layers: tuple[tuple[Norm, Shape], ...]

    @property
    def sizes(self) -> list[int]:
        """How many coordinates each layer has."""
        return [prod(shape) for _, shape in self.layers]

    @property
    def dimension(self) -> int:
        """d, the length of a row."""
        return sum(self.sizes)

    def parts(self, data: Tensor) -> list[Tensor]:
        """The layers of each row, in their shapes."""
        cut = plain(data).split(self.sizes, -1)
        return [part.unflatten(-1, shape) for part, (_, shape) in zip(cut, self.layers, strict=True)]

    def joined(self, parts: Sequence[Tensor]) -> Tensor:
        """The inverse of `parts`."""
        return torch.cat([part.flatten(1) for part in parts], -1)

    def spread(self, factor: Any) -> Any:
        """A number for every layer as one for every coordinate; other numbers as they are."""
        factor = number(factor)
        if not isinstance(factor, Tensor) or factor.shape[-1] == 1:
            return factor
        return rows(plain(factor).repeat_interleave(torch.tensor(self.sizes, device=factor.device), -1))

    def euclidean(self) -> Tensor:
        """1/c² for every layer, (1, p), with c the largest number such that c‖x‖₂ ≤ ‖x‖."""
        below = [float(norm.below(*shape)) ** -2 for norm, shape in self.layers]
        return torch.tensor([below], dtype=torch.float64)

    def inner(self, u: LayeredRows, v: LayeredRows) -> Tensor:
        """⟨uᵢ, vᵢ⟩, (B, p)."""
        products = (plain(u.data) * plain(v.data)).split(self.sizes, -1)
        return rows(torch.stack([part.sum(-1) for part in products], -1))

    def norm(self, v: LayeredRows) -> Tensor:
        """‖vᵢ‖, (B, p); the dual norms for gradients."""
        pairs = zip(self.parts(v.data), self.layers, strict=True)
        return rows(torch.stack([(n.dual if v.dual else n).value(part) for part, (n, _) in pairs], -1))

    def squared_norm(self, v: LayeredRows) -> Tensor:
        """‖vᵢ‖²."""
        return self.norm(v) ** 2

    def lmo(self, g: LayeredRows) -> LayeredRows:
        """argmin { ⟨gᵢ, o⟩ : ‖o‖ ≤ 1 } in every layer."""
        found = [norm.lmo(part) for part, (norm, _) in zip(self.parts(g.data), self.layers, strict=True)]
        return LayeredRows(self, rows(self.joined(found)))


@dataclass(frozen=True, eq=False)
class LayeredRows:
    """Points or (`dual`) gradients of a layered space, data (B, d)."""

    geometry: LayeredSpace
    data: Tensor
    dual: bool = False

    def __add__(self, other: LayeredRows) -> LayeredRows:
        if self.dual != other.dual:
            raise TypeError("a gradient was added to a point")
        return LayeredRows(self.geometry, self.data + other.data, self.dual)

    def __sub__(self, other: LayeredRows) -> LayeredRows:
        return self + (-other)

    def __neg__(self) -> LayeredRows:
        return self * -1

    def __mul__(self, factor: Any) -> LayeredRows:
        return LayeredRows(self.geometry, self.data * self.geometry.spread(factor), self.dual)

    __rmul__ = __mul__

    def __getitem__(self, row: int) -> Tensor:
        return self.data[row]


class Layers:
    """A batch of test functions on a layered space, with the space's oracle.

    An inexact oracle with ⟨g, o⟩ ≤ −α‖g‖* and ‖o‖ ≤ b returns s times the exact direction, s between α and b as
    `exactness` (B, p) in [0, 1] says.
    """

    oracles = frozenset({"value", "gradient", "subgradient"})

    def __init__(self, function: TestFunction, space: LayeredSpace, exactness: Tensor) -> None:
        self.function, self.space, self.exactness = function, space, exactness
        self.name = function.name
        self.constants: Mapping[str, Tensor] = function.constants
        self.parameters = function.parameters
        self.minimum = function.minimum
        self.minimizer = LayeredRows(space, function.minimizer)

    def value(self, x: LayeredRows) -> Tensor:
        """f(x)."""
        return self.function.value(plain(x.data))

    def subgradient(self, x: LayeredRows) -> LayeredRows:
        """∇f(x)."""
        return LayeredRows(self.space, self.function.subgradient(plain(x.data)), dual=True)

    def lmo(self, g: LayeredRows, alpha: Any, b: Any) -> LayeredRows:
        """The direction of an oracle of this quality."""
        alpha, b = number(alpha), number(b)
        return self.space.lmo(g) * (alpha + (b - alpha) * rows(self.exactness))

    def total(self, quantity: Any) -> Any:
        """Σᵢ over the layers; what has one value for all of them counts p times."""
        p, quantity = len(self.space.layers), number(quantity)
        if not isinstance(quantity, Tensor) or quantity.shape[-1] == 1:
            return quantity * p
        return rows(plain(quantity).sum(-1, keepdim=True))

    def largest(self, quantity: Tensor) -> Tensor:
        """The maximum over the layers."""
        return rows(plain(quantity).amax(-1, keepdim=True))
