"""Contractions by the largest of several rates: which one it is makes the cases, each with a proof of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from certify.kernel import Polynomial, Proof, Statement
from certify.language.goals import Contraction
from certify.language.problems import Problem
from certify.language.rings import factor
from certify.language.scalar import Scalar, exact
from certify.prove.closed_forms import case_facts
from certify.prove.expectations import flat
from certify.prove.multipliers import by_hints
from certify.prove.products import Attempt, find_proof
from certify.prove.signs import Signs

ONE = Polynomial.constant(1)
Rates = list[Scalar]
Conditions = tuple[Polynomial, ...]


@dataclass(frozen=True)
class Found:
    """A case, its rate and a proof that the kernel has not seen."""

    conditions: Conditions
    rate: Scalar
    statement: Statement
    proof: Proof


def winners(problem: Problem, rates: Rates, conditions: Conditions = ()) -> Iterator[tuple[Conditions, Scalar]]:
    """The cases in which one of the rates is the largest, and that rate; the cases cover everything.

    The first two are compared, and the larger one with the next; factors of known sign leave the conditions.
    """
    first, *others = rates
    if not others:
        yield conditions, first
        return
    second, *rest = others
    signs = Signs((*problem.trace.facts.values(), *case_facts(conditions)))
    difference = problem.trace.cleared(first - second)
    for rate, oriented in ((first, difference), (second, -difference)):
        more = unsettled_factors(oriented, signs)
        yield from winners(problem, [rate, *rest], (*conditions, *more))


def find_largest(problem: Problem, goal: Contraction, seconds: float, tried: list[str]) -> Iterator[Found | None]:
    """For each case its conditions, the rate there, the statement and its proof; None for a case without a proof."""
    deadline = time.process_time() + seconds
    for conditions, rate in winners(problem, [exact(r) for r in goal.rates]):
        whole = problem.statement("step", goal.solved(rate).sides, case_facts(conditions))
        statement, attempt = flat(whole), Attempt()
        lengths = [{v: ONE} for v in statement.vectors]
        left = (deadline - time.process_time()) / 2
        search = partial(find_proof, statement, max_degree=5, max_multiplier=1, attempt=attempt)
        proof = by_hints(statement, problem.squares, left / 2, attempt) if problem.squares else None
        proof = proof or search(lengths, plain=False, seconds=left) or search(seconds=deadline - time.process_time())
        tried += attempt.tried
        yield None if proof is None else Found(conditions, rate, whole, proof)


def unsettled_factors(polynomial: Polynomial, signs: Signs) -> Conditions:
    """The polynomial without its factors of known sign, as the one condition that is left; none if it is known."""
    if signs.nonnegative(polynomial) is not None:
        return ()
    content, factors = factor(polynomial)
    left = Polynomial.constant(1 if content > 0 else -1)
    for base, exponent in factors:
        for sign in (1, -1):
            known = signs.nonnegative(base.scale(sign))
            if known is not None and signs.is_strict(known):
                left = left.scale(sign**exponent)
                break
        else:
            left = left * base if exponent % 2 else left
    return (left,)
