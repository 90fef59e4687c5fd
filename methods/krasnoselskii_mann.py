"""The Krasnosel'skiĭ–Mann iteration with a constant step."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from certify.assumptions.nonexpansive import Nonexpansive
from certify.language import (
    DISTANCE,
    RESIDUAL,
    Energy,
    Goal,
    Method,
    Monotone,
    Positive,
    best,
    norm2,
    rate,
    theorem,
)

LIEDER = "Lieder (2018), Theorem 4.9"


class KrasnoselskiiMann(Method):
    """x⁺ = (1 − λ)x + λ T(x)."""

    name = "krasnoselskii-mann"
    title = "Krasnosel'skiĭ–Mann iteration"
    formula = r"x^+ = (1-\lambda)x + \lambda T(x)"
    source = "Mann (1953), Krasnosel'skiĭ (1955)"
    functions = ("T",)
    relaxation = Positive("lam", "relaxation")

    def step(self, x: Any, T: Any) -> Any:
        """A mean of the point and its image."""
        return (1 - self.relaxation) * x + self.relaxation * T(x)

    def solution(self, T: Any) -> Any:
        """A fixed point."""
        return T.fixed_point

    @theorem(Nonexpansive, measure=RESIDUAL, indexed=True, source="folklore")
    def residual(self, T: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """‖x_N − T(x_N)‖² ≤ ‖x₀ − x⋆‖²/(λ(1 − λ)(N + 1)) for λ < 1: kλ(1 − λ)‖x_k − T(x_k)‖² + ‖x_k − x⋆‖² falls."""
        λ, s = self.relaxation, T.fixed_point
        own = λ * (1 - λ)

        def energy(k: Any, z: Any) -> Any:
            return k * own * norm2(z - T(z)) + norm2(z - s)

        return Energy(
            before=energy(k, x),
            after=energy(k + 1, y),
            quantity=norm2(y - T(y)),
            clock=k,
            scale=lambda N: own * (N + 1),
            given=(λ < 1,),
            lemmas=((norm2(y - T(y)), norm2(x - T(x))), (own * norm2(x - T(x)), norm2(x - s) - norm2(y - s))),
        )

    @theorem(Nonexpansive, measure=DISTANCE, source="Krasnosel'skiĭ (1955), Mann (1953)")
    def distance(self, T: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖ ≤ ‖x − x⋆‖ for λ ≤ 1."""
        s = T.fixed_point
        return Monotone(before=norm2(x - s), after=norm2(y - s), given=(self.relaxation <= 1,))

    @rate(
        Nonexpansive,
        measure=RESIDUAL,
        initial=DISTANCE,
        tight=True,
        source=LIEDER,
        holds=lambda self, T, N: (2 * self.relaxation >= 1, self._short(N)),
        at=[{"lam": "1/2", "N": 1}, {"lam": "3/4", "N": 3}, {"lam": "9/10", "N": 2}],
    )
    def residual_rate(self, T: Any, N: int) -> Any:
        """‖x_N − T(x_N)‖² ≤ (N/(N + 1))^N R²/((N + 1) λ(1 − λ)) for ½ ≤ λ ≤ ½(1 + √(N/(N + 1)))."""
        return Fraction(N, N + 1) ** N / ((N + 1) * self.relaxation * (1 - self.relaxation))

    @rate(
        Nonexpansive,
        measure=RESIDUAL,
        initial=DISTANCE,
        tight=True,
        source=LIEDER,
        holds=lambda self, T, N: (not self._short(N), Fraction(1, 2) < self.relaxation <= 1),
        at=[{"lam": "19/20", "N": 1}, {"lam": "24/25", "N": 3}],
    )
    def residual_rate_long(self, T: Any, N: int) -> Any:
        """‖x_N − T(x_N)‖² ≤ 4 (2λ − 1)²ᴺ R² for ½(1 + √(N/(N + 1))) < λ ≤ 1."""
        return 4 * (2 * self.relaxation - 1) ** (2 * N)

    @rate(
        Nonexpansive,
        measure=best(RESIDUAL),
        initial=DISTANCE,
        source="folklore",
        holds=lambda self, T, N: self.relaxation < 1,
        at=[{"lam": "1/2", "N": 2}, {"lam": "1/4", "N": 3}],
    )
    def best_residual_rate(self, T: Any, N: int) -> Any:
        """min ‖x_k − T(x_k)‖² ≤ R²/((N + 1) λ(1 − λ)) for λ < 1."""
        return 1 / ((N + 1) * self.relaxation * (1 - self.relaxation))

    def _short(self, N: int) -> bool:
        return (2 * self.relaxation - 1) ** 2 <= Fraction(N, N + 1)
