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
    apply_transposed,
    check_like,
    check_matrix,
    check_orthogonal,
    is_identity,
)
from certify.simulate.functions.base import SMOOTH_STRONGLY_CONVEX, TestFunction
from certify.simulate.functions.diagonal_quadratic import DiagonalQuadratic


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
    stretchable = frozenset({"spectrum"})

    def __init__(self, *, basis: Tensor, spectrum: Tensor, minimizer: Tensor) -> None:
        self.minimizer = check_matrix("minimizer", minimizer)
        self._basis = check_orthogonal("basis", basis, *minimizer.shape)
        self._transposed = basis.mT.contiguous()  # reading a matrix along its rows is twice as fast
        self._last: tuple[Tensor, Tensor] | None = None
        check_like("spectrum", spectrum, tuple(minimizer.shape))
        self.diagonal = DiagonalQuadratic(spectrum=spectrum)
        self.constants, self.satisfies = self.diagonal.constants, self.diagonal.satisfies
        self.minimum = self.diagonal.minimum
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
        return self.diagonal.value(self.coordinates(x))

    def subgradient(self, x: Tensor) -> Tensor:
        """H (x − x*)."""
        return apply(self._basis, self.diagonal.subgradient(self.coordinates(x)))

    def prox(self, x: Tensor, gamma: Tensor | float) -> Tensor:
        """x* + (I + γH)⁻¹ (x − x*)."""
        return self.minimizer + apply(self._basis, self.diagonal.prox(self.coordinates(x), gamma))

    def brox(self, x: Tensor, t: Tensor | float) -> tuple[Tensor, Tensor]:
        """u − x* = λ (H + λI)⁻¹ (x − x*) and g = λ (x − u), where λ makes ‖x − u‖ = t."""
        u, g = self.diagonal.brox(self.coordinates(x), t)
        return self.minimizer + apply(self._basis, u), apply(self._basis, g)

    def where_slope(self, slope: Tensor) -> tuple[Tensor, Tensor]:
        """x⋆ + H⁻¹ slope, where the gradient is the slope, and whether (B, 1) there is such a point."""
        spectrum = self.diagonal.parameters["spectrum"]
        moved = apply_transposed(self._basis, slope) / spectrum
        known = moved.isfinite().all(1, keepdim=True)
        return self.minimizer + apply(self._basis, torch.where(known, moved, 0.0)), known

    @property
    def separable(self) -> bool:
        """Whether the eigenvectors are the axes."""
        return is_identity(self._basis)

    def coordinates(self, x: Tensor) -> Tensor:
        """Qᵀ(x − x*), computed once for the value and the gradient at a point."""
        if self._last is None or self._last[0] is not x:
            self._last = x, apply(self._transposed, x - self.minimizer)
        return self._last[1]

    def nearest_minimizer(self, x: Tensor) -> Tensor:
        """x* + the part of x − x* in the kernel of H."""
        return self.minimizer + apply(self._basis, self.diagonal.nearest_minimizer(self.coordinates(x)))
