"""The extragradient method for a zero of a monotone Lipschitz operator."""

from __future__ import annotations

from typing import Any

from certify.assumptions.lipschitz_monotone import LipschitzMonotone
from certify.language import (
    DISTANCE,
    OPERATOR,
    Energy,
    Goal,
    Method,
    Monotone,
    Positive,
    Telescoping,
    best,
    norm2,
    rate,
    theorem,
)

POINTS = ({"L": 1, "gamma": "1/2", "N": 1}, {"L": 1, "gamma": "7/10", "N": 2})


class Extragradient(Method):
    """y = x − γ A(x), x⁺ = x − γ A(y)."""

    name = "extragradient"
    title = "extragradient method"
    formula = r"y = x - \gamma A(x),\quad x^+ = x - \gamma A(y)"
    source = "Korpelevich (1976)"
    functions = ("A",)
    step_size = Positive("gamma", "step size")

    def step(self, x: Any, A: Any) -> Any:
        """A forward step to look at A, and the step with what was seen."""
        return x - self.step_size * A(x - self.step_size * A(x))

    @theorem(LipschitzMonotone, measure=DISTANCE, source="Korpelevich (1976)")
    def distance(self, A: Any, x: Any, y: Any) -> Goal:
        """‖x⁺ − x⋆‖ ≤ ‖x − x⋆‖ for γ ≤ 1/L."""
        s = A.zero
        return Monotone(before=norm2(x - s), after=norm2(y - s), given=(self.step_size * A.L <= 1,))

    @theorem(LipschitzMonotone, measure=OPERATOR, source="Korpelevich (1976)")
    def best_operator(self, A: Any, x: Any, y: Any) -> Goal:
        """The mean of ‖A(x_k)‖² is at most ‖x₀ − x⋆‖²/(γ²(1 − γ²L²)N) for γ < 1/L."""
        γ, s = self.step_size, A.zero
        return Telescoping(
            quantities=(norm2(A(x)),),
            weights=(γ**2 * (1 - γ**2 * A.L**2),),
            before=norm2(x - s),
            after=norm2(y - s),
            given=(γ * A.L < 1,),
        )

    @theorem(LipschitzMonotone, measure=OPERATOR, indexed=True, source="Gorbunov, Loizou, Gidel (2022)")
    def operator(self, A: Any, x: Any, y: Any, *, k: Any, m: Any) -> Goal:
        """‖A(x_N)‖² ≤ ‖x₀ − x⋆‖²/(γ²(1 − γ²L²)(N + 1)) for γ < 1/L: ‖A(x_k)‖ never grows, and the squares add up."""
        γ, s, ahead = self.step_size, A.zero, A(x - self.step_size * A(x))
        q = 1 - γ**2 * A.L**2
        own = γ**2 * q
        return Energy(
            before=k * own * norm2(A(x)) + norm2(x - s),
            after=(k + 1) * own * norm2(A(y)) + norm2(y - s),
            quantity=norm2(A(y)),
            clock=k,
            scale=lambda N: own * (N + 1),
            given=(γ * A.L < 1,),
            lemmas=(
                (norm2(A(y)), norm2(A(x)) - q * norm2(A(x) - ahead)),
                (own * norm2(A(y)), own * norm2(A(x))),
                (own * norm2(A(x)), norm2(x - s) - norm2(y - s)),
                (own * norm2(A(y)), norm2(y - s)),
            ),
        )

    @rate(
        LipschitzMonotone,
        measure=best(OPERATOR),
        initial=DISTANCE,
        source="Korpelevich (1976)",
        holds=lambda self, A, N: self.step_size * A.L < 1,
        at=POINTS,
    )
    def best_operator_rate(self, A: Any, N: int) -> Any:
        """min ‖A(x_k)‖² ≤ R²/(γ²(1 − γ²L²)(N + 1)) for γ < 1/L."""
        return self._bound(A, N)

    @rate(
        LipschitzMonotone,
        measure=OPERATOR,
        initial=DISTANCE,
        source="Gorbunov, Loizou, Gidel (2022)",
        holds=lambda self, A, N: 2 * (self.step_size * A.L) ** 2 <= 1,
        at=POINTS,
    )
    def operator_rate(self, A: Any, N: int) -> Any:
        """‖A(x_N)‖² ≤ R²/(γ²(1 − γ²L²)(N + 1)) for γ ≤ 1/(√2 L)."""
        return self._bound(A, N)

    def _bound(self, A: Any, N: int) -> Any:
        return 1 / (self.step_size**2 * (1 - (self.step_size * A.L) ** 2) * (N + 1))
