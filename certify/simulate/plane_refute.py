"""The search for counterexamples in norms that have no inner product: quadratics of the plane, exactly.

On the line all norms are alike; what breaks in ℓ∞ or ℓ1 breaks in the plane. Small integers are drawn, the method's
own step runs on the exact ball-prox, and whatever contradicts the theorem is kept in its simplest form found.
"""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from certify.geometry import named
from certify.language import Assumption, Method, Parameter, Scalar, Theorem
from certify.simulate.claims import INDEX, Claim
from certify.simulate.plane import Plane, PlaneQuadratic, PlaneVector, planar
from certify.simulate.plane_counterexample import (
    MEMBERSHIP,
    PlaneCounterexample,
    PlaneFailure,
    PlaneTrial,
    goal_of,
    judge,
    judge_run,
)

MORE_DRAWS = 800  # after the first counterexample, in search of a simpler one
RUN_SHARE = 0.6  # of the time, for a run that contradicts what follows after N steps
RIDGES = [Fraction(1, n) for n in (1, 2, 5, 10, 20, 50, 100, 1000)]


def refute_in_plane(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    norm: str,
    values: Mapping[str, Scalar] | None = None,
    *,
    seconds: float = 5.0,
    seed: int = 0,
) -> PlaneCounterexample | None:
    """A small exact counterexample to the theorem in this norm, or None if none was found in time.

    It refutes the step inequality, or what the lemma needs besides; if in addition some run contradicts the number of
    steps after which the theorem says that the run ends, that run comes with it.
    """
    ball = planar(named(norm))
    if ball is None or any(a.name not in MEMBERSHIP for a in assumptions):
        return None
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, (), values or {})
    space, generator, start = Plane(ball), random.Random(seed), time.process_time()  # noqa: S311
    found = _simplest(claim, space, generator, start + (1 - RUN_SHARE) * seconds, judge)
    run = _simplest(claim, space, generator, start + seconds, judge_run) if _ends(claim, space, seed) else None
    best = found or run
    if best is None:
        return None
    whole = None if run is None or run is best else PlaneCounterexample.of(claim, norm, *run)
    result = PlaneCounterexample.of(claim, norm, *best, run=whole)
    return result if result.replay() else None


def _ends(claim: Claim, space: Plane, seed: int) -> bool:
    """Whether the theorem bounds the number of steps until a run ends: its goal has an amount of decrease."""
    generator = random.Random(seed)  # noqa: S311
    for _ in range(20):
        trial = _drawn(claim, space, generator)
        try:
            if trial is not None:
                return hasattr(goal_of(claim, trial)[0], "amount")
        except (ValueError, ArithmeticError, TypeError):
            continue
    return False


def _simplest(
    claim: Claim, space: Plane, generator: random.Random, deadline: float, verdict: Any
) -> tuple[PlaneTrial, PlaneFailure] | None:
    best: tuple[PlaneTrial, PlaneFailure] | None = None
    more = MORE_DRAWS
    while time.process_time() < deadline and more:
        trial = _drawn(claim, space, generator)
        if best is not None:
            more -= 1
            if _complexity(trial) >= _complexity(best[0]):
                continue
        failure = None if trial is None else verdict(claim, trial)
        if trial is not None and failure is not None:
            best = (trial, failure)
    return best


def _drawn(claim: Claim, space: Plane, generator: random.Random) -> PlaneTrial | None:
    """½(px − qy)² + ½r(x² + y²) for small integers p, q and a small r, a start with small coordinates."""
    pick, free = generator.choice, {}
    p, q, ridge = generator.randint(0, 9) * pick((1, 1, 5)), generator.randint(-9, 9), pick(RIDGES)
    declared = claim.method.parameters()
    for name in claim.free:
        if name in claim.constants:
            free[name] = Fraction(1, pick((1, 2, 4, 10, 100, 1000)))
        elif declared.get(name, Parameter(name)).strict:
            free[name] = Fraction(generator.randint(1, 30), pick((1, 10, 20)))
        else:
            free[name] = Fraction(generator.randint(0, 5))
    for name in INDEX if claim.theorem.indexed else ():
        free[name] = Fraction(generator.randint(0, 3))
    try:
        values = {**free, **claim.tied(free)}
    except ArithmeticError:
        return None
    function = PlaneQuadratic(space, p * p + ridge, Fraction(-p * q), q * q + ridge)
    start: PlaneVector = space.vector(generator.randint(-4, 4), generator.randint(-4, 4))
    return PlaneTrial(function, values, start)


def _complexity(trial: PlaneTrial | None) -> int:
    """The digits of all numbers."""
    if trial is None:
        return 10**9
    f = trial.function
    numbers = (f.a, f.b, f.c, trial.start.x, trial.start.y, *trial.values.values())
    return sum(n.numerator.bit_length() + n.denominator.bit_length() + (n < 0) for n in numbers)
