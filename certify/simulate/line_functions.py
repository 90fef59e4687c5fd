"""Recipes for exact functions of the line: a few numbers each, to be drawn and shrunk.

Whether a recipe satisfies an assumption is not said here; `membership` decides that.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from certify.simulate import exact
from certify.simulate.exact import Piece, PiecewiseQuadratic

Numbers = tuple[Fraction, ...]
Constants = Mapping[str, Fraction]
ZERO, ONE = Fraction(0), Fraction(1)


def _slopes(*numbers: Fraction) -> PiecewiseQuadratic:
    return exact.maximum_of_slopes(list(zip(numbers[::2], numbers[1::2], strict=True)))


def _curvatures(*numbers: Fraction) -> PiecewiseQuadratic:
    cuts = len(numbers) // 2
    return exact.smooth(numbers[:cuts], numbers[cuts:])


def _polyline(left: Fraction, right: Fraction, *knots: Fraction) -> PiecewiseQuadratic:
    return exact.piecewise_linear(list(zip(knots[::2], knots[1::2], strict=True)), left, right)


def _discontinuous(width: Fraction) -> PiecewiseQuadratic:
    f = exact.ball_convexity_needs_continuity()
    pieces = tuple(Piece(p.a / width**2, p.b / width, p.c) for p in f.pieces)
    return PiecewiseQuadratic(tuple(width * b for b in f.breakpoints), pieces)


KINDS: Mapping[str, Callable[..., PiecewiseQuadratic]] = {
    "quadratic": exact.quadratic,
    "absolute value": exact.absolute,
    "Huber function": exact.huber,
    "vee": exact.vee,
    "discontinuous": _discontinuous,
    "maximum of lines": _slopes,
    "piecewise linear": _polyline,
    "smooth": _curvatures,
}


@dataclass(frozen=True)
class Recipe:
    """f(y) = g(±(y − shift)) + (bend/2) y², with g of a kind in `KINDS` made from `numbers`."""

    kind: str
    numbers: Numbers
    bend: Fraction = ZERO
    shift: Fraction = ZERO
    mirrored: bool = False

    def build(self) -> PiecewiseQuadratic:
        """The function; `ValueError` or `ArithmeticError` if the numbers do not make one."""
        f = KINDS[self.kind](*self.numbers)
        f = f.mirrored() if self.mirrored else f
        f = f.plus(a=self.bend / 2) if self.bend else f
        return shifted(f, self.shift) if self.shift else f


def shifted(f: PiecewiseQuadratic, shift: Fraction) -> PiecewiseQuadratic:
    """y ↦ f(y − shift)."""
    pieces = tuple(Piece(p.a, p.b - 2 * p.a * shift, p(-shift)) for p in f.pieces)
    return PiecewiseQuadratic(tuple(b + shift for b in f.breakpoints), pieces)


def simple(constants: Constants) -> Iterator[Recipe]:
    """The textbook functions with these constants, simplest first."""
    L, M = constants.get("L", ONE), constants.get("M", ONE)
    mu = constants.get("mu")
    yield Recipe("quadratic", (L,))
    if mu is not None:
        yield Recipe("quadratic", (mu,))
        yield Recipe("absolute value", (ONE,), bend=mu)
        yield Recipe("smooth", (ONE, mu, L))
    yield Recipe("absolute value", (M,))
    yield Recipe("Huber function", (L, ONE))
    yield Recipe("vee", (M, ONE))
    yield Recipe("discontinuous", (ONE,))
    yield Recipe("smooth", (-ONE, ONE, ZERO, L, ZERO))
    yield Recipe("smooth", (-ONE, ONE, L, -L, L))


def drawn(constants: Constants, generator: random.Random) -> Recipe:
    """A random recipe with the constants, their negatives or numbers between as its data."""
    pick = generator.choice
    if generator.random() < 0.4:
        recipe = pick(list(simple(constants)))
    else:
        recipe = Recipe(*_random_numbers(constants, generator))
    bend = constants.get("mu", ZERO) if generator.random() < 0.2 else recipe.bend
    shift = Fraction(pick((1, -1, 3))) if generator.random() < 0.1 else ZERO
    return Recipe(recipe.kind, recipe.numbers, bend, shift, generator.random() < 0.3)


def _random_numbers(constants: Constants, generator: random.Random) -> tuple[str, Numbers]:
    L, M = constants.get("L", ONE), constants.get("M", ONE)
    mu = constants.get("mu", ZERO)
    bends = (L, L, mu, mu, (L + mu) / 2, ZERO, -L, -mu, -L / 2)
    slopes = (M, -M, M / 2, -M / 2, ZERO, M / 10, -M / 10)
    pick, widths = generator.choice, (1, 2, 3, Fraction(1, 2), Fraction(1, 3), Fraction(1, 10))

    def places(count: int) -> list[Fraction]:
        return sorted(pick((1, -1)) * Fraction(pick(widths)) for _ in range(count))

    kind = pick(list(KINDS))
    match kind:
        case "quadratic":
            return kind, (pick(bends),)
        case "absolute value":
            return kind, (abs(pick(slopes)),)
        case "Huber function":
            return kind, (L, Fraction(pick(widths)))
        case "vee":
            return kind, (M, Fraction(pick(widths)))
        case "discontinuous":
            return kind, (Fraction(pick((1, 2))),)
        case "maximum of lines":
            lines = [(pick(slopes), Fraction(pick((0, 0, -1, 1)))) for _ in range(pick((2, 3)))]
            return kind, tuple(x for line in lines for x in line)
        case "piecewise linear":
            knots = [x for y in places(pick((2, 3))) for x in (y, Fraction(pick((0, 1, 2))))]
            return kind, (-M, M, *knots)
        case _:
            cuts = places(pick((1, 2, 2, 3)))
            return kind, (*cuts, *(pick(bends) for _ in range(len(cuts) + 1)))
