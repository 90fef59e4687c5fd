"""Scenes at random: simple numbers first, and constants as tight as the functions allow, often.

A draft is a scene before tied numbers are computed and functions are built; all of its numbers can be moved.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from certify.language import Parameter, Share
from certify.simulate import line_functions
from certify.simulate.claims import INDEX, Claim
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.line_functions import Recipe
from certify.simulate.noise import is_noise, of_functions
from certify.simulate.refute_numbers import SIMPLE, digits
from certify.simulate.scenes.judge import Own, Scene
from certify.simulate.scenes.line import Segment
from certify.simulate.scenes.plane import Matrix

SHARES = [Fraction(n, d) for n, d in ((1, 2), (1, 4), (3, 4), (1, 5), (1, 10), (9, 10), (99, 100), (1, 20), (1, 100))]
LEADS = (0, 0, 0, 1, 1, 2, 3)
SAMPLES = (1, 1, -1, 0, 0, Fraction(1, 2))
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Turn:
    """size · a rotation by the angle 2 arctan(slope)."""

    size: Fraction
    slope: Fraction

    numbers = property(lambda self: (self.size, self.slope))

    def build(self) -> Matrix:
        """The operator."""
        c, s = self.size * (1 - self.slope**2), 2 * self.size * self.slope
        whole = 1 + self.slope**2
        return Matrix(c / whole, -s / whole, s / whole, c / whole)


@dataclass(frozen=True)
class Diagonal:
    """The operator with these eigenvalues."""

    first: Fraction
    second: Fraction

    numbers = property(lambda self: (self.first, self.second))

    def build(self) -> Matrix:
        """The operator."""
        return Matrix(self.first, ZERO, ZERO, self.second)


@dataclass(frozen=True)
class Ends:
    """The indicator of a segment."""

    low: Fraction
    width: Fraction

    numbers = property(lambda self: (self.low, self.width))

    def build(self) -> Segment:
        """The function."""
        return Segment(self.low, self.low + self.width)


Maker = Recipe | Turn | Diagonal | Ends


@dataclass(frozen=True)
class Draft:
    """What a scene is made from."""

    makers: tuple[Maker, ...]
    free: Mapping[str, Fraction]
    starts: tuple[Fraction, ...]
    lead: int = 0
    samples: tuple[Fraction, ...] = ()

    def numbers(self) -> tuple[Fraction, ...]:
        """All numbers that may move."""
        made = [n for m in self.makers for n in _numbers(m)]
        return (*made, *(v for n, v in self.free.items() if n not in INDEX), *self.starts, *self.samples)

    def moved(self, numbers: tuple[Fraction, ...]) -> Draft:
        """The same with other numbers."""
        left = iter(numbers)
        makers = tuple(_made(m, [next(left) for _ in _numbers(m)]) for m in self.makers)
        free = {n: v if n in INDEX else next(left) for n, v in self.free.items()}
        starts = tuple(next(left) for _ in self.starts)
        return replace(self, makers=makers, free=free, starts=starts, samples=tuple(left))

    def scene(self, claim: Claim) -> Scene | None:
        """The scene; None if the numbers do not make one."""
        try:
            values = {**self.free, **claim.tied(self.free)}
            functions = tuple(_merged(m.build()) for m in self.makers)
        except (ValueError, ArithmeticError):
            return None
        order = [n for n in (*claim.constants, *claim.method.parameters(), *values) if n in values]
        return Scene(functions, {n: values[n] for n in order}, self.starts, self.lead, self.samples)


def _merged(f: Own) -> Own:
    """The same function without breakpoints at which nothing changes."""
    if not isinstance(f, PiecewiseQuadratic):
        return f
    kept = [i for i in range(len(f.breakpoints)) if f.pieces[i] != f.pieces[i + 1]]
    pieces = (f.pieces[0], *(f.pieces[i + 1] for i in kept))
    return PiecewiseQuadratic(tuple(f.breakpoints[i] for i in kept), pieces)


def _numbers(maker: Maker) -> tuple[Fraction, ...]:
    return (*maker.numbers, maker.bend, maker.shift) if isinstance(maker, Recipe) else maker.numbers


def _made(maker: Maker, numbers: list[Fraction]) -> Maker:
    if isinstance(maker, Recipe):
        *own, bend, shift = numbers
        return replace(maker, numbers=tuple(own), bend=bend, shift=shift)
    return type(maker)(*numbers)


def drawn(claim: Claim, generator: random.Random) -> Draft:
    """A random draft."""
    return _Drawing(claim, generator).draft()


class _Drawing:
    def __init__(self, claim: Claim, generator: random.Random) -> None:
        self.claim, self.generator, self.pick = claim, generator, generator.choice
        self.noise = [a for a in claim.assumptions if is_noise(a)]
        assumed = of_functions(claim.assumptions)
        self.operators = any(a.subject == "operator" for a in assumed)
        count = len(claim.method.functions)
        self.own = [assumed] if count == 1 else [(a,) for a in assumed]

    def draft(self) -> Draft:
        """Numbers, functions, constants that follow from them, and numbers that are made of others."""
        claim, pick = self.claim, self.pick
        free = {n: self._number(n) for n in claim.free}
        for name, value in claim.theorem.at:
            free[name] = Fraction(value)
        lead = 0 if claim.method.plain() else pick(LEADS)
        if claim.theorem.indexed:
            free |= {"k": Fraction(pick((0, 0, 1, 1, 2, 3, 5, 10)) if claim.method.plain() else lead)}
            free |= {"m": Fraction(pick((0, 0, 1, 2, 5)))}
        makers = tuple(self._maker(own, free, i) for i, own in enumerate(self.own))
        if self.operators:
            starts = [ONE, ZERO] if self._often(0.5) else [self._signed(), self._signed()]
            starts = tuple(starts * len(claim.method.starts))
        else:
            given = [n for m in makers for n in m.numbers] if len(makers) > 1 else [ZERO]
            starts = tuple(self._signed() if self._often(0.7) else self.pick(given) for _ in claim.method.starts)
        samples = tuple(Fraction(pick(SAMPLES)) for _ in range(lead + 1)) if self.noise else ()
        free = self._coincidence(self._tight(free, makers, starts))
        return Draft(makers, free, starts, lead, samples)

    def _often(self, part: float) -> bool:
        return self.generator.random() < part

    def _signed(self) -> Fraction:
        return self.pick(SIMPLE) * self.pick((1, 1, -1))

    def _number(self, name: str) -> Fraction:
        owners = (self.claim.method, *self.claim.assumptions)
        parameter = next((o.parameters()[name] for o in owners if name in o.parameters()), Parameter(name))
        if isinstance(parameter, Share):
            return self.pick(SHARES)
        if name in self.claim.constants and self._often(0.7):
            return Fraction(self.pick((1, 1, 1, 2, 4)), self.pick((1, 1, 2, 10)))
        if not parameter.strict and self._often(0.5):
            return ZERO
        return self.pick(SIMPLE[:8] if self._often(0.5) else SIMPLE)

    def _maker(self, own: Any, free: Mapping[str, Fraction], index: int) -> Maker:
        names, pick = {a.name for a in own}, self.pick
        if self.operators:
            size = ONE if "nonexpansive" in names and self._often(0.7) else pick(SIMPLE)
            if self._often(0.6):
                return Turn(size, self._signed() if self._often(0.7) else Fraction(pick((0, 1))))
            return Diagonal(size, pick((size, ZERO, pick(SIMPLE), -size))) if self._often(0.8) else Diagonal(ZERO, ZERO)
        if any(n.endswith("indicator") for n in names):
            return Ends(pick((ZERO, -pick(SIMPLE))), pick(SIMPLE))
        constants = {n: free[n] for n in ("L", "mu", "M") if n in free}
        if "L0" in free:
            constants["L"] = free["L0"] * pick((1, 1, 2, 4))
            constants.pop("mu", None)
        smooth = any(a.differentiable for a in own)
        for _ in range(20):
            recipe = line_functions.drawn(constants, self.generator)
            if not smooth or recipe.kind in ("quadratic", "Huber function", "smooth"):
                break
        else:
            recipe = Recipe("quadratic", (constants.get("L", ONE),))
        apart = index or any(n in ("convex-on-ball",) for n in names) or len(self.own) > 1
        return replace(recipe, shift=self._signed()) if apart and self._often(0.5) else recipe

    def _tight(
        self, free: Mapping[str, Fraction], makers: tuple[Maker, ...], starts: tuple[Fraction, ...]
    ) -> dict[str, Fraction]:
        """Some constants that are read off the functions and the start."""
        found = dict(free)
        known: dict[str, Fraction] = {}
        for maker in reversed(makers):
            try:
                f = maker.build()
                if isinstance(maker, Turn | Diagonal):
                    known |= _of_operator(maker)
                elif isinstance(f, Segment):
                    known["D"] = f.high - f.low
                elif isinstance(f, PiecewiseQuadratic):
                    known |= _of_function(f, starts[0], found)
            except (ValueError, ArithmeticError):
                continue
        for name in known.keys() & free.keys() - {n for n, _ in self.claim.theorem.at}:
            if known[name] > 0 and self._often(0.8 if self.operators else 0.6):
                found[name] = known[name]
        if "without-replacement" in (a.name for a in self.noise):
            found |= {"n": Fraction(2), "b": ONE}  # the two samples are f ± ⟨v, ·⟩
        if "rho" in found and self._often(0.8):
            found["rho"] = ONE
        return found

    def _coincidence(self, free: dict[str, Fraction]) -> dict[str, Fraction]:
        """Now and then a parameter of the method that is a product or a quotient of other numbers."""
        own = [n for n in self.claim.method.parameters() if n in free and n not in dict(self.claim.theorem.at)]
        declared = self.claim.method.parameters()
        for name in own:
            if isinstance(declared[name], Share) or not self._often(0.5):
                continue
            others = [v for n, v in free.items() if n != name and n not in INDEX and v > 0] or [ONE]
            free[name] = self.pick((1, 1, 1, 2, Fraction(1, 2))) * self.pick(
                (
                    1 / self.pick(others),
                    self.pick(others),
                    self.pick(others) / self.pick(others),
                    self.pick(others) * self.pick(others),
                )
            )
        return free


def _of_operator(maker: Turn | Diagonal) -> dict[str, Fraction]:
    """L, μ and β of an operator."""
    if isinstance(maker, Turn):
        cosine = (1 - maker.slope**2) / (1 + maker.slope**2)
        return {"L": maker.size, "mu": maker.size * cosine, "beta": cosine / maker.size}
    values = [abs(v) for v in maker.numbers]
    return {"L": max(values), "mu": min(maker.numbers), "beta": 1 / max(values)} if max(values) else {}


def _of_function(f: PiecewiseQuadratic, start: Fraction, free: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Constants that hold for a function along the first step."""
    bend, slope = max(2 * p.a for p in f.pieces), abs(f.subgradient(start))
    distance, gap = abs(start - f.minimizer(start)), f.value(start) - f.minimum()
    found = {"L": bend, "D": distance, "M": slope}
    if "L1" in free:
        found["L0"] = bend - free["L1"] * slope if bend > free["L1"] * slope else bend
    if gap:
        found["mu"] = slope**2 / (2 * gap)
    size = max(abs(start), abs(f.minimizer(start)))
    return found | ({"lambda": 1 / size} if size else {})


def simpler(draft: Draft) -> Iterator[Draft]:
    """Drafts that differ in one part, with a simpler one."""
    for i, maker in enumerate(draft.makers):
        if isinstance(maker, Recipe):
            options = [Recipe("quadratic", (n,)) for n in {*maker.numbers, maker.bend, ONE} if n > 0]
            options += [*line_functions.shorter(maker), replace(maker, mirrored=False)]
            for other in options:
                if other != maker:
                    yield replace(draft, makers=(*draft.makers[:i], other, *draft.makers[i + 1 :]))
    numbers = draft.numbers()
    for i, number in enumerate(numbers):
        for value in dict.fromkeys(
            (ZERO, *SIMPLE, *(number.limit_denominator(n) for n in (2, 5, 10, 50)), abs(number))
        ):
            if value != number and digits(value) < digits(number):
                yield draft.moved((*numbers[:i], value, *numbers[i + 1 :]))


def complexity(draft: Draft) -> int:
    """The digits of all numbers."""
    return sum(map(digits, draft.numbers())) + 3 * draft.lead
