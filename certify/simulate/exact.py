"""Piecewise quadratic functions on the line over ℚ, with exact oracles for every method's update.

A point is a plain ``Fraction``: the update a method declares runs on these functions unchanged and
every iterate, value and slope stays rational, so that a counterexample found here is a proof. The
exact membership tests (convex, smooth, PL, ball-convex …) live in `exact_membership`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf

from certify.simulate import exact_membership as membership
from certify.simulate.exact_membership import NoSupportingSlope, Undecided
from certify.simulate.pieces import End, Interval, Number, Piece, rational

__all__ = [
    "NoSupportingSlope",
    "Piece",
    "PiecewiseQuadratic",
    "Undecided",
    "absolute",
    "ball_convexity_needs_continuity",
    "huber",
    "kinked",
    "maximum_of_slopes",
    "piecewise_linear",
    "quadratic",
    "smooth",
    "vee",
]


@dataclass(frozen=True)
class PiecewiseQuadratic:
    """The lower semicontinuous f: ℝ → ℝ given by breakpoints and the quadratics between them.

    At a breakpoint f takes the lower of its two one-sided limits, so jumps are allowed.

    **Arguments.** `breakpoints`: rationals b_1 < … < b_m (possibly none); `pieces`: m + 1
    coefficient triples (a, b, c) of a y² + b y + c, the i-th (from 0) on (b_i, b_{i+1}) with
    b_0 = −∞ and b_{m+1} = ∞.
    """

    breakpoints: tuple[Fraction, ...]
    pieces: tuple[Piece, ...]

    ball_convexity_witness = membership.ball_convexity_witness
    is_ball_convex = membership.is_ball_convex
    is_continuous = membership.is_continuous
    is_convex = membership.is_convex
    is_lipschitz = membership.is_lipschitz
    is_pl = membership.is_pl
    is_smooth = membership.is_smooth
    is_strongly_convex = membership.is_strongly_convex
    supporting_slope = membership.supporting_slope
    supports = membership.supports

    def __post_init__(self) -> None:
        breakpoints = tuple(rational(b, "breakpoint") for b in self.breakpoints)
        pieces = tuple(Piece(*(rational(c, "coefficient") for c in p)) for p in self.pieces)
        if any(left >= right for left, right in pairwise(breakpoints)):
            raise ValueError(f"breakpoints must increase strictly, got {self.breakpoints}")
        if len(pieces) != len(breakpoints) + 1:
            raise ValueError(f"m breakpoints need m + 1 pieces, got {len(breakpoints)} and {len(pieces)}")
        object.__setattr__(self, "breakpoints", breakpoints)
        object.__setattr__(self, "pieces", pieces)

    def cells(self) -> Iterator[tuple[End, End, Piece]]:
        """The triples (b_i, b_{i+1}, piece between them), from left to right."""
        return zip((-inf, *self.breakpoints), (*self.breakpoints, inf), self.pieces, strict=True)

    def around(self, x: Fraction) -> tuple[Piece, Piece]:
        """The pieces just to the left and just to the right of x (the same one off breakpoints)."""
        i = bisect_left(self.breakpoints, x)
        return self.pieces[i], self.pieces[i + (x in self.breakpoints[i : i + 1])]

    def plus(self, a: Number = 0, b: Number = 0, c: Number = 0) -> PiecewiseQuadratic:
        """The function y ↦ f(y) + a y² + b y + c."""
        pieces = tuple(Piece(p.a + a, p.b + b, p.c + c) for p in self.pieces)
        return PiecewiseQuadratic(self.breakpoints, pieces)

    def mirrored(self) -> PiecewiseQuadratic:
        """The function y ↦ f(−y)."""
        pieces = tuple(Piece(p.a, -p.b, p.c) for p in reversed(self.pieces))
        return PiecewiseQuadratic(tuple(-b for b in reversed(self.breakpoints)), pieces)

    def value(self, x: Number) -> Fraction:
        """f(x)."""
        x = rational(x, "x")
        return min(piece(x) for piece in self.around(x))

    __call__ = value

    def argmin(self, low: End = -inf, high: End = inf) -> tuple[End, list[Interval]]:
        """The minimum of f over [low, high] and the sorted closed intervals (touching ones are not
        merged) where it is attained; (−inf, []) if f is unbounded below there."""
        found = [
            piece.argmin(max(left, low), min(right, high))
            for left, right, piece in self.cells()
            if max(left, low) <= min(right, high)
        ]
        bottom = min(value for value, _ in found)
        return bottom, sorted({s for value, sets in found if value == bottom for s in sets})

    def minimum(self) -> Fraction:
        """f* = min f; `ValueError` if f is unbounded below (otherwise f* is attained)."""
        bottom, _ = self.argmin()
        if bottom == -inf:
            raise ValueError("the function is unbounded below and has no minimiser")
        return Fraction(bottom)

    def minimizer(self, near: Number = 0) -> Fraction:
        """The global minimiser closest to `near` (the smaller of two equally close ones)."""
        self.minimum()
        return _closest(self.argmin()[1], rational(near, "near"))

    def subdifferential(self, x: Number) -> Interval:
        """The ends of the Fréchet subdifferential of f at x, an interval that may be unbounded at a
        jump; for convex f it is the convex one. `ValueError` if it is empty (a concave kink)."""
        x = rational(x, "x")
        left, right = self.around(x)
        low = left.slope(x) if left(x) == self.value(x) else -inf
        high = right.slope(x) if right(x) == self.value(x) else inf
        if low > high:
            raise ValueError(f"the function has a concave kink, hence no subgradient, at {x}")
        return low, high

    def subgradient(self, x: Number) -> Fraction:
        """The subgradient of least modulus at x: the derivative wherever f is differentiable."""
        low, high = self.subdifferential(x)
        return Fraction(min(max(Fraction(0), low), high))

    def gradient(self, x: Number) -> Fraction:
        """The derivative f'(x); `ValueError` where f is not differentiable."""
        x = rational(x, "x")
        left, right = self.around(x)
        if (left(x), left.slope(x)) != (right(x), right.slope(x)):
            raise ValueError(f"the function is not differentiable at {x}; use subgradient")
        return left.slope(x)

    def prox(self, x: Number, gamma: Number) -> Fraction:
        """A global minimiser of f(z) + (z − x)²/(2γ), γ > 0: the one closest to x."""
        x, gamma = rational(x, "x"), rational(gamma, "gamma", positive=True)
        bottom, sets = self.plus(1 / (2 * gamma), -x / gamma, x * x / (2 * gamma)).argmin()
        if bottom == -inf:
            raise ValueError(f"the prox does not exist: gamma = {gamma} is too large for this f")
        return _closest(sets, x)

    def brox(self, x: Number, t: Number) -> tuple[Fraction, Fraction]:
        """The ball-proximal step: (u, g) with u ∈ argmin {f(z) : |z − x| ≤ t} closest to x and
        g = c (x − u), c ≥ 0, such that f(y) ≥ f(u) + g (y − u) for all y ∈ ℝ.

        g = 0 if u is a global minimiser; `NoSupportingSlope` if there is no such g.
        """
        x, t = rational(x, "x"), rational(t, "t", positive=True)
        bottom, sets = self.argmin(x - t, x + t)
        u = _closest(sets, x)
        if bottom == self.argmin()[0]:
            return u, Fraction(0)
        return u, self.supporting_slope(x, u)


def _closest(sets: list[Interval], x: Fraction) -> Fraction:
    """The point of a union of closed intervals closest to x; the smaller of two."""
    points = [Fraction(min(max(x, low), high)) for low, high in sets]
    return min(points, key=lambda y: (abs(y - x), y))


def _line(slope: Number, intercept: Number) -> Piece:
    return Piece(Fraction(0), Fraction(slope), Fraction(intercept))


def quadratic(a: Number = 1, center: Number = 0) -> PiecewiseQuadratic:
    """y ↦ (a/2)(y − center)²: a-smooth and, for a > 0, a-strongly convex."""
    a, center = rational(a, "a"), rational(center, "center")
    return PiecewiseQuadratic((), (Piece(a / 2, -a * center, a * center * center / 2),))


def absolute(M: Number = 1, center: Number = 0) -> PiecewiseQuadratic:
    """y ↦ M |y − center|: convex and M-Lipschitz."""
    M, center = rational(M, "M", at_least=0), rational(center, "center")
    return piecewise_linear([(center, Fraction(0))], -M, M)


def huber(L: Number = 1, delta: Number = 1, center: Number = 0) -> PiecewiseQuadratic:
    """y ↦ (L/2) s² for |s| ≤ δ, else L δ (|s| − δ/2), where s = y − center: convex, L-smooth and
    Lδ-Lipschitz."""
    L, delta = rational(L, "L", at_least=0), rational(delta, "delta", positive=True)
    center, middle = rational(center, "center"), quadratic(L, center).pieces[0]
    left, right = (_line(k, -k * center - L * delta**2 / 2) for k in (-L * delta, L * delta))
    return PiecewiseQuadratic((center - delta, center + delta), (left, middle, right))


def vee(M: Number = 1, a: Number = 1) -> PiecewiseQuadratic:
    """y ↦ M | |y| − a |, a ≥ 0: not convex if M, a > 0, and then ball-convex exactly if t ≥ a."""
    M, a = rational(M, "M", at_least=0), rational(a, "a", at_least=0)
    return piecewise_linear([(-a, 0), (0, M * a), (a, 0)], -M, M) if a else absolute(M)


def piecewise_linear(points: Sequence[tuple[Number, Number]], left: Number, right: Number) -> PiecewiseQuadratic:
    """The continuous interpolation of the (y, f(y)) in `points`, sorted by y, linear between them
    and with slopes `left` and `right` outside."""
    knots = [(rational(y, "y"), rational(v, "f(y)")) for y, v in points]
    if not knots or any(p[0] >= q[0] for p, q in pairwise(knots)):
        raise ValueError(f"points must be non-empty with increasing y, got {points}")
    inner = [(q[1] - p[1]) / (q[0] - p[0]) for p, q in pairwise(knots)]
    slopes = (rational(left, "left"), *inner, rational(right, "right"))
    anchors = zip(slopes, (knots[0], *knots), strict=True)
    return PiecewiseQuadratic(tuple(y for y, _ in knots), tuple(_line(k, v - k * y) for k, (y, v) in anchors))


def maximum_of_slopes(lines: Iterable[tuple[Number, Number]]) -> PiecewiseQuadratic:
    """y ↦ max_i (k_i y + c_i), (k_i, c_i) in `lines`: convex and (max |k_i|)-Lipschitz."""
    hull: list[tuple[Fraction, Fraction]] = []
    cuts: list[Fraction] = []  # cuts[i] is where hull[i + 1] overtakes hull[i]
    for k, c in sorted((rational(k, "slope"), rational(c, "intercept")) for k, c in lines):
        while hull:
            top, height = hull[-1]
            if k > top and (not cuts or (height - c) / (k - top) > cuts[-1]):
                cuts.append((height - c) / (k - top))
                break
            hull.pop()
            del cuts[-1:]
        hull.append((k, c))
    return PiecewiseQuadratic(tuple(cuts), tuple(_line(k, c) for k, c in hull))


def smooth(breakpoints: Sequence[Number], curvatures: Sequence[Number]) -> PiecewiseQuadratic:
    """The differentiable f with f(0) = f'(0) = 0 and f'' = curvatures[i] between breakpoints.

    It is (max |curvature|)-smooth and, if all curvatures are ≥ μ > 0, μ-strongly convex.
    """
    if len(curvatures) != len(breakpoints) + 1:
        raise ValueError(f"{len(breakpoints)} breakpoints need one curvature more")
    first, *others = (rational(h, "curvature") / 2 for h in curvatures)
    pieces = [Piece(first, Fraction(0), Fraction(0))]
    for cut, bend in zip(breakpoints, others, strict=True):
        a, b, c = pieces[-1]
        d = bend - a  # the next piece is the last one plus d (y − cut)²
        pieces.append(Piece(bend, b - 2 * d * cut, c + d * cut * cut))
    f = PiecewiseQuadratic(tuple(Fraction(b) for b in breakpoints), tuple(pieces))
    return f.plus(b=-f.gradient(0), c=-f.value(0))


def kinked(
    breakpoints: Sequence[Number], curvatures: Sequence[Number], jumps: Sequence[Number], slope: Number = 0
) -> PiecewiseQuadratic:
    """The continuous f with f(0) = 0, f'' = curvatures[i] between breakpoints and f' jumping by jumps[i] at them.

    Just to the right of 0 its derivative is `slope`.
    """
    if not len(curvatures) - 1 == len(breakpoints) == len(jumps):
        raise ValueError(f"{len(breakpoints)} breakpoints need as many jumps and one curvature more")
    first, *others = (rational(h, "curvature") / 2 for h in curvatures)
    pieces = [Piece(first, Fraction(0), Fraction(0))]
    for cut, bend, jump in zip(breakpoints, others, jumps, strict=True):
        a, b, c = pieces[-1]
        d = bend - a  # the next piece is the last one plus d (y − cut)² + jump (y − cut)
        pieces.append(Piece(bend, b - 2 * d * cut + jump, c + d * cut * cut - jump * cut))
    f = PiecewiseQuadratic(tuple(Fraction(b) for b in breakpoints), tuple(pieces))
    return f.plus(b=slope - f.around(Fraction(0))[1].slope(Fraction(0)), c=-f.value(0))


def ball_convexity_needs_continuity() -> PiecewiseQuadratic:
    """A lower semicontinuous, discontinuous, 1-ball-convex f that breaks the distance law of the
    ball-proximal method, which needs f continuous.

    From x_0 = 1/50 the step of radius t = 1 stops at x_1 = 0, inside the ball, and with the only
    minimiser −2: |x_0 + 2|² − |x_1 + 2|² = 0.0804 < t².
    """
    k = Fraction(200, 101)
    return PiecewiseQuadratic(
        (Fraction(-2), Fraction(-99, 100), Fraction(0)),
        (_line(-4, -13), _line(k, 2 * k - 5), _line(-1, 0), _line(4, 0)),
    )
