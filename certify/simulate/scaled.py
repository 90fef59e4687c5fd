"""A multiple of a test function, so that a constant of its class takes a prescribed value."""

from __future__ import annotations

import torch
from torch import Tensor

from certify.simulate.functions import TestFunction


class Scaled:
    """a·f for a batch f of test functions and factors a > 0 of shape (B, 1).

    The constants L, mu and M scale by a; minimisers and ball-prox steps stay.
    """

    def __init__(self, function: TestFunction, factor: Tensor) -> None:
        self.function = function
        self.factor = factor
        self.name = function.name
        self.oracles = function.oracles
        self.constants = {n: factor * c for n, c in function.constants.items()}
        self.minimizer = function.minimizer
        self.minimum = factor * function.minimum
        self.parameters = {**function.parameters, "factor": factor}

    def value(self, x: Tensor) -> Tensor:
        """a f(x)."""
        return self.factor * self.function.value(x)

    def subgradient(self, x: Tensor) -> Tensor:
        """a g."""
        return self.factor * self.function.subgradient(x)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """prox_{γa f}(x)."""
        return self.function.prox(x, gamma * self.factor)

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The same point, with a g."""
        u, g = self.function.brox(x, t)
        return u, self.factor * g

    def accepts_radius(self, t: Tensor | float) -> Tensor:
        """The same radii."""
        return self.function.accepts_radius(t)

    def take(self, rows: Tensor) -> Scaled:
        """Some of the functions."""
        return Scaled(self.function.take(rows), self.factor[rows])

    def to(self, device: torch.device | str) -> Scaled:
        """The same functions on another device."""
        return Scaled(self.function.to(device), self.factor.to(device))

    @property
    def satisfies(self) -> frozenset[str]:
        """The same assumptions."""
        return self.function.satisfies
