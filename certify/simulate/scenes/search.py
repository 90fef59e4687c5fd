"""The search for a scene on which a theorem is false: random drafts first, and then the nearest ones are moved."""

from __future__ import annotations

import random
import time
from fractions import Fraction
from math import inf
from typing import Any

from certify.simulate.claims import Claim, NothingClaimed
from certify.simulate.membership import MEMBERSHIP
from certify.simulate.noise import is_known, is_noise, of_functions
from certify.simulate.scenes.counterexample import SceneCounterexample
from certify.simulate.scenes.drafts import Draft, complexity, drawn, simpler
from certify.simulate.scenes.judge import Failure, judge
from certify.simulate.scenes.line import ALONG
from certify.simulate.scenes.plane import CLASSES

RANDOM_SHARE = 0.4
KEPT = 6
EQUALITIES = 20
"""Drafts of a kind that are kept."""
ROUNDING = 1e-15
KICK_SHARE = 0.5
"""Of the time for random drafts: next to equalities is looked."""
KICKS = (Fraction(1, 80), Fraction(-1, 80))
FINEST = 10**4
SHRINK_SECONDS = 1.5
INDICATORS = frozenset({"indicator", "bounded-indicator", "smooth-above"})
NOISE = frozenset({"bounded-samples", "layerwise-variance"})


def playable(claim: Claim) -> bool:
    """Whether scenes can be made for a claim, with everything that it assumes decided exactly."""
    assumed, count = of_functions(claim.assumptions), len(claim.method.functions)
    names = {a.name for a in assumed}
    noise = [a for a in claim.assumptions if is_noise(a)]
    operators = names <= CLASSES.keys()
    if not (operators or names <= MEMBERSHIP.keys() | ALONG | INDICATORS) or (count > 1 and count != len(assumed)):
        return False
    known = all(is_known(a) or a.name in NOISE for a in noise) and len(noise) <= 1
    return known and bool(names) and claim.method.horizon() is None and not (operators and noise)


def search(claim: Claim, name: str, *, seconds: float, seed: int = 0) -> SceneCounterexample | None:
    """A counterexample in its simplest form found, which has been replayed; None if none was found in time."""
    if not playable(claim):
        return None
    generator, begin = random.Random(seed), time.process_time()  # noqa: S311
    try:
        return _found(claim, name, generator, begin, seconds)
    except NothingClaimed:
        return None


def _found(
    claim: Claim, name: str, generator: random.Random, begin: float, seconds: float
) -> SceneCounterexample | None:
    pool = _Pool(generator)
    found: tuple[Draft, Failure] | None = None
    kicking = 0.0
    while found is None and time.process_time() < begin + RANDOM_SHARE * seconds:
        draft = drawn(claim, generator)
        nearness, failure = _judged(claim, draft, pool.worth(draft))
        if failure:
            found = draft, failure
        elif nearness > -inf:
            pool.keep(nearness, draft)
            now = time.process_time()
            if abs(nearness) < ROUNDING and kicking <= KICK_SHARE * (now - begin):
                found = _kicked(claim, draft)
                kicking += time.process_time() - now
    while found is None and pool.kept and time.process_time() < begin + seconds:
        kept, i = pool.pick()
        value, draft = kept[i]
        changed = _changed(draft, generator)
        nearness, failure = _judged(claim, changed, value)
        if failure:
            found = changed, failure
        elif nearness > value:
            kept[i] = (nearness, changed)
    if found is None:
        return None
    draft, failure = _shrunk(claim, *found, time.process_time() + min(SHRINK_SECONDS, seconds))
    scene = draft.scene(claim)
    result = None if scene is None else SceneCounterexample.of(claim, scene, failure, name)
    return result if result and result.replay() else None


class _Pool:
    """Drafts that come near to a contradiction, the nearest of every kind, so that one kind does not crowd out the
    others: with as many steps before, functions made in the same way, and equalities or not."""

    def __init__(self, generator: random.Random) -> None:
        self.generator = generator
        self.kept: dict[Any, list[tuple[float, Draft]]] = {}

    def worth(self, draft: Draft) -> float:
        """The nearness from which on a draft is kept; an equality always may be."""
        own = self.kept.get((_kind(draft), False), [])
        return min(own[-1][0], 0.0) if len(own) == KEPT else -inf

    def keep(self, nearness: float, draft: Draft) -> None:
        """Put a draft among those of its kind."""
        equal = abs(nearness) < ROUNDING
        own = self.kept.setdefault((_kind(draft), equal), [])
        if equal and len(own) == EQUALITIES:
            own[self.generator.randrange(EQUALITIES)] = (nearness, draft)
        elif equal or all(nearness != other for other, _ in own):
            own.append((nearness, draft))
            if not equal:
                own.sort(key=lambda pair: -pair[0])
                del own[KEPT:]

    def pick(self) -> tuple[list[tuple[float, Draft]], int]:
        """A kind, and one of its drafts, more often one of the nearest."""
        own = self.kept[self.generator.choice(list(self.kept))]
        return own, min(self.generator.randrange(len(own)), self.generator.randrange(len(own)))


def _kind(draft: Draft) -> Any:
    return draft.lead, draft.free.get("k", 0) == 0, tuple(type(m).__name__ for m in draft.makers)


def _judged(claim: Claim, draft: Draft, worth: float) -> tuple[float, Failure | None]:
    scene = draft.scene(claim)
    if scene is None:
        return -inf, None
    verdict = judge(claim, scene, worth)
    return verdict.nearness, verdict.failure


def _kicked(claim: Claim, draft: Draft) -> tuple[Draft, Failure] | None:
    """A contradiction next to a scene with an equality, in the direction of one of its numbers."""
    numbers = draft.numbers()
    for i, number in enumerate(numbers):
        for size in KICKS if number else ():
            moved = draft.moved((*numbers[:i], number * (1 + size), *numbers[i + 1 :]))
            _, failure = _judged(claim, moved, inf)
            if failure:
                return moved, failure
    return None


def _changed(draft: Draft, generator: random.Random) -> Draft:
    """One or two of the numbers a little larger or smaller."""
    numbers = list(draft.numbers())
    for _ in range(generator.choice((1, 1, 2))):
        i = generator.randrange(len(numbers))
        size = Fraction(1, 2 ** generator.randint(0, 8)) * generator.choice((1, -1))
        moved = numbers[i] * (1 + size) if numbers[i] else size
        numbers[i] = moved.limit_denominator(FINEST)
    return draft.moved(tuple(numbers))


def _shrunk(claim: Claim, draft: Draft, failure: Failure, deadline: float) -> tuple[Draft, Failure]:
    """The simplest draft that greedy replacement of one part at a time leads to."""
    improved = True
    while improved:
        improved = False
        for other in sorted(_smaller(draft), key=complexity):
            if time.process_time() > deadline:
                return draft, failure
            _, again = _judged(claim, other, inf)
            if again is not None and (again.role == "step" or failure.role != "step"):
                draft, failure, improved = other, again, True
                break
    return draft, failure


def _smaller(draft: Draft) -> list[Draft]:
    size = complexity(draft)
    return [d for d in simpler(draft) if complexity(d) < size]
