"""Long runs with noise on quadratics of the line: iterates are affine in independent signs, so their moments are exact.

A run with two outcomes a step has 2^N branches; here it is one run on `Affine` numbers, however long it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.claims.claim import Claim
from certify.simulate.exact import PiecewiseQuadratic

Plain = int | Fraction


@dataclass(frozen=True)
class Affine:
    """mean + Σ cᵢξᵢ with independent signs ξᵢ = ±1 of mean 0."""

    mean: Fraction
    noise: tuple[Fraction, ...] = ()

    def __add__(self, other: Affine | Plain) -> Affine:
        if not isinstance(other, Affine):
            return Affine(self.mean + other, self.noise)
        length = max(len(self.noise), len(other.noise))
        mine, theirs = (c + (Fraction(0),) * (length - len(c)) for c in (self.noise, other.noise))
        return Affine(self.mean + other.mean, tuple(a + b for a, b in zip(mine, theirs, strict=True)))

    __radd__ = __add__

    def __neg__(self) -> Affine:
        return self * -1

    def __sub__(self, other: Affine | Plain) -> Affine:
        return self + (-other)

    def __rsub__(self, other: Plain) -> Affine:
        return -self + other

    def __mul__(self, other: Plain) -> Affine:
        return Affine(self.mean * other, tuple(c * other for c in self.noise))

    __rmul__ = __mul__

    def __truediv__(self, other: Plain) -> Affine:
        return self * (1 / Fraction(other))

    @property
    def square(self) -> Fraction:
        """The mean of the square."""
        return self.mean**2 + sum((c * c for c in self.noise), Fraction(0))


class Oracle:
    """½a x² + b x + c with gradients that are off by ±`size`, anew each time."""

    def __init__(self, function: PiecewiseQuadratic, constants: Mapping[str, Fraction], size: Fraction) -> None:
        if len(function.pieces) != 1 or function.pieces[0].a <= 0:
            raise ValueError("not one strictly convex quadratic")
        (piece,) = function.pieces
        self.curvature, self.slope = Fraction(2 * piece.a), Fraction(piece.b)
        self.constants, self.size, self.draws = constants, size, 0

    def __getattr__(self, name: str) -> Any:
        if name in self.constants:
            return self.constants[name]
        raise AttributeError(f"no constant {name!r}")

    def _draw(self) -> Affine:
        self.draws += 1
        return Affine(Fraction(0), (Fraction(0),) * (self.draws - 1) + (self.size,))

    def stochastic_gradient(self, x: Affine) -> Affine:
        """f'(x) plus noise."""
        return x * self.curvature + self.slope + self._draw()

    def stochastic_prox(self, x: Affine, step: Fraction) -> Affine:
        """prox of step · (f + noise · x)."""
        return (x - (self._draw() + self.slope) * step) / (1 + step * self.curvature)


def long_run(
    claim: Claim, method: Any, oracle: Oracle, start: Fraction, star: Fraction, steps: int
) -> tuple[Fraction, list[Fraction]]:
    """The exact mean of the measure at the last iterate, or of its mean, and the means of the iterates.

    **Raises:** ValueError or TypeError where the measure or the step is not one of affine numbers.
    """
    state = method.start(Affine(start), oracle)
    points = [method.output(state)]
    for k in range(steps):
        state = method.advance(k, state, oracle)
        points.append(method.output(state))
    measured = claim.measured
    if measured.what != "gap" and measured.power != 2:
        raise ValueError("the mean of a norm")
    factor = {"gap": oracle.curvature / 2, "distance": Fraction(1), "gradient": oracle.curvature**2}[measured.what]
    chosen = [points[-1]] if measured.iterate == "last" else points[measured.first : len(points) - measured.before]
    means = [p.mean for p in points]
    if measured.iterate == "average":
        total = sum(chosen, Affine(Fraction(0))) / len(chosen)
        return factor * (total - star).square, means
    values = [factor * (p - star).square for p in chosen]
    if measured.iterate == "best":
        return min(values), means
    if measured.iterate == "weighted":
        raise ValueError("a weighted average")
    return sum(values, Fraction(0)) / len(values), means
