"""Does a piecewise quadratic function belong to a class, on the whole line and exactly?

Every predicate is a finite case analysis in ℚ over pieces and breakpoints, never a sample of
points: each class condition is the sign of quadratics on intervals. The functions here are the
methods of `PiecewiseQuadratic`; with them live the slopes that support f from below everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import inf, isqrt
from typing import Protocol

from certify.simulate.pieces import End, Interval, Number, Piece, rational


class Line(Protocol):
    """What the predicates need of a piecewise quadratic function of one real variable."""

    @property
    def breakpoints(self) -> tuple[Fraction, ...]:
        """Where the pieces meet."""
        ...

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """One more than breakpoints."""
        ...

    def value(self, x: Number) -> Fraction:
        """f(x)."""
        ...

    def cells(self) -> Iterator[tuple[End, End, Piece]]:
        """(left end, right end, piece)."""
        ...

    def around(self, x: Fraction) -> tuple[Piece, Piece]:
        """The pieces left and right of x."""
        ...

    def plus(self, a: Number = 0, b: Number = 0, c: Number = 0) -> Line:
        """f + a y² + b y + c."""
        ...

    def mirrored(self) -> Line:
        """y ↦ f(−y)."""
        ...

    def argmin(self, low: End = -inf, high: End = inf) -> tuple[End, list[Interval]]:
        """The minimum over an interval and where it is attained."""
        ...


class Undecided(ValueError):
    """The exact membership test does not cover this function."""


class NoSupportingSlope(ValueError):
    """No slope c (x − u), c ≥ 0, supports the function at u on the whole line."""


# --- classes decided piece by piece --------------------------------------------------------------


def is_continuous(f: Line) -> bool:
    """The one-sided limits agree at every breakpoint."""
    return all(p(b) == q(b) for b, (p, q) in _joints(f))


def is_convex(f: Line) -> bool:
    """f is continuous, its pieces are convex and its slope does not decrease at breakpoints."""
    bends = all(p.slope(b) <= q.slope(b) for b, (p, q) in _joints(f))
    return bends and is_continuous(f) and all(p.a >= 0 for p in f.pieces)


def is_strongly_convex(f: Line, mu: Number) -> bool:
    """f − (μ/2) y² is convex."""
    return is_convex(f.plus(a=-rational(mu, "mu", at_least=0) / 2))


def is_smooth(f: Line, L: Number) -> bool:
    """f is differentiable and |f'(x) − f'(y)| ≤ L |x − y|; f need not be convex."""
    L = rational(L, "L", at_least=0)
    return _is_differentiable(f) and all(abs(2 * p.a) <= L for p in f.pieces)


def is_lipschitz(f: Line, M: Number) -> bool:
    """|f(x) − f(y)| ≤ M |x − y|: f is continuous and every slope lies in [−M, M]."""
    M = rational(M, "M", at_least=0)
    ends_linear = f.pieces[0].a == f.pieces[-1].a == 0
    return (
        ends_linear
        and is_continuous(f)
        and abs(f.pieces[0].b) <= M
        and abs(f.pieces[-1].b) <= M
        and all(abs(p.slope(b)) <= M for b, sides in _joints(f) for p in sides)
    )


def is_pl(f: Line, mu: Number) -> bool:
    """Polyak–Łojasiewicz: f is differentiable, has a minimum f* and f'(x)² ≥ 2μ (f(x) − f*).

    On a piece the difference of both sides is a quadratic in x, whose minimum is compared with 0.
    """
    mu = rational(mu, "mu", at_least=0)
    bottom = f.argmin()[0]
    if bottom == -inf or not _is_differentiable(f):
        return False
    surplus = (
        p._replace(
            a=4 * p.a * p.a - 2 * mu * p.a,
            b=4 * p.a * p.b - 2 * mu * p.b,
            c=p.b * p.b - 2 * mu * (p.c - Fraction(bottom)),
        ).argmin(left, right)
        for left, right, p in f.cells()
    )
    return all(lowest >= 0 for lowest, _ in surplus)


def _joints(f: Line) -> Iterator[tuple[Fraction, tuple[Piece, Piece]]]:
    """The pairs (breakpoint, (piece to its left, piece to its right))."""
    return zip(f.breakpoints, pairwise(f.pieces), strict=True)


def _is_differentiable(f: Line) -> bool:
    return is_continuous(f) and all(p.slope(b) == q.slope(b) for b, (p, q) in _joints(f))


# --- slopes that support f from below ------------------------------------------------------------


def supports(f: Line, u: Number, g: Number) -> bool:
    """Whether f(y) ≥ f(u) + g (y − u) for all y ∈ ℝ."""
    u, g = rational(u, "u"), rational(g, "g")
    return f.plus(b=-g).argmin()[0] >= f.value(u) - g * u


def supporting_slope(f: Line, x: Number, u: Number) -> Fraction:
    """A slope g = c (x − u), c ≥ 0, with f(y) ≥ f(u) + g (y − u) for all y ∈ ℝ.

    The slopes that support f at u form an interval whose ends are p − 2√q and p' + 2√q' with
    rational p, q, p', q'. Irrational roots are rounded inwards, ever more finely; this stops as
    two such ends are never equal and irrational. The result is the slope of least modulus, up to
    that rounding. `NoSupportingSlope` if there is none.
    """
    x, u = rational(x, "x"), rational(u, "u")
    mirrored, bits = f.mirrored(), 32
    while True:
        high, high_outer = _right_chord_bound(f, u, bits)
        low, low_outer = (-end for end in _right_chord_bound(mirrored, -u, bits))
        if x >= u:
            low, low_outer = max(low, Fraction(0)), max(low_outer, Fraction(0))
        if x <= u:
            high, high_outer = min(high, Fraction(0)), min(high_outer, Fraction(0))
        if low <= high:
            return Fraction(low if x >= u else high)
        if low_outer > high_outer:
            raise NoSupportingSlope(f"no slope c (x - u), c >= 0, supports f at u = {u}, x = {x}")
        bits *= 2


def _right_chord_bound(f: Line, u: Fraction, bits: int) -> tuple[End, End]:
    """Bounds, below and above, on inf {(f(y) − f(u))/(y − u) : y > u}, tending to it with `bits`.

    On a piece the chord slope is a s + b + d/s with s = y − u, whose infimum is at an end of the
    piece or, for a, d > 0, possibly at s = √(d/a) with the value b + 2√(ad).
    """
    below: list[End] = []
    above: list[End] = []
    for left, right, piece in f.cells():
        if right <= u:
            continue
        a, b, d = piece.a, piece.slope(u), piece(u) - f.value(u)
        near = Fraction(max(left, u)) - u
        far = inf if right == inf else Fraction(right) - u
        ends: list[End] = [a * s + b + d / s for s in (near, far) if s not in (0, inf)]
        if (near == 0 and d == 0) or (far == inf and a == 0):
            ends.append(b)
        if far == inf and a < 0:
            ends.append(-inf)
        below += ends
        above += ends
        if a > 0 and d > 0 and near * near < d / a < far * far:
            floor, ceiling = _root(a * d, bits)
            below.append(b + 2 * floor)
            above.append(b + 2 * ceiling)
    return min(below), min(above)


def _root(q: Fraction, bits: int) -> tuple[Fraction, Fraction]:
    """Rationals r ≤ √q ≤ s with s − r ≤ 2^−bits, equal if √q is rational."""
    scaled, unit = (q.numerator * q.denominator) << (2 * bits), q.denominator << bits
    floor = isqrt(scaled)
    return Fraction(floor, unit), Fraction(floor + (floor * floor < scaled), unit)


# --- ball-convexity ------------------------------------------------------------------------------


def is_ball_convex(f: Line, t: Number) -> bool:
    """For every x ∈ ℝ and every u ∈ argmin {f(z) : |z − x| ≤ t} there is c ≥ 0 such that
    f(y) ≥ f(u) + c (x − u)(y − u) for all y ∈ ℝ.

    Decided for convex and for piecewise linear f; `Undecided` for any other.
    """
    return ball_convexity_witness(f, t) is None


def ball_convexity_witness(f: Line, t: Number) -> tuple[Fraction, Fraction] | None:
    """A pair (x, u), u ∈ argmin {f(z) : |z − x| ≤ t}, that admits no c as in `is_ball_convex`.

    Between neighbouring critical x the argmin consists of the same breakpoints, ends x ± t and flat
    pieces. A breakpoint admits c or not by the sign of x − u, an end by the slope of the one piece
    it lies on, a flat piece if it is minimal: so one x between critical ones speaks for all.
    """
    t = rational(t, "t", positive=True)
    if is_convex(f):
        return None
    if any(p.a for p in f.pieces):
        raise Undecided("ball-convexity is decided for convex or piecewise linear functions only")
    critical = sorted(_critical(f, t))
    between = [(x + y) / 2 for x, y in pairwise(critical)]
    lowest = f.argmin()[0]
    for x in (critical[0] - 1, *critical, *between, critical[-1] + 1):
        bottom, sets = f.argmin(x - t, x + t)
        if bottom == lowest:
            continue
        for low, high in sets:
            u = (Fraction(low) + Fraction(high)) / 2  # inside a flat piece: only slope 0
            try:
                supporting_slope(f, x, u)
            except NoSupportingSlope:
                return x, u
    return None


def _critical(f: Line, t: Fraction) -> set[Fraction]:
    """All x where the structure of argmin {f(z) : |z − x| ≤ t} can change, f piecewise linear.

    They are the b and b ± t for breakpoints b and, between these, the crossings of the candidate
    values f(x − t), f(x + t) and f(b), which are affine in x there.
    """
    grid = sorted({b + shift for b in f.breakpoints for shift in (-t, Fraction(0), t)})
    return set(grid).union(*(_crossings(f, t, *cell) for cell in pairwise(grid)))


def _crossings(f: Line, t: Fraction, start: Fraction, end: Fraction) -> Iterator[Fraction]:
    """The x in (start, end) where two candidate values, at least one of them moving, are equal."""
    middle = (start + end) / 2
    moving = [(f.around(y)[0].b, f.value(y)) for y in (middle - t, middle + t)]
    fixed = [(Fraction(0), f.value(b)) for b in f.breakpoints if abs(b - middle) <= t]
    for i, (slope, height) in enumerate(moving):
        for other_slope, other_height in moving[i + 1 :] + fixed:
            if slope != other_slope:
                x = middle + (other_height - height) / (slope - other_slope)
                if start < x < end:
                    yield x
