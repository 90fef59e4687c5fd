"""Rows hold along exact runs: every method that can be run on parabolas of the line is, and no rate is exceeded.

No solver takes part, so this looks at declarations only: updates, measures, formulas.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction as Q
from functools import cached_property
from itertools import product
from typing import Any

import pytest

from certify.analysis.catalogue import load_method, method_names
from certify.language import Method, Rate, Run
from certify.pep.questions import question

CURVED = {"smooth-strongly-convex", "strongly-convex", "quadratic", "pl", "rsi-eb"}
"""Assumptions that hold for parabolas with curvatures between μ and L (or above μ)."""
FLAT = {"convex", "smooth-convex", "smooth", "qg-convex"}
"""Assumptions that hold for parabolas with curvatures up to L."""
STARTS = (Q(3), Q(-5, 2), Q(1, 3))


@dataclass(frozen=True)
class Parabola:
    """f(x) = a (x − c)²/2 + b, with the constants of its class."""

    a: Q
    c: Q = Q(0)
    b: Q = Q(0)
    constants: Mapping[str, Q] = field(default_factory=dict, hash=False)

    def __getattr__(self, name: str) -> Q:
        if name in (constants := self.__dict__.get("constants", {})):
            return constants[name]
        raise AttributeError(name)

    def value(self, x: Q) -> Q:
        return self.a * (x - self.c) ** 2 / 2 + self.b

    __call__ = value

    def gradient(self, x: Q) -> Q:
        return self.a * (x - self.c)

    subgradient = gradient

    def prox(self, x: Q, step: Q) -> Q:
        return (x + step * self.a * self.c) / (1 + step * self.a)

    def inexact_gradient(self, x: Q, *, relative: Q) -> Q:
        return self.gradient(x) * (1 - relative)

    def epsilon_subgradient(self, x: Q, epsilon: Q) -> Q:
        return self.gradient(x)

    def span_search(self, x: Q, *directions: Q) -> Q:
        return self.c if any(directions) else x

    @cached_property
    def minimizer(self) -> Q:
        return self.c

    @cached_property
    def minimum(self) -> Q:
        return self.b

    def __add__(self, other: Parabola) -> Parabola:
        a = self.a + other.a
        c = (self.a * self.c + other.a * other.c) / a
        return Parabola(a, c, self.value(c) + other.value(c))

    def __truediv__(self, n: int) -> Parabola:
        return Parabola(self.a / n, self.c, self.b / n)

    def __rmul__(self, n: int) -> Parabola:
        return Parabola(self.a * n, self.c, self.b * n)


def _rows() -> list[Any]:
    found = []
    for name in method_names():
        for row in load_method(name).rates().values():
            if all(kind.name in CURVED | FLAT for role in row.assumptions for kind in role):
                found.append(pytest.param(load_method(name), row, id=f"{name}/{row.name}"))
    return found


def _curvatures(kinds: tuple[Any, ...], constants: Mapping[str, Q]) -> list[Q]:
    """Curvatures that the class of a role allows."""
    low = constants["mu"] if any(kind.name in CURVED for kind in kinds) and constants["mu"] else Q(1, 50)
    high = constants.get("L", 4 * low)
    return [low, (low + high) / 2, high]


def _run(method: Method, functions: list[Parabola], steps: int) -> Run:
    starts = STARTS[: len(method.starts)]
    states = [method.start(*starts, *functions)]
    for _ in range(steps):
        states.append(method.step(states[-1], *functions))
    return Run(method, tuple(functions), tuple(states), method.solution(*functions))


@pytest.mark.parametrize(("kind", "row"), _rows())
def test_no_parabola_exceeds_the_rate(kind: type[Method], row: Rate) -> None:
    for point in row.at:
        values = dict(point)
        steps = int(values.pop("N"))
        assumptions = row.assumptions if len(row.assumptions) > 1 else row.assumptions[0]
        asked = question(kind, assumptions, values, steps=steps, measure=row.measure, initial=row.initial)
        choices = [_curvatures(*role) for role in zip(row.assumptions, asked.constants, strict=True)]
        for curvatures in product(*choices):
            centers = [Q(k * (-1) ** k, 3) for k in range(len(curvatures))]
            functions = [
                Parabola(a, c, Q(0), own) for a, c, own in zip(curvatures, centers, asked.constants, strict=True)
            ]
            try:
                run = _run(asked.method, functions, steps)
                (first,) = row.initial.of(run, 0)
                last = min(row.measure.of(run, steps))
            except (AttributeError, TypeError) as error:
                pytest.skip(f"needs more than a parabola: {error}")
            claimed = row.claimed(asked.method, asked.constants, steps, first)
            if claimed is not None:
                assert last <= Q(claimed) * (1 + Q(1, 10**9)), (point, curvatures)
