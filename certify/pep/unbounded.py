"""Evidence that a worst case is infinite: a direction along which all conditions hold and the objective grows.

Conditions are affine in Gram matrix and function values. If zero satisfies them, and a point satisfies them without
their constants while the objective is positive there, then all multiples of that point are admissible: the worst case
is infinite. Such a point is rational and checked by the kernel.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from certify.kernel.worst_case import Attained, Unproved
from certify.pep.engine.conic import conic
from certify.pep.engine.invariance import invisible
from certify.pep.engine.lower import round_primal
from certify.pep.engine.problem import ONE, ZERO, MatrixRow, Problem, Row, Terms
from certify.pep.engine.program import program
from certify.pep.engine.semidefinite import is_semidefinite
from certify.pep.engine.solvers import call


def ray(problem: Problem) -> Attained | None:
    """A point of the problem without constants at which the objective is positive, if zero satisfies all conditions.

    None if there is none, or none was found. Of a problem with `relaxations` it says nothing about functions.
    """
    if not _zero_is_feasible(problem):
        return None
    return positive_point(
        replace(
            problem,
            objective=_without_constant(problem.objective),
            inequalities=tuple(Row(r.name, _without_constant(r.terms), r.note) for r in problem.inequalities),
            equations=tuple(Row(r.name, _without_constant(r.terms), r.note) for r in problem.equations),
            matrices=tuple(
                MatrixRow(m.name, tuple(tuple(map(_without_constant, row)) for row in m.rows), m.note)
                for m in problem.matrices
            ),
        )
    )


def positive_point(problem: Problem) -> Attained | None:
    """A point of a homogeneous problem at which the objective is positive (and, by scaling, at most 1)."""
    most = Row("normalisation", {**{key: -c for key, c in problem.objective.items()}, (): ONE})
    bounded = replace(problem, inequalities=(*problem.inequalities, most))
    dual = program(bounded, *invisible(bounded))
    data = conic(dual)
    found = round_primal(bounded, dual, call(data), data=data, tolerance=Fraction(1, 2)).point
    if found is None or found.value <= 0:
        return None
    try:
        return found.certificate()
    except Unproved:
        return None


def _zero_is_feasible(problem: Problem) -> bool:
    if any(r.terms.get((), ZERO) < 0 for r in problem.inequalities):
        return False
    if any(r.terms.get((), ZERO) for r in problem.equations):
        return False
    return all(
        is_semidefinite(
            {(i, j): row[j].get((), ZERO) for i, row in enumerate(m.rows) for j in range(i, len(row))}, len(m.rows)
        )
        for m in problem.matrices
    )


def _without_constant(terms: Terms) -> Terms:
    return {key: c for key, c in terms.items() if key}
