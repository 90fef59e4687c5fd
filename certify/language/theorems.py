"""A theorem names assumptions, a measure and a goal; it is a method's promise that Certify has to prove.

A theorem is declared inside a method by decorating a function of one step (or `steps` steps)::

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance(self, f, x, y):
        return Contraction(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer))
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from certify.language.assumptions import Assumption
from certify.language.goals import Goal
from certify.language.measures import Measure


@dataclass(frozen=True, slots=True)
class Theorem:
    """One declared theorem. `goal` is called with (method, f, x_0, …, x_steps) and, if `indexed`, k and m.

    Methods with memory get states in place of points, and methods on several functions all of them.

    `variant` is the method that it is about, if that is not the one it belongs to but one of its variants.
    """

    name: str
    assumptions: tuple[type[Assumption], ...]
    measure: Measure
    goal: Callable[..., Goal]
    statement: str
    steps: int = 1
    indexed: bool = False
    norms: tuple[str, ...] = ("euclidean",)
    source: str = ""
    asked: tuple[type[Assumption], ...] = ()
    asked_norms: tuple[str, ...] = ()
    variant: type[Any] | None = None
    coordinates: bool = False
    at: tuple[tuple[str, Fraction], ...] = ()
    roles: int = 1
    """How many functions its method works on; with several, `assumptions` has one for each."""


def theorem(
    *assumptions: type[Assumption],
    measure: Measure,
    steps: int = 1,
    indexed: bool = False,
    norms: tuple[str, ...] = ("euclidean",),
    source: str = "",
    asked: tuple[type[Assumption], ...] = (),
    asked_norms: tuple[str, ...] = (),
    coordinates: bool = False,
    at: Mapping[str, int | Fraction] | None = None,
) -> Callable[[Callable[..., Goal]], Theorem]:
    """Declare the decorated function as a theorem of its method under these assumptions.

    `indexed` theorems receive the clock k ≥ 0 before the step and the time m ≥ 0 left after it (N = k + 1 + m) as
    keyword arguments, so that all weights in k and N have plain signs; `norms` lists the
    geometries in which it is claimed; `source` cites where it is stated. Under the assumptions in `asked` the theorem
    is not claimed, but put to the engine all the same, so that users see whether it survives; so it is in norms such
    as ℓ∞ if `asked_norms` is ``("any",)``. With `coordinates` vectors are multiplied coordinate by coordinate. `at` are
    values of the method's parameters to which the theorem is confined.
    """
    numbers = tuple((symbol, Fraction(value)) for symbol, value in (at or {}).items())

    if measure.values is None and measure.at is None:
        raise TypeError(f"the measure {measure.name!r} has no value")

    def declare(goal: Callable[..., Any]) -> Theorem:
        statement = " ".join((goal.__doc__ or "").split())
        name = getattr(goal, "__name__", "theorem").replace("_", "-")
        return Theorem(
            name, assumptions, measure, goal, statement, steps, indexed, norms, source, asked, asked_norms,
            coordinates=coordinates, at=numbers,
        )  # fmt: skip

    return declare
