"""Logistic regression on real data: columns of scikit-learn's bundled breast cancer set."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from certify.simulate.functions._regression import Regression

COLUMNS = 30


class LogisticRegression(Regression):
    """ℓ(w) = mean log(1 + exp(−bᵢ⟨aᵢ, w⟩)).

    The aᵢ are the first d ≤ 30 columns, each with mean 0 and variance 1, and bᵢ = ±1.
    L = λmax(AᵀA)/(4n) + λ, as the second derivative of log(1 + eᵗ) lies in (0, 1/4].
    """

    name = "logistic-regression"

    @staticmethod
    def fits(dimension: int) -> bool:
        """At most as many weights as columns."""
        return dimension <= COLUMNS

    @staticmethod
    def data(dimension: int) -> tuple[Tensor, ...]:
        """The rows bᵢ aᵢ."""
        return (margins(dimension),)

    @staticmethod
    def curvature(data: tuple[Tensor, ...]) -> Tensor:
        """λmax(AᵀA)/(4n)."""
        (a,) = data
        return torch.linalg.eigvalsh(a.mT @ a)[-1] / (4 * len(a))

    @staticmethod
    def loss(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """ℓ(w)."""
        return torch.nn.functional.softplus(-(w @ data[0].mT)).mean(1, keepdim=True)

    @staticmethod
    def slope(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """−mean bᵢ aᵢ/(1 + exp(bᵢ⟨aᵢ, w⟩))."""
        (a,) = data
        return -(torch.sigmoid(-(w @ a.mT)) @ a / len(a))

    @staticmethod
    def bend(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """mean p(1 − p) aᵢ aᵢᵀ with p the probability of the other class."""
        (a,) = data
        p = torch.sigmoid(-(w @ a.mT))
        return torch.einsum("bn,ni,nj->bij", p * (1 - p), a, a) / len(a)


@cache
def margins(dimension: int) -> Tensor:
    """The rows bᵢ aᵢ, (569, d)."""
    from sklearn.datasets import load_breast_cancer

    found = load_breast_cancer()
    a = torch.from_numpy(found.data).double()[:, :dimension]
    b = torch.from_numpy(2.0 * found.target - 1.0)[:, None]
    return b * (a - a.mean(0)) / a.std(0, correction=0)
