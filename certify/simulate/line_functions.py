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


def _kinked(*numbers: Fraction) -> PiecewiseQuadratic:
    """m breakpoints, m + 1 curvatures, m jumps and the slope at 0."""
    cuts = (len(numbers) - 2) // 3
    return exact.kinked(numbers[:cuts], numbers[cuts : 2 * cuts + 1], numbers[2 * cuts + 1 : -1], numbers[-1])


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
    "kinked": _kinked,
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


def kinked(cuts: Numbers, bends: Numbers, jumps: Numbers, slope: Fraction) -> Recipe:
    """The function with these breakpoints, curvatures, jumps and slope at 0, without breakpoints at which nothing
    changes."""
    kept = [i for i in range(len(cuts)) if jumps[i] or bends[i] != bends[i + 1]]
    bends = (bends[0], *(bends[i + 1] for i in kept))
    cuts, jumps = tuple(cuts[i] for i in kept), tuple(jumps[i] for i in kept)
    if slope or any(jumps):
        return Recipe("kinked", (*cuts, *bends, *jumps, slope))
    return Recipe("smooth", (*cuts, *bends)) if cuts else Recipe("quadratic", bends)


def shorter(recipe: Recipe) -> Iterator[Recipe]:
    """The same function with one breakpoint left out."""
    if recipe.kind not in ("kinked", "smooth"):
        return
    numbers, whole = recipe.numbers, recipe.kind == "kinked"
    m = (len(numbers) - 2) // 3 if whole else len(numbers) // 2
    cuts, bends = numbers[:m], numbers[m : 2 * m + 1]
    jumps, slope = (numbers[2 * m + 1 : -1], numbers[-1]) if whole else ((ZERO,) * m, ZERO)
    for i in range(m):
        for gone in (i, i + 1):
            fewer = kinked(
                cuts[:i] + cuts[i + 1 :], bends[:gone] + bends[gone + 1 :], jumps[:i] + jumps[i + 1 :], slope
            )
            yield Recipe(fewer.kind, fewer.numbers, recipe.bend, recipe.shift, recipe.mirrored)


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

    kind = pick([k for k in KINDS if k != "kinked"])
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
