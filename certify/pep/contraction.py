"""Linear rates by Lyapunov functions that are found, not given: V⁺ ≤ ρV and V ≥ measure, with certificates.

V = ⟨P, Gram matrix of some points⟩ + p·(some function values) with unknown P and p. For a fixed ρ such a V exists
if the problem over two independent copies of the model's quantities

    maximise  measure(2)   subject to   Vᵢ⁺(1) − ρVᵢ(1) = Vᵢ(2) for every term Vᵢ of V, all conditions on both copies

has multipliers that prove the value 0; those of its equations are the coefficients of V. If the value is positive
there is none. So a V comes with multipliers for two upper bounds (V⁺ − ρV ≤ 0 and measure − V ≤ 0), and that there is
none comes with a point at which the joint problem is positive. Both are rational and checked by the kernel; ρ is found
by bisection in floating point.

Sources: Taylor, Van Scoy, Lessard, ICML 2018 (Lyapunov functions for first-order methods); Upadhyaya, Banert, Taylor,
Giselsson, Math. Program. (2025).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import isnan
from typing import TYPE_CHECKING, Any

from certify.pep.engine.bounds import decimal
from certify.pep.engine.threads import one_thread
from certify.pep.lyapunov_family import Family, Lyapunov, LyapunovState, Obstruction
from certify.pep.modelling.expressions import Expression
from certify.pep.modelling.rationals import Number, fraction

if TYPE_CHECKING:
    from certify.pep.engine.bounds import Bound
    from certify.pep.modelling.model import Model

TOLERANCE = Fraction(1, 10**6)
STEPS = 60


@dataclass(frozen=True)
class BestRate:
    """The best factor lies in [lower, upper]: at `upper` there is a V, at `lower` there is none.

    `lower` is None if there is no evidence, or if conditions of the model are only necessary (then a V that they do
    not show may exist). `value` is the floating-point estimate.
    """

    value: float
    found: Lyapunov | None
    refused: Obstruction | None

    @property
    def upper(self) -> Fraction | None:
        """A factor that is proved."""
        return None if self.found is None else self.found.rate

    @property
    def lower(self) -> Fraction | None:
        """A factor that no V of the family reaches."""
        return None if self.refused is None else self.refused.rate

    def __str__(self) -> str:
        low = "" if self.lower is None else f"{decimal(self.lower)} < "
        high = "" if self.upper is None else f" ≤ {decimal(self.upper, up=True)}"
        if not low and not high:
            return "no rate was proved" if isnan(self.value) else f"best rate ≈ {self.value:.7g} (numerical)"
        return f"{low}best rate{high}"


def contraction_factor(model: Model, now: Expression, then: Expression, **options: Any) -> Bound:
    """The smallest ρ with then ≤ ρ·now for a given V: one linear problem, whose answer is an exact interval."""
    model.maximise(then, relative_to=now)
    return model.solve(**options)


@one_thread
def lyapunov(
    model: Model,
    now: LyapunovState,
    then: LyapunovState,
    *,
    measure: Expression,
    rate: Number = 1,
    decrease: Expression | None = None,
    nonnegative: bool = False,
) -> Lyapunov | None:
    """A V with V⁺ ≤ rate·V − decrease and V ≥ measure, proved; None if none was found.

    **Arguments:** `now` and `then` name the same quantities at steps k and k + 1. With `decrease` and ``rate=1`` the
    sum of all decreases is at most V at the start, if V ≥ 0 (sublinear rates). `nonnegative` restricts V to P ⪰ 0 and
    p ≥ 0. The model's conditions must be homogeneous; its objective is replaced.
    """
    search = Family(model, now, then, measure, decrease, nonnegative)
    return search.prove(fraction(rate))


@one_thread
def best_rate(
    model: Model,
    now: LyapunovState,
    then: LyapunovState,
    *,
    measure: Expression,
    between: tuple[Number, Number] = (0, 1),
    tolerance: Number = TOLERANCE,
    nonnegative: bool = False,
) -> BestRate:
    """The smallest ρ for which a V with V⁺ ≤ ρV and V ≥ measure exists, as an interval with certificates at both ends.

    **Arguments:** as for `lyapunov`; ρ is sought `between` two numbers, and `tolerance` is the width aimed at.
    """
    search = Family(model, now, then, measure, None, nonnegative)
    low, high, width = fraction(between[0]), fraction(between[1]), fraction(tolerance)
    bottom, top = low, high
    if search.deepest(high) is None:
        return BestRate(float("nan"), None, search.refute(high))
    if search.deepest(low) is not None:
        return BestRate(float(low), search.prove(low), None)
    for _ in range(STEPS):
        if high - low <= width / 4:
            break
        middle = _short(low, high)
        low, high = (low, middle) if search.deepest(middle) is not None else (middle, high)
    found = refused = None
    for factor in (1, 4, 16, 64, 256):
        if found is None:
            found = search.prove(min(high + factor * width / 4, top))
        if refused is None:
            refused = search.refute(max(low - factor * width / 4, bottom))
    return BestRate(float((low + high) / 2), found, refused)


def _short(low: Fraction, high: Fraction) -> Fraction:
    """A number between, about in the middle, with few digits."""
    third, digits = (high - low) / 6, 1
    while True:
        middle = Fraction(round((low + high) / 2 * 10**digits), 10**digits)
        if abs(middle - (low + high) / 2) <= third:
            return middle
        digits += 1


__all__ = [
    "BestRate", "Lyapunov", "LyapunovState", "Obstruction", "best_rate", "contraction_factor", "lyapunov",
]  # fmt: skip
