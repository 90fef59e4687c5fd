"""Quadratics with a sinusoidal ripple: smooth, nonconvex, and Polyak-Łojasiewicz.

The constants are proved in the class docstring, not fitted: L is attained, μ is a lower bound.
"""

from __future__ import annotations

import math
from typing import Self

import torch
from torch import Tensor

from certify.simulate.functions import _random
from certify.simulate.functions._rotated import Rotated
from certify.simulate.functions._rows import check_positive

_SINC_DEPTH = 1 / math.sqrt(1 + 4.4934**2)
_MAX_RIPPLE = 4.6


class RippledQuadratic(Rotated):
    """f(x) = Σᵢ (hᵢ/2)(zᵢ² + a sin²(kᵢzᵢ)/kᵢ²) with z = Qᵀ(x − x*).

    **Arguments**: `basis` Q (B, d, d) orthogonal; `curvatures` h and `frequencies` k, both (B, d)
    positive; `ripple` a (B, 1) in (0, 4.6]; `minimizer` x* (B, d). Nonconvex if and only if a > 1.

    Constants: L = max h·(1 + a), attained at x*; μ = min h·(1 − as)²/(1 + 4a/π²) with
    s = 1/√(1 + 4.4934²) ≈ 0.2172.

    Proof. The Hessian is diagonal in z with entries hᵢ(1 + a cos 2kᵢzᵢ), and |1 + a cos| ≤ 1 + a.
    PL with μᵢ for each term gives PL with min μᵢ for the sum, so take one term, and y = 2kz. It has
    f = (h/8k²)(y² + 2a(1 − cos y)) and f′ = (h/2k)(y + a sin y), so with σ = sin(y)/y and
    c = 2(1 − cos y)/y² it holds that f′²/(2f) = h(1 + aσ)²/(1 + ac). Claim: this is at least
    h(1 − as)²/(1 + 4a/π²).

    For |y| ≥ π: c ≤ 4/π² since 1 − cos ≤ 2; and σ ≥ −s, because −sin(y)/y peaks where tan y = y,
    first at y₀ > 4.4934, with value 1/√(1 + y₀²) (later peaks are lower); and as < 1.
    For |y| ≤ π: σ ≥ 0, so (1 + aσ)²(1 + 4a/π²) ≥ 1 + 2aσ + 4a/π², and c ≤ 2σ + 4/π². The latter is
    F(v) = 4v²/π² + v sin 2v − sin² v ≥ 0 for v = y/2 in [0, π/2]: F vanishes at both ends, and
    F′ = 2v(4/π² + cos 2v) changes sign once, from + to −.
    """

    name = "rippled-quadratic"
    oracles = frozenset({"value", "gradient", "subgradient"})
    may_satisfy = frozenset({"smooth", "pl"})
    stretchable = frozenset({"curvatures", "frequencies"})

    def __init__(
        self,
        *,
        basis: Tensor,
        curvatures: Tensor,
        frequencies: Tensor,
        ripple: Tensor,
        minimizer: Tensor,
    ) -> None:
        super().__init__(
            basis=basis, minimizer=minimizer, positive={"curvatures": curvatures, "frequencies": frequencies}
        )
        self._curvatures, self._frequencies = curvatures, frequencies
        self._ripple = check_positive("ripple", ripple, (minimizer.shape[0], 1))
        if not bool((ripple <= _MAX_RIPPLE).all()):
            raise ValueError(f"ripple must be at most {_MAX_RIPPLE}; PL fails beyond about 4.603")
        flattest = (1 - ripple * _SINC_DEPTH) ** 2 / (1 + 4 * ripple / math.pi**2)
        self.constants = {
            "L": curvatures.amax(1, keepdim=True) * (1 + ripple),
            "mu": curvatures.amin(1, keepdim=True) * flattest,
        }
        self.parameters = {**self.parameters, "ripple": ripple}

    @classmethod
    def sample(cls, *, batch: int, dimension: int, generator: torch.Generator) -> list[Self]:
        """Mild and strong ripples, always nonconvex, on well and badly conditioned quadratics."""
        return [
            cls(
                basis=_random.orthogonal(batch, dimension, generator=generator),
                curvatures=_random.log_uniform(low, 10.0, batch, dimension, generator=generator),
                frequencies=_random.log_uniform(0.1, 10.0, batch, dimension, generator=generator),
                ripple=_random.uniform(1.01, 4.4, batch, 1, generator=generator),
                minimizer=_random.points(batch, dimension, generator=generator),
            )
            for low in (5.0, 1e-3)
        ]

    def _terms(self, z: Tensor) -> Tensor:
        ripples = self._ripple * ((self._frequencies * z).sin() / self._frequencies) ** 2
        return 0.5 * self._curvatures * (z**2 + ripples)

    def _slopes(self, z: Tensor) -> Tensor:
        k = self._frequencies
        return self._curvatures * (z + self._ripple * (2 * k * z).sin() / (2 * k))
