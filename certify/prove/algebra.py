"""Closed forms: from which inequalities matter at numbers to multipliers, residual and unknown as formulas.

The function values give linear equations for the multipliers; the residual matrix S must have the rank seen at the
samples and be stationary in the remaining multipliers (otherwise the bound could be improved). SymPy solves these
equations; the samples pick the branch.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import sympy as sp

from certify.language.scalar import Scalar
from certify.prove.deadlines import Deadline
from certify.prove.gram import UNKNOWN, GramProblem, evaluate, gram_index
from certify.prove.quotients import cancelled, numerator
from certify.prove.samples import Sample
from certify.prove.symbolic import from_sympy, symbol, to_sympy

MATCH = 1e-2
"""Relative distance up to which a multiplier formula counts as the sample's; at a double root errors are roots."""
MATCH_UNKNOWN = 1e-4
"""The same for the derived number itself."""

MAX_OPERATIONS = 1_500
"""The largest expression that is simplified."""


@dataclass(frozen=True)
class ClosedForm:
    """Formulas in the parameters: multipliers, residual matrix (rows follow `vectors`) and the unknown."""

    weights: Mapping[str, Scalar]
    residual: tuple[tuple[Scalar, ...], ...]
    unknown: Scalar | None
    samples: tuple[Sample, ...]
    equations: frozenset[str] = frozenset()


def closed_form(problem: GramProblem, samples: Sequence[Sample], deadline: Deadline) -> ClosedForm | None:
    """The closed form behind the first of some samples that share support and rank, with the samples it matches.

    None if it is not found or not rational. **Raises:** OutOfTime.
    """
    system = _System(problem, samples[0], deadline)
    for solution in system.solutions():
        closed = system.formulas(solution)
        if closed is not None and system.matches(closed, samples[0]):
            return replace(closed, samples=tuple(s for s in samples if system.matches(closed, s)))
    return None


class _System:
    def __init__(self, problem: GramProblem, sample: Sample, deadline: Deadline) -> None:
        self.problem, self.sample, self.deadline = problem, sample, deadline
        self.support = sorted(sample.support)
        self.multipliers = {n: sp.Symbol(f"weight{i}", real=True) for i, n in enumerate(self.support)}
        self.kappa = symbol(UNKNOWN)
        forms = {**{n: problem.hypotheses[n] for n in self.support if n != "1"}}
        atoms = {a for form in (problem.conclusion, *forms.values()) for a in form} | {"1"}
        balance = {}
        for atom in atoms:
            value = to_sympy(problem.conclusion[atom]) if atom in problem.conclusion else sp.Integer(0)
            for name, form in forms.items():
                if atom in form:
                    value -= self.multipliers[name] * to_sympy(form[atom])
            if atom == "1" and "1" in self.multipliers:
                value -= self.multipliers["1"]
            balance[atom] = value
        index = gram_index(problem.vectors)
        size = len(problem.vectors)
        self.residual = sp.zeros(size, size)
        for atom, (i, j) in index.items():
            value = balance.get(atom, sp.Integer(0)) * (1 if i == j else sp.Rational(1, 2))
            self.residual[i, j] = self.residual[j, i] = value
        self.linear = [v for a, v in balance.items() if a not in index and v != 0]

    def solutions(self) -> Iterator[Mapping[Any, Any]]:
        """Candidates: values for all multipliers and the unknown."""
        first = self._linear_solution(self.linear)
        if first is None:
            return
        solved, free = first
        if not free:
            yield solved
            return
        residual = self.residual.subs(solved).applyfunc(sp.together)
        active = [i for i in range(residual.rows) if not all(_is_zero(e) for e in residual[i, :])]
        reduced = residual.extract(active, active) if active else sp.zeros(0, 0)
        for conditions in self._conditions(reduced, self.sample.rank, free):
            for solution in _solve(conditions, free, self.deadline):
                yield {k: v.subs(solution) for k, v in solved.items()} | solution

    def formulas(self, solution: Mapping[Any, Any]) -> ClosedForm | None:
        """The solution as exact scalars; None if something is not rational."""
        weights = {n: from_sympy(u.subs(solution)) for n, u in self.deadline.each(self.multipliers.items())}
        triangle = [(i, j) for i in range(self.residual.rows) for j in range(i + 1)]
        entries = {(i, j): from_sympy(self.residual[i, j].subs(solution)) for i, j in self.deadline.each(triangle)}
        unknown = from_sympy(self.kappa.subs(solution)) if self.problem.unknown else Scalar.constant(0)
        if unknown is None:
            return None
        whole = {n: w for n, w in weights.items() if w is not None}
        cells = {ij: e for ij, e in entries.items() if e is not None}
        if len(whole) < len(weights) or len(cells) < len(entries):
            return None
        size = range(self.residual.rows)
        residual = tuple(tuple(cells[max(i, j), min(i, j)] for j in size) for i in size)
        return ClosedForm(whole, residual, unknown if self.problem.unknown else None, (), self.problem.equations)

    def _linear_solution(self, equations: list[Any]) -> tuple[dict[Any, Any], list[Any]] | None:
        """Solve the linear equations, then rows of S whose diagonal vanishes identically, and again."""
        equations = list(equations)
        unknowns = list(self.multipliers.values())
        while True:
            self.deadline.check()
            solved = _linear(equations, unknowns) if equations else {}
            if solved is None and self.problem.unknown:
                solved = _linear(equations, [*unknowns, self.kappa])
            if solved is None:
                return None
            residual = self.residual.subs(solved)
            extra = []
            for i in range(residual.rows):
                if _is_zero(residual[i, i]):
                    extra += [self.residual[i, j] for j in range(residual.rows) if not _is_zero(residual[i, j])]
            if not extra:
                break
            equations += extra
        names = [*unknowns, *([self.kappa] if self.problem.unknown else [])]
        return solved, [u for u in names if u not in solved]

    def _conditions(self, residual: Any, rank: int, free: list[Any]) -> Iterator[list[Any]]:
        """Systems of equations to try, the most specific first."""
        size = residual.rows
        if rank == 0:
            yield [residual[i, j] for i in range(size) for j in range(i, size)]
            return
        if rank == size - 1:
            if _too_large(residual):
                return
            determinant = numerator(residual.det())
            stationary = [sp.diff(determinant, u) for u in free if u != self.kappa]
            yield [determinant, *stationary]
        if rank < size and sp.count_ops(residual) < MAX_OPERATIONS // 3:
            index = list(combinations(range(size), rank + 1))
            pairs = [(list(r), list(c)) for r in index for c in index if r <= c]
            minors = (residual.extract(r, c).det() for r, c in self.deadline.each(pairs))
            yield [numerator(minor) for minor in minors]
        if self.kappa not in free:
            # The bound is not tight, or the multipliers are not unique: any rational choice near the samples will do.
            values = {u: self._nearby(u) for u in free}
            yield [u - v for u, v in values.items()]

    def _nearby(self, unknown: Any) -> Any:
        name = next(n for n, u in self.multipliers.items() if u == unknown)
        return sp.nsimplify(self.sample.weights[name], rational=True, tolerance=1e-3)

    def matches(self, closed: ClosedForm, sample: Sample) -> bool:
        """Whether the formulas give the sample's values."""
        top = max([1e-9, *map(abs, sample.weights.values())])
        expected = [(closed.weights[n], sample.weights[n], MATCH * top) for n in self.support]
        if closed.unknown is not None and sample.unknown is not None:
            expected.append((closed.unknown, sample.unknown, MATCH_UNKNOWN * max(1.0, abs(sample.unknown))))
        for scalar, seen, tolerance in expected:
            if not scalar.variables <= sample.point.keys():
                return False
            bottom = evaluate(scalar.denominator, sample.point)
            if not bottom or abs(evaluate(scalar.numerator, sample.point) / bottom - seen) > tolerance:
                return False
        return True


def _is_zero(expression: Any) -> bool:
    """Whether a rational expression vanishes at two random rational points (the kernel checks what follows)."""
    symbols = sorted(expression.free_symbols, key=str)
    for shift in (3, 8):
        point = {s: sp.Rational(7 * i + shift, 2 * i + 5) for i, s in enumerate(symbols)}
        if expression.subs(point) != 0:
            return False
    return True


def _linear(equations: list[Any], unknowns: list[Any]) -> dict[Any, Any] | None:
    """The solution of linear equations with the last unknowns left free, or None if inconsistent."""
    matrix, right = sp.linear_eq_to_matrix(equations, list(reversed(unknowns)))
    solution = sp.linsolve((matrix, right), *reversed(unknowns))
    if not solution:
        return None
    (values,) = solution
    return {u: cancelled(v) for u, v in zip(reversed(unknowns), values, strict=True) if u != v}


def _solve(equations: list[Any], unknowns: list[Any], deadline: Deadline) -> list[dict[Any, Any]]:
    """Rational solutions of polynomial equations, one unknown at a time (linear ones first, then by factoring)."""
    numerators = [numerator(e) for e in deadline.each(equations)]
    numerators = [e for e in numerators if e != 0]
    if not unknowns:
        return [] if numerators else [{}]
    for equation in deadline.each(sorted(numerators, key=lambda e: len(sp.Add.make_args(e)))):
        for unknown in unknowns:
            for root in _roots(equation, unknown, only_linear=True):
                return _substituted(numerators, unknowns, unknown, root, deadline)
    solutions = []
    for equation in numerators:
        present = [u for u in unknowns if equation.has(u)]
        if len(present) == 1:
            for root in _roots(equation, present[0], only_linear=False):
                solutions += _substituted(numerators, unknowns, present[0], root, deadline)
            return solutions
    return solutions


def _too_large(expression: Any) -> bool:
    """Whether SymPy's cancellation could take seconds; such a branch is given up, not waited for."""
    return sp.count_ops(expression) > MAX_OPERATIONS


def _substituted(
    equations: list[Any], unknowns: list[Any], unknown: Any, root: Any, deadline: Deadline
) -> list[dict[Any, Any]]:
    replaced = [e.subs(unknown, root) for e in deadline.each(equations)]
    if any(_too_large(e) for e in replaced):
        return []
    rest = [numerator(e) for e in deadline.each(replaced)]
    others = [u for u in unknowns if u != unknown]
    return [{unknown: cancelled(root.subs(s)), **s} for s in _solve(rest, others, deadline)]


def _roots(equation: Any, unknown: Any, *, only_linear: bool) -> list[Any]:
    """Rational roots in the unknown: of a linear equation, or of the linear factors of any equation."""
    polynomial = sp.Poly(equation, unknown)
    if polynomial.degree() == 1:
        a, b = polynomial.all_coeffs()
        return [-b / a]
    if only_linear or polynomial.degree() < 1:
        return []
    roots = []
    for factor, _ in sp.factor_list(equation)[1]:
        part = sp.Poly(factor, unknown)
        if part.degree() == 1:
            a, b = part.all_coeffs()
            roots.append(-b / a)
    return roots
