"""Softmax regression on real data: scikit-learn's bundled digits, moved to any minimiser.

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

CLASSES, PIXELS, IMAGES = 10, 64, 300
KINDS = 8
"""Different weights λ in a sample: each needs a minimiser of its own."""


class SoftmaxRegression(TestFunction):
    """f(x) = mean [log Σₖ exp⟨aᵢ, wₖ⟩ − ⟨aᵢ, w_{yᵢ}⟩] + (λ/2)‖w‖² with w = x − x* + w*, and w* the minimiser.

    w has K rows wₖ of p numbers, d = Kp; the aᵢ are the p pixels that vary most in images of the first K digits, each
    with mean 0 and variance 1.

    **Arguments**: `weight` λ (B, 1) positive; `solution` w* (B, d) as `solve` finds it; `minimizer` x* (B, d).
    Constants: L = λmax(AᵀA)/(2n) + λ, as diag(q) − qqᵀ ≼ ½I for probabilities q, and μ = λ.
    """

    name = "softmax-regression"
    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = SMOOTH_STRONGLY_CONVEX

    def __init__(self, *, weight: Tensor, solution: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._weight = check_positive("weight", weight, (minimizer.shape[0], 1))
        self._solution = check_matrix("solution", solution)
        self._data = tuple(v.to(minimizer.device) for v in images(minimizer.shape[1]))
        a = self._data[0]
        top = torch.linalg.eigvalsh(a.mT @ a)[-1] / (2 * len(a))
        self.constants = {"L": top + weight, "mu": weight}
        self.satisfies = self.may_satisfy
        self.minimum = self.value(self.minimizer)
        self.parameters = {"weight": weight, "solution": solution, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """A few weights λ from 1e-4 to 1, over and over; none if the dimension is not K ≤ 10 times p ≤ 64, K ≥ 2.

        **Raises**: ImportError without scikit-learn.
        """
        if classes(dimension) is None:
            return []
        few = _random.log_uniform(1e-4, 1.0, min(KINDS, batch), 1, generator=generator)
        solved, which = solve(few, dimension), torch.arange(batch) % len(few)
        star = _random.points(batch, dimension, generator=generator)
        return [cls(weight=few[which], solution=solved[which], minimizer=star)]

    def value(self, x: Tensor) -> Tensor:
        return _loss(self._solution + (x - self.minimizer), self._weight, *self._data)

    def subgradient(self, x: Tensor) -> Tensor:
        """mean (q(aᵢ) − e_{yᵢ}) aᵢᵀ + λw with q the probabilities of the classes."""
        w = self._solution + (x - self.minimizer)
        return _slope(w, self._weight, *self._data)


def classes(dimension: int) -> int | None:
    """The number K of classes in which this many weights are arranged: the most with more than one pixel, if any."""
    fitting = [k for k in range(2, CLASSES + 1) if dimension % k == 0 and dimension // k <= PIXELS]
    return max(fitting, key=lambda k: (dimension > k, k), default=None)


def solve(weight: Tensor, dimension: int) -> Tensor:
    """The minimisers w* (B, d) for weights λ (B, 1)."""
    a, y = (v.to(weight.device) for v in images(dimension))
    identity = torch.eye(dimension, dtype=weight.dtype, device=weight.device)

    def bend(w: Tensor) -> Tensor:
        q = _scores(w, a).softmax(2)
        blocks = torch.diag_embed(q) - q[:, :, :, None] * q[:, :, None, :]
        whole = torch.einsum("bnkl,ni,nj->bkilj", blocks, a, a).reshape(len(w), dimension, dimension)
        return whole / len(a) + weight[:, :, None] * identity

    start = torch.zeros(len(weight), dimension, dtype=weight.dtype, device=weight.device)
    return minimise(lambda w: _loss(w, weight, a, y), lambda w: _slope(w, weight, a, y), bend, start)


def _scores(w: Tensor, a: Tensor) -> Tensor:
    """⟨aᵢ, wₖ⟩, (B, n, K)."""
    return a @ w.reshape(len(w), -1, a.shape[1]).mT


def _loss(w: Tensor, weight: Tensor, a: Tensor, y: Tensor) -> Tensor:
    scores = _scores(w, a)
    own = scores.gather(2, y.expand(len(w), -1)[:, :, None])[:, :, 0]
    loss = (scores.logsumexp(2) - own).mean(1, keepdim=True)
    return loss + weight / 2 * w.square().sum(1, keepdim=True)


def _slope(w: Tensor, weight: Tensor, a: Tensor, y: Tensor) -> Tensor:
    q = _scores(w, a).softmax(2)
    q = q - torch.nn.functional.one_hot(y, q.shape[2])
    return weight * w + (q.mT @ a).reshape(w.shape) / len(a)


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
