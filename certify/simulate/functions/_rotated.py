"""What sums of functions of one coordinate share: a rotated basis, the minimiser, slopes coordinate by coordinate."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import torch
from torch import Tensor

from certify.simulate.functions._rows import (
    apply,
    apply_transposed,
    check_matrix,
    check_orthogonal,
    check_positive,
    is_identity,
)
from certify.simulate.functions.base import TestFunction


class Rotated(TestFunction):
    """f(x) = Σᵢ φᵢ(zᵢ) with z = Qᵀ(x − x*), where every φᵢ is least at 0 and φᵢ(0) = 0.

    **Arguments**: `basis` Q (B, d, d) orthogonal; `minimizer` x* (B, d); `positive`, what else the terms depend on,
    (B, d) and positive, under the names of the family's own arguments.
    """

    def __init__(self, *, basis: Tensor, minimizer: Tensor, positive: Mapping[str, Tensor]) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        shape = tuple(minimizer.shape)
        self._basis = check_orthogonal("basis", basis, *minimizer.shape)
        for name, values in positive.items():
            check_positive(name, values, shape)
        self.satisfies = self.may_satisfy
        self.minimum = torch.zeros_like(minimizer[:, :1])
        self.parameters = {"basis": basis, **positive, "minimizer": minimizer}

    @property
    def separable(self) -> bool:
        """Whether this is a sum over the given coordinates."""
        return is_identity(self._basis)

    @abstractmethod
    def _terms(self, z: Tensor) -> Tensor:
        """φᵢ(zᵢ), shape (B, d)."""

    @abstractmethod
    def _slopes(self, z: Tensor) -> Tensor:
        """φᵢ′(zᵢ), shape (B, d)."""

    def value(self, x: Tensor) -> Tensor:
        return self._terms(self._coordinates(x)).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """Q φ′(z)."""
        return apply(self._basis, self._slopes(self._coordinates(x)))

    def _coordinates(self, x: Tensor) -> Tensor:
        return apply_transposed(self._basis, x - self.minimizer)

    def _point(self, z: Tensor) -> Tensor:
        return self.minimizer + apply(self._basis, z)
