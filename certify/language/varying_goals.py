"""Shapes of a step's inequality whose weights change along the run: with the clock, with memory or with the measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from certify.language.goals import Goal, Side


@dataclass(frozen=True, kw_only=True)
class Averaging(Goal):
    """weight · quantity ≤ before − after + error, before ≥ 0, where weight and error vary with the clock k.

    `total` and `spent` are functions of the clock that bound sums: total(0) ≤ 0 and total(k + 1) ≤ total(k) + weight,
    spent(0) ≥ 0 and spent(k) + error ≤ spent(k + 1). Conclusion: the average of the first N quantities with these
    weights, and so the least of them, is at most (V_0 + spent(N))/total(N).
    """

    quantity: Any
    weight: Any
    before: Any
    after: Any
    clock: Any
    total: Callable[[Any], Any]
    spent: Callable[[Any], Any]
    error: Any = 0
    lemma: ClassVar[str] = "averaging"

    @property
    def measured(self) -> tuple[Any, ...]:
        """The quantity that is averaged."""
        return (self.quantity,)

    @property
    def sides(self) -> Side:
        """weight · quantity ≤ before − after + error."""
        return self.weight * self.quantity, self.before - self.after + self.error

    @property
    def summands(self) -> tuple[Any, ...]:
        """before, −after, error."""
        return self.before, -self.after, self.error

    @property
    def ends(self) -> tuple[Side, ...]:
        """before ≥ 0, weight ≥ 0, and what `total` and `spent` promise."""
        k, zero = self.clock, 0 * self.clock
        return (
            (zero, self.before),
            (zero, self.weight),
            (self.total(k + 1), self.total(k) + self.weight),
            (self.spent(k) + self.error, self.spent(k + 1)),
            (self.total(zero), zero),
            (zero, self.spent(zero)),
        )


@dataclass(frozen=True, kw_only=True)
class EvenAveraging(Averaging):
    """Averaging in which all N quantities count alike: weight ≥ least(N) in every one of N steps, and quantity ≥ 0.

    `left` is the number of steps after this one, so that N = clock + 1 + left. Conclusion: the average of the first N
    quantities, and so the least of them, is at most (V_0 + spent(N))/(N · least(N)).
    """

    left: Any
    least: Callable[[Any], Any]
    total: Callable[[Any], Any] = field(init=False)
    lemma: ClassVar[str] = "even averaging"

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", lambda steps: steps * self.least(steps))

    @property
    def ends(self) -> tuple[Side, ...]:
        """before ≥ 0, quantity ≥ 0, least(N) ≤ weight, and what `spent` promises."""
        k, zero = self.clock, 0 * self.clock
        return (
            (zero, self.before),
            (zero, self.quantity),
            (self.least(k + 1 + self.left), self.weight),
            (self.spent(k) + self.error, self.spent(k + 1)),
            (zero, self.spent(zero)),
        )


@dataclass(frozen=True, kw_only=True)
class SaturatingDecrease(Goal):
    """after ≤ before − weight · q²/(offset + slope · q) for the quantity q ≥ 0, and before ≥ 0.

    The decrease is quadratic in q while q is small and linear when it is large. It is proved through its tangents,
    weight · (2θq − θ²(offset + slope · q)) for every θ ≥ 0, which are linear in q; `tangent` = θ is filled in by the
    trace, and θ = q/(offset + slope · q) gives the inequality itself. Conclusion: min q ≤ ε among the first N values
    for N ≥ V_0 (offset + slope · ε)/(weight · ε²).
    """

    before: Any
    after: Any
    quantity: Any
    offset: Any
    slope: Any
    weight: Any = 1
    tangent: Any = None
    lemma: ClassVar[str] = "saturating decrease"

    @property
    def measured(self) -> tuple[Any, ...]:
        """The quantity."""
        return (self.quantity,)

    @property
    def sides(self) -> Side:
        """weight · (2θq − θ²(offset + slope · q)) ≤ before − after."""
        q, below = self.quantity, self.offset + self.slope * self.quantity
        if self.tangent is None:
            return self.weight * q**2 / below, self.before - self.after
        return self.weight * (2 * self.tangent * q - self.tangent**2 * below), self.before - self.after

    @property
    def shown(self) -> SaturatingDecrease:
        """Without a tangent."""
        return replace(self, tangent=None)

    @property
    def summands(self) -> tuple[Any, ...]:
        """before, −after."""
        return self.before, -self.after

    @property
    def ends(self) -> tuple[Side, ...]:
        """before, offset, slope and the quantity are ≥ 0."""
        zero = 0 * self.before
        return (zero, self.before), (zero, self.offset), (zero, self.slope), (zero, self.quantity)


@dataclass(frozen=True, kw_only=True)
class DominatedDecrease(SaturatingDecrease):
    """after ≤ before − weight · q²/(offset + slope · q) with q² ≥ 2 · modulus · before: the quantity dominates V.

    As the decrease grows with q, V⁺ ≤ V − φ(V) with φ(V) = 2 weight μ V/(offset + slope √(2μV)), so that V_N ≤ ε for
    N ≥ ∫ ds/φ(s) from ε to V_0: linear convergence, and a start that is slower by the slope's part.
    """

    modulus: Any
    lemma: ClassVar[str] = "dominated decrease"

    @property
    def measured(self) -> tuple[Any, ...]:
        """before and after."""
        return self.before, self.after

    @property
    def ends(self) -> tuple[Side, ...]:
        """Those of a saturating decrease, modulus ≥ 0 and 2 · modulus · before ≤ q²."""
        return (*super().ends, (0 * self.modulus, self.modulus), (2 * self.modulus * self.before, self.quantity**2))


@dataclass(frozen=True, kw_only=True)
class QuadraticDecrease(SaturatingDecrease):
    """after ≤ before − weight · q²/offset for a quantity q ≥ before ≥ 0.

    So V⁺ ≤ V − c V² with c = weight/offset, and 1/V_N ≥ 1/V_0 + cN.
    """

    slope: Any = 0
    lemma: ClassVar[str] = "quadratic decrease"

    @property
    def measured(self) -> tuple[Any, ...]:
        """before and after."""
        return self.before, self.after

    @property
    def ends(self) -> tuple[Side, ...]:
        """before ≥ 0, offset ≥ 0 and before ≤ quantity."""
        zero = 0 * self.before
        return (zero, self.before), (zero, self.offset), (self.before, self.quantity)


@dataclass(frozen=True, kw_only=True)
class SelfScaled(Goal):
    """weight · quantity/next_scale ≤ before − after, where next_scale² = scale² + quantity and before ≥ 0.

    Steps are divided by a scale that grows with what was measured. Then the sum of the first N quantities is at most
    (V_0/weight)(scale_0 + V_0/weight), however large N is.
    """

    quantity: Any
    weight: Any
    before: Any
    after: Any
    scale: Any
    next_scale: Any
    lemma: ClassVar[str] = "self-scaled telescoping"

    @property
    def measured(self) -> tuple[Any, ...]:
        """The quantity that is summed."""
        return (self.quantity,)

    @property
    def sides(self) -> Side:
        """weight · quantity/next_scale ≤ before − after."""
        return self.weight * self.quantity / self.next_scale, self.before - self.after

    @property
    def summands(self) -> tuple[Any, ...]:
        """before, −after."""
        return self.before, -self.after

    @property
    def ends(self) -> tuple[Side, ...]:
        """before ≥ 0, quantity ≥ 0, scale ≤ next_scale, and next_scale² is scale² + quantity."""
        zero, square, grown = 0 * self.weight, self.next_scale**2, self.scale**2 + self.quantity
        return (
            (zero, self.before),
            (zero, self.quantity),
            (zero, self.scale),
            (self.scale, self.next_scale),
            (square, grown),
            (grown, square),
        )
