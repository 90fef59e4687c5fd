"""An exact instance as a worst-case problem of the engine, and the exact interval around its sup lhs/rhs.

With G the Gram matrix, f the function values and s ≥ 0 in place of the constant 1, the problem is homogeneous:

    maximise lhs  subject to  rhs = 1,  forms ≥ 0,  forms = 0,  G ⪰ 0,  s ≥ 0,

so that the optimum is the supremum of lhs/rhs (Charnes, Cooper 1962). A point with s > 0 is a multiple of one with
s = 1, which has the same ratio; points with s = 0 are limits of such multiples if there is any point with s = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from fractions import Fraction

from flint import fmpq

from certify.kernel.worst_case import Attained
from certify.pep.engine.bounds import Bound, Verdict
from certify.pep.engine.problem import ONE, ZERO, Key, Problem, Row
from certify.pep.engine.solve import Clock, finish, optimum, prepare
from certify.pep.engine.threads import one_thread
from certify.pep.step.forms import CONSTANT, Form
from certify.pep.step.structure import Instance

SHARE = "s"
"""The value that stands for the constant 1."""
UNIT: Form = {CONSTANT: Fraction(1)}
TOLERANCE = Fraction(1, 10**7)


class Status(Enum):
    """What is known of sup lhs/rhs."""

    CERTIFIED = "certified"  # both ends are exact
    LOWER = "lower end"  # the lower end only
    UPPER = "upper end"  # the upper end only
    UNBOUNDED = "unbounded"  # at an exact point lhs = 1 and rhs ≤ 0: no multiple of rhs bounds lhs
    FAILED = "failed"


@dataclass(frozen=True)
class Supremum:
    """lower ≤ sup lhs/rhs ≤ upper, each end by a certificate that the kernel has accepted.

    `point` is where lhs/rhs = lower (as lhs = lower, rhs = 1), or where lhs = 1 and rhs ≤ 0.
    """

    status: Status
    lower: Fraction | None = None
    upper: Fraction | None = None
    point: Attained | None = None


class Ratio:
    """lhs/rhs of one instance; `seconds` are those spent on solving."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.seconds = 0.0
        forms = (*instance.nonnegative, *instance.zero, instance.lhs, instance.rhs)
        self.constants = any(CONSTANT in form for form in forms)
        self.values = (*instance.values, *([SHARE] if self.constants else []))
        self._keys: dict[str, Key] = {name: (k,) for k, name in enumerate(self.values)}
        self._keys[CONSTANT] = self._keys.get(SHARE, ())
        for i, a in enumerate(instance.vectors):
            for j, b in enumerate(instance.vectors):
                self._keys[f"<{a},{b}>"] = (min(i, j), max(i, j))

    def supremum(self) -> Supremum | None:
        """The supremum of lhs/rhs where rhs > 0; None if no point satisfies the hypotheses at these parameters."""
        lhs, rhs = self.instance.lhs, self.instance.rhs
        if self.constants and not self._is_possible():
            return None
        bound = self._solve(lhs, rhs)
        if bound.verdict in (Verdict.UNBOUNDED, Verdict.INFEASIBLE):
            beyond = self._solve({}, lhs, [{name: -c for name, c in rhs.items()}])
            if beyond.lower is not None and self._is_reached(beyond):
                return Supremum(Status.UNBOUNDED, point=beyond.lower_certificate)
            nothing = bound.verdict is beyond.verdict is Verdict.INFEASIBLE
            return None if nothing else Supremum(Status.FAILED)
        lower = bound.lower if self._is_reached(bound) else None
        point = None if lower is None else bound.lower_certificate
        return Supremum(_status(lower, bound.upper), lower, bound.upper, point)

    @one_thread
    def _is_possible(self) -> bool:
        """Whether some point may satisfy the hypotheses with s = 1: False if a solver says that none does."""
        clock = Clock()
        answer = optimum(prepare(self._problem({}, UNIT), clock), clock, insist=False)
        self.seconds += sum(clock.seconds.values())
        return answer.status != "unbounded"

    def _is_reached(self, bound: Bound) -> bool:
        """Whether the exact point found is one of the hypotheses, or a limit of such points."""
        point = bound.lower_certificate
        if point is None or not self.constants or point.values[SHARE] > 0:
            return point is not None
        return self._solve({}, UNIT).lower is not None

    @one_thread
    def _solve(self, objective: Form, unit: Form, more: Sequence[Form] = ()) -> Bound:
        problem, clock = self._problem(objective, unit, more), Clock()
        prepared = prepare(problem, clock)
        answer = optimum(prepared, clock, insist=False)  # a second solver's import would take longer than all the rest
        bound = finish(prepared, answer, clock, tolerance=TOLERANCE, everything=problem, exact=True)
        self.seconds += sum(bound.seconds.values())
        return bound

    def _problem(self, objective: Form, unit: Form, more: Sequence[Form] = ()) -> Problem:
        """Maximise a form where another one is 1 and `more` are ≥ 0."""
        nonnegative = (*self.instance.nonnegative, *more, *([UNIT] if self.constants else []))
        one = self._terms(unit)
        one[()] = one.get((), ZERO) - ONE
        return Problem(
            vectors=self.instance.vectors,
            values=self.values,
            objective=self._terms(objective),
            inequalities=tuple(Row(f"inequality {i}", self._terms(form)) for i, form in enumerate(nonnegative)),
            equations=(
                *(Row(f"equation {i}", self._terms(form)) for i, form in enumerate(self.instance.zero)),
                Row("unit", {key: c for key, c in one.items() if c}),
            ),
        )

    def _terms(self, form: Form) -> dict[Key, fmpq]:
        terms: dict[Key, fmpq] = {}
        for name, c in form.items():
            key = self._keys[name]
            terms[key] = terms.get(key, ZERO) + fmpq(c.numerator, c.denominator)
        return {key: c for key, c in terms.items() if c}


def _status(lower: Fraction | None, upper: Fraction | None) -> Status:
    if lower is None:
        return Status.FAILED if upper is None else Status.UPPER
    return Status.LOWER if upper is None else Status.CERTIFIED
