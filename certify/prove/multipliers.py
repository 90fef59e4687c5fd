"""Multipliers that are rational functions of the parameters: which hypotheses are needed is read off at numbers.

Where a conclusion is a combination of hypotheses without any square, its multipliers solve linear equations over the
field of the parameters. A linear program at sample parameters proposes the few hypotheses that take part, elimination
finds the multipliers, and the signs of their factors are proved one by one. Products of high degree cost nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice

import numpy as np
from flint import fmpq_mpoly
from scipy.optimize import linprog

from certify.kernel import Monomial, Polynomial, Proof, Statement
from certify.language.opaque import roots_squared
from certify.language.scalar import Scalar
from certify.prove.algebra import ClosedForm
from certify.prove.assembly import Square, assemble
from certify.prove.gram import evaluate
from certify.prove.products import Attempt, squared_norm
from certify.prove.reduction import Reduction
from certify.prove.samples import points
from certify.prove.signs import Signs

POINTS = 4
"""At how many sample parameters the hypotheses have to suffice."""
THRESHOLD = 1e-9
"""Weights below this multiple of the largest one are taken to be zero."""
TINY = 1e-12

Form = dict[Monomial, Polynomial]
"""Coefficients in the parameters, by what they multiply."""


def proof_by_multipliers(
    statement: Statement,
    states: frozenset[str],
    attempt: Attempt,
    squares: Sequence[Mapping[str, Polynomial]] = (),
    seconds: float = 1.0,
) -> Proof | None:
    """A proof in which each hypothesis has one multiplier, a function of all that is not among the `states`, or None.

    So have the squared lengths of the vectors in `squares`. Hypotheses that can be left out are, the first ones first.
    The facts tell the signs of multipliers, each in so many `seconds`. The kernel has not seen the result.
    """
    reduction = Reduction(statement, roots=True)
    roots = {f"square[{i}]": root for i, root in enumerate(squares)}
    goal = _form(reduction, reduction.reduce(statement.conclusion), states)
    forms = {h.name: _form(reduction, reduction.reduce(h.polynomial), states) for h in statement.hypotheses}
    forms |= {n: _form(reduction, reduction.reduce(squared_norm(root)), states) for n, root in roots.items()}
    forms = {n: f for n, f in forms.items() if f}
    used = {n for form in (goal, *forms.values()) for p in form.values() for n in p.variables}
    facts = tuple(f for f in statement.facts if not f.polynomial.variables & states)
    parameters = tuple(sorted(used.union(*(f.polynomial.variables for f in facts))))
    signs = Signs((*facts, *(h for h in statement.hypotheses if not h.polynomial.variables & states)), seconds)
    support = _support([_Numbers(goal, forms, point) for point in islice(points(parameters, facts), POINTS)])
    weights = None if support is None else _multipliers(goal, {n: forms[n] for n in support})
    attempt.tried.append("one multiplier a hypothesis, a rational function of the parameters")
    if weights is None:
        return None
    left = [Square(weights.pop(n), dict(root)) for n, root in roots.items() if n in weights]
    return assemble(statement, statement.conclusion, ClosedForm(weights, (), None, ()), left, signs)


def by_hints(
    statement: Statement, hints: Sequence[Mapping[str, Polynomial]], seconds: float, attempt: Attempt
) -> Proof | None:
    """A proof with the squares that the goal names, and those of single vectors if these do not suffice."""
    everything = (f.polynomial.variables for f in (*statement.hypotheses, *statement.equations))
    states = frozenset(n for n in statement.conclusion.variables.union(*everything) if n[0] in "<(f")
    one = Polynomial.constant(1)
    single = [{v: one} for v in statement.vectors if f"<{v},{v}>" in statement.conclusion.variables]
    return proof_by_multipliers(statement, states, attempt, (*single, *hints), seconds)


def _form(reduction: Reduction, polynomial: fmpq_mpoly, states: frozenset[str]) -> Form:
    form: dict[Monomial, Polynomial] = {}
    for monomial, coefficient in reduction.ring.from_flint(polynomial):
        state = tuple(item for item in monomial if item[0] in states)
        rest = tuple(item for item in monomial if item[0] not in states)
        form[state] = form.get(state, Polynomial()) + Polynomial({rest: coefficient})
    return {m: p for m, p in form.items() if p}


class _Numbers:
    """The problem at numbers, every row and column in units of its own."""

    def __init__(self, goal: Form, forms: Mapping[str, Form], point: Mapping[str, float]) -> None:
        self.names = tuple(forms)
        rows = {m: i for i, m in enumerate(dict.fromkeys(m for form in (goal, *forms.values()) for m in form))}
        self.matrix, self.right = np.zeros((len(rows), len(forms))), np.zeros(len(rows))
        for monomial, coefficient in goal.items():
            self.right[rows[monomial]] = evaluate(coefficient, point)
        for j, form in enumerate(forms.values()):
            for monomial, coefficient in form.items():
                self.matrix[rows[monomial], j] = evaluate(coefficient, point)
        self.matrix /= np.maximum(np.abs(self.matrix).max(axis=0, initial=0.0), TINY)
        self.right /= max(float(np.abs(self.right).max(initial=0.0)), TINY)

    def used(self, most: np.ndarray) -> set[int] | None:
        """The hypotheses of a cheapest combination with weights up to `most`, or None."""
        bounds = np.column_stack([np.zeros(len(most)), most])
        result = linprog(np.ones(len(most)), A_eq=self.matrix, b_eq=self.right, bounds=bounds, method="highs-ds")
        if result.status != 0:
            return None
        return set(np.flatnonzero(result.x > THRESHOLD * max(result.x, default=0.0)).tolist())


def _support(problems: Sequence[_Numbers]) -> tuple[str, ...] | None:
    """Hypotheses that suffice at all numbers, none of which can be left out; the last are preferred."""
    if not problems:
        return None
    names = problems[0].names
    most = np.full(len(names), np.inf)
    used = [problem.used(most) for problem in problems]
    if None in used:
        return None
    for j in range(len(names)):
        most[j] = 0.0
        fewer = [u if u is not None and j not in u else p.used(most) for u, p in zip(used, problems, strict=True)]
        if None in fewer:
            most[j] = np.inf
        else:
            used = fewer
    return tuple(n for n, m in zip(names, most, strict=True) if m)


def _multipliers(goal: Form, forms: Mapping[str, Form]) -> dict[str, Scalar] | None:
    """The solution of goal = Σ multiplier · form over the field of the parameters; None if there is none.

    Multipliers that the equations leave free are 0. Squares of roots are what is under them.
    """
    rows = [
        ({n: Scalar(f[m]) for n, f in forms.items() if m in f}, Scalar(goal.get(m, Polynomial())))
        for m in dict.fromkeys(m for form in (goal, *forms.values()) for m in form)
    ]
    solved: list[tuple[str, dict[str, Scalar], Scalar]] = []
    while rows := [(row, right) for row, right in rows if row or right.numerator]:
        row, right = min(rows, key=lambda r: (len(r[0]), sum(len(c.numerator.terms) for c in r[0].values())))
        if not row:
            return None
        rows.remove((row, right))
        pivot = min(row, key=lambda n: len(row[n].numerator.terms))
        lead = row.pop(pivot)
        row, right = {n: roots_squared(c / lead) for n, c in row.items()}, roots_squared(right / lead)
        rows = [_without(r, pivot, row, right) for r in rows]
        solved.append((pivot, row, right))
    weights: dict[str, Scalar] = {}
    for pivot, row, right in reversed(solved):
        for name, coefficient in row.items():
            right = right - coefficient * weights.get(name, Scalar.constant(0))
        weights[pivot] = roots_squared(right)
    return {n: w for n, w in weights.items() if w.numerator}


def _without(
    old: tuple[dict[str, Scalar], Scalar], pivot: str, row: Mapping[str, Scalar], right: Scalar
) -> tuple[dict[str, Scalar], Scalar]:
    """An equation after the pivot was replaced by right − Σ row."""
    coefficients, value = dict(old[0]), old[1]
    factor = coefficients.pop(pivot, None)
    if factor is None:
        return old
    for name, c in row.items():
        left = roots_squared(coefficients.get(name, Scalar.constant(0)) - factor * c)
        if left.numerator:
            coefficients[name] = left
        else:
            coefficients.pop(name, None)
    return coefficients, roots_squared(value - factor * right)
