"""Convex quadratics with their minimum at 0, in a basis of eigenvectors: no matrix anywhere."""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import as_column, check_like, norm
from certify.simulate.functions._secular import solve_secular
from certify.simulate.functions.base import SMOOTH_CONVEX, SMOOTH_STRONGLY_CONVEX, TestFunction


class DiagonalQuadratic(TestFunction):
    """f(z) = ½ Σ hᵢ zᵢ² with h ≥ 0.

    **Arguments**: `spectrum` h (B, d), nonnegative with a positive entry in every row.

    Constants: L = max h, and μ = the smallest positive entry of h. Satisfies `pl` always, and the
    strongly convex classes where no entry of h is zero.
    """

    name = "quadratic"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_STRONGLY_CONVEX | {"quadratic"}

    def __init__(self, *, spectrum: Tensor) -> None:
        self._spectrum = check_like("spectrum", spectrum, tuple(spectrum.shape))
        if not bool(((spectrum >= 0) & spectrum.isfinite()).all() & (spectrum > 0).any(1).all()):
            raise ValueError("spectrum must be nonnegative, with a positive entry in every row")
        self._flat = spectrum == 0
        self._last: tuple[Tensor, Tensor] | None = None
        smallest = torch.where(self._flat, torch.inf, spectrum).amin(1, keepdim=True)
        self.constants = {"L": spectrum.amax(1, keepdim=True), "mu": smallest}
        singular = bool(self._flat.any())
        self.satisfies = (SMOOTH_CONVEX | {"pl"} if singular else SMOOTH_STRONGLY_CONVEX) | {"quadratic"}
        self.minimizer = torch.zeros_like(spectrum)
        self.minimum = torch.zeros_like(smallest)
        self.parameters = {"spectrum": spectrum}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Dense spectra."""
        return [cls(spectrum=_random.spectrum(batch, dimension, generator=generator))]

    def value(self, x: Tensor) -> Tensor:
        return 0.5 * (x * self.subgradient(x)).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """h z, computed once for the value and the gradient at a point."""
        if self._last is None or self._last[0] is not x:
            self._last = x, self._spectrum * x
        return self._last[1]

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """z/(1 + γh)."""
        return x / (1 + as_column(gamma, like=x, name="gamma") * self._spectrum)

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """u = λ z/(h + λ) and g = λ (z − u), where λ makes ‖z − u‖ = t."""
        t = as_column(t, like=x, name="t")
        curved = torch.where(self._flat, 0.0, x)
        distance = norm(curved)
        reached = distance <= t
        h = torch.where(self._flat, 1.0, self._spectrum)
        solvable = torch.where(reached, torch.where(distance > 0, 0.5 * distance, 1.0), t)
        root = solve_secular(h * curved, h, solvable)
        step = torch.where(reached, curved, h * curved / (h + root))
        u = torch.where(reached, x - curved, torch.where(self._flat, x, root * x / (h + root)))
        return u, torch.where(reached, 0.0, root * step)

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """The part of z in the kernel."""
        return torch.where(self._flat, x, 0.0)
