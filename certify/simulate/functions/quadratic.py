"""Convex quadratics with a prescribed spectrum, singular ones included.

L and μ are the ends of the spectrum, hence attained; a singular quadratic is not strongly convex
but still satisfies PL with its smallest positive eigenvalue.
"""

from __future__ import annotations

from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rows import (
    apply,
    as_column,
    check_like,
    check_matrix,
    check_orthogonal,
    norm,
)
from certify.simulate.functions._secular import solve_secular
from certify.simulate.functions.base import SMOOTH_CONVEX, SMOOTH_STRONGLY_CONVEX, TestFunction


class Quadratic(TestFunction):
    """f(x) = ½ (x − x*)ᵀ H (x − x*) with H = Q diag(h) Qᵀ and h ≥ 0.

    **Arguments**: `basis` Q (B, d, d) orthogonal; `spectrum` h (B, d), nonnegative with a positive
    entry in every row; `minimizer` x* (B, d).

    Constants: L = max h, and μ = the smallest positive entry of h. Satisfies `pl` always, and the
    strongly convex classes where no entry of h is zero.
    """

    name = "quadratic"
    oracles = frozenset({"value", "gradient", "subgradient", "prox", "brox"})
    may_satisfy = SMOOTH_STRONGLY_CONVEX | {"quadratic"}

    def __init__(self, *, basis: Tensor, spectrum: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._basis = check_orthogonal("basis", basis, *minimizer.shape)
        self._transposed = basis.mT.contiguous()  # reading a matrix along its rows is twice as fast
        self._last: tuple[Tensor, Tensor] | None = None
        self._spectrum = check_like("spectrum", spectrum, tuple(minimizer.shape))
        if not bool(((spectrum >= 0) & spectrum.isfinite()).all() & (spectrum > 0).any(1).all()):
            raise ValueError("spectrum must be nonnegative, with a positive entry in every row")
        self._flat = spectrum == 0
        smallest = torch.where(self._flat, torch.inf, spectrum).amin(1, keepdim=True)
        self.constants = {"L": spectrum.amax(1, keepdim=True), "mu": smallest}
        singular = bool(self._flat.any())
        self.satisfies = (SMOOTH_CONVEX | {"pl"} if singular else SMOOTH_STRONGLY_CONVEX) | {"quadratic"}
        self.minimum = torch.zeros_like(smallest)
        self.parameters = {"basis": basis, "spectrum": spectrum, "minimizer": minimizer}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Dense spectra, spectra with the two values μ and L only, and (d ≥ 2) singular ones."""
        dense = _random.spectrum(batch, dimension, generator=generator)
        extreme = _random.spectrum(batch, dimension, generator=generator)
        top = torch.rand(extreme.shape, generator=generator, device=generator.device) < 0.5
        extreme[:, 1:-1] = torch.where(top, extreme[:, -1:], extreme[:, :1])[:, 1:-1]
        spectra = [dense, extreme]
        if dimension >= 2:
            singular = _random.spectrum(batch, dimension, generator=generator)
            singular[:, : (dimension + 1) // 2] = 0.0
            spectra.append(singular)
        return [
            cls(
                basis=_random.orthogonal(batch, dimension, generator=generator),
                spectrum=spectrum,
                minimizer=_random.points(batch, dimension, generator=generator),
            )
            for spectrum in spectra
        ]

    def value(self, x: Tensor) -> Tensor:
        z = self._coordinates(x)
        return 0.5 * (self._spectrum * z**2).sum(1, keepdim=True)

    def subgradient(self, x: Tensor) -> Tensor:
        """H (x − x*)."""
        z = self._coordinates(x)
        return apply(self._basis, self._spectrum * z)

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """x* + (I + γH)⁻¹ (x − x*)."""
        gamma = as_column(gamma, like=x, name="gamma")
        z = self._coordinates(x)
        return self.minimizer + apply(self._basis, z / (1 + gamma * self._spectrum))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """u − x* = λ (H + λI)⁻¹ (x − x*) and g = λ (x − u), where λ makes ‖x − u‖ = t."""
        t = as_column(t, like=x, name="t")
        z = self._coordinates(x)
        curved = torch.where(self._flat, 0.0, z)
        distance = norm(curved)
        reached = distance <= t
        h = torch.where(self._flat, 1.0, self._spectrum)
        solvable = torch.where(reached, torch.where(distance > 0, 0.5 * distance, 1.0), t)
        root = solve_secular(h * curved, h, solvable)
        step = torch.where(reached, curved, h * curved / (h + root))
        kept = torch.where(reached, z - curved, torch.where(self._flat, z, root * z / (h + root)))
        u = self.minimizer + apply(self._basis, kept)
        return u, torch.where(reached, 0.0, apply(self._basis, root * step))

    def _coordinates(self, x: Tensor) -> Tensor:
        """Qᵀ(x − x*), computed once for the value and the gradient at a point."""
        if self._last is None or self._last[0] is not x:
            self._last = x, apply(self._transposed, x - self.minimizer)
        return self._last[1]

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """x* + the part of x − x* in the kernel of H."""
        z = self._coordinates(x)
        return self.minimizer + apply(self._basis, torch.where(self._flat, z, 0.0))
