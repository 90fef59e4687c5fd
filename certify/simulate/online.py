"""Online convex losses for runs: another function in every step, with slopes of at most G in every coordinate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from certify.simulate.rows import plain, rows


class ChangingLosses:
    """f_k(x) = Σᵢ aᵢ|xᵢ − cᵢ| + bᵢxᵢ with aᵢ + |bᵢ| ≤ G, drawn anew by `turn`; x⋆ is a fixed point of a box.

    Convex, with |gᵢ| ≤ aᵢ + |bᵢ| ≤ G for every subgradient. Some rows play one linear function for ever, some
    alternate.
    """

    name = "changing-losses"

    def __init__(self, bound: Tensor, width: Tensor, dimension: int, generator: torch.Generator) -> None:
        self.G, self._width, self._generator = rows(bound), width, generator
        self._shape = (len(bound), dimension)
        self.comparator = rows((self._unit() - 0.5) * width)
        self._kind = self._unit()[:, :1]
        self._first = 2 * self._unit() - 1
        self._count = 0
        self.turn()

    @property
    def constants(self) -> Mapping[str, Tensor]:
        """G, (B, 1)."""
        return {"G": self.G}

    @property
    def minimizer(self) -> Any:
        """What distances are measured from."""
        return self.comparator

    def turn(self) -> None:
        """The next function."""
        share, sign = self._unit(), 2 * self._unit() - 1
        self._count += 1
        alternating = self._first * (-1) ** self._count
        slope = torch.where(self._kind < 0.25, self._first, torch.where(self._kind < 0.5, alternating, sign))
        kinked = torch.where(self._kind < 0.5, 0.0, share)
        self._a, self._b = plain(self.G) * kinked, plain(self.G) * slope * (1 - kinked)
        self._c = (self._unit() - 0.5) * self._width

    def value(self, x: Any) -> Any:
        """f_k(x), (B, 1)."""
        x = plain(x)
        return rows((self._a * (x - self._c).abs() + self._b * x).sum(1, keepdim=True))

    def gradient(self, x: Any) -> Any:
        """A subgradient of f_k."""
        return rows(self._a * (plain(x) - self._c).sign() + self._b)

    subgradient = gradient

    @property
    def loss_of_comparator(self) -> Any:
        """f_k(x⋆)."""
        return self.value(self.comparator)

    def _unit(self) -> Tensor:
        return torch.rand(self._shape, dtype=torch.float64, device=self._width.device, generator=self._generator)
