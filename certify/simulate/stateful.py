"""Runs of methods with memory or several functions, every step compared with the theorem.

Each instance has constants and parameters of its own, drawn within the theorem's conditions, and many runs on test
functions with exactly these constants. A step that draws is compared in the mean over its outcomes; the run then
follows one of them, at random in each row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from random import Random
from typing import Any

import torch
from torch import Tensor

from certify.language import Assumption, Count, Goal, Method, Outcomes, Problem, Scalar, Share, Theorem, pose
from certify.simulate.claims import Claim, Goals, comparisons, unknown
from certify.simulate.engine import Batch, oracles
from certify.simulate.evaluate import evaluate
from certify.simulate.functions import UnsupportedOracle
from certify.simulate.gathered import Tally, gathered
from certify.simulate.members import batches
from certify.simulate.rows import number, plain, rows
from certify.simulate.trajectories import Trajectories

INSTANCES = 10
TRIES = 4000
"""Draws of parameters until one is within the conditions of a theorem."""
DIGITS = 3
"""Significant decimal digits of drawn numbers."""
ROUNDING = 1e-14
"""What is smaller than this part of a run's largest terms so far is rounding."""
Numbers = dict[str, Fraction]


def run_states(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    goals: Goals = (),
    values: Mapping[str, Scalar] | None = None,
    *,
    runs: int = 1000,
    steps: int = 20,
    seed: int = 0,
    instances: int = INSTANCES,
) -> Trajectories | None:
    """Run the method on functions with the constants of `instances` random choices, `runs` runs each.

    **Arguments**: `goals`, the cases of a theorem with a derived number; `values`, parameters tied to formulas.

    **Returns**: how the runs compare with the theorem; None if there are no functions or parameters for it.
    """
    problem = pose(method, assumptions, theorem, values)
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, tuple(goals), values or {})
    found: list[tuple[str, dict[str, Tensor]]] = []
    for chosen in drawn_numbers(problem, claim, instances, seed):
        groups = [(a,) for a in assumptions] if theorem.roles > 1 else [tuple(assumptions)]
        constants = [{s: chosen[s] for a in own for s in a.parameters()} for own in groups]
        starts = len(claim.method.starts)
        for batch in batches(groups, constants, runs=runs, seed=seed, starts=starts):
            try:
                seen = _one(claim, chosen, batch, steps, seed)
            except UnsupportedOracle:
                continue
            found.append(("+".join(f.name for f in batch.functions), seen))
    return gathered(found, steps)


def drawn_numbers(problem: Problem, claim: Claim, count: int, seed: int) -> Iterator[Numbers]:
    """Numbers for all constants and parameters within the conditions that are about them alone."""
    random = Random(seed)  # noqa: S311 (no secret)
    names = claim.free
    conditions = [problem.trace.facts[n] for n in problem.conditions]
    declared = {s: p for owner in (claim.method, *claim.assumptions) for s, p in owner.parameters().items()}
    found = 0
    for _ in range(TRIES):
        chosen = {n: _drawn(random, declared.get(n)) for n in names}
        chosen |= claim.tied(chosen)
        about = [f for f in conditions if f.polynomial.variables <= chosen.keys()]
        if all(map(bool, claim.domain(chosen))) and all(evaluate(f.polynomial, chosen) >= 0 for f in about):
            yield chosen
            found += 1
            if found == count:
                return


def _drawn(random: Random, parameter: Any) -> Fraction:
    if isinstance(parameter, Count):
        return Fraction(random.randint(1, 6))
    value = random.random() if isinstance(parameter, Share) else 10 ** random.uniform(-2, 1)
    return Fraction(f"{value:.{DIGITS}g}")


def _one(claim: Claim, chosen: Numbers, batch: Batch, steps: int, seed: int) -> dict[str, Tensor]:
    """All runs on one batch of functions, row by row."""
    generator = torch.Generator().manual_seed(seed)
    own = {s: float(chosen[s]) for s in claim.method.parameters()}
    method, functions = claim.method(**own), oracles(batch)
    value = derived(claim, chosen)
    state = method.start(*map(rows, batch.starts), *functions)
    like = torch.zeros(len(batch), dtype=torch.float64)
    tally = Tally(len(batch))
    largest: dict[str, Tensor] = {}
    for k in range(steps):
        after = method.advance(float(k), state, *functions)
        index = {"k": float(k), "m": float(steps - k - 1)} if claim.theorem.indexed else {}
        goal: Goal = claim.theorem.goal(method, *functions, state, after, **index)
        if goal.unknown and value is not None:
            goal = goal.solved(value)
        mask = torch.ones_like(like, dtype=torch.bool)
        for condition in goal.given:
            truth = torch.as_tensor(number(condition))
            mask &= _column(truth if truth.dtype == torch.bool else truth >= 0, like).bool()
        for c in comparisons(goal):
            lhs, rhs, size = (_column(v, like) for v in (c.lhs, c.rhs, c.size))
            tally.compare(c.role, (lhs, rhs, size), ROUNDING * largest.setdefault(c.role, size), mask)
            largest[c.role] = torch.maximum(largest[c.role], size)
        state = followed(after, generator, like)
    return tally.data()


def derived(claim: Claim, chosen: Numbers) -> float | None:
    """The derived number by the first case whose conditions hold; None without cases."""
    for conditions, goal in claim.goals:
        if all(evaluate(c, chosen) >= 0 for c in conditions):
            return float(evaluate(unknown(goal), chosen))
    return None


def followed(after: Any, generator: torch.Generator, like: Tensor) -> Any:
    """One of the outcomes of a step, at random in each row."""
    if not isinstance(after, Outcomes):
        return after
    left = torch.rand(len(like), 1, dtype=like.dtype, generator=generator)
    (chance, state), *others = after.cases
    for following, other in others:
        left = left - chance
        state = mixed(rows(left) < 0, state, other)
        chance = following
    return state


def mixed(first: Any, a: Any, b: Any) -> Any:
    """The first state where the mask holds, else the second, part by part."""
    if isinstance(a, tuple):
        parts = [mixed(first, u, v) for u, v in zip(a, b, strict=True)]
        return type(a)(*parts) if hasattr(a, "_fields") else tuple(parts)
    return a if a is b or not isinstance(a, Tensor) else a.where(first, b)


def _column(value: Any, like: Tensor) -> Tensor:
    found = number(value)  # a bare float would become one of 32 bits
    return plain(torch.as_tensor(found, dtype=like.dtype if type(found) is float else None)).expand(len(like), 1)[:, 0]
