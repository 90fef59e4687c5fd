"""Functions of the line as a declaration sees them: values, slopes, proximal and linear minimisation steps, sums.

Points are rational numbers, or numbers known between two rationals (`Enclosure`) where a method takes roots. One layer
with any norm is the line; so is one coordinate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Any

from certify.language import Assumption
from certify.language.enclosures import Enclosure
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.membership import MEMBERSHIP
from certify.simulate.recorded import Recorded

Exact = Fraction | Enclosure
Constants = Mapping[str, Any]


@dataclass(frozen=True)
class Segment:
    """The indicator function of [low, high]."""

    low: Fraction
    high: Fraction

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError(f"[{self.low}, {self.high}] is empty")


Line = PiecewiseQuadratic | Segment


@dataclass(frozen=True)
class Curve:
    """The oracles of a function of the line at exact points."""

    own: Line

    def value(self, x: Exact) -> Exact:
        """f(x). **Raises:** ValueError outside the segment of an indicator."""
        if isinstance(self.own, Segment):
            if not self.own.low <= x <= self.own.high:
                raise ValueError("the function is infinite there")
            return Fraction(0)
        return self.own.value(x) if isinstance(x, Fraction) else self._over(x, lambda piece, y: piece(y))

    def gradient(self, x: Exact) -> Exact:
        """f'(x). **Raises:** ValueError where f is not differentiable."""
        if isinstance(self.own, Segment):
            raise ValueError("an indicator is not differentiable")
        if isinstance(x, Fraction):
            return self.own.gradient(x)
        if not _differentiable(self.own):
            raise ValueError("the function is not differentiable")
        return self._over(x, lambda piece, y: piece.slope(y))

    def subgradient(self, x: Exact) -> Exact:
        """The subgradient of least modulus; that of an indicator is 0."""
        if isinstance(self.own, Segment):
            self.value(x)
            return Fraction(0)
        return self.own.subgradient(x) if isinstance(x, Fraction) else self.gradient(x)

    def prox(self, x: Exact, step: Exact) -> Exact:
        """argmin f(z) + (z − x)²/(2 step). **Raises:** ValueError at points that are not rational."""
        if isinstance(self.own, Segment):
            return min(max(_plain(x), self.own.low), self.own.high)
        return self.own.prox(_plain(x), _plain(step))

    def brox(self, x: Exact, radius: Exact) -> tuple[Fraction, Fraction]:
        """The ball-proximal step at rational points. **Raises:** ValueError at others, and for indicators."""
        if isinstance(self.own, Segment):
            raise ValueError("ball-proximal steps of indicators are not known")
        return self.own.brox(_plain(x), _plain(radius))

    def minimum(self) -> Fraction:
        """The least value of a function that has one."""
        return Fraction(0) if isinstance(self.own, Segment) else self.own.minimum()

    def _over(self, x: Enclosure, at: Callable[[Any, Any], Any]) -> Enclosure:
        """What a continuous function that is given piece by piece may be on an enclosure."""
        if isinstance(self.own, Segment):
            raise ValueError("indicators are not given piece by piece")
        found = [
            Enclosure.of(at(piece, Enclosure(_end(max(low, x.low)), _end(min(high, x.high)))))
            for low, high, piece in self.own.cells()
            if max(low, x.low) <= min(high, x.high)
        ]
        return Enclosure(min(e.low for e in found), max(e.high for e in found))


def _plain(x: Exact | int) -> Fraction:
    number = Enclosure.of(x).number
    if number is None:
        raise ValueError("this is known at rational points only")
    return number


def _end(value: Any) -> Fraction:
    return Fraction(value)


class LineRole(Recorded):
    """One of the functions, with its constants; `own` are the numbers of the method."""

    def __init__(self, function: Line, constants: Constants, own: Constants) -> None:
        super().__init__(Curve(function), constants)
        self.line, self.own = function, dict(own)
        self.last: Any = None
        self.shared: dict[tuple[LineRole, ...], Fraction] = {}

    @property
    def minimum(self) -> Any:
        """f⋆."""
        return LineSum((self,)).minimum

    @property
    def minimizer(self) -> Any:
        """x⋆, with the subgradient 0."""
        if self._minimizer is None:
            self._minimizer = LineSum((self,)).argmin()
        star = self._at(self._minimizer)
        star.subgradient = Fraction(0)
        return self._minimizer

    def stochastic_gradient(self, x: Any) -> Any:
        """∇f(x) with the noise of this outcome."""
        self.last = super().stochastic_gradient(x)
        return self.last

    def drawn_at(self, x: Any) -> Any:
        """The sample that was drawn last."""
        if self.last is None:
            raise ValueError("no sample was drawn")
        return self.last

    def lmo(self, g: Any, alpha: Any = 1, b: Any = 1) -> Any:
        """−b sign(g), which is one of the directions that an oracle of quality (α, b) may return.

        **Raises:** ValueError for g = 0, where no direction is the right one; and for oracles whose quality the method
        has computed, which return a direction of their own.
        """
        if not (g > 0 or g < 0) or alpha > b or not (alpha == b or "alpha" in self.own):
            raise ValueError("the direction is not known")
        return -b if g > 0 else +b

    def energy(self, v: Any) -> Any:
        """‖v‖₂²."""
        return v * v

    def length(self, quantity: Any) -> Any:
        """The root of the sum of squares over one layer."""
        return abs(quantity)

    def shifted_minimizer(self, slope: Any) -> Any:
        """The end of a segment that is furthest along the slope."""
        if not isinstance(self.line, Segment) or slope == 0:
            raise ValueError("only the ends of segments are known")
        return self.line.high if slope > 0 else self.line.low

    def __add__(self, other: Any) -> LineSum:
        return LineSum((self,)) + other


@dataclass(frozen=True, eq=False)
class LineSum:
    """The sum of several functions."""

    parts: tuple[LineRole, ...]

    def __add__(self, other: Any) -> LineSum:
        return LineSum((*self.parts, *(other.parts if isinstance(other, LineSum) else (other,))))

    def value(self, x: Any) -> Any:
        """The sum of all values."""
        return sum((p.value(x) for p in self.parts[1:]), self.parts[0].value(x))

    @property
    def minimum(self) -> Any:
        """The least value."""
        return self.value(self.argmin())

    @property
    def minimizer(self) -> Any:
        """x⋆, with subgradients of all parts that add up to 0."""
        known = self.parts[0].shared
        star = known.get(self.parts)
        if star is None:
            star = self.argmin()
            slopes = [p.function.subgradient(star) for p in self.parts[:-1]]
            if not all(isinstance(p.line, PiecewiseQuadratic) and _differentiable(p.line) for p in self.parts[:-1]):
                raise ValueError("the slopes at the minimiser are not known")
            for part, slope in zip(self.parts, (*slopes, -sum(slopes)), strict=True):
                part._at(star).subgradient = slope
            known[self.parts] = star
        return star

    def argmin(self) -> Fraction:
        """The minimiser nearest to 0. **Raises:** ValueError if there is none."""
        low = max((p.line.low for p in self.parts if isinstance(p.line, Segment)), default=-inf)
        high = min((p.line.high for p in self.parts if isinstance(p.line, Segment)), default=inf)
        functions = [p.line for p in self.parts if isinstance(p.line, PiecewiseQuadratic)]
        bottom, sets = total(functions).argmin(low, high)
        if not sets or bottom == -inf:
            raise ValueError("there is no minimiser")
        return min((Fraction(min(max(Fraction(0), a), b)) for a, b in sets), key=abs)


def total(functions: Sequence[PiecewiseQuadratic]) -> PiecewiseQuadratic:
    """The sum of piecewise quadratic functions, continuous ones if there are several."""
    first, *more = functions
    for other in more:
        cuts = tuple(sorted({*first.breakpoints, *other.breakpoints}))
        middles = [(a + b) / 2 for a, b in pairwise(cuts)]
        places = [cuts[0] - 1, *middles, cuts[-1] + 1] if cuts else [Fraction(0)]
        pieces = [tuple(map(sum, zip(first.around(y)[0], other.around(y)[0], strict=True))) for y in places]
        first = PiecewiseQuadratic(cuts, tuple(pieces))  # ty: ignore[invalid-argument-type]
    return first


def _differentiable(f: PiecewiseQuadratic) -> bool:
    return f.is_smooth(max(abs(2 * p.a) for p in f.pieces))


def belongs(f: Line, assumption: Assumption, constants: Constants, radii: Any) -> bool:
    """Whether a function satisfies an assumption on all of the line. `KeyError` if that is not known."""
    if assumption.name in ("bounded-indicator", "indicator"):
        return isinstance(f, Segment) and f.high - f.low <= constants.get("D", inf)
    if isinstance(f, Segment):
        return assumption.name == "convex"
    if assumption.name == "smooth-above":
        return _differentiable(f) and all(2 * p.a <= constants["L"] for p in f.pieces)
    if assumption.name in ALONG:
        return _differentiable(f)
    return MEMBERSHIP[assumption.name](f, constants, radii)


ALONG = frozenset(
    {
        "convex-on-ball",
        "layerwise-convex",
        "layerwise-dominated",
        "layerwise-lipschitz",
        "layerwise-pl",
        "layerwise-smooth",
        "layerwise-smooth-gradients",
    }
)
"""Assumptions about the iterates of a run, each and with the next one, and no other points."""
