"""Numerical proofs at sample parameters: they only tell which inequalities matter and what rank the residual has."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import clarabel as _clarabel
import numpy as np
from scipy import sparse

from certify.kernel import Fact
from certify.language.opaque import argument
from certify.prove.deadlines import Deadline
from certify.prove.gram import UNKNOWN, GramProblem, evaluate, gram_index

clarabel: Any = _clarabel  # a native module without type information

WEIGHT = 1e-5
"""Multipliers below WEIGHT × the largest one are taken to be zero."""
RANK = 1e-4
"""Eigenvalues below RANK × the largest one are taken to be zero."""


@dataclass(frozen=True)
class Sample:
    """A numerical proof at one parameter point."""

    point: Mapping[str, float]
    support: frozenset[str]
    rank: int
    unknown: float | None
    weights: Mapping[str, float]


def points(parameters: tuple[str, ...], facts: tuple[Fact, ...], seed: int = 0) -> Iterator[dict[str, float]]:
    """Random positive parameter points at which all facts hold strictly; ends after many failures in a row.

    Roots of parameters are what they are.
    """
    generator, misses = random.Random(seed), 0  # noqa: S311 (samples, not secrets)
    roots = {n: found[1].numerator for n in parameters if (found := argument(n)) is not None and found[0] == "√"}
    while misses < 2_000:
        point = {name: round(np.exp(generator.uniform(-1.6, 1.2)), 3) for name in parameters}
        for name, inside in roots.items():
            if inside.variables <= point.keys() - roots.keys():
                point[name] = np.sqrt(max(evaluate(inside, point), 0.0))
        if all(evaluate(f.polynomial, point) > 1e-3 for f in facts if f.polynomial.variables <= point.keys()):
            misses = 0
            yield point
        misses += 1


def solve(problem: GramProblem, point: Mapping[str, float], sense: str | None, deadline: Deadline) -> Sample | None:
    """The numerical proof with few multipliers at a point; None if there is none. `sense` is least or greatest."""
    deadline.check()
    model = _Model(problem, point)
    value = None
    if problem.unknown:
        first = model.solve(None, sense)
        if first is None:
            return None
        sign = 1.0 if sense == "least" else -1.0
        value = first[-1] + sign * 1e-7 * max(1.0, abs(first[-1]))
    result = model.solve(value, None)
    if result is None:
        return None
    if problem.equations:
        model, result = _fewest(problem, point, value, model, result, deadline)
    weights = dict(zip(model.names, result, strict=False))
    top = max([1e-9, *map(abs, weights.values())])
    eigenvalues = np.linalg.eigvalsh(model.residual(result, value)) if problem.vectors else np.zeros(0)
    scale = max([1e-9, *np.abs(eigenvalues)])
    rank = int((eigenvalues > RANK * max(scale, WEIGHT * top)).sum()) if scale > 1e-5 * top else 0
    support = frozenset(n for n, w in weights.items() if abs(w) > WEIGHT * top)
    return Sample(dict(point), support, rank, value, weights)


def _fewest(
    problem: GramProblem,
    point: Mapping[str, float],
    value: float | None,
    model: _Model,
    result: np.ndarray,
    deadline: Deadline,
) -> tuple[_Model, np.ndarray]:
    """Leave out one inequality after the other, the last first, as long as there is a proof without it; then equations.

    Equations make multipliers far from unique; what is left is the same set at most parameters.
    """
    kept = dict(problem.hypotheses)
    inequalities = [n for n in problem.hypotheses if n not in problem.equations]
    for name in (*reversed(inequalities), *reversed([n for n in problem.hypotheses if n in problem.equations])):
        deadline.check()
        fewer = {n: h for n, h in kept.items() if n != name}
        smaller = _Model(replace(problem, hypotheses=fewer), point)
        if (found := smaller.solve(value, None)) is not None:
            kept, model, result = fewer, smaller, found
    return model, result


class _Model:
    """The semidefinite program  p(κ) − Σ λ_j h_j ⪰ 0  at numbers, for Clarabel."""

    def __init__(self, problem: GramProblem, point: Mapping[str, float]) -> None:
        self.index = gram_index(problem.vectors)
        self.size = len(problem.vectors)
        self.rows = {a: i for i, a in enumerate((*self.index, *problem.values, "1"))}
        self.names = [*problem.hypotheses, "1"]
        self.signed = [i for i, n in enumerate(self.names) if n not in problem.equations]
        self.fixed = self._column({a: evaluate(c, {**point, UNKNOWN: 0.0}) for a, c in problem.conclusion.items()})
        one = self._column({a: evaluate(c, {**point, UNKNOWN: 1.0}) for a, c in problem.conclusion.items()})
        self.slope = one - self.fixed
        columns = [
            self._column({a: evaluate(c, point) for a, c in form.items()}) for form in problem.hypotheses.values()
        ]
        self.matrix = np.column_stack([*columns, self._column({"1": 1.0})])

    def _column(self, form: Mapping[str, float]) -> np.ndarray:
        column = np.zeros(len(self.rows))
        for atom, value in form.items():
            column[self.rows[atom]] = value
        return column

    def residual(self, weights: np.ndarray, value: float | None) -> np.ndarray:
        """The matrix S."""
        vector = self.fixed + self.slope * (value or 0.0) - self.matrix @ weights[: len(self.names)]
        matrix = np.zeros((self.size, self.size))
        for atom, (i, j) in self.index.items():
            matrix[i, j] = matrix[j, i] = vector[self.rows[atom]] * (1.0 if i == j else 0.5)
        return matrix

    def solve(self, value: float | None, sense: str | None) -> np.ndarray | None:
        """λ (and κ last, if it is free); minimises ±κ, or Σλ when κ is fixed."""
        free = value is None and sense is not None
        width = len(self.names) + int(free)
        fixed = self.fixed + self.slope * (value or 0.0)
        system = np.column_stack([self.matrix, -self.slope]) if free else self.matrix
        order = [(i, j) for j in range(self.size) for i in range(j + 1)]
        triangle = np.zeros((len(order), len(self.rows)))
        for row, (i, j) in enumerate(order):
            atom = next(a for a, ij in self.index.items() if ij == (i, j))
            triangle[row, self.rows[atom]] = 1.0 if i == j else 0.5 * np.sqrt(2.0)
        others = [r for a, r in self.rows.items() if a not in self.index]
        signs = -np.eye(len(self.names), width)[self.signed]
        a_matrix = sparse.csc_matrix(np.vstack([system[others], signs, triangle @ system]))
        right = np.concatenate([fixed[others], np.zeros(len(self.signed)), triangle @ fixed])
        cones = [clarabel.ZeroConeT(len(others)), clarabel.NonnegativeConeT(len(self.signed))]
        if self.size:
            cones.append(clarabel.PSDTriangleConeT(self.size))
        cost = np.zeros(width)
        cost[self.signed] = 1.0
        if free:
            cost = np.zeros(width)
            cost[-1] = 1.0 if sense == "least" else -1.0
        settings = clarabel.DefaultSettings()
        settings.verbose = False
        try:
            solver = clarabel.DefaultSolver(sparse.csc_matrix((width, width)), cost, a_matrix, right, cones, settings)
            solution = solver.solve()
        except BaseException as error:  # Clarabel's panics are not Exceptions
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            return None
        return np.asarray(solution.x) if str(solution.status) in ("Solved", "AlmostSolved") else None
