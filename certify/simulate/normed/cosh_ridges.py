"""(L0, L1)-smooth functions of several layers whose constants are known: hyperbolic cosines of one number a layer."""

from __future__ import annotations

import math
from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import TestFunction, _random
from certify.simulate.functions._rows import check_like, check_matrix
from certify.simulate.functions.base import CONVEX
from certify.simulate.normed.layers import LayeredSpace

_EVEN, _ODD = 2 * (math.cosh(1) - 1), 2 * (math.sinh(1) - 1)


class CoshRidges(TestFunction):
    """f(X) = Σᵢ cᵢ (cosh(aᵢ⟨Uᵢ, Xᵢ − Xᵢ*⟩) − 1), one term a layer, with ‖Uᵢ‖* = 1.

    **Arguments**: `scale` c and `rate` a (B, p), positive; `directions` U (B, p, d), each 0 outside its layer;
    `minimizer` X* (B, d). Constants, for steps with ‖Yᵢ − Xᵢ‖ ≤ 1/aᵢ: L0ᵢ = 2(cosh 1 − 1) cᵢaᵢ² and
    L1ᵢ = 2(cosh 1 + sinh 1 − 2) aᵢ in f(Y) ≤ f(X) + Σᵢ [⟨∇ᵢf(X), Yᵢ − Xᵢ⟩ + ½(L0ᵢ + L1ᵢ‖∇ᵢf(X)‖*)‖Yᵢ − Xᵢ‖²].
    Steps t = ‖g‖*/(L0 + L1‖g‖*) and shorter ones are that short, as 1/L1 < 1/a.

    Proof. With s = a⟨U, X − X*⟩ and δ = a⟨U, Y − X⟩, |δ| ≤ 1, a layer's remainder is c[(cosh δ − 1) cosh s +
    (sinh δ − δ) sinh s]. Both brackets over δ² grow with |δ|, so it is at most ½cδ²[2(cosh 1 − 1) cosh s +
    2(sinh 1 − 1)|sinh s|]; and cosh s ≤ 1 + |sinh s|, |δ| ≤ a‖Y − X‖, ‖∇f‖* = ca|sinh s|.
    """

    name = "cosh-ridges"
    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = CONVEX

    def __init__(self, *, scale: Tensor, rate: Tensor, directions: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        count, d = minimizer.shape
        self._scale, self._rate = check_matrix("scale", scale), check_like("rate", rate, tuple(scale.shape))
        self._directions = check_like("directions", directions, (count, scale.shape[1], d))
        self.constants = {"L0": _EVEN * scale * rate**2, "L1": (_EVEN + _ODD) * rate}
        self.satisfies = CONVEX
        self.minimum = torch.zeros_like(minimizer[:, :1])
        self.parameters = {"scale": scale, "rate": rate, "directions": directions, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """None: a space is needed."""
        return []

    @classmethod
    def sample_in(cls, space: LayeredSpace, *, batch: int, generator: torch.Generator) -> Self:
        """Gaussian directions, rates over two decades and scales over four."""
        p, d = len(space.layers), space.dimension
        u = torch.randn((batch, d), dtype=torch.float64, generator=generator)
        parts = list(zip(space.parts(u), space.layers, strict=True))
        zero = torch.zeros_like(u)
        rows = []
        for i in range(p):
            own = [part / n.dual_value(part).reshape(-1, *[1] * (part.ndim - 1)) for part, (n, _) in parts]
            kept = [own[j] if i == j else torch.zeros_like(own[j]) for j in range(p)]
            rows.append(zero + space.joined(kept))
        return cls(
            scale=_random.log_uniform(1e-2, 1e2, batch, p, generator=generator),
            rate=_random.log_uniform(1e-1, 1e1, batch, p, generator=generator),
            directions=torch.stack(rows, 1),
            minimizer=_random.points(batch, d, generator=generator),
        )

    def value(self, x: Tensor) -> Tensor:
        """2 sinh² of half the angle, which is precise near X*."""
        return (2 * self._scale * (self._angles(x) / 2).sinh() ** 2).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """cᵢaᵢ sinh(aᵢ⟨Uᵢ, Xᵢ − Xᵢ*⟩) Uᵢ in every layer."""
        weights = self._scale * self._rate * self._angles(x).sinh()
        return (weights[:, None, :] @ self._directions)[:, 0]

    def _angles(self, x: Tensor) -> Tensor:
        return self._rate * (self._directions @ (x - self.minimizer)[:, :, None])[:, :, 0]
