"""A problem about points turned into one about functions, where interpolation conditions are known.

A proof uses the inequalities of a class at the points it needs. Points that satisfy these need not belong to a function
of the class: some values may have no subgradient beside them, the infimum no minimiser, and of some classes no
sufficient conditions are known. What is missing is added here; what remains a relaxation is said in words.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, replace

from certify.assumptions.convex import Convex
from certify.assumptions.nonexpansive import Nonexpansive
from certify.language import Assumption
from certify.language.problems import Problem
from certify.pep.step.structure import Cases, claimed


@dataclass(frozen=True)
class Members:
    """A problem with all that is known of functions.

    `relaxations` say why points need not come from a function (none: they always do). `within` names the class that
    the functions belong to, which may be smaller than the one that the theorem is about.
    """

    problem: Problem
    within: str
    relaxations: tuple[str, ...] = ()


def members(problem: Problem, cases: Cases) -> Members:
    """The same problem with a minimiser, and with a subgradient wherever a value is claimed something about.

    (Any function through the other points has some value where none is claimed.) The problem given is not changed.
    """
    if not problem.trace.geometry.euclidean:
        said = " and ".join(a.name for a in problem.assumptions)
        return Members(problem, said, ("without an inner product nothing but the axioms of norms is used",))
    assumptions = problem.assumptions
    if problem.function.ball_prox_calls and {type(a) for a in assumptions} <= Convex.closure() - {Convex}:
        assumptions = (Convex(),)  # of ball-convexity itself no sufficient conditions are known
    f = deepcopy(problem.function)
    trace, convex = f.trace, any(Convex in a.closure() for a in assumptions)
    if convex and f.bounded_below:
        _ = f.minimizer  # convex functions whose infimum is attained come as near as you like to all others
    names = claimed(cases)
    for evaluation in list(f.evaluations.values()):
        if evaluation.value.variables & names:
            f.subgradient(evaluation.point)
    for assumption in assumptions:
        assumption.hypotheses(f)
    f.lower_bounds()
    f.unbiased()
    trace.close()
    within = " and ".join(a.name for a in assumptions)
    return Members(
        replace(problem, trace=trace, function=f), within, tuple(_relaxations(assumptions, trace.randomness.count))
    )


def _relaxations(assumptions: tuple[Assumption, ...], draws: int) -> Iterator[str]:
    if draws:
        yield "of random quantities nothing but means is used"
    if len(assumptions) > 1:
        yield "several assumptions hold at once, each by its own conditions"
    for assumption in assumptions:
        ball = type(assumption).ball_prox is not Assumption.ball_prox and not isinstance(assumption, Convex)
        operator = assumption.subject == "operator" and (assumption.pairwise or isinstance(assumption, Nonexpansive))
        if ball or not assumption.interpolating or not (operator or assumption.pointwise()):
            yield f"the conditions for {assumption.name} are necessary, and not known to be sufficient"
