"""Muon's approximate oracles: the constants of Newton–Schulz and Polar Express, proved when a theorem is posed."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import ceil, floor
from typing import Any, ClassVar

from certify.assumptions.layerwise_smooth import LayerwiseSmooth
from certify.geometry import POLAR_EXPRESS, Iteration, newton_schulz, quality
from certify.language import Goal, Positive, Telescoping, norm, theorem
from certify.methods._layerwise import BY_RADIUS, LAYERS, LinearMinimisation

DIGITS = 10**4


@cache
def constants(iteration: Iteration, threshold: Fraction) -> tuple[Fraction, Fraction]:
    """α and b of the iteration for singular values of at least `threshold` times the Frobenius norm, to four digits.

    ⟨G, O⟩ ≤ −α‖G‖* and ‖O‖ ≤ b, by Sturm sequences in exact arithmetic (`certify.geometry.quality`).
    """
    proved = quality(iteration, threshold)
    return Fraction(floor(proved.alpha * DIGITS), DIGITS), Fraction(ceil(proved.bound * DIGITS), DIGITS)


class Polar(LinearMinimisation):
    """Xᵢ⁺ = Xᵢ − tᵢp(Gᵢ/‖Gᵢ‖_F), Gᵢ = ∇ᵢf(X), for odd polynomials p instead of the polar factor, radii constant."""

    formula = r"X_i^+ = X_i - t_i\,p(G_i/\|G_i\|_F), \quad G_i = \nabla_i f(X)"

    iteration: ClassVar[Iteration]
    threshold: ClassVar[Fraction]
    t = Positive("t", "radius of a layer's ball", each=True)

    def radius(self, r: Any) -> Any:
        """tᵢ."""
        return self.t

    def direction(self, f: Any, g: Any) -> Any:
        """The approximate polar factor."""
        return f.lmo(g, *self.constants())

    @classmethod
    def constants(cls) -> tuple[Fraction, Fraction]:
        """α and b."""
        return constants(cls.iteration, cls.threshold)

    def _goal(self, f: Any, x: Any, y: Any) -> Goal:
        t, (alpha, b) = self.t, self.constants()
        return Telescoping(
            quantities=(f.total(t * norm(f.gradient(x))),),
            weights=(alpha / 2,),
            before=f.value(x) - f.minimum,
            after=f.value(y) - f.minimum,
            error=b**2 * f.total(f.L0 * t**2) / 2,
            given=(b**2 * t * f.L1 <= alpha,),
        )


class NewtonSchulz(Polar):
    """Xᵢ⁺ = Xᵢ − tᵢp(Gᵢ/‖Gᵢ‖_F), Gᵢ = ∇ᵢf(X), with five steps of Muon's quintic as p."""

    iteration = newton_schulz(5)
    threshold = Fraction(1506, 10**6)

    @theorem(LayerwiseSmooth, measure=BY_RADIUS, norms=LAYERS, source="Jordan et al. (2024) for the iteration")
    def newton_schulz(self, f: Any, x: Any, y: Any) -> Goal:
        """Five Newton–Schulz steps: α = 0.6818, b = 1.2024, if no singular value of G = ∇ᵢf is in (0, .001506‖G‖_F)."""
        return self._goal(f, x, y)


class PolarExpress(Polar):
    """Xᵢ⁺ = Xᵢ − tᵢp(Gᵢ/‖Gᵢ‖_F), Gᵢ = ∇ᵢf(X), with the five polynomials of Polar Express as p."""

    iteration = POLAR_EXPRESS
    threshold = Fraction(102, 10**5)

    @theorem(LayerwiseSmooth, measure=BY_RADIUS, norms=LAYERS, source="Amsel et al. (2025) for the iteration")
    def polar_express(self, f: Any, x: Any, y: Any) -> Goal:
        """Polar Express: α = 0.8588, b = 1.1412, if no singular value of G = ∇ᵢf is in (0, 0.00102‖G‖_F)."""
        return self._goal(f, x, y)
