"""Regressions on real data with a quadratic penalty, moved to any minimiser: what all of them have in common.

scikit-learn is imported when these functions are asked for (`pip install 'certify-rates[data]'`). Cross-checks do not
draw from them, because their minimisers take time.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._newton import minimise
from certify.simulate.functions._rows import check_matrix, check_positive
from certify.simulate.functions.base import SMOOTH_STRONGLY_CONVEX, TestFunction

KINDS = 8
"""Different weights λ in a sample: each needs a minimiser of its own."""


class Regression(TestFunction):
    """f(x) = ℓ(w) + (λ/2)‖w‖² with w = x − x* + w*, and w* the minimiser, for a convex loss ℓ of real data.

    **Arguments**: `weight` λ (B, 1) positive; `solution` w* (B, d) as `solve` finds it; `minimizer` x* (B, d).
    Constants: μ = λ, and L = λ and a bound of the largest eigenvalue of ∇²ℓ.
    """

    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = SMOOTH_STRONGLY_CONVEX

    def __init__(self, *, weight: Tensor, solution: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._weight = check_positive("weight", weight, (minimizer.shape[0], 1))
        self._solution = check_matrix("solution", solution)
        self._data = tuple(v.to(minimizer.device) for v in self.data(minimizer.shape[1]))
        self.constants = {"L": self.curvature(self._data) + weight, "mu": weight}
        self.satisfies = self.may_satisfy
        self.minimum = self.value(self.minimizer)
        self.parameters = {"weight": weight, "solution": solution, "minimizer": minimizer}

    @staticmethod
    @abstractmethod
    def fits(dimension: int) -> bool:
        """Whether there are data for this many weights."""

    @staticmethod
    @abstractmethod
    def data(dimension: int) -> tuple[Tensor, ...]:
        """The data for this many weights. **Raises**: ImportError without scikit-learn."""

    @staticmethod
    @abstractmethod
    def curvature(data: tuple[Tensor, ...]) -> Tensor:
        """A bound of the largest eigenvalue of ∇²ℓ."""

    @staticmethod
    @abstractmethod
    def loss(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """ℓ(w), (B, 1)."""

    @staticmethod
    @abstractmethod
    def slope(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """∇ℓ(w), (B, d)."""

    @staticmethod
    @abstractmethod
    def bend(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """∇²ℓ(w), (B, d, d)."""

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """A few weights λ from 1e-4 to 1, over and over; none if there are no data for this dimension.

        **Raises**: ImportError without scikit-learn.
        """
        if not cls.fits(dimension):
            return []
        few = _random.log_uniform(1e-4, 1.0, min(KINDS, batch), 1, generator=generator)
        solved, which = cls.solve(few, dimension), torch.arange(batch) % len(few)
        star = _random.points(batch, dimension, generator=generator)
        return [cls(weight=few[which], solution=solved[which], minimizer=star)]

    @classmethod
    def solve(cls, weight: Tensor, dimension: int) -> Tensor:
        """The minimisers w* (B, d) for weights λ (B, 1)."""
        data = tuple(v.to(weight.device) for v in cls.data(dimension))
        identity = torch.eye(dimension, dtype=weight.dtype, device=weight.device)
        start = torch.zeros(len(weight), dimension, dtype=weight.dtype, device=weight.device)
        return minimise(
            lambda w: cls.loss(w, data) + weight / 2 * w.square().sum(1, keepdim=True),
            lambda w: cls.slope(w, data) + weight * w,
            lambda w: cls.bend(w, data) + weight[:, :, None] * identity,
            start,
        )

    def value(self, x: Tensor) -> Tensor:
        w = self._solution + (x - self.minimizer)
        return self.loss(w, self._data) + self._weight / 2 * w.square().sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """∇ℓ(w) + λw."""
        w = self._solution + (x - self.minimizer)
        return self.slope(w, self._data) + self._weight * w
