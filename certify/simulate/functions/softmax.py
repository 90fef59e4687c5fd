"""Softmax regression on real data: scikit-learn's bundled digits."""

from __future__ import annotations

from functools import cache

import torch
from torch import Tensor

from certify.simulate.functions._regression import Regression

CLASSES, PIXELS, IMAGES = 10, 64, 300


class SoftmaxRegression(Regression):
    """ℓ(w) = mean [log Σₖ exp⟨aᵢ, wₖ⟩ − ⟨aᵢ, w_{yᵢ}⟩]: cross-entropy.

    w has K rows wₖ of p numbers, d = Kp; the aᵢ are the p pixels that vary most in images of the first K digits, each
    with mean 0 and variance 1. L = λmax(AᵀA)/(2n) + λ, as diag(q) − qqᵀ ≼ ½I for probabilities q.
    """

    name = "softmax-regression"

    @staticmethod
    def fits(dimension: int) -> bool:
        """K ≤ 10 times p ≤ 64 weights, K ≥ 2."""
        return classes(dimension) is not None

    @staticmethod
    def data(dimension: int) -> tuple[Tensor, ...]:
        """The pixels and the digits."""
        return images(dimension)

    @staticmethod
    def curvature(data: tuple[Tensor, ...]) -> Tensor:
        """λmax(AᵀA)/(2n)."""
        a = data[0]
        return torch.linalg.eigvalsh(a.mT @ a)[-1] / (2 * len(a))

    @staticmethod
    def loss(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """ℓ(w)."""
        a, y = data
        scores = _scores(w, a)
        own = scores.gather(2, y.expand(len(w), -1)[:, :, None])[:, :, 0]
        return (scores.logsumexp(2) - own).mean(1, keepdim=True)

    @staticmethod
    def slope(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """mean (q(aᵢ) − e_{yᵢ}) aᵢᵀ with q the probabilities of the classes."""
        a, y = data
        q = _scores(w, a).softmax(2)
        q = q - torch.nn.functional.one_hot(y, q.shape[2])
        return (q.mT @ a).reshape(w.shape) / len(a)

    @staticmethod
    def bend(w: Tensor, data: tuple[Tensor, ...]) -> Tensor:
        """mean (diag(q) − qqᵀ) ⊗ aᵢaᵢᵀ."""
        a, _ = data
        q = _scores(w, a).softmax(2)
        blocks = torch.diag_embed(q) - q[:, :, :, None] * q[:, :, None, :]
        whole = torch.einsum("bnkl,ni,nj->bkilj", blocks, a, a)
        return whole.reshape(len(w), w.shape[1], w.shape[1]) / len(a)


def classes(dimension: int) -> int | None:
    """The number K of classes in which this many weights are arranged: the most with more than one pixel, if any."""
    fitting = [k for k in range(2, CLASSES + 1) if dimension % k == 0 and dimension // k <= PIXELS]
    return max(fitting, key=lambda k: (dimension > k, k), default=None)


def _scores(w: Tensor, a: Tensor) -> Tensor:
    """⟨aᵢ, wₖ⟩, (B, n, K)."""
    return a @ w.reshape(len(w), -1, a.shape[1]).mT


@cache
def images(dimension: int) -> tuple[Tensor, Tensor]:
    """The pixels aᵢ (n, p) and the digits yᵢ (n,) that belong to this dimension."""
    from sklearn.datasets import load_digits

    count = classes(dimension)
    if count is None:
        raise ValueError(f"{dimension} weights are not those of 2 to {CLASSES} classes with at most {PIXELS} pixels")
    found = load_digits()
    chosen = found.target < count
    a = torch.from_numpy(found.data[chosen][:IMAGES]).double()
    varied = a.std(0).argsort(descending=True, stable=True)[: dimension // count]
    a = a[:, varied]
    spread = a.std(0, correction=0)
    a = (a - a.mean(0)) / torch.where(spread > 0, spread, 1.0)
    return a, torch.from_numpy(found.target[chosen][:IMAGES]).long()
