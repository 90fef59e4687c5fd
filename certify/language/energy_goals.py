"""Shapes in which an energy bounds the measure: V falls along the run, and a multiple of the measure lies below it.

They are the proofs of accelerated methods, V_k = A_k (f(x_k) − f⋆) + ½‖z_k − x⋆‖² with A_k known from the clock.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from certify.language.goals import Contraction, Goal, Side


def nothing(steps: Any) -> Any:
    """No errors in any number of steps."""
    return 0 * steps


@dataclass(frozen=True, kw_only=True)
class Energy(Goal):
    """after ≤ before + error and scale(k + 1) · quantity ≤ after, where the quantity is the measure at x_{k+1}.

    `spent` bounds the sum of the errors: spent(0) ≥ 0 and spent(k) + error ≤ spent(k + 1). Conclusion: the measure at
    x_N is at most (V_0 + spent(N))/scale(N) for N ≥ 1.
    """

    before: Any
    after: Any
    quantity: Any
    clock: Any
    scale: Callable[[Any], Any]
    error: Any = 0
    spent: Callable[[Any], Any] = nothing
    lemma: ClassVar[str] = "energy"

    @property
    def measured(self) -> tuple[Any, ...]:
        """The measure after the step."""
        return (self.quantity,)

    @property
    def sides(self) -> Side:
        """after ≤ before + error."""
        return self.after, self.before + self.error

    @property
    def summands(self) -> tuple[Any, ...]:
        """before, error."""
        return self.before, self.error

    @property
    def ends(self) -> tuple[Side, ...]:
        """scale(k + 1) · quantity ≤ after, and what `spent` promises."""
        k, zero = self.clock, 0 * self.clock
        below = (self.scale(k + 1) * self.quantity, self.after)
        if self.spent is nothing:
            return (below, (self.error, zero))
        return below, (self.spent(k) + self.error, self.spent(k + 1)), (zero, self.spent(zero))


@dataclass(frozen=True, kw_only=True)
class EnergyContraction(Contraction):
    """after ≤ rate · before and quantity ≤ after, where the quantity is the measure after the step, and rate ≥ 0.

    Conclusion: the measure at x_N is at most rate^N V_0 for N ≥ 1.
    """

    quantity: Any
    lemma: ClassVar[str] = "energy contraction"

    @property
    def measured(self) -> tuple[Any, ...]:
        """The measure after the step."""
        return (self.quantity,)

    @property
    def ends(self) -> tuple[Side, ...]:
        """quantity ≤ after and rate ≥ 0; of several rates the largest counts, which is ≥ 0 if one of them is."""
        rate = self.rates[0] if self.rate is None else self.rate
        return (self.quantity, self.after), (0 * rate, rate)
