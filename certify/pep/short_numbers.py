"""Multipliers with small denominators: the fractions that a person would write, if they prove the bound as well.

The multipliers of an optimal proof are often simple rational numbers. Those nearest to a precise floating-point
optimum (with denominators at most D, for growing D) are made to satisfy the equations, and checked exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
from flint import fmpq

from certify.kernel.worst_case import UpperBound
from certify.pep.engine import solvers
from certify.pep.engine.conic import conic, number
from certify.pep.engine.inside import zoom
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import Problem
from certify.pep.engine.program import Program, program
from certify.pep.engine.repair import basis, repaired
from certify.pep.engine.sieve import sieve
from certify.pep.engine.solve import checked_upper
from certify.pep.engine.upper import is_feasible

DENOMINATORS = (1, 4, 12, 30, 100, 300, 1_000, 3_000, 10_000, 100_000, 1_000_000, 10_000_000)
FEW = 70
"""For more multipliers than this no higher precision than a solver's is computed."""
LARGEST = 150
"""Proofs with more multipliers than this are not read by anyone: their numbers stay as they are."""


def simplified(problem: Problem, certificate: UpperBound, limit: Fraction) -> UpperBound:
    """A certificate with simpler multipliers of the same relations and a bound of at most `limit`, or the given one.

    Of several that with the smallest bound is taken: an exact optimum is below everything else.

    **Arguments:** `problem` contains the relations that have multipliers and no other inequalities.
    """
    sieved = sieve(program(problem, *invisible(problem)))
    dual = sieved.program
    if sieved.contradiction or not 0 < len(dual.variables) <= LARGEST:
        return certificate
    best, least = certificate, fmpq(limit.numerator, limit.denominator)
    seen: set[tuple[fmpq, ...]] = set()
    for y in _precise(dual, certificate):
        chosen = basis(dual, y)
        for most in DENOMINATORS:
            exact = repaired(dual, nearest(dual, y, most), chosen)
            if exact is None or tuple(exact) in seen:
                continue
            seen.add(tuple(exact))
            cost = dual.cost(exact)
            if cost < least or (cost == least and best is certificate):
                lifted = sieved.lift(exact) if is_feasible(dual, exact) else None
                found = None if lifted is None else checked_upper(sieved.original, lifted)
                if found is not None and digits(found) < digits(certificate):
                    best, least = found, cost
    return best


def nearest(dual: Program, y: np.ndarray, most: int) -> list[fmpq]:
    """The nearest fractions with denominators at most `most`; λ clipped at 0."""
    fractions = [Fraction(float(v)).limit_denominator(most) for v in y]
    exact = [fmpq(f.numerator, f.denominator) for f in fractions]
    for i in dual.signed:
        if exact[i] < 0:
            exact[i] = fmpq(0)
    return exact


def digits(certificate: UpperBound) -> int:
    """How many digits it takes to write down all multipliers and the bound."""
    matrices = (c for m in certificate.matrix_multipliers.values() for row in m for c in row)
    numbers = (*certificate.multipliers.values(), *certificate.equation_multipliers.values(), *matrices)
    return sum(len(str(c)) for c in (*numbers, certificate.bound))


def _precise(dual: Program, certificate: UpperBound) -> Iterator[np.ndarray]:
    """Floating-point optima, ever more precise."""
    data = conic(dual)
    yield np.array(list(map(number, stacked(dual, certificate))))
    answer = solvers.call(data, tol_gap_abs=1e-11, tol_gap_rel=1e-11, tol_feas=1e-11)
    if answer.x is not None:
        yield answer.x
        if len(dual.variables) > FEW:
            return
        with np.errstate(all="ignore"):  # far from an optimum the corrections may overflow, and prove nothing
            yield from [y for _, (y, _cost) in zip(range(3), zoom(dual, data, answer.x), strict=False)]


def stacked(dual: Program, certificate: UpperBound) -> Sequence[fmpq]:
    """The multipliers of a certificate in the order of the dual's variables."""

    def of(name: str, kind: str, place: tuple[int, int]) -> Fraction:
        if kind == "matrix":
            return certificate.matrix_multipliers[name][place[0]][place[1]]
        source = certificate.multipliers if kind == "inequality" else certificate.equation_multipliers
        return source.get(name, Fraction(0))

    found = [of(v.name, v.kind, v.place) for v in dual.variables]
    return [fmpq(c.numerator, c.denominator) for c in found]


__all__ = ["digits", "simplified"]
