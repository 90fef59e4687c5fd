"""A theorem names assumptions, a measure and a goal; it is a method's promise that Certify has to prove.

A theorem is declared inside a method by decorating a function of one step (or `steps` steps):

    @theorem(SmoothStronglyConvex, measure=DISTANCE)
    def distance(self, f, x, y):
        return Contraction(before=norm2(x - f.minimizer), after=norm2(y - f.minimizer))
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from certify.language.assumptions import Assumption
from certify.language.functions import norm, norm2
from certify.language.goals import Goal


@dataclass(frozen=True, slots=True)
class Measure:
    """What a bound is on: a word, how it is printed at a point (``{x}``), and its value for a function and points.

    `values` yields the measure at each of the points that a step visits.
    """

    name: str
    text: str
    latex: str
    values: Callable[[Any, Sequence[Any]], Iterator[Any]]


DISTANCE = Measure(
    "distance", "‖{x} − x⋆‖²", r"\|{x} - x^\star\|^2", lambda f, points: (norm2(x - f.minimizer) for x in points)
)
GAP = Measure("gap", "f({x}) − f⋆", r"f({x}) - f^\star", lambda f, points: (f.value(x) - f.minimum for x in points))
GRADIENT = Measure(
    "gradient", "‖∇f({x})‖²", r"\|\nabla f({x})\|^2", lambda f, points: (norm2(f.gradient(x)) for x in points)
)
SUBGRADIENT = Measure(
    "subgradient", "‖g({x})‖", r"\|g({x})\|", lambda f, points: (norm(f.subgradient(x)) for x in points)
)
STEP = Measure(
    "step", "‖x_{{k+1}} − {x}‖²", r"\|x_{k+1} - {x}\|^2", lambda f, points: (norm2(x - y) for x, y in pairwise(points))
)


@dataclass(frozen=True, slots=True)
class Theorem:
    """One declared theorem. `goal` is called with (method, f, x_0, …, x_steps) and, if `indexed`, k and m."""

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


def theorem(
    *assumptions: type[Assumption],
    measure: Measure,
    steps: int = 1,
    indexed: bool = False,
    norms: tuple[str, ...] = ("euclidean",),
    source: str = "",
    asked: tuple[type[Assumption], ...] = (),
) -> Callable[[Callable[..., Goal]], Theorem]:
    """Declare the decorated function as a theorem of its method under these assumptions.

    `indexed` theorems receive the clock k ≥ 0 before the step and the time m ≥ 0 left after it (N = k + 1 + m) as
    keyword arguments, so that all weights in k and N have plain signs; `norms` lists the
    geometries in which it is claimed; `source` cites where it is stated. Under the assumptions in `asked` the theorem
    is not claimed, but put to the engine all the same, so that users see whether it survives.
    """

    def declare(goal: Callable[..., Any]) -> Theorem:
        statement = " ".join((goal.__doc__ or "").split())
        name = getattr(goal, "__name__", "theorem").replace("_", "-")
        return Theorem(name, assumptions, measure, goal, statement, steps, indexed, norms, source, asked)

    return declare
