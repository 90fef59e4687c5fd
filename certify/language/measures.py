"""What bounds are on: quantities along a run, such as the gap at the last iterate or the distance at the first.

A `Measure` names a quantity, says how it is printed at a point and how it is computed, in one step (for theorems) and
along a `Run` of N steps (for rates and worst cases). Measures are ordinary values: combine them with `best`, `mean` and
`at_average`, or make your own with `measure`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import Any

from certify.language.functions import inner, norm, norm2


@dataclass(frozen=True)
class Run:
    """N steps of a method: the states s_0, …, s_N and what they were made with.

    `functions` are the functions or operators of the method's roles in order; `solution` is x⋆, or one point for each
    starting point.
    """

    method: Any  # a Method, not named as such because methods declare measures
    functions: tuple[Any, ...]
    states: tuple[Any, ...]
    solution: Any

    @cached_property
    def points(self) -> tuple[Any, ...]:
        """The iterates x_0, …, x_N that measures look at."""
        return tuple(self.method.output(state) for state in self.states)

    @property
    def steps(self) -> int:
        """N."""
        return len(self.states) - 1

    def role(self, name: str) -> Any:
        """The function or operator that plays this role."""
        return self.functions[self.method.functions.index(name)]

    def value(self, x: Any) -> Any:
        """F(x), the sum of all functions at x."""
        return _sum([f.value(x) for f in self.functions])

    def gap(self, x: Any) -> Any:
        """F(x) − F(x⋆)."""
        return self.value(x) - self.value(self.solution)


@dataclass(frozen=True, slots=True)
class Running:
    """``"least"`` or ``"mean"`` of a measure, or its value at the ``"average"``, over iterates first, …, k − before."""

    how: str
    of: Measure
    before: int
    first: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What a bound is on: a word, how it is printed at a point (``{x}``), and its value.

    `values` yields the measure at each of the points that one step of a theorem visits. `at` gives the value at iterate
    k of a `Run`: one expression, or several of which the smallest is meant. `said` is how that is printed, if not as
    `text`: ``{x}`` is iterate k and ``{y}`` the one before. A measure may lack `values` or `at`. `running` says how a
    long run may compute it without keeping its iterates.
    """

    name: str
    text: str
    latex: str
    values: Callable[[Any, Sequence[Any]], Iterator[Any]] | None = None
    at: Callable[[Run, int], Any] | None = None
    said: str = ""
    running: Running | None = None

    def along(self, f: Any, points: Sequence[Any]) -> Iterator[Any]:
        """The measure at each of the points that one step visits."""
        if self.values is None:
            raise ValueError(f"the measure {self.name!r} is for whole runs only")
        return self.values(f, points)

    def describe(self, x: str, y: str = "") -> str:
        """How the measure is printed at iterate x of a run, with y the iterate before it."""
        return (self.said or self.text).replace("{x}", x).replace("{y}", y)

    def of(self, run: Run, k: int) -> tuple[Any, ...]:
        """The value at iterate k of a run: one expression, or several of which the smallest is meant."""
        if self.at is None:
            raise ValueError(f"the measure {self.name!r} is for theorems about single steps only")
        found = self.at(run, k)
        return tuple(found) if isinstance(found, tuple | list) else (found,)


def measure(name: str, text: str, at: Callable[[Run, int], Any], *, latex: str = "") -> Measure:
    """A measure of your own for rates and worst cases::

        measure("energy", "f({x}) − f⋆ + (μ/2)‖{x} − x⋆‖²", lambda run, k: …)

    `at(run, k)` is its value at iterate k: as an initial condition it is asked for k = 0, as a measure for k = N.
    """
    return Measure(name, text, latex or text, None, at)


def best(of: Measure, *, before: int = 0, first: int = 0) -> Measure:
    """The smallest value among the iterates `first`, …, k − `before`."""
    last = "{x}" if not before else "{y}"

    def at(run: Run, k: int) -> tuple[Any, ...]:
        return tuple(value for i in range(first, k - before + 1) for value in of.of(run, i))

    said = f"min over k = {first}, …, N{f' − {before}' if before else ''} of {of.describe('x_k', 'x_{k−1}')}"
    name, text = f"best-{of.name}" + "-before" * bool(before), f"min {of.text}".replace("{x}", last)
    return Measure(name, text, "", None, at, said, Running("least", of, before, first))


def mean(of: Measure, *, before: int = 0, first: int = 0) -> Measure:
    """The average value of the iterates `first`, …, k − `before`."""

    def at(run: Run, k: int) -> Any:
        values = [_single(of, run, i) for i in range(first, k - before + 1)]
        return _sum(values) / len(values)

    said = f"mean over k = {first}, …, N{f' − {before}' if before else ''} of {of.describe('x_k', 'x_{k−1}')}"
    name, running = f"mean-{of.name}" + "-before" * bool(before), Running("mean", of, before, first)
    return Measure(name, f"mean of {of.text}", "", None, at, said, running)


def at_average(of: Measure, *, before: int = 0, first: int = 0) -> Measure:
    """The measure at the average of the iterates `first`, …, k − `before`."""

    def at(run: Run, k: int) -> Any:
        points = run.points[first : k - before + 1]
        average = _sum(list(points)) / len(points)
        return of.of(replace_points(run, average), 0)

    said = of.describe("x̄_N", "x̄_N") + f", x̄_N the mean of x_k, k = {first}, …, N{f' − {before}' if before else ''}"
    name, running = f"average-{of.name}" + "-before" * bool(before), Running("average", of, before, first)
    return Measure(name, of.text, "", None, at, said, running)


def bregman(role: str = "h") -> Measure:
    """D_h(x⋆, x_k) = h(x⋆) − h(x_k) − ⟨∇h(x_k), x⋆ − x_k⟩ for the function of this role."""

    def at(run: Run, k: int) -> Any:
        h, x = run.role(role), run.points[k]
        return h.value(run.solution) - h.value(x) - inner(h.gradient(x), run.solution - x)

    text = f"D_{role}(x⋆, {{x}})"
    return Measure("bregman", text, rf"D_{role}(x^\star, {{x}})", None, at)


@dataclass(frozen=True)
class _At:
    """A method that stands still at one point, to evaluate a measure there."""

    functions: tuple[str, ...]

    def output(self, state: Any) -> Any:
        return state


def replace_points(run: Run, *points: Any) -> Run:
    """The same functions and solution with other iterates."""
    still: Any = _At(run.method.functions)
    return replace(run, method=still, states=points)


def _distance(run: Run, k: int) -> Any:
    x, s = run.points[k], run.solution
    if isinstance(s, tuple):
        return _sum([norm2(a - b) for a, b in zip(x, s, strict=True)])
    return norm2(x - s)


def _step(run: Run, k: int) -> Any:
    if not k:
        raise ValueError("the measure 'step' compares an iterate with the one before, and x₀ has none")
    return norm2(run.points[k] - run.points[k - 1])


def _residual(run: Run, k: int) -> Any:
    if len(run.functions) > 1:
        raise ValueError("the measure 'residual' is for methods on one operator T")
    (operator,) = run.functions
    return norm2(run.points[k] - operator(run.points[k]))


def _single(of: Measure, run: Run, k: int) -> Any:
    value, *more = of.of(run, k)
    if more:
        raise ValueError(f"the measure {of.name!r} is a minimum and has no mean")
    return value


def _sum(terms: Sequence[Any]) -> Any:
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return total


DISTANCE = Measure(
    "distance",
    "‖{x} − x⋆‖²",
    r"\|{x} - x^\star\|^2",
    lambda f, points: (norm2(x - f.minimizer) for x in points),
    _distance,
)
GAP = Measure(
    "gap",
    "f({x}) − f⋆",
    r"f({x}) - f^\star",
    lambda f, points: (f.value(x) - f.minimum for x in points),
    lambda run, k: run.gap(run.points[k]),
)
REGRET = Measure(
    "regret",
    "f_k({x}) − f_k(x⋆)",
    r"f_k({x}) - f_k(x^\star)",
    lambda f, points: (f.value(x) - f.loss_of_comparator for x in points),
)
"""Of functions that change from step to step; x⋆ is any point that is compared with."""
GRADIENT = Measure(
    "gradient",
    "‖∇f({x})‖²",
    r"\|\nabla f({x})\|^2",
    lambda f, points: (norm2(f.gradient(x)) for x in points),
    lambda run, k: norm2(_sum([f.gradient(run.points[k]) for f in run.functions])),
)
SUBGRADIENT = Measure(
    "subgradient", "‖g({x})‖", r"\|g({x})\|", lambda f, points: (norm(f.subgradient(x)) for x in points)
)
SUBGRADIENT2 = Measure(
    "subgradient-squared",
    "‖g({x})‖²",
    r"\|g({x})\|^2",
    lambda f, points: (norm2(f.subgradient(x)) for x in points),
    lambda run, k: norm2(_sum([f.subgradient(run.points[k]) for f in run.functions])),
)
STEP = Measure(
    "step",
    "‖x_{k+1} − {x}‖²",
    r"\|x_{k+1} - {x}\|^2",
    lambda f, points: (norm2(x - y) for x, y in pairwise(points)),
    _step,
    "‖{x} − {y}‖²",
)
OPERATOR = Measure(
    "operator",
    "‖A({x})‖²",
    r"\|A({x})\|^2",
    lambda f, points: (norm2(f(x)) for x in points),
    lambda run, k: norm2(_sum([operator(run.points[k]) for operator in run.functions])),
)
RESIDUAL = Measure(
    "residual",
    "‖{x} − T({x})‖²",
    r"\|{x} - T({x})\|^2",
    lambda f, points: (norm2(x - f(x)) for x in points),
    _residual,
)
BEST_GAP, BEST_GRADIENT, BEST_STEP = best(GAP), best(GRADIENT), best(STEP, first=1)
AVERAGE_GAP = at_average(GAP)

MEASURES = {
    m.name: m
    for m in (
        DISTANCE, GAP, GRADIENT, SUBGRADIENT2, STEP, OPERATOR, RESIDUAL,
        BEST_GAP, BEST_GRADIENT, best(OPERATOR), best(RESIDUAL), BEST_STEP, AVERAGE_GAP,
    )
}  # fmt: skip
"""The measures of runs, by name."""
