"""Functions through given points, gradients and values: what turns a worst case over numbers into one over functions.

With h = f − (μ/2)‖·‖² and the data of h, the interpolants are

    nonsmooth:  h(x) = maxᵢ hᵢ + ⟨gᵢ, x − xᵢ⟩,
    L-smooth:   h(x) = min over α in the simplex of (ℓ/2)‖x − Σ αᵢ zᵢ‖² + Σ αᵢ (hᵢ − ‖gᵢ‖²/(2ℓ))
                with ℓ = L − μ and zᵢ = xᵢ − gᵢ/ℓ,

the lower convex hull of upper parabolas (Drori and Teboulle, Math. Program. 145 (2014); Taylor, Hendrickx and Glineur,
Math. Program. 161 (2017), Theorem 4). μ > 0 is strong convexity, μ = −L smoothness without convexity. They interpolate
if and only if the data satisfy the interpolation conditions of the class.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from certify.pep.witness.simplex import minimise
from certify.simulate.functions._rows import as_column
from certify.simulate.functions.base import (
    CONVEX,
    LIPSCHITZ_CONVEX,
    SMOOTH_CONVEX,
    SMOOTH_STRONGLY_CONVEX,
    TestFunction,
)
from certify.simulate.functions.prox_search import brox_by_prox

NEAR = 1e-9
"""Relative to the size of the values: tangents that are as good as active at a point."""


class _Interpolant(TestFunction):
    """B functions through n points each.

    **Arguments**: `points` and `gradients` (B, n, d), `values` (B, n), `curvature` μ (B, 1) and, for the minimiser,
    the number of the point where it is, `lowest` (B, 1).
    """

    def __init__(
        self, *, points: Tensor, gradients: Tensor, values: Tensor, curvature: Tensor, lowest: Tensor, **others: Tensor
    ) -> None:
        self.parameters = {
            "points": points, "gradients": gradients, "values": values, "curvature": curvature, "lowest": lowest,
            **others,
        }  # fmt: skip
        mu = curvature[:, :, None]
        self._points = points
        self._mu = curvature
        self._slopes = gradients - mu * points
        self._levels = values - (mu * points**2).sum(2) / 2
        row = torch.arange(len(points))
        self.minimizer = points[row, lowest[:, 0].long()]
        self.minimum = values.gather(1, lowest.long())
        self._size = values.abs().amax(1) + (gradients.norm(dim=2) * points.norm(dim=2)).amax(1)

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """None: these functions are made from worst cases."""
        return []

    def value(self, x: Tensor) -> Tensor:
        flat = [self._value(b, x[b].numpy()) for b in range(len(x))]
        return x.new_tensor(flat)[:, None] + self._mu * (x**2).sum(1, keepdim=True) / 2

    def subgradient(self, x: Tensor) -> Tensor:
        return torch.stack([torch.from_numpy(g) for g in self._each_slope(x)]) + self._mu * x

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """The prox of h with 1/γ' = 1/γ + μ at γ' x/γ, which must be positive."""
        gamma = as_column(gamma, like=x, name="gamma")
        inverse = 1 / gamma + self._mu
        if not bool((inverse > 0).all()):
            raise ValueError("the prox of a nonconvex function needs γ < 1/L")
        centre = x / (gamma * inverse)
        rows = [self._prox(b, centre[b].numpy(), float(1 / inverse[b])) for b in range(len(x))]
        return torch.stack([torch.from_numpy(u) for u in rows])

    def _each_slope(self, x: Tensor) -> Iterator[np.ndarray]:
        for b in range(len(x)):
            yield self._slope(b, x[b].numpy())

    def _value(self, row: int, x: np.ndarray) -> float:
        raise NotImplementedError

    def _slope(self, row: int, x: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _prox(self, row: int, x: np.ndarray, gamma: float) -> np.ndarray:
        raise NotImplementedError


class TangentInterpolant(_Interpolant):
    """(μ/2)‖x‖² + the largest tangent. Where several tangents are active it answers with the subgradient recorded
    nearest to x: the resisting oracle of the worst case."""

    name = "largest tangent"
    oracles: ClassVar[frozenset[str]] = frozenset({"value", "subgradient", "prox", "brox"})
    may_satisfy = LIPSCHITZ_CONVEX | {"strongly-convex"}

    def __init__(self, *, points: Tensor, gradients: Tensor, values: Tensor, curvature: Tensor, lowest: Tensor) -> None:
        super().__init__(points=points, gradients=gradients, values=values, curvature=curvature, lowest=lowest)
        strong = bool((curvature > 0).all())
        self.satisfies = CONVEX | {"strongly-convex"} if strong else LIPSCHITZ_CONVEX
        self.constants = {"mu": curvature} if strong else {"M": self._slopes.norm(dim=2).amax(1, keepdim=True)}
        self._offsets = self._levels - (self._slopes * points).sum(2)

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """By a search over prox steps."""
        return brox_by_prox(self, x, t)

    def _tangents(self, row: int, x: np.ndarray) -> np.ndarray:
        return self._offsets[row].numpy() + self._slopes[row].numpy() @ x

    def _value(self, row: int, x: np.ndarray) -> float:
        return float(self._tangents(row, x).max())

    def _slope(self, row: int, x: np.ndarray) -> np.ndarray:
        tangents = self._tangents(row, x)
        active = tangents >= tangents.max() - NEAR * float(self._size[row])
        far = np.linalg.norm(self._points[row].numpy() - x, axis=1)
        return self._slopes[row].numpy()[int(np.where(active, far, np.inf).argmin())]

    def _prox(self, row: int, x: np.ndarray, gamma: float) -> np.ndarray:
        """x − γ Σ αᵢ gᵢ with α maximising Σ αᵢ tangentᵢ(x) − (γ/2)‖Σ αᵢ gᵢ‖²."""
        slopes = self._slopes[row].numpy()
        alpha = minimise(gamma * slopes @ slopes.T, -self._tangents(row, x))
        return x - gamma * alpha @ slopes


class ParabolaInterpolant(_Interpolant):
    """(μ/2)‖x‖² + the lower convex hull of parabolas of curvature L − μ; `smoothness` is L (B, 1)."""

    name = "hull of parabolas"
    oracles: ClassVar[frozenset[str]] = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_STRONGLY_CONVEX

    def __init__(
        self,
        *,
        points: Tensor,
        gradients: Tensor,
        values: Tensor,
        curvature: Tensor,
        lowest: Tensor,
        smoothness: Tensor,
    ) -> None:
        super().__init__(
            points=points, gradients=gradients, values=values, curvature=curvature, lowest=lowest, smoothness=smoothness
        )
        convex, strong = bool((curvature >= 0).all()), bool((curvature > 0).all())
        classes = SMOOTH_STRONGLY_CONVEX if strong else SMOOTH_CONVEX
        self.satisfies = classes if convex else frozenset({"smooth"})
        self.constants = {"L": smoothness, "mu": curvature} if strong else {"L": smoothness}
        bend = (smoothness - curvature)[:, :, None]
        self._bend = smoothness - curvature
        self._bottoms = points - self._slopes / bend
        self._depths = self._levels - (self._slopes**2 / bend).sum(2) / 2
        self._products = self._bottoms @ self._bottoms.mT

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """By a search over prox steps; for convex functions only."""
        if not bool((self._mu >= 0).all()):
            self._refuse("brox")
        return brox_by_prox(self, x, t)

    def _weights(self, row: int, x: np.ndarray, bend: float) -> tuple[np.ndarray, np.ndarray]:
        """The minimising α for parabolas of this curvature, and x − Σ αᵢ zᵢ."""
        bottoms = self._bottoms[row].numpy()
        linear = self._depths[row].numpy() - bend * bottoms @ x
        alpha = minimise(bend * self._products[row].numpy(), linear)
        return alpha, x - alpha @ bottoms

    def _value(self, row: int, x: np.ndarray) -> float:
        bend = float(self._bend[row])
        alpha, away = self._weights(row, x, bend)
        return float(bend / 2 * away @ away + alpha @ self._depths[row].numpy())

    def _slope(self, row: int, x: np.ndarray) -> np.ndarray:
        bend = float(self._bend[row])
        return bend * self._weights(row, x, bend)[1]

    def _prox(self, row: int, x: np.ndarray, gamma: float) -> np.ndarray:
        """The Moreau envelope is a hull of flatter parabolas: u = x − γℓ/(1 + γℓ) (x − Σ αᵢ zᵢ)."""
        bend = float(self._bend[row])
        flatter = bend / (1 + gamma * bend)
        return x - gamma * flatter * self._weights(row, x, flatter)[1]
