"""What refuses goals from which a theorem would not follow, even if all their inequalities are proved."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import pairwise
from typing import Any

from certify.language.energy_goals import Energy, EnergyContraction
from certify.language.functions import norm as norm_of
from certify.language.goals import Contraction, FiniteContraction, Goal, Potential, ProductDecrease, Same, Telescoping
from certify.language.measures import DISTANCE, STEP, Run
from certify.language.memory import scalar_of
from certify.language.methods import Method
from certify.language.oracles import SymbolicFunction
from certify.language.outcomes import Outcomes
from certify.language.scalar import Scalar, exact
from certify.language.symbolic_operators import SymbolicOperator
from certify.language.theorems import Theorem
from certify.language.trace import DoesNotApply, Trace
from certify.language.varying_goals import (
    Averaging,
    DominatedDecrease,
    QuadraticDecrease,
    SaturatingDecrease,
    SelfScaled,
)

SUMS = Telescoping | Potential | Averaging | SaturatingDecrease | SelfScaled | Same
"""Goals that need not compare the measure before and after a step."""
CLOCKED = Averaging | Energy | Potential
"""Goals with functions of the number of steps."""


def measured(
    theorem: Theorem, method: Method, functions: Sequence[SymbolicFunction], states: Sequence[Any]
) -> list[Any]:
    """The theorem's measure at the states of a step: at their iterates, or as it is along runs."""
    measure = theorem.measure
    if any(isinstance(method.output(s), Outcomes) for s in states):
        raise DoesNotApply(
            f"a step of {method.name} has several outcomes: its output must be one of their means, such as expected(…)"
        )
    if measure.values is not None and len(functions) == 1:
        return list(measure.along(functions[0], [method.output(s) for s in states]))
    known = len(functions) > 1 or isinstance(functions[0], SymbolicOperator)
    run = Run(method, tuple(functions), tuple(states), method.solution(*functions) if known else None)
    first = int(measure is STEP)  # which compares an iterate with the one before
    return [v for k in range(first, len(states)) for v in measure.of(run, k)]


def coherent(
    theorem: Theorem,
    goal: Goal,
    functions: Sequence[SymbolicFunction],
    points: Sequence[Any],
    measures: Sequence[Any],
) -> None:
    """Refuse a goal from which the theorem would not follow even if all its inequalities are proved."""
    measures, step = [exact(m) for m in measures], tuple(map(exact, goal.measured))
    for quantity in step:
        if quantity not in measures:
            raise DoesNotApply(f"theorem {theorem.name!r} is not about its measure, {theorem.measure.name}")
    if theorem.steps > 1 and isinstance(goal, CLOCKED | EnergyContraction | SelfScaled):
        raise DoesNotApply(f"theorem {theorem.name!r}: bounds after N steps of this kind are about windows of one step")
    last = isinstance(goal, DominatedDecrease | QuadraticDecrease)  # about the last iterate, as contractions are
    for clock, name in ((getattr(goal, n, None), n) for n in ("clock", "left") if isinstance(goal, CLOCKED)):
        if clock is not None and exact(clock) != Scalar.variable({"clock": "k", "left": "m"}[name]):
            raise DoesNotApply(
                f"theorem {theorem.name!r}: bounds count N steps from k = 0, so its clock must be k, with m steps left"
            )
    if isinstance(goal, EnergyContraction) and goal.rate is None and not goal.rates:
        raise DoesNotApply(f"theorem {theorem.name!r}: the rate of an energy is not derived; it must be named")
    if isinstance(goal, Energy | EnergyContraction):
        if measures[-1] != step[0]:
            raise DoesNotApply(f"theorem {theorem.name!r} is not about {theorem.measure.name} after its step")
    elif (last or not isinstance(goal, SUMS)) and step != tuple(measures[:2]):
        raise DoesNotApply(f"theorem {theorem.name!r} does not compare {theorem.measure.name} before and after a step")
    if isinstance(goal, Telescoping) and goal.last and any(q not in measures[:2] for q in step):
        raise DoesNotApply(f"theorem {theorem.name!r} is not about {theorem.measure.name} at its first step")
    if isinstance(goal, Telescoping) and goal.last and not _falls(goal, measures):
        raise DoesNotApply(
            f"theorem {theorem.name!r} has no support saying that {theorem.measure.name} never increases"
        )
    if isinstance(goal, ProductDecrease) and not _grows(goal, functions, points):
        raise DoesNotApply(f"theorem {theorem.name!r}: the rate must vary with ‖x − x⋆‖, compared with ‖x⁺ − x⋆‖")
    if isinstance(goal, Contraction) and goal.uniform is not None:
        (f,) = functions
        if not any(goal.distance == norm_of(x - f.minimizer) for x in points):
            raise DoesNotApply(f"theorem {theorem.name!r}: the rate must vary with a distance to x⋆")
        if not _falls(goal, DISTANCE.along(f, points)) and not _falls(goal, (norm_of(x - f.minimizer) for x in points)):
            raise DoesNotApply(f"theorem {theorem.name!r} has no support saying that the distance never increases")


def _grows(goal: ProductDecrease, functions: Sequence[SymbolicFunction], points: Sequence[Any]) -> bool:
    """Whether distance and next_distance are ‖x − x⋆‖ and ‖x⁺ − x⋆‖, or both with the same number of steps on top."""
    if len(functions) != 1 or len(points) < 2:
        return False
    own, later = (norm_of(x - functions[0].minimizer) for x in points[:2])
    return any(
        exact(goal.distance) == own + more * goal.step and exact(goal.next_distance) == later + more * goal.step
        for more in range(3)
    )


def stochastic(theorem: Theorem, goal: Goal, trace: Trace, conditions: Sequence[str], allowed: Collection[str]) -> None:
    """Refuse what does not follow for means over all steps from inequalities that hold in the mean at one."""
    if not trace.randomness.count:
        return
    varying = isinstance(goal, FiniteContraction) or (isinstance(goal, Contraction) and goal.uniform is not None)
    means = Contraction | Telescoping | Potential | Averaging | Same
    if theorem.steps > 1 or varying or not isinstance(goal, means):
        raise DoesNotApply(f"theorem {theorem.name!r}: its recursion is not one for means")
    if isinstance(goal, Averaging) and not all(trace.consists_of(n, (*allowed, "k")) for n in goal.weight.variables):
        raise DoesNotApply(f"theorem {theorem.name!r}: weights of an average of means may depend on k only")
    if isinstance(goal, Same):  # holds for every sample
        return
    names = {n for c in conditions for n in trace.facts[c].polynomial.variables}
    if not all(trace.consists_of(n, (*allowed, "k", "m")) for n in names):
        raise DoesNotApply(f"theorem {theorem.name!r}: conditions on random points are not conditions on means")


def branching(
    theorem: Theorem,
    goal: Goal,
    drawn: Sequence[Outcomes],
    trace: Trace,
    conditions: Sequence[str],
    allowed: Collection[str],
) -> None:
    """Refuse what does not follow for the mean over the outcomes of all steps, and chances that are none."""
    for outcomes in drawn:
        chances = [exact(chance) for chance, _ in outcomes.cases]
        if sum(chances, Scalar.constant(0)).as_constant() != 1:
            raise DoesNotApply(f"theorem {theorem.name!r}: the chances of the outcomes do not add up to 1")
        if any(trace.sign(c.numerator) not in (0, 1) or c.denominators for c in chances):
            raise DoesNotApply(f"theorem {theorem.name!r}: a chance is not known to be nonnegative; add a condition")
    varying = isinstance(goal, FiniteContraction) or (isinstance(goal, Contraction) and goal.uniform is not None)
    means = isinstance(goal, Contraction | Telescoping) and not varying
    if theorem.steps > 1 or not means or goal.support or goal.invariant:
        raise DoesNotApply(f"theorem {theorem.name!r}: its recursion is not one for means over outcomes")
    if any(not trace.consists_of(n, allowed) for c in conditions for n in trace.facts[c].polynomial.variables):
        raise DoesNotApply(f"theorem {theorem.name!r}: conditions on random points are not conditions on means")


def _falls(goal: Goal, values: Iterable[Any]) -> bool:
    """Whether a support says that the values at consecutive points do not increase."""
    support = [tuple(map(scalar_of, side)) for side in goal.support]
    return any((later, earlier) in support for earlier, later in pairwise(values))
