"""Exact convex quadratics of the plane with the ball-prox of ℓ∞ or ℓ1, in rational arithmetic.

The ball of either norm is a box in suitable coordinates, so that the ball-prox is a quadratic program with nine
active sets: all are tried, and the one whose multipliers have the right signs is the solution.

Spectral and nuclear norms, max entries and the like reduce to the plane: on matrices, let f be the quadratic of two
diagonal entries plus the sum of squares of all others. Dropping the other entries increases neither f nor the norm,
so the ball-prox of a diagonal matrix is diagonal, and on diagonal matrices the norm is ℓ∞ or ℓ1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from certify.geometry import Lp, Mixed, Norm, Schatten
from certify.language.enclosures import exactly

BOX, DIAMOND = "linf", "l1"


def planar(norm: Norm) -> str | None:
    """What the norm is on two diagonal (or the only two) entries: ``linf``, ``l1`` or, for any other, None."""
    reciprocal: Fraction | None = None
    if isinstance(norm, Lp | Schatten):
        reciprocal = norm.reciprocal
    elif isinstance(norm, Mixed):
        reciprocal = norm.outer
    return {Fraction(0): BOX, Fraction(1): DIAMOND}.get(reciprocal) if reciprocal is not None else None


@dataclass(frozen=True)
class Plane:
    """ℚ² with the norm `ball`; the geometry of its vectors."""

    ball: str

    def vector(self, x: Fraction | int, y: Fraction | int, *, dual: bool = False) -> PlaneVector:
        """A point, or a gradient."""
        return PlaneVector(self, exactly(x), exactly(y), dual)

    def inner(self, u: PlaneVector, v: PlaneVector) -> Fraction:
        """The pairing of a gradient with a point."""
        if u.dual == v.dual:
            raise TypeError("an inner product of two points (or two gradients) needs a Euclidean space")
        return u.x * v.x + u.y * v.y

    def norm(self, v: PlaneVector) -> Fraction:
        """‖v‖, or the dual norm of a gradient."""
        largest = (self.ball == BOX) != v.dual
        return max(abs(v.x), abs(v.y)) if largest else abs(v.x) + abs(v.y)

    def squared_norm(self, v: PlaneVector) -> Fraction:
        """‖v‖²."""
        return self.norm(v) ** 2


@dataclass(frozen=True, eq=False)
class PlaneVector:
    """(x, y), a point or (`dual`) a gradient."""

    geometry: Plane
    x: Fraction
    y: Fraction
    dual: bool = False

    def __add__(self, other: PlaneVector) -> PlaneVector:
        if not isinstance(other, PlaneVector):
            return NotImplemented
        if self.dual != other.dual:
            raise TypeError("a gradient was added to a point")
        return PlaneVector(self.geometry, self.x + other.x, self.y + other.y, self.dual)

    def __sub__(self, other: PlaneVector) -> PlaneVector:
        return self + (-other)

    def __neg__(self) -> PlaneVector:
        return self * -1

    def __mul__(self, factor: Fraction | int) -> PlaneVector:
        if isinstance(factor, float):
            raise TypeError(f"{factor!r} is not an exact number")
        return PlaneVector(self.geometry, self.x * factor, self.y * factor, self.dual)

    __rmul__ = __mul__

    def __truediv__(self, divisor: Fraction | int) -> PlaneVector:
        return self * (1 / exactly(divisor))

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PlaneVector):
            return (self.x, self.y, self.dual) == (other.x, other.y, other.dual)
        return other == 0 and not (self.x or self.y)

    def __hash__(self) -> int:
        return hash((self.x, self.y, self.dual))


@dataclass(frozen=True)
class PlaneQuadratic:
    """f(z) = ½ zᵀAz with A = [[a, b], [b, c]] positive definite: x⋆ = 0 and f⋆ = 0."""

    space: Plane
    a: Fraction
    b: Fraction
    c: Fraction

    def __post_init__(self) -> None:
        if not (self.a > 0 and self.a * self.c > self.b**2):
            raise ValueError(f"[[{self.a}, {self.b}], [{self.b}, {self.c}]] is not positive definite")

    def minimum(self) -> Fraction:
        """f⋆ = 0."""
        return Fraction(0)

    def minimizer(self) -> PlaneVector:
        """x⋆ = 0."""
        return self.space.vector(0, 0)

    def value(self, z: PlaneVector) -> Fraction:
        """½ zᵀAz."""
        return (self.a * z.x**2 + 2 * self.b * z.x * z.y + self.c * z.y**2) / 2

    def gradient(self, z: PlaneVector) -> PlaneVector:
        """Az."""
        return self.space.vector(self.a * z.x + self.b * z.y, self.b * z.x + self.c * z.y, dual=True)

    subgradient = gradient

    def prox(self, z: PlaneVector, step: Any) -> PlaneVector:
        """Not here: the proximal point needs an inner product."""
        raise TypeError("the prox needs a Euclidean space")

    def brox(self, z: PlaneVector, t: Fraction) -> tuple[PlaneVector, PlaneVector]:
        """The minimiser u over the ball of radius t around z, and the gradient there."""
        if t <= 0:
            raise ValueError(f"the radius is {t}; it must be positive")
        u = self._nearest(z, t)
        g = self.gradient(u)
        if self.space.norm(u - z) > t or (g != 0 and self.space.inner(g, z - u) != t * self.space.norm(g)):
            raise ArithmeticError("the ball-prox does not satisfy its optimality condition")
        return u, g

    def is_strongly_convex(self, mu: Fraction) -> bool:
        """zᵀAz ≥ μ‖z‖² for all z: on two edges of the unit ball, the least value decides."""
        box = [((1, -1), (1, 1)), ((-1, 1), (1, 1))]
        diamond = [((1, 0), (0, 1)), ((1, 0), (0, -1))]
        return all(2 * self._least(*ends) >= mu for ends in (box if self.space.ball == BOX else diamond))

    def _least(self, start: tuple[int, int], end: tuple[int, int]) -> Fraction:
        """The least value of f on a segment."""
        z, d = self.space.vector(*start), self.space.vector(*end) - self.space.vector(*start)
        s = -self.space.inner(self.gradient(z), d) / (2 * self.value(d))
        return self.value(z + d * min(max(s, Fraction(0)), Fraction(1)))

    def _nearest(self, z: PlaneVector, t: Fraction) -> PlaneVector:
        if self.space.ball == BOX:
            return self.space.vector(*_box_minimum((self.a, self.b, self.c), (z.x, z.y), t))
        # in p = x + y and q = x − y the ℓ1 ball is a box: x = (p + q)/2, y = (p − q)/2
        a, b, c = self.a, self.b, self.c
        turned = ((a + 2 * b + c) / 4, (a - c) / 4, (a - 2 * b + c) / 4)
        p, q = _box_minimum(turned, (z.x + z.y, z.x - z.y), t)
        return self.space.vector((p + q) / 2, (p - q) / 2)


Pair = tuple[Fraction, Fraction]


def _box_minimum(matrix: tuple[Fraction, Fraction, Fraction], centre: Pair, t: Fraction) -> Pair:
    """The minimiser of ½ zᵀAz over |zᵢ − centreᵢ| ≤ t: the point that satisfies the KKT conditions."""
    for sides, z in _candidates(matrix, centre, t):
        a, b, c = matrix
        slope = (a * z[0] + b * z[1], b * z[0] + c * z[1])
        inside = all(abs(v - m) <= t for v, m in zip(z, centre, strict=True))
        if inside and all(s * side <= 0 for s, side in zip(slope, sides, strict=True)):
            return z
    raise ArithmeticError("no active set satisfies the optimality conditions")


def _candidates(
    matrix: tuple[Fraction, Fraction, Fraction], centre: Pair, t: Fraction
) -> Iterator[tuple[tuple[int, int], Pair]]:
    """For each coordinate free (0), at its lower (−1) or its upper (1) bound: the stationary point."""
    a, b, c = matrix
    for sides in product((0, -1, 1), (0, -1, 1)):
        x, y = (m + side * t for m, side in zip(centre, sides, strict=True))
        if sides == (0, 0):
            x, y = Fraction(0), Fraction(0)
        elif not sides[0]:
            x = -b * y / a
        elif not sides[1]:
            y = -b * x / c
        yield sides, (x, y)
