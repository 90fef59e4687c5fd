"""Quadratics that bend: flat between two places on one side of the minimiser, curved everywhere else.

With a bowl added this is the function on which the heavy ball method with Polyak's parameters runs in a circle.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_like, check_matrix, check_positive, norm
from certify.simulate.functions.base import SMOOTH_CONVEX, TestFunction
from certify.simulate.functions.prox_search import search_step


class BentQuadratic(TestFunction):
    """f(x) = L Σᵢ ψ(zᵢ), z = x − x*, ψ″ = 0 on (a, b) and 1 elsewhere, ψ(0) = ψ′(0) = 0.

    **Arguments**: `curvature` L (B, 1) positive; `near` a and `far` b (B, d) with 0 < a ≤ b; `minimizer` x* (B, d).
    Constants: L, attained around x*.

    Source: with the bowl (μ/2)‖x‖², a = 1 and b = 2: Lessard, Recht, Packard, SIAM J. Optim. 26 (2016), section 4.6.
    """

    name = "bent-quadratic"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_CONVEX

    def __init__(self, *, curvature: Tensor, near: Tensor, far: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._curvature = check_positive("curvature", curvature, (minimizer.shape[0], 1))
        self._near = check_positive("near", near, tuple(minimizer.shape))
        self._far = check_like("far", far, tuple(minimizer.shape))
        if not bool((far >= near).all()):
            raise ValueError("far must be at least near in every entry")
        self.constants = {"L": curvature}
        self.satisfies = self.may_satisfy
        self.minimum = torch.zeros_like(curvature)
        self.parameters = {"curvature": curvature, "near": near, "far": far, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Flat parts at all distances, of all lengths; those of the known circle, [a, 2a], among them."""
        near = _random.log_uniform(1e-2, 1.0, batch, dimension, generator=generator)
        length = _random.log_uniform(1e-2, 1e1, batch, dimension, generator=generator)
        length[::2] = 1.0
        return [
            cls(
                curvature=_random.log_uniform(1e-2, 1e2, batch, 1, generator=generator),
                near=near,
                far=near * (1 + length),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
        ]

    def value(self, x: Tensor) -> Tensor:
        z = x - self.minimizer
        beyond = (z - self._far).clamp_min(0.0)
        inner = torch.minimum(z, self._near)
        rest = z - inner
        return self._curvature * (inner**2 / 2 + self._near * rest + beyond**2 / 2).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """L (min(z, a) + (z − b)₊)."""
        z = x - self.minimizer
        return self._curvature * (torch.minimum(z, self._near) + (z - self._far).clamp_min(0.0))

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """x minus the step, which is known by itself."""
        return x - self._step(x, as_column(gamma, like=x, name="gamma"))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """The prox step that has length t."""
        t = as_column(t, like=x, name="t")
        reached = norm(x - self.minimizer) <= t
        step, gamma = search_step(lambda gamma: self._step(x, gamma), t, slope=norm(self.subgradient(x)), skip=reached)
        return torch.where(reached, self.minimizer, x - step), torch.where(reached, 0.0, step / gamma)

    def _step(self, x: Tensor, gamma: Tensor) -> Tensor:
        """x − prox: of the three linear equations z + γLψ′(z) = x − x* the one whose solution lies on its piece."""
        move, z = gamma * self._curvature, x - self.minimizer
        inner, outer = z * (move / (1 + move)), (z + self._near - self._far) * (move / (1 + move))
        middle = move * self._near
        beyond = torch.where(z - middle <= self._far, middle, outer)
        return torch.where(z - inner <= self._near, inner, beyond)
