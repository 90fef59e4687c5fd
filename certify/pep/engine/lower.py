"""The exact lower end: a rational Gram matrix and function values that satisfy every relation.

A solver's point u* violates its active conditions by about 1e-9. A few Newton steps make it an interior one
(`certify.pep.engine.polish`); if they fail, it is mixed with a point u° well inside,

    u = (1 − δ) u* + δ u°,

at a loss of δ·(u*'s value − u°'s value). Then the free coordinates of the exact solution set of all equations are
rounded to as few binary digits as the room allows, and every relation is checked in rational arithmetic.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil, isfinite, log2

import numpy as np
from flint import fmpq

from certify.kernel import worst_case as kernel
from certify.kernel.polynomial import inner_product_name
from certify.pep.engine.affine import Affine
from certify.pep.engine.bounds import Attempt
from certify.pep.engine.conic import Answer, Conic, conic
from certify.pep.engine.faces import Face, evident, guess
from certify.pep.engine.interior import Primal, centre
from certify.pep.engine.invariance import invisible
from certify.pep.engine.polish import LARGEST, polish
from certify.pep.engine.problem import ZERO, Problem, Terms, as_fraction, to_kernel
from certify.pep.engine.program import Program
from certify.pep.engine.program import program as dual_program
from certify.pep.engine.semidefinite import is_semidefinite
from certify.pep.engine.solvers import CLARABEL, call

TOLERANCE = Fraction(1, 10**6)
DEPTH = 6
"""How often a face of a face is looked at."""
MANY = 4_000
"""With more relations than this only the quick mix is tried; anything else would take minutes."""
FEW = 300
"""With fewer free coordinates Newton steps are cheaper than a look for a central point."""
LOSSES = (0.25, 1.0, 4.0, 16.0)
"""What a quick mix may lose, in tolerances; more than one only where Newton steps would take too long."""
THIN = 1e-6
"""Below this t/size there is no interior: the conditions force some forms or directions to be zero."""


@dataclass(frozen=True)
class Feasible:
    """An exact point that satisfies every relation: function values and Gram entries by index; the rest is 0."""

    problem: Problem
    value: fmpq
    values: Mapping[int, fmpq]
    gram: Mapping[tuple[int, int], fmpq]

    def certificate(self, known: kernel.WorstCase | None = None) -> kernel.Attained:
        """The same as a certificate that the kernel has accepted; `known` is the problem in the kernel's type.

        **Raises:** `certify.kernel.worst_case.Unproved` if the kernel refuses it.
        """
        names, zero = self.problem.vectors, Fraction(0)
        attained = kernel.Attained(
            problem=to_kernel(self.problem) if known is None else known,
            value=as_fraction(self.value),
            gram={inner_product_name(names[i], names[j]): as_fraction(c) for (i, j), c in self.gram.items()},
            values={
                name: as_fraction(self.values[v]) if v in self.values else zero
                for v, name in enumerate(self.problem.values)
            },
        )
        kernel.check_attained(attained)
        return attained

    def at(self, terms: Terms) -> fmpq:
        """The value of an affine form."""
        total = ZERO
        for key, c in terms.items():
            if not key:
                total += c
            elif len(key) == 1:
                total += c * self.values.get(key[0], ZERO)
            else:
                total += c * self.gram.get((key[0], key[1]), ZERO)
        return total

    def violated(self) -> str | None:
        """The name of a relation that fails, if there is one."""
        problem = self.problem
        for row in problem.inequalities:
            if self.at(row.terms) < 0:
                return row.name
        for row in problem.equations:
            if self.at(row.terms) != 0:
                return row.name
        for matrix in problem.matrices:
            entries = {(i, j): self.at(line[j]) for i, line in enumerate(matrix.rows) for j in range(i, len(line))}
            if not is_semidefinite(entries, len(matrix.rows)):
                return matrix.name
        return None if is_semidefinite(self.gram, len(problem.vectors)) else "Gram matrix"


@dataclass(frozen=True)
class Rounded:
    """What rounding found: an exact point or the reason why there is none, and the solver calls it took."""

    point: Feasible | None
    reason: str = ""
    attempts: tuple[Attempt, ...] = ()


def round_primal(
    problem: Problem,
    program: Program,
    answer: Answer,
    *,
    tolerance: Fraction | float = TOLERANCE,
    data: Conic | None = None,
    solver: str = CLARABEL,
) -> Rounded:
    """An exact point of the problem whose value is within the relative `tolerance` of the answer's.

    **Arguments**: `program`, a dual of the problem in which vectors and function values may have been taken to be
    zero and relations may have been left out; `data`, its conic data if they are at hand.
    """
    try:
        face = evident(problem)
        if face is not None:
            return _within(problem, face, float(tolerance), solver, DEPTH)
        return _round(problem, program, answer, float(tolerance), data, solver, DEPTH)
    except (np.linalg.LinAlgError, ArithmeticError) as error:  # numbers out of range on the way
        return Rounded(None, f"the arithmetic failed ({error})")


def _round(
    problem: Problem, program: Program, answer: Answer, tolerance: float, data: Conic | None, solver: str, depth: int
) -> Rounded:
    """The same for a problem whose relations do not show that they have no interior."""
    if answer.z is None or answer.x is None or not answer.usable or not np.all(np.isfinite(answer.z)):
        return Rounded(None, f"the solver gave no point ({answer.status})")
    part = Primal.of(program, data)
    if problem is program.problem:
        return _from(part, part, part.point(answer.z), answer.x, tolerance, solver, depth)
    gone = gone_vectors, gone_values = _gone(problem, program)
    found = _from(*complete(problem, part, answer.z, answer.x, gone), tolerance, solver, depth)
    if found.point is None:
        seen = invisible(problem, vectors=gone_vectors, values=gone_values)
        if tuple(map(set, seen)) != gone:  # what is zero in the part need not be so in the whole
            found = _from(*complete(problem, part, answer.z, answer.x, seen), tolerance, solver, depth)
    return found


def _from(
    part: Primal,
    whole: Primal,
    start: np.ndarray,
    multipliers: np.ndarray,
    tolerance: float,
    solver: str,
    depth: int,
) -> Rounded:
    """A point of the whole problem from coordinates and multipliers that come from a part of it."""
    affine = Affine.of(whole)
    if affine is None:
        return Rounded(None, "the equations contradict each other")
    problem = whole.program.problem
    rounding = _Rounding(problem, whole, affine, affine.settle(start), multipliers, tolerance, solver, depth)
    quick = rounding.near(part) if part is not whole and affine.size - len(affine.pivots) > FEW else None
    return rounding.run() if quick is None else quick


def _within(problem: Problem, face: Face, tolerance: float, solver: str, depth: int) -> Rounded:
    """A point of the problem from a face of it."""
    dual = dual_program(face.problem, *invisible(face.problem))
    if dual.values or dual.vectors:
        data = conic(dual)
        answer = call(data, solver)
        attempt = Attempt(answer.solver, answer.status, answer.value, answer.seconds, "worst case without what is 0")
        further = evident(face.problem)
        if further is not None:
            found = _within(face.problem, further, tolerance, solver, depth - 1)
        else:
            found = _round(face.problem, dual, answer, tolerance, data, solver, depth - 1)
        attempts = (attempt, *found.attempts)
    else:
        found, attempts = Rounded(Feasible(face.problem, ZERO, {}, {})), ()
    if found.point is None:
        return Rounded(None, found.reason, attempts)
    point = checked(Feasible(problem, ZERO, found.point.values, face.lift(found.point.gram)))
    return Rounded(point, "" if point else "the conditions force zeros that were not recognised", attempts)


def checked(point: Feasible) -> Feasible | None:
    """The point with the value of the objective, if all relations hold."""
    if point.violated() is not None:
        return None
    return replace(point, value=point.at(point.problem.objective))


def _gone(problem: Problem, part: Program) -> tuple[set[int], set[int]]:
    """The vectors and function values of a problem that do not occur in a program of a part of it."""
    keys = set().union(*problem.forms())
    vectors = {i for key in keys if len(key) == 2 for i in key} - {i for group in part.vectors for i in group}
    return vectors, {key[0] for key in keys if len(key) == 1} - set(part.values)


def complete(
    problem: Problem, part: Primal, z: np.ndarray, x: np.ndarray, zeros: tuple[Collection[int], Collection[int]]
) -> tuple[Primal, Primal, np.ndarray, np.ndarray]:
    """The part, the whole problem (in which some vectors and values are zero), and a solution of the part in it."""
    whole = Primal.of(dual_program(problem, *zeros))
    variables = part.program.variables
    known = {(v.name, v.kind, v.place): x for v, x in zip(variables, x, strict=True)}
    multipliers = np.array([known.get((v.name, v.kind, v.place), 0.0) for v in whole.program.variables])
    return part, whole, carried(part, part.point(z), whole), multipliers


def carried(part: Primal, u: np.ndarray, whole: Primal) -> np.ndarray:
    """The same point in the coordinates of another primal side."""
    known = dict(zip(part.keys, u, strict=True))
    return np.array([known.get(key, 0.0) for key in whole.keys])


@dataclass
class _Rounding:
    """One problem, one approximate optimum that satisfies the equations, the multipliers that belong to it."""

    problem: Problem
    primal: Primal
    affine: Affine
    start: np.ndarray
    multipliers: np.ndarray
    tolerance: float
    solver: str
    depth: int

    def run(self) -> Rounded:
        primal = self.primal
        if len(primal.program.variables) > MANY:
            return Rounded(None, "there are too many relations for a closer search")
        target = primal.value(self.start)
        inside = polish(primal, self.start, self.multipliers, self.affine.directions(), self.tolerance / 2)
        for u in inside:
            point = self.rounded(u)
            if point is not None:
                return Rounded(point)
        return self.mixed(inside[-1] if inside else self.start, target)

    def near(self, part: Primal) -> Rounded | None:
        """The start mixed with a central point of fewer relations, if that satisfies the others too: much cheaper."""
        start = carried(self.primal, self.start, part)
        target, size = part.value(start), max(float(np.abs(start).max(initial=0.0)), 1e-300)
        answer, inner, t = centre(part, size, self.solver)
        if inner is None or t <= 0:
            return None
        spread = max(target - part.value(inner), 1e-3 * abs(target), 1e-300)
        attempt = Attempt(answer.solver, answer.status, t, answer.seconds, "a point inside the conditions")
        for loss in LOSSES[: 2 if self.affine.directions().shape[1] <= LARGEST else None]:
            share = max(min(1.0, loss * self.tolerance * abs(target) / spread), 1e-13)
            point = self.rounded(self.affine.settle(carried(part, (1 - share) * start + share * inner, self.primal)))
            if point is not None:
                return Rounded(point, "", (attempt,))
        return None

    def mixed(self, start: np.ndarray, target: float) -> Rounded:
        """The start mixed with as little of a central point as needed."""
        size = max(float(np.abs(start).max(initial=0.0)), 1e-300)
        answer, inner, t = centre(self.primal, size, self.solver)
        attempts = (Attempt(answer.solver, answer.status, t, answer.seconds, "a point inside the conditions"),)
        if inner is None or answer.x is None:
            return Rounded(None, "no point lies strictly inside the conditions", attempts)
        if t < THIN:
            face = guess(self.primal, answer.x) if self.depth else None
            if face is None:
                return Rounded(None, "the conditions force zeros that were not recognised", attempts)
            found = _within(self.problem, face, self.tolerance, self.solver, self.depth)
            return replace(found, attempts=(*attempts, *found.attempts))
        inner = self.affine.settle(inner)
        spread = max(target - self.primal.value(inner), 1e-3 * abs(target), 1e-300)
        mixed = max(min(1.0, self.tolerance / 4 * abs(target) / spread), 1e-13)
        while True:
            point = self.rounded((1 - mixed) * start + mixed * inner)
            if point is not None:
                return Rounded(point, "", attempts)
            if mixed == 1.0:
                return Rounded(None, "no exact point was found", attempts)
            mixed = min(1.0, 2 * mixed)

    def rounded(self, u: np.ndarray) -> Feasible | None:
        """The point u rounded to as few digits as its margins allow, if it satisfies every relation exactly."""
        primal = self.primal
        margins = primal.margins(u)
        if not isfinite(margins.least) or margins.least <= 0:
            return None
        room = [1.0]
        if margins.forms.size:
            with np.errstate(over="ignore"):  # a form without inner products leaves all the room there is
                room.append(float((margins.forms / np.maximum(primal.norms[primal.signed], 1e-300)).min()))
        room += [float(e) / g.shape[0] for e, g in zip(margins.gram, primal.gram(u), strict=True)]
        if margins.matrices.size:
            norms = primal.norms[[y for y, v in enumerate(primal.program.variables) if v.kind == "matrix"]]
            room.append(float(margins.matrices.min()) / (len(norms) * float(norms.max())))
        bits = max(4, ceil(-log2(min(room)))) + (1 if not self.affine.pivots else 6)
        for more in (0, 8, 20):
            point = self._exact(self.affine.round(u, bits + more))
            if point is not None:
                return point
        return None

    def _exact(self, u: Sequence[fmpq]) -> Feasible | None:
        """The point with the coordinates u, if all relations hold."""
        values = {key[0]: x for key, x in zip(self.primal.keys, u, strict=True) if len(key) == 1}
        gram = {(key[0], key[1]): x for key, x in zip(self.primal.keys, u, strict=True) if len(key) == 2 and x}
        return checked(Feasible(self.problem, ZERO, values, gram))
