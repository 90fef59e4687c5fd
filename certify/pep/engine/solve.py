"""One verb, `solve`: from an exact problem to an exact interval around its optimum.

problem → what it cannot see is divided out → exact dual program → facial reduction → floating-point dual → exact
multipliers and an exact worst case → the kernel, which checks both on the original problem.
"""

from __future__ import annotations

import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

import numpy as np
from flint import fmpq

from certify.kernel.worst_case import Attained, Unproved, UpperBound, check_upper
from certify.pep.engine.bounds import Attempt, Bound, Verdict
from certify.pep.engine.closed import Recognised, tighten, worst_point
from certify.pep.engine.conic import Answer, Conic, conic, number, primal
from certify.pep.engine.faces import evident
from certify.pep.engine.invariance import invisible
from certify.pep.engine.irrational import checked_algebraic
from certify.pep.engine.limited import Report
from certify.pep.engine.lower import MANY, Feasible, checked, round_primal
from certify.pep.engine.problem import ZERO, Problem, as_fraction, to_kernel
from certify.pep.engine.program import Program, program, to_multipliers
from certify.pep.engine.pushed import inside, sharp
from certify.pep.engine.sieve import sieve
from certify.pep.engine.sieved import Sieved
from certify.pep.engine.solvers import CLARABEL, SECOND, call
from certify.pep.engine.threads import one_thread
from certify.pep.engine.units import adapted
from certify.pep.engine.upper import Rounded, Unrounded, is_feasible, lift, round_dual

TOLERANCE = Fraction(1, 10**6)
SMALL = 300
"""Problems with more relations are not given to a second solver only because their ends are apart."""


@dataclass
class Clock:
    """Seconds by stage, the log of solver calls, and who wants to know of bounds before all is done."""

    report: Report | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    attempts: list[Attempt] = field(default_factory=list)

    @contextmanager
    def stage(self, name: str) -> Generator[None]:
        """Add the time spent inside to a stage."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + time.perf_counter() - begin

    def ask(self, data: Conic, solver: str, purpose: str, **options: Any) -> Answer:
        """Call a solver and remember what it said."""
        answer = call(data, solver, **options)
        self.attempts.append(Attempt(answer.solver, answer.status, answer.value, answer.seconds, purpose))
        return answer


@dataclass(frozen=True)
class Prepared:
    """A problem on its way: the exact dual program after facial reduction, the way back, and the solver's data."""

    problem: Problem
    dual: Program
    data: Conic
    sieved: Sieved


@one_thread
def solve(
    problem: Problem,
    *,
    tolerance: Fraction = TOLERANCE,
    solver: str = CLARABEL,
    lower: bool = True,
    exact: bool = False,
    report: Report | None = None,
) -> Bound:
    """An exact interval that contains the optimum of a worst-case problem.

    **Arguments:** `tolerance` is the relative inflation allowed for the upper end (and deflation for the lower one);
    `solver` is CLARABEL or any solver that cvxpy knows; `lower` says whether a worst case is wanted too,
    `exact` whether to try for an upper end that is the optimum itself, where that is rational or a + b√d; `report`
    takes bounds on the way to the final one.

    **Returns:** a `Bound`. Each end is present only if the kernel accepted its certificate.

    **Raises:** `UnknownSolver` if the solver is not installed. Whatever solvers do is a verdict, not an exception.
    """
    clock = Clock(report)
    prepared = prepare(problem, clock)
    answer = optimum(prepared, clock, solver)
    return finish(prepared, answer, clock, tolerance=tolerance, everything=problem if lower else None, exact=exact)


def prepare(problem: Problem, clock: Clock) -> Prepared:
    """Divide out what the problem cannot see, and write down its dual."""
    with clock.stage("model"):
        sieved = sieve(program(problem, *invisible(problem)))
        return Prepared(problem, sieved.program, conic(sieved.program), sieved)


def optimum(prepared: Prepared, clock: Clock, solver: str = CLARABEL, *, insist: bool = True) -> Answer:
    """The first solver's answer, accurate or not, or (if we `insist`) a second one's if there is none."""
    if prepared.sieved.contradiction:
        clock.attempts.append(Attempt("", prepared.sieved.status, None, 0.0, prepared.sieved.contradiction))
        return Answer("", prepared.sieved.status, None, 0.0)
    if not prepared.dual.variables:
        return _without_variables(prepared)
    with clock.stage("solve"):
        shifted, restored = inside(prepared.dual, prepared.data)
        answer = restored(clock.ask(shifted, solver, "worst case", **sharp(solver)))
        if answer.status.startswith(("infeasible", "failed")):  # perhaps only because no point is strictly inside
            answer = clock.ask(prepared.data, solver, "without a push")
    if answer.usable or answer.status in ("infeasible", "unbounded") or solver == SECOND or not insist:
        return answer
    return _second_opinion(prepared, clock)


def _second_opinion(prepared: Prepared, clock: Clock) -> Answer:
    """Another solver's answer: slow and of few digits, but of another kind."""
    with clock.stage("solve"):
        return clock.ask(prepared.data, SECOND, "second opinion", eps_abs=1e-9, eps_rel=1e-9, max_iters=50_000)


def _without_variables(prepared: Prepared) -> Answer:
    """The answer where no condition is left: the objective's constant, if nothing else in it can be positive."""
    bounded = is_feasible(prepared.dual, ()) and not any(prepared.dual.defects(()))
    nothing = np.zeros(len(prepared.data.b))
    return Answer("", "optimal", 0.0, 0.0, np.zeros(0), nothing) if bounded else Answer("", "infeasible", None, 0.0)


def finish(
    prepared: Prepared,
    answer: Answer,
    clock: Clock,
    *,
    tolerance: Fraction,
    everything: Problem | None,
    exact: bool = False,
) -> Bound:
    """Exact ends from a floating-point answer.

    `everything` is the problem with all its relations (`prepared` may have left some out, which is sound above but
    not below); without it there is no lower end.
    """
    problem, dual, data = prepared.problem, prepared.dual, prepared.data
    if not answer.usable:
        verdicts = {"infeasible": Verdict.UNBOUNDED, "unbounded": Verdict.INFEASIBLE}
        return _bound(problem, verdicts.get(answer.status, Verdict.FAILED), None, clock)
    value = number(dual.constant) + (float(data.q @ answer.x) if answer.value is None else answer.value)
    if clock.report:
        clock.report(_bound(problem, Verdict.NUMERICAL, value, clock))
    with clock.stage("round"):
        rounded = round_dual(dual, answer, data=data, tolerance=tolerance)
    multipliers = None if isinstance(rounded, Unrounded) else rounded.y
    if clock.report and multipliers is not None:
        with clock.stage("check"):
            above = _checked(prepared, multipliers, tolerance)
        clock.report(_bound(problem, _verdict(problem, above, None), value, clock, above))
    with clock.stage("round"):
        recognised = Recognised()
        if exact or multipliers is None:
            recognised = tighten(dual, data=data, target=None if isinstance(rounded, Unrounded) else rounded.bound)
            multipliers = multipliers if recognised.y is None else tuple(recognised.y)
    above = below = closed = residuals = None
    if isinstance(rounded, Unrounded):
        residuals = (rounded.equations, rounded.cones)
    if multipliers is not None:
        with clock.stage("check"):
            above = _checked(prepared, multipliers, tolerance)
            if recognised.y is not None and isinstance(rounded, Rounded) and not _as_good(above, rounded):
                # without any slack there may be no room for multipliers of relations that were eliminated
                other = _checked(prepared, rounded.y, tolerance)
                above = min((b for b in (above, other) if b is not None), key=lambda b: b.bound, default=None)
            closed = None if above is None else checked_algebraic(prepared.sieved, recognised, above.bound)
    if clock.report and everything is not None:
        part = _bound(problem, _verdict(problem, above, None), value, clock, above, None, residuals)
        clock.report(replace(part, closed_certificate=closed, polynomial=recognised.polynomial))
    if everything is not None:
        below = _worst_case(prepared, everything, answer, clock, tolerance)
        if above is not None and not problem.relaxations and _apart(above, below, tolerance):
            below = _recognised_worst_case(prepared, everything, clock) or below
            if _apart(above, below, tolerance):
                other = _in_units(prepared, everything, answer, clock, tolerance)
                below = max((b for b in (below, other) if b is not None), key=lambda b: b.value, default=None)
        few = len(everything.inequalities) <= MANY
        if above is not None and few and not problem.relaxations and _apart(above, below, tolerance):
            # relations that were left out matter for a worst case, or a solver's answer is not good enough for one
            if everything is not problem:
                whole = prepare(everything, clock)
                again = optimum(whole, clock, insist=False)
            elif len(dual.variables) <= SMALL:
                whole, again = prepared, _second_opinion(prepared, clock)
            else:
                whole, again = prepared, answer
            fresh = again is not answer and again.usable
            other = _worst_case(whole, everything, again, clock, tolerance) if fresh else None
            below = max((b for b in (below, other) if b is not None), key=lambda b: b.value, default=None)
    bound = _bound(everything or problem, _verdict(problem, above, below), value, clock, above, below, residuals)
    return replace(bound, closed_certificate=closed, polynomial=recognised.polynomial)


def _checked(prepared: Prepared, multipliers: Sequence[fmpq], tolerance: Fraction) -> UpperBound | None:
    """The bound that multipliers of the prepared problem prove on the original one."""
    lifted = lift(prepared.sieved, multipliers, tolerance)
    return None if lifted is None else checked_upper(prepared.sieved.original, lifted)


def _as_good(above: UpperBound | None, rounded: Rounded) -> bool:
    """Whether a bound on the original problem is as good as the multipliers before anything was recognised."""
    return above is not None and above.bound <= as_fraction(rounded.bound)


def _worst_case(
    prepared: Prepared, everything: Problem, answer: Answer, clock: Clock, tolerance: Fraction
) -> Attained | None:
    """A point that satisfies all relations exactly, from a solver's answer to the prepared problem."""
    dual, data = prepared.dual, prepared.data
    if not prepared.sieved.faithful:  # a worst case has the vectors that were eliminated, too
        with clock.stage("solve"):
            dual = prepared.sieved.original
            data = conic(dual)
            answer = clock.ask(data, CLARABEL, "worst case with everything eliminated put back")
    with clock.stage("round"):
        found = round_primal(everything, dual, answer, data=data, tolerance=tolerance)
        clock.attempts.extend(found.attempts)
    if found.point is None:
        return None
    with clock.stage("check"):
        return _checked_attained(found.point)


def _recognised_worst_case(prepared: Prepared, everything: Problem, clock: Clock) -> Attained | None:
    """An optimal point whose numbers are recognised: it satisfies relations with equality that no rounding keeps."""
    dual, data, face = prepared.dual, prepared.data, None
    with clock.stage("round"):
        if not prepared.sieved.faithful:
            face = evident(everything)
            if face is None:
                return None
            dual = program(face.problem, *invisible(face.problem))
            data = conic(dual)
        point = worst_point(dual, data) if dual.variables else None
        if point is None:
            return None
        values = {key[0]: c for key, c in point.items() if len(key) == 1}
        gram = {(key[0], key[1]): c for key, c in point.items() if len(key) == 2}
        found = checked(Feasible(everything, ZERO, values, gram if face is None else face.lift(gram)))
    with clock.stage("check"):
        return None if found is None else _checked_attained(found)


def _in_units(
    prepared: Prepared, everything: Problem, answer: Answer, clock: Clock, tolerance: Fraction
) -> Attained | None:
    """A worst case, searched for in units in which the answer's Gram matrix and function values are near 1."""
    units = adapted(everything, *primal(prepared.dual, prepared.data, answer))
    if units is None:
        return None
    with clock.stage("solve"):
        dual = program(units.problem, *invisible(units.problem))
        data = conic(dual)
        fresh = clock.ask(data, CLARABEL, "worst case in other units")
    with clock.stage("round"):
        found = round_primal(units.problem, dual, fresh, data=data, tolerance=tolerance).point
        point = found and checked(Feasible(everything, ZERO, *units.back(found.values, found.gram)))
    with clock.stage("check"):
        return None if point is None else _checked_attained(point)


def _apart(above: UpperBound, below: Attained | None, tolerance: Fraction) -> bool:
    """Whether the ends are much farther apart than rounding explains."""
    return below is None or above.bound - below.value > 8 * tolerance * max(abs(above.bound), tolerance)


def _verdict(problem: Problem, above: UpperBound | None, below: Attained | None) -> Verdict:
    if above is None:
        return Verdict.NUMERICAL
    if problem.relaxations:
        return Verdict.RELAXATION
    return Verdict.CERTIFIED if below is not None else Verdict.UPPER


def checked_upper(dual: Program, y: Sequence[fmpq]) -> UpperBound | None:
    """The bound that exact multipliers prove on the original problem, if the kernel agrees."""
    inequalities, equations, matrices = to_multipliers(dual, [as_fraction(value) for value in y])
    used = frozenset(inequalities) | frozenset(equations) | frozenset(matrices)
    certificate = UpperBound(
        problem=to_kernel(dual.problem, used),
        bound=as_fraction(dual.cost(y)),
        multipliers=inequalities,
        equation_multipliers=equations,
        matrix_multipliers={name: tuple(map(tuple, rows)) for name, rows in matrices.items()},
    )
    try:
        check_upper(certificate)
    except Unproved:
        return None
    return certificate


def _checked_attained(point: Feasible) -> Attained | None:
    """The certificate of a worst case, if the kernel agrees."""
    try:
        return point.certificate()
    except Unproved:
        return None


def _bound(
    problem: Problem,
    verdict: Verdict,
    value: float | None,
    clock: Clock,
    above: UpperBound | None = None,
    below: Attained | None = None,
    residuals: tuple[float, float] | None = None,
) -> Bound:
    return Bound(
        problem=problem,
        verdict=verdict,
        value=value,
        upper_certificate=above,
        lower_certificate=below,
        attempts=tuple(clock.attempts),
        residuals=residuals,
        seconds=dict(clock.seconds),
    )
