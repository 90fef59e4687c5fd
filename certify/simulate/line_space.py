"""What moves in a search on the line: numbers without units, a thousand rows of them, and what they stand for.

A row is a function of `certify.simulate.line_batch`, a start, and all constants and parameters that a claim leaves
free. Its curvatures lie between the ends that its class allows, jumps are ≥ 0, sizes are given by their logarithms; so
whatever moves stays in the class, or is found outside. `rounded` makes a row of rational numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import torch
from torch import Tensor

from certify.language import Parameter, Share
from certify.simulate import line_functions
from certify.simulate.claims import INDEX, Claim
from certify.simulate.line_batch import SIDES, LineBatch
from certify.simulate.line_functions import Recipe
from certify.simulate.noise import is_noise, of_functions
from certify.simulate.rows import number, plain

ROWS = 1000
KNOTS = 2
"""On each side of 0."""
SPREAD = 2.0
"""Standard deviation of the logarithms of constants and parameters."""
MOVING = 0.7
"""The part of the numbers of a row that move in one round: at an edge of the range some can go on along it."""
SMOOTH = {"smooth", "smooth-convex", "smooth-strongly-convex", "pl"}
STRONG = {"strongly-convex", "smooth-strongly-convex"}
NONCONVEX = {"smooth", "pl"}

Numbers = dict[str, Tensor]


def column(value: Any, like: Tensor) -> Tensor:
    """A number, or one for each row, as a plain tensor (B, 1)."""
    return plain(torch.as_tensor(number(value), dtype=like.dtype)).expand_as(like)


class Space:
    """What moves for a claim, as tensors (B, ·) without units, and what they stand for."""

    def __init__(self, claim: Claim, generator: torch.Generator) -> None:
        self.claim, self.generator = claim, generator
        assumed = of_functions(claim.assumptions)
        self.names = {a.name for a in (*claim.assumptions, *assumed)}
        self.noise = [a for a in claim.assumptions if is_noise(a)]
        self.smooth = bool(self.names & SMOOTH)
        self.convex = not self.names <= NONCONVEX | {a.name for a in self.noise}
        self.straight = "lipschitz-convex" in self.names
        declared = {s: p for o in (claim.method, *claim.assumptions) for s, p in o.parameters().items()}
        self.shares = {n for n in claim.free if isinstance(declared.get(n, Parameter(n)), Share)}
        index = INDEX if claim.theorem.indexed else ()
        self.computed = [n for n in claim.free if self._follows(n)]
        self.scalars = [n for n in claim.free if n not in self.computed]
        self.memory = not claim.method.plain()
        self.index = [n for n in index if n not in self.scalars and not (self.memory and n == "k")]

    def _follows(self, name: str) -> bool:
        """Constants that are read off the function and the start: what they may be at least or at most."""
        second = name == "sigma" and "second-moment" in self.names
        return (
            second
            or (name == "D" and "bounded-domain" in self.names)
            or (name == "nu" and name in self.claim.constants)
        )

    # -- places ------------------------------------------------------------------------------

    def drawn(self) -> Numbers:
        """Random places."""
        cells = SIDES * (KNOTS + 1)
        found = {
            "start": self._normal(1),
            "sign": self._normal(1).sign(),
            "knots": self._normal(SIDES * KNOTS),
            "bends": self._edges(
                torch.where(self._uniform(1) < 0.5, self._uniform(cells), 1 - self._uniform(cells) / 2)
            ),
            "jumps": self._edges(self._uniform(cells) - 0.5).clamp_min(0),
        }
        for name in self.scalars:
            found[name] = self._uniform(1) if name in self.shares else SPREAD * self._normal(1)
        for name in self.index:
            found[name] = (10 ** (2 * self._uniform(1)) - 1).floor()
        return found

    def moved(self, place: Numbers, slopes: Mapping[str, Tensor | None], length: Tensor) -> Numbers:
        """Along the derivatives, all numbers of a row together at most `length` each; some stay."""
        given = {n: torch.zeros_like(place[n]) if g is None else g.nan_to_num(0.0, 0.0, 0.0) for n, g in slopes.items()}
        given = {n: g for n, g in given.items() if n not in (*self.index, "sign")}
        given = {n: g * (self._uniform(g.shape[1]) < MOVING) for n, g in given.items()}
        largest = torch.cat(list(given.values()), 1).abs().amax(1, keepdim=True).clamp_min(1e-300)
        tried = {
            n: place[n] + length[:, None] * g / largest if n in given else place[n]
            for n, g in ((n, given.get(n, v)) for n, v in place.items())
        }
        for name in ("bends", *self.shares & tried.keys()):
            tried[name] = tried[name].clamp(0, 1)
        tried["jumps"] = tried["jumps"].clamp_min(0)
        return tried

    # -- what a place stands for ---------------------------------------------------------------

    def meaning(self, place: Numbers) -> tuple[Numbers, LineBatch, Tensor, Tensor]:
        """All named numbers, the functions, the starts, and where the functions are in the class."""
        values = {
            n: place[n] if n in self.shares or n in self.index else place[n].exp() for n in (*self.scalars, *self.index)
        }
        values |= self._tied(values)
        start = place["sign"].sign() * place["start"].exp()
        knots, bends, jumps = self._shape(place, values, torch.stack)
        f = LineBatch(knots, bends, jumps, {})
        inside = f.bounded()
        if self.straight:  # all slopes in the same proportion, the largest M
            factor = (values["M"] / f.steepest().clamp_min(1e-300))[:, :, None]
            f = LineBatch(knots, factor * bends, factor * jumps, {})
        if "pl" in self.names:
            inside = inside & f.dominated(values["mu"])
        if "sigma" in self.computed:
            values["sigma"] = f.subgradient(start).abs()
        if "D" in self.computed:
            values["D"] = start.abs()
        values |= self._tied(values)
        if "nu" in self.computed and "t" in values:
            t = values["t"]
            values["nu"] = torch.minimum(f.value(t), f.value(-t))
            values |= self._tied(values)
        for truth in self.claim.domain(values):
            inside = inside & truth
        return values, f, start, inside

    def _tied(self, values: Mapping[str, Any]) -> Numbers:
        like = next(iter(values.values())) if values else torch.zeros(ROWS, 1, dtype=torch.float64)
        return {n: column(v, like) for n, v in self.claim.tied(values).items()}

    def _shape(self, place: Mapping[str, Any], values: Mapping[str, Any], stack: Any) -> tuple[Any, Any, Any]:
        """Knots, curvatures and jumps, (B, 2, ·)."""
        knots = place["knots"].exp().reshape(-1, SIDES, KNOTS).cumsum(-1)
        low, high = (v[:, :, None] for v in self._range(values, torch.ones_like(place["start"])))
        part = place["bends"].reshape(-1, SIDES, KNOTS + 1)
        bends = low + part * (high - low)
        jumps = place["jumps"].reshape(-1, SIDES, KNOTS + 1) * (0 if self.smooth else 1)
        if self.straight:
            bends = torch.cat([bends[..., :-1], 0 * bends[..., -1:]], -1)
        if "s" in values and "sharp-growth" in self.names:
            jumps = torch.cat([jumps[..., :1] + values["s"][:, :, None], jumps[..., 1:]], -1)
        return knots, bends, jumps

    def _range(self, values: Mapping[str, Any], one: Any) -> tuple[Any, Any]:
        """The least and the largest curvature of the class."""
        low = values["mu"] if self.names & STRONG else (0 * one if self.convex else -values["L"])
        return low, values["L"] if self.smooth else low + one

    # -- rational numbers ------------------------------------------------------------------------

    def numbers(self, place: Numbers) -> tuple[Numbers, Tensor]:
        """All named numbers and the starts."""
        values, _, start, _ = self.meaning(place)
        return {n: v.detach() for n, v in values.items()}, start.detach()

    def rounded(
        self, place: Numbers, numbers: tuple[Numbers, Tensor], row: int, most: int
    ) -> tuple[Recipe, dict[str, Fraction], Fraction] | None:
        """The row with denominators up to `most`; None if its numbers do not make a function."""

        def near(value: float) -> Fraction:
            return Fraction(value).limit_denominator(most)

        values, start = numbers
        free = {n: near(float(values[n][row])) for n in (*self.scalars, *self.index)}
        try:
            known = free | self.claim.tied(free)
            recipe = self._recipe({n: v[row : row + 1].detach() for n, v in place.items()}, known, near)
            f, x = recipe.build(), near(float(start[row]))
            if "sigma" in self.computed:
                free["sigma"] = abs(f.subgradient(x))
            if "D" in self.computed:
                free["D"] = abs(x)
            if "nu" in self.computed:
                t = (free | self.claim.tied(free))["t"]
                free["nu"] = min(f.value(t), f.value(-t)) - f.minimum()
        except (ValueError, ArithmeticError, KeyError):
            return None
        return recipe, free, x

    def _recipe(self, place: Numbers, known: Mapping[str, Fraction], near: Any) -> Recipe:
        """The exact function of one row."""
        one = Fraction(1)
        low, high = self._range(known, one)
        left, right = ([near(float(v)) for v in side] for side in place["knots"].exp().reshape(SIDES, KNOTS).cumsum(-1))
        parts = [[near(float(v)) for v in side] for side in place["bends"].reshape(SIDES, KNOTS + 1)]
        sides = [[low + p * (high - low) for p in side] for side in parts]
        jumps = [
            [near(float(v)) * (not self.smooth) for v in side] for side in place["jumps"].reshape(SIDES, KNOTS + 1)
        ]
        if self.straight:
            sides = [[*side[:-1], Fraction(0)] for side in sides]
        if "sharp-growth" in self.names and "s" in known:
            jumps = [[side[0] + known["s"], *side[1:]] for side in jumps]
        cuts = (*(-y for y in reversed(left)), Fraction(0), *right)
        bends = (*reversed(sides[0]), *sides[1])
        kinks = (*reversed(jumps[0][1:]), jumps[0][0] + jumps[1][0], *jumps[1][1:])
        recipe = line_functions.kinked(cuts, bends, kinks, jumps[1][0])
        if not self.straight:
            return recipe
        f = recipe.build()
        steep = max(
            abs(p.slope(b))
            for b, sides in zip(f.breakpoints, zip(f.pieces, f.pieces[1:], strict=False), strict=True)
            for p in sides
        )
        factor = known["M"] / steep
        return line_functions.kinked(
            cuts, tuple(factor * b for b in bends), tuple(factor * j for j in kinks), factor * jumps[1][0]
        )

    # -- random numbers ----------------------------------------------------------------------------

    def _uniform(self, columns: int) -> Tensor:
        return torch.rand(ROWS, columns, dtype=torch.float64, generator=self.generator)

    def _normal(self, columns: int) -> Tensor:
        return torch.randn(ROWS, columns, dtype=torch.float64, generator=self.generator)

    def _edges(self, part: Tensor) -> Tensor:
        """Half of the numbers at an end of their range."""
        return torch.where(self._uniform(part.shape[1]) < 0.5, part.round(), part)
