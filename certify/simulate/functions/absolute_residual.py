"""‖Ax − b‖₁ for tall matrices: least absolute deviations, of which some are zero at the solution and some are not."""

from __future__ import annotations

from itertools import product
from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_like, check_matrix, check_positive, norm
from certify.simulate.functions._support import support_prox
from certify.simulate.functions.base import LIPSCHITZ_CONVEX, TestFunction

MORE = 2
"""Rows beyond d in random matrices: M takes an enumeration of signs."""


class AbsoluteResidual(TestFunction):
    """f(x) = ‖Ax − b‖₁ = ‖A(x − x*) − r‖₁ with r = b − Ax*.

    **Arguments**: `matrix` A (B, m, d), its first d rows Z invertible; `residual` r (B, m), zero in these and nowhere
    else; `minimizer` x* (B, d); `slope` M (B, 1) as `largest_slope` finds it.

    x* is the only minimiser if the residuals' slope Σ −sign(rᵢ) aᵢ over the other rows is Zᵀw with |wᵢ| < 1, which is
    checked. Constants: M = max ‖Aᵀσ‖ over signs σ, attained far away in the direction Aᵀσ.
    """

    name = "absolute-residual"
    oracles = frozenset({"value", "subgradient", "prox"})
    may_satisfy = LIPSCHITZ_CONVEX

    def __init__(self, *, matrix: Tensor, residual: Tensor, minimizer: Tensor, slope: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        rows, d = minimizer.shape
        self._residual = check_matrix("residual", residual)
        self._matrix = check_like("matrix", matrix, (rows, residual.shape[1], d))
        if bool((residual[:, :d] != 0).any() | (residual[:, d:] == 0).any()):
            raise ValueError("residual must be zero in the first d columns and nowhere else")
        pull = (matrix[:, d:].mT @ residual[:, d:, None].sign())[:, :, 0]
        if not bool((torch.linalg.solve(matrix[:, :d].mT, pull).abs() < 1).all()):
            raise ValueError("x* is no minimiser; make the first d rows of the matrix larger")
        self.constants = {"M": check_positive("slope", slope, (rows, 1))}
        self.satisfies = LIPSCHITZ_CONVEX
        self.minimum = residual.abs().sum(1, keepdim=True)
        self.parameters = {"matrix": matrix, "residual": residual, "minimizer": minimizer, "slope": slope}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """d + 2 rows; none for d > 12, where the enumeration of signs is long."""
        if dimension > 12:
            return []
        matrix = _random.normal(batch, dimension + MORE, dimension, generator=generator)
        size = _random.log_uniform(1e-2, 1e1, batch, MORE, generator=generator)
        sign = _random.normal(batch, MORE, generator=generator).sign()
        upper, lower = matrix[:, :dimension], matrix[:, dimension:]
        weights = torch.linalg.solve(upper.mT, (lower.mT @ sign[:, :, None])[:, :, 0])
        lower = lower * (0.9 / weights.abs().amax(1)[:, None, None]).clamp_max(1.0)
        matrix = torch.cat((upper, lower), 1) * _random.log_uniform(1e-2, 1e2, batch, 1, 1, generator=generator)
        return [
            cls(
                matrix=matrix,
                residual=torch.nn.functional.pad(sign * size * norm(matrix[:, 0]), (dimension, 0)),
                minimizer=_random.points(batch, dimension, generator=generator),
                slope=largest_slope(matrix),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        return self._deviations(x).abs().sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """Aᵀ sign(Ax − b), with sign 0 = 0; at x* the subgradient 0."""
        slope = (self._matrix.mT @ self._deviations(x).sign()[:, :, None])[:, :, 0]
        return torch.where((x == self.minimizer).all(1, keepdim=True), 0.0, slope)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """x − γAᵀw with |wᵢ| ≤ 1 that maximise ⟨w, Ax − b⟩ − (γ/2)‖Aᵀw‖²."""
        gamma = as_column(gamma, like=x, name="gamma")
        return x - support_prox(self._matrix, self._deviations(x), gamma, low=-1.0, high=1.0)

    def _deviations(self, x: Tensor) -> Tensor:
        return (self._matrix @ (x - self.minimizer)[:, :, None])[:, :, 0] - self._residual


def largest_slope(matrix: Tensor) -> Tensor:
    """max ‖Aᵀσ‖ over signs σ, (B, 1), for matrices (B, m, d): of σ and −σ one is enough."""
    rows, m, _ = matrix.shape
    best = matrix.new_zeros(rows, 1)
    signs = matrix.new_tensor(list(product((1.0, -1.0), repeat=m - 1)))
    for some in torch.nn.functional.pad(signs, (1, 0), value=1.0).split(256):
        best = torch.maximum(best, (some @ matrix).norm(dim=2).amax(1, keepdim=True))
    return best
