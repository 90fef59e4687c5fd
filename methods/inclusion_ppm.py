"""The proximal point method for a zero of a monotone operator: iterated resolvents."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.monotone import Monotone
from certify.assumptions.strongly_monotone import StronglyMonotone
from certify.language import (
    DISTANCE,
    OPERATOR,
    STEP,
    Contraction,
    Goal,
    Method,
    Positive,
    Telescoping,
    norm2,
    rate,
    theorem,
)
from certify.language import Monotone as Never


class InclusionProximalPoint(Method):
    """x⁺ = J_{γA}(x) = (I + γA)⁻¹ x."""

    name = "inclusion-ppm"
    title = "proximal point method for monotone inclusions"
    formula = r"x^+ = J_{\gamma A}(x) = (I + \gamma A)^{-1}x"
    source = "Martinet (1970), Rockafellar (1976)"
    functions = ("A",)
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, A: Any) -> Any:
        """One resolvent step."""
        return A.resolvent(x, self.step_size)

    @theorem(Monotone, measure=STEP, steps=2, source="folklore")
    def step_length(self, A: Any, x: Any, y: Any, z: Any) -> Goal:
        """‖x_N − x_{N−1}‖² ≤ ‖x₀ − x⋆‖²/N: steps never grow, and their squares add up to ‖x₀ − x⋆‖² at most."""
        s = A.zero
        return Telescoping(
            quantities=(norm2(x - y),),
            weights=(1,),
            before=norm2(x - s),
            after=norm2(y - s),
            last=True,
            support=((norm2(y - z), norm2(x - y)),),
        )

    @theorem(Monotone, measure=OPERATOR, source="folklore")
    def operator(self, A: Any, x: Any, y: Any) -> Goal:
        """‖A(x_N)‖² ≤ ‖x₀ − x⋆‖²/(γ²N) with the element A(x_N) = (x_{N−1} − x_N)/γ."""
        s = A.zero
        return Telescoping(
            quantities=(norm2(A(y)),),
            weights=(self.step_size**2,),
            before=norm2(x - s),
            after=norm2(y - s),
            last=True,
            support=((norm2(A(y)), norm2(A(x))),),
        )

    @theorem(StronglyMonotone, measure=DISTANCE, source="Rockafellar (1976)")
    def distance(self, A: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖² ≤ ‖x − x⋆‖²/(1 + γμ)²."""
        s = A.zero
        return Contraction(before=norm2(x - s), after=norm2(y - s), rate=1 / (1 + self.step_size * A.mu) ** 2)

    @theorem(Monotone, measure=DISTANCE, source="Rockafellar (1976)")
    def distance_monotone(self, A: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖ ≤ ‖x − x⋆‖."""
        s = A.zero
        return Never(before=norm2(x - s), after=norm2(y - s))

    @rate(
        Monotone,
        measure=STEP,
        initial=DISTANCE,
        tight=True,
        source="Gu, Yang (2020)",
        at=[{"gamma": 1, "N": 1}, {"gamma": 2, "N": 2}, {"gamma": "1/2", "N": 4}],
    )
    def step_rate(self, A: Any, N: int) -> Any:
        """‖x_N − x_{N−1}‖² ≤ (1 − 1/N)^{N−1} R²/N."""
        return residual_rate(N)

    @rate(
        StronglyMonotone,
        measure=DISTANCE,
        initial=DISTANCE,
        tight=True,
        source="Rockafellar (1976)",
        at=[{"mu": "1/2", "gamma": 1, "N": 1}, {"mu": 1, "gamma": "1/3", "N": 2}],
    )
    def distance_rate(self, A: Any, N: int) -> Any:
        """‖x_N − x⋆‖² ≤ R²/(1 + γμ)²ᴺ."""
        return 1 / (1 + self.step_size * A.mu) ** (2 * N)


def residual_rate(N: int) -> Any:
    """(1 − 1/N)^{N−1}/N: the squared residual of N steps of a firmly nonexpansive operator."""
    return Fraction(N - 1, N) ** (N - 1) / N
