"""What makes a relaxed condition hold in fact: equations under which points certainly belong to a member.

Where the conditions on points are necessary only, an optimal Gram matrix need not come from a function or operator.
With further equations, in rational numbers of one's choice, it does: a search that ends at a known combination of its
directions, an operator that is a multiple of a rotation. Then it is a worst case that occurs, below the relaxation's
upper end and often equal to it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import isfinite
from typing import Protocol

from flint import fmpq

from certify.language import inner
from certify.pep.modelling.expressions import Expression, Point, Relation, equal

Numbers = tuple[fmpq, ...]
At = Callable[[Expression], float]
"""The value of an expression in a floating-point solution."""
SIMPLE = 1000
"""Denominators of numbers that are tried first."""
FINE = 2**44
"""The denominator of numbers that are taken as they are."""


class Narrowing(Protocol):
    """Equations in some numbers, and the assumptions (by name) whose conditions then hold by themselves."""

    @property
    def settled(self) -> tuple[str, ...]:
        """The names of these assumptions."""
        ...

    def guesses(self, at: At) -> Sequence[Numbers]:
        """Numbers to begin with, those that fit a solution first."""
        ...

    def more(self) -> Sequence[Numbers]:
        """Numbers all over their domain."""
        ...

    def allowed(self, numbers: Sequence[fmpq]) -> bool:
        """Whether with these numbers the equations are sufficient."""
        ...

    def equations(self, numbers: Sequence[fmpq]) -> Iterator[tuple[str, Relation]]:
        """The equations, with names."""
        ...


@dataclass(frozen=True)
class Reached:
    """A search that ends at u = x + Σ tₖ dₖ, with the numbers t.

    Of a convex f it is then known that u minimises over x + span(d), for its gradient is orthogonal to the span.
    """

    name: str
    end: Point
    start: Point
    directions: tuple[Point, ...]
    settled: tuple[str, ...] = ()

    def guesses(self, at: At) -> Sequence[Numbers]:
        """The best combination of the directions in a solution, in simple numbers and in fine ones."""
        import numpy as np

        gram = np.array([[at(inner(a, b)) for b in self.directions] for a in self.directions])
        right = np.array([at(inner(d, self.end - self.start)) for d in self.directions])
        if not (np.isfinite(gram).all() and np.isfinite(right).all()):
            return []
        found = [float(t) for t in np.linalg.lstsq(gram, right, rcond=1e-9)[0]]
        return [tuple(simple(t) for t in found), tuple(fine(t) for t in found)] if all(map(isfinite, found)) else []

    def more(self) -> Sequence[Numbers]:
        """None."""
        return ()

    def allowed(self, numbers: Sequence[fmpq]) -> bool:
        """Always, given one number for each direction."""
        return len(numbers) == len(self.directions)

    def equations(self, numbers: Sequence[fmpq]) -> Iterator[tuple[str, Relation]]:
        """u = x + Σ tₖ dₖ."""
        steps = (d * t for d, t in zip(self.directions, numbers, strict=True))
        yield f"{self.name}:reached", equal(self.end, sum(steps, self.start))


def simple(value: float) -> fmpq:
    """The nearest number with a small denominator."""
    near = Fraction(value).limit_denominator(SIMPLE)
    return fmpq(near.numerator, near.denominator)


def fine(value: float) -> fmpq:
    """The number to 44 binary digits behind the point."""
    return fmpq(round(Fraction(value) * FINE), FINE)
