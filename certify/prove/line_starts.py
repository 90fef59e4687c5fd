"""Where the search for a model starts: at a run on a parabola, in a space that is a line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from certify.kernel import Polynomial
from certify.language.problems import Problem
from certify.language.scalar import Scalar, exact
from certify.language.vector import Vector


def line_start(problem: Problem, unknowns: dict[str, float], curvature: float) -> dict[str, float]:
    """The unknowns of `certify.prove.models` on the line, where f(x) = (c/2)(x − x⋆)² + f⋆.

    Gradients, values, norms and pairings are computed; parameters and whatever else there is stay as they are.
    """
    world = _Line(problem, dict(unknowns), curvature)
    world.run()
    return world.numbers


class _Line:
    """The number that each basis vector is, and those of the unknowns."""

    def __init__(self, problem: Problem, numbers: dict[str, float], curvature: float) -> None:
        self.function, self.geometry = problem.function, problem.trace.geometry
        self.numbers, self.curvature = numbers, curvature
        self.basis = {n: numbers.get(f"→{n}", numbers.get(n, 0.5 + 0.1 * i)) for i, n in enumerate(self.geometry.basis)}

    def run(self) -> None:
        """One evaluation after the other, in the order in which the method made them."""
        for evaluation in self.evaluations():
            self.evaluate(evaluation.point, evaluation.subgradient, evaluation.value)
        if self.function.has_components:
            for name, mean in self.function.components.means.items():
                self.basis |= dict.fromkeys(mean.coefficients, self.basis[name])
        for name in self.numbers:
            mark = "|" if "|" in name else ";"
            a, _, b = name[1:-1].partition(mark)
            if name[0] == "→":
                self.numbers[name] = self.basis[name[1:]]
            elif name in self.basis:
                self.numbers[name] = self.basis[name]
            elif name[0] == "(" and a in self.basis and b in self.basis:
                self.numbers[name] = self.basis[a] * self.basis[b]
        for vector, value in self.geometry.norms.items():
            if len(value.numerator.terms) == len(value.variables) == 1:
                (name,) = value.variables
                if name[0] == "|" and name in self.numbers:
                    self.numbers[name] = abs(self.at(vector))

    def evaluations(self) -> Iterator[Any]:
        """Of the function, of the functions that are drawn, and of samples."""
        f = self.function
        yield from f.evaluations.values()
        for sample in f.components.samples if f.has_components else ():
            yield from sample.evaluations.values()
        for draw in f.samples:
            yield from draw.evaluations.values()

    def evaluate(self, point: Any, gradient: Any, value: Any) -> None:
        """Give the gradient at a point and the value there the numbers of the parabola."""
        away = self.at(point) - self.basis.get("x⋆", 0.0)
        names = list(gradient.coefficients) if isinstance(gradient, Vector) else []
        if len(names) == 1 and names[0][:1] in ("g", "s"):
            (name,) = names
            inside = self.number(point.coefficients.get(name, Scalar.constant(0)))  # u = x − γ g after proximal steps
            away = (away - inside * self.basis[name]) / (1 - self.curvature * inside or 1.0)
            self.basis[name] = self.curvature * away
        for name in exact(value).variables & self.numbers.keys() - {"f⋆"}:
            self.numbers[name] = self.numbers.get("f⋆", 0.0) + self.curvature / 2 * away**2

    def at(self, vector: Any) -> float:
        return sum((self.number(c) * self.basis.get(n, 1.0) for n, c in vector.coefficients.items()), 0.0)

    def number(self, scalar: Scalar) -> float:
        below = 1.0
        for base, exponent in scalar.denominators:
            below *= self.polynomial(base) ** exponent
        return self.polynomial(scalar.numerator) / (below or 1.0)

    def polynomial(self, polynomial: Polynomial) -> float:
        total = 0.0
        for monomial, c in polynomial:
            term = float(c)
            for name, exponent in monomial:
                term *= self.numbers.get(name, self.basis.get(name, 1.0)) ** exponent
            total += term
        return total
