"""Logistic regression on real data: columns of scikit-learn's bundled breast cancer set, moved to any minimiser.

scikit-learn is imported when these functions are asked for (`pip install 'certify-rates[data]'`). Cross-checks do not
draw from them, because their minimisers take time.
"""

from __future__ import annotations

from functools import cache
from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._newton import minimise
from certify.simulate.functions._rows import check_matrix, check_positive
from certify.simulate.functions.base import SMOOTH_STRONGLY_CONVEX, TestFunction

COLUMNS = 30
KINDS = 8
"""Different weights λ in a sample: each needs a minimiser of its own."""


class LogisticRegression(TestFunction):
    """f(x) = mean log(1 + exp(−bᵢ⟨aᵢ, w⟩)) + (λ/2)‖w‖² with w = x − x* + w*, and w* the minimiser.

    The aᵢ are the first d ≤ 30 columns, each with mean 0 and variance 1, and bᵢ = ±1.

    **Arguments**: `weight` λ (B, 1) positive; `solution` w* (B, d) as `solve` finds it; `minimizer` x* (B, d).
    Constants: L = λmax(AᵀA)/(4n) + λ and μ = λ, as the second derivative of log(1 + eᵗ) lies in (0, 1/4].
    """

    name = "logistic-regression"
    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = SMOOTH_STRONGLY_CONVEX

    def __init__(self, *, weight: Tensor, solution: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._weight = check_positive("weight", weight, (minimizer.shape[0], 1))
        self._solution = check_matrix("solution", solution)
        self._rows = margins(minimizer.shape[1]).to(minimizer.device)
        top = torch.linalg.eigvalsh(self._rows.mT @ self._rows)[-1] / (4 * len(self._rows))
        self.constants = {"L": top + weight, "mu": weight}
        self.satisfies = self.may_satisfy
        self.minimum = self.value(self.minimizer)
        self.parameters = {"weight": weight, "solution": solution, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """A few weights λ from 1e-4 to 1, over and over; none with more than 30 columns.

        **Raises**: ImportError without scikit-learn.
        """
        if dimension > COLUMNS:
            return []
        few = _random.log_uniform(1e-4, 1.0, min(KINDS, batch), 1, generator=generator)
        solved, which = solve(few, dimension), torch.arange(batch) % len(few)
        star = _random.points(batch, dimension, generator=generator)
        return [cls(weight=few[which], solution=solved[which], minimizer=star)]

    def value(self, x: Tensor) -> Tensor:
        w = self._solution + (x - self.minimizer)
        return _loss(w, self._weight, self._rows)

    def subgradient(self, x: Tensor) -> Tensor:
        """−mean bᵢ aᵢ/(1 + exp(bᵢ⟨aᵢ, w⟩)) + λw."""
        w = self._solution + (x - self.minimizer)
        return _slope(w, self._weight, self._rows)


def solve(weight: Tensor, dimension: int) -> Tensor:
    """The minimisers w* (B, d) for weights λ (B, 1)."""
    data = margins(dimension).to(weight.device)
    identity = torch.eye(dimension, dtype=weight.dtype, device=weight.device)

    def bend(w: Tensor) -> Tensor:
        p = torch.sigmoid(-(w @ data.mT))
        return torch.einsum("bn,ni,nj->bij", p * (1 - p), data, data) / len(data) + weight[:, :, None] * identity

    start = torch.zeros(len(weight), dimension, dtype=weight.dtype, device=weight.device)
    return minimise(lambda w: _loss(w, weight, data), lambda w: _slope(w, weight, data), bend, start)


def _loss(w: Tensor, weight: Tensor, data: Tensor) -> Tensor:
    loss = torch.nn.functional.softplus(-(w @ data.mT)).mean(1, keepdim=True)
    return loss + weight / 2 * w.square().sum(1, keepdim=True)


def _slope(w: Tensor, weight: Tensor, data: Tensor) -> Tensor:
    return weight * w - torch.sigmoid(-(w @ data.mT)) @ data / len(data)


@cache
def margins(dimension: int) -> Tensor:
    """The rows bᵢ aᵢ, (569, d)."""
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    a = torch.from_numpy(found.data).double()[:, :dimension]
    b = torch.from_numpy(2.0 * found.target - 1.0)[:, None]
    return b * (a - a.mean(0)) / a.std(0, correction=0)
