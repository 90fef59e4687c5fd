"""Do the assumptions of a theorem contradict each other? A model says no, a certificate of a contradiction says yes.

A theorem is vacuous if 1 ≤ 0 follows from what it assumes, or that its measure is 0 at every start. Both are statements
like any other: certificates prove them, and numbers at which everything assumed holds while the measure is positive
(`certify.kernel.Model`) show that there is no such certificate.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from certify.kernel import Certificate, Model, Polynomial, Statement
from certify.language.scalar import Scalar, UnknownSign, exact
from certify.prove.line_starts import line_start
from certify.prove.models import find_model
from certify.prove.products import find_proof
from certify.prove.prover import accepted, prove_side

if TYPE_CHECKING:
    from certify.language.goals import Side
    from certify.language.problems import Problem

SECONDS = 4.0
"""Time for each contradiction, where no model was found."""
MOST_FACTORS, MOST_MONOMIALS = 4, 12
"""Limits on the squares that are tried between parameters."""


@dataclass(frozen=True)
class Consistency:
    """A model of what is assumed, or a contradiction of this kind (`NOTHING`, `SOLVED`), or neither.

    `near` says that there are numbers that satisfy everything in floating point, such as roots with no rational value.
    """

    model: Model | None = None
    near: bool = False
    kind: str = ""
    contradiction: Certificate | None = None

    @property
    def unknown(self) -> bool:
        """Whether neither an example nor a contradiction was found."""
        return self.model is None and not self.near and self.contradiction is None


NOTHING, SOLVED = "nothing", "solved"
"""1 ≤ 0 follows; or that the measure is at most 0 at the first point."""


def consistency(problem: Problem, seconds: float = SECONDS) -> Consistency:
    """Whether the facts, hypotheses and equations of a theorem hold together at a start that is not solved."""
    kinds = (NOTHING, SOLVED) if opposite(problem, SOLVED) is not None else (NOTHING,)
    end = opposite(problem, kinds[-1])
    if end is None:
        return Consistency()
    statement = problem.trace.statement(-problem.conclusion(end), ">")
    found = find_model(statement, lambda numbers, curvature: line_start(problem, numbers, curvature))
    if found:
        return Consistency(found if isinstance(found, Model) else None, near=found is True)
    for kind in kinds:
        sides = opposite(problem, kind)
        part = None if sides is None else prove_side(problem, sides, "step", seconds=seconds)
        if part is not None and part.proved and len(part.cases) == 1 and not part.cases[0].conditions:
            return Consistency(kind=kind, contradiction=part.cases[0].certificate)
    return Consistency()


def opposite(problem: Problem, kind: str) -> Side | None:
    """lhs ≤ rhs, which contradicts what is assumed: 1 ≤ 0, or measure ≤ 0; None if that cannot be stated."""
    if kind == NOTHING:
        return Scalar.constant(1), Scalar.constant(0)
    try:
        measure: Any = exact(problem.measured[0])
        return None if problem.conclusion((measure, 0)).as_constant() is not None else (measure, Scalar.constant(0))
    except (IndexError, UnknownSign, TypeError, ValueError):
        return None


def parameters_exist(statement: Statement, seconds: float = SECONDS) -> Consistency:
    """Whether facts and equations between parameters hold together; the conclusion is replaced."""
    found = find_model(replace(statement, conclusion=Polynomial.constant(1), relation=">="))
    if found:
        return Consistency(found if isinstance(found, Model) else None, near=found is True)
    false = replace(statement, conclusion=Polynomial.constant(-1), relation=">=")
    proof = find_proof(false, _squares(false), seconds=seconds, max_degree=3, max_multiplier=2)
    case = accepted(false, proof)
    return Consistency() if case is None else Consistency(kind=NOTHING, contradiction=case.certificate)


def _squares(statement: Statement) -> list[Polynomial]:
    """u − v, u − 2v and 2u − v for monomials u, v that occur in the facts, with all their powers below."""
    occurring = {m for f in statement.facts for m, _ in f.polynomial if len(m) < MOST_FACTORS}
    halves = {tuple((n, e // 2) for n, e in m if e > 1) for m in occurring}
    monomials = [Polynomial({m: 1}) for m in sorted(occurring | halves | {()})]
    pairs = list(combinations(monomials[:MOST_MONOMIALS], 2))
    return [u.scale(a) - v.scale(b) for u, v in pairs for a, b in ((1, 1), (1, 2), (2, 1))]
