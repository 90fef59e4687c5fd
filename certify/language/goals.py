"""The shapes of a theorem's one-step inequality, each tied to one recursion lemma.

A goal is built from scalars of any kind: symbols (to be proved), tensors of shape (B, 1) or rational numbers
(to be tested on runs). `sides` is the inequality ``lhs ≤ rhs``; `given` are conditions ``≥ 0`` under which it
is claimed; `support` are further inequalities that the recursion lemma needs.

For methods with memory, `invariant` says what holds of a state after k steps, as pairs (lhs, rhs) of numbers or,
coordinate by coordinate, of vectors. `lemmas` are hints: inequalities that are proved first, in their order, and may
then be used. `squares` are hints too: vectors whose squared lengths, times functions of the parameters, make up what is
left over in the proof of the step.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

Side = tuple[Any, Any]


@dataclass(frozen=True, kw_only=True)
class Goal:
    """Base of all shapes."""

    given: tuple[Any, ...] = ()
    support: tuple[Side, ...] = ()
    lemmas: tuple[Side, ...] = ()
    squares: tuple[Any, ...] = ()
    invariant: Callable[[Any, Any], tuple[Side, ...]] | None = None
    lemma: ClassVar[str] = ""

    @property
    def sides(self) -> Side:
        """``(lhs, rhs)`` meaning lhs ≤ rhs."""
        raise TypeError(f"{type(self).__name__} must define sides")

    @property
    def measured(self) -> tuple[Any, ...]:
        """The quantities that the theorem's measure names; checked when a theorem is posed."""
        return tuple(getattr(self, name) for name in ("before", "after") if hasattr(self, name))

    @property
    def summands(self) -> tuple[Any, ...]:
        """The right-hand side as a person would add it up (each summand is printed in factored form)."""
        return (self.sides[1],)

    @property
    def shown(self) -> Goal:
        """The goal in the form that people read."""
        return self

    @property
    def unknown(self) -> str | None:
        """``"least"`` or ``"greatest"`` if the goal leaves a number to be derived, else None."""
        return None

    def solved(self, value: Any) -> Goal:
        """The goal with the unknown number filled in."""
        raise TypeError(f"{type(self).__name__} has no unknown")

    @property
    def ends(self) -> tuple[Side, ...]:
        """Inequalities at one point that the recursion lemma needs on top of `support`."""
        return ()


@dataclass(frozen=True, kw_only=True)
class Contraction(Goal):
    """after ≤ rate · before + error ⇒ V_N ≤ rate^N V_0 + error (1 − rate^N)/(1 − rate).

    With ``rate=None`` the best rate is derived; `rates` are numbers of which it is the largest. A rate that varies with
    `distance`, ‖x − x⋆‖ or ‖x⁺ − x⋆‖, comes with `uniform`, a bound on it as a function of any R ≥ distance; support
    must say that the distance never increases, so that R = ‖x_0 − x⋆‖ serves for all steps. (`growth` ≥ 0
    is filled in by the trace.)
    """

    before: Any
    after: Any
    rate: Any = None
    error: Any = 0
    uniform: Callable[[Any], Any] | None = None
    distance: Any = None
    growth: Any = 0
    rates: tuple[Any, ...] = ()
    lemma: ClassVar[str] = "contraction"

    @property
    def ends(self) -> tuple[Side, ...]:
        """rate ≤ uniform(R) for every R = distance + growth ≥ distance; errors add up only if the rate is ≥ 0."""
        uniform = () if self.uniform is None else ((self.rate, self.uniform(self.distance + self.growth)),)
        return uniform if self.rate is None or _is_zero(self.error) else (*uniform, (0 * self.rate, self.rate))

    @property
    def unknown(self) -> str | None:
        """The least rate."""
        return "least" if self.rate is None else None

    def solved(self, value: Any) -> Contraction:
        """The contraction with this rate."""
        return replace(self, rate=value)

    @property
    def sides(self) -> Side:
        """after ≤ rate · before + error."""
        return self.after, self.rate * self.before + self.error


@dataclass(frozen=True, kw_only=True)
class FiniteContraction(Contraction):
    """after ≤ rate · before, while not terminated, when before ≥ least · excess and excess > 1.

    So V_k > least as long as the step from x_k ends at no minimiser, and V_k ≤ rate^k V_0 ends that: x_N is optimal for
    N ≥ 1 + ⌈ln(V_0/least)/ln(1/rate)⌉.
    """

    least: Any
    excess: Any
    lemma: ClassVar[str] = "finite contraction"

    @property
    def ends(self) -> tuple[Side, ...]:
        """least · excess ≤ before, and those of a contraction."""
        return (*super().ends, (self.least * self.excess, self.before))


@dataclass(frozen=True, kw_only=True)
class ProductDecrease(Goal):
    """after ≤ (1 − step/distance) · before, where the distance grows by at most `step` each time.

    Then V_N ≤ (R − step)/(R + (N − 1) step) V_0 with R the first distance: the product telescopes.
    """

    before: Any
    after: Any
    step: Any
    distance: Any
    next_distance: Any
    lemma: ClassVar[str] = "product decrease"

    @property
    def sides(self) -> Side:
        """after ≤ (1 − step/distance) · before."""
        return self.after, (1 - self.step / self.distance) * self.before

    @property
    def ends(self) -> tuple[Side, ...]:
        """next_distance ≤ distance + step."""
        return ((self.next_distance, self.distance + self.step),)


@dataclass(frozen=True, kw_only=True)
class Telescoping(Goal):
    """Σ weightᵢ · quantityᵢ ≤ before − after + error, before ≥ 0.

    The quantities are the same measure at one or two points of the step, so min and average of the measure are
    at most (V_0 + N·error)/(N·Σ weightᵢ + final_weight); with a `final_weight` w one knows before ≥ w · quantity₁
    too. With ``weights=None`` the best weight of the one quantity is derived. With ``last=True`` the measure never
    increases (a support inequality says so), and the bound holds for the last one.
    """

    quantities: tuple[Any, ...]
    before: Any
    after: Any
    weights: tuple[Any, ...] | None = None
    error: Any = 0
    final_weight: Any = 0
    last: bool = False
    lemma: ClassVar[str] = "telescoping"

    @property
    def measured(self) -> tuple[Any, ...]:
        """The quantities that are summed."""
        return self.quantities

    @property
    def unknown(self) -> str | None:
        """The greatest weight."""
        return "greatest" if self.weights is None else None

    def solved(self, value: Any) -> Telescoping:
        """The telescoping inequality with this weight."""
        return replace(self, weights=(value,))

    @property
    def sides(self) -> Side:
        """Σ weightᵢ · quantityᵢ ≤ before − after + error."""
        weights = self.weights or ()
        total = sum(w * q for w, q in zip(weights, self.quantities, strict=True))
        return total, self.before - self.after + self.error

    @property
    def summands(self) -> tuple[Any, ...]:
        """before, −after, error."""
        return self.before, -self.after, self.error

    @property
    def ends(self) -> tuple[Side, ...]:
        """final_weight · quantity₁ ≤ before (so before ≥ 0 if it is 0), and of several weights none is negative."""
        several = [*(self.weights or ())] if len(self.quantities) > 1 else []
        several += [] if _is_zero(self.final_weight) else [self.final_weight]
        return ((self.final_weight * self.quantities[0], self.before), *((0 * w, w) for w in several))


@dataclass(frozen=True, kw_only=True)
class FiniteDecrease(Goal):
    """after ≤ before − amount − slack, while not terminated ⇒ terminated after at most ⌈V_0/amount⌉ steps.

    `slack` ≥ 0 is what the sharper inequality gives on top; the lemma does not need it.
    """

    before: Any
    after: Any
    amount: Any
    slack: Any = 0
    lemma: ClassVar[str] = "finite decrease"

    @property
    def ends(self) -> tuple[Side, ...]:
        """slack ≥ 0 and before ≥ 0."""
        return (0 * self.amount, self.slack), (0 * self.amount, self.before)

    @property
    def sides(self) -> Side:
        """after ≤ before − amount − slack."""
        return self.after, self.before - self.amount - self.slack

    @property
    def summands(self) -> tuple[Any, ...]:
        """before, −amount, −slack."""
        return self.before, -self.amount, -self.slack


@dataclass(frozen=True, kw_only=True)
class Potential(Goal):
    """Φ(s + tick, x⁺) ≤ Φ(s, x) for a function Φ of the clock s and the point ⇒ a bound when s reaches the horizon S.

    `phi` is Φ, `clock` the time s ≥ 0 before the step, `left` the time ≥ 0 left after it: S = clock + tick + left. The
    clock starts at 0 and advances by `tick` a step (1 by default: then s = k and S = N). Two inequalities at a generic
    point are needed besides: Φ(0, x) ≤ initial and scale · measure ≤ Φ(S, x). Conclusion: scale · measure(x_N) ≤
    initial(x_0) with S = N · least_tick, where `least_tick` is a lower bound on a varying tick.
    """

    phi: Callable[[Any, Any], Any]
    x: Any
    y: Any
    clock: Any
    left: Any
    measure: Any
    initial: Any
    scale: Any = 1
    tick: Any = 1
    least_tick: Any = None
    lemma: ClassVar[str] = "potential"

    @property
    def before(self) -> Any:
        """Φ(s, x)."""
        return self.phi(self.clock, self.x)

    @property
    def after(self) -> Any:
        """Φ(s + tick, x⁺)."""
        return self.phi(self.clock + self.tick, self.y)

    @property
    def measured(self) -> tuple[Any, ...]:
        """The measure at x."""
        return (self.measure,)

    @property
    def sides(self) -> Side:
        """after ≤ before."""
        return self.after, self.before

    @property
    def ends(self) -> tuple[Side, ...]:
        """Φ(0, x) ≤ initial, scale · measure ≤ Φ(S, x) and least_tick ≤ tick."""
        horizon = self.clock + self.tick + self.left
        start, end = self.phi(0 * self.clock, self.x), self.phi(horizon, self.x)
        ends = (start, self.initial), (self.scale * self.measure, end)
        return ends if self.least_tick is None else (*ends, (self.least_tick, self.tick))


@dataclass(frozen=True, kw_only=True)
class Monotone(Goal):
    """after ≤ before: the quantity never increases."""

    before: Any
    after: Any
    lemma: ClassVar[str] = "monotone"

    @property
    def sides(self) -> Side:
        """after ≤ before."""
        return self.after, self.before


@dataclass(frozen=True, kw_only=True)
class Same(Goal):
    """left = right: two formulas for a step are the same."""

    left: Any
    right: Any
    lemma: ClassVar[str] = "identity"

    @property
    def measured(self) -> tuple[Any, ...]:
        """Nothing: an identity is about the step itself."""
        return ()

    @property
    def sides(self) -> Side:
        """left ≤ right."""
        return self.left, self.right

    @property
    def ends(self) -> tuple[Side, ...]:
        """right ≤ left."""
        return ((self.right, self.left),)


def _is_zero(value: Any) -> bool:
    """Whether a number was left out: the 0 of the declaration, not one that was computed."""
    return isinstance(value, int) and value == 0
