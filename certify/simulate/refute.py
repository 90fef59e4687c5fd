"""The search for a counterexample on the line, in exact arithmetic: what it finds is a disproof.

Functions, parameters and starts are drawn among simple rational numbers. If none of them contradicts
the theorem, those that come nearest are driven towards a contradiction, number by number. Of the first
few trials that contradict it the simplest is kept, and made simpler while it still contradicts it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING

from certify.language import Assumption, Method, Parameter, Scalar, Theorem
from certify.simulate import line_functions
from certify.simulate.claims import INDEX, Claim, Goals, NothingClaimed
from certify.simulate.counterexample import Counterexample, Failure, Trial, decided, examine, judge
from certify.simulate.exact import PiecewiseQuadratic
from certify.simulate.line_functions import Recipe
from certify.simulate.membership import MEMBERSHIP
from certify.simulate.noise import is_known, is_noise
from certify.simulate.refute_numbers import SIMPLE, digits

if TYPE_CHECKING:
    from certify.simulate.scenes.counterexample import SceneCounterexample

RANDOM_SHARE = 0.3  # of the time; the rest is for driving the nearest drafts towards a contradiction
ASCENT_SHARE = 0.8  # of the time, until which derivatives say where to go
ASCENT_PART = 0.7  # of what is left of that, for moving; the rest is for rounding
KEPT = 12  # drafts that come near
LEADS = (0, 0, 1, 1, 2, 3, 4)  # steps of methods with memory before those that are looked at
FINEST = 1000  # denominators of numbers on the way
MORE_DRAWS = 200  # after the first counterexample, in search of a simpler one
SHRINK_TRIALS = 4000


@dataclass(frozen=True)
class Draft:
    """A trial before tied parameters are computed; `choice` numbers the minimisers from 0, `lead` is as in a trial."""

    recipe: Recipe
    free: Mapping[str, Fraction]
    start: Fraction
    choice: int = 0
    lead: int = 0


def refute(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    goals: Goals | None = None,
    values: Mapping[str, Scalar] | None = None,
    *,
    seconds: float = 5.0,
    seed: int = 0,
) -> Counterexample | SceneCounterexample | None:
    """A small exact counterexample to the theorem, or None if none was found in time.

    On the line, for methods with one function; in scenes (`certify.simulate.scenes`) for all others that can be played
    there: with layers, coordinates, several functions, or operators.

    **Arguments**: `goals`, the cases of a theorem with a derived number; None if there are none,
    and a theorem that needs one then claims nothing. `values`, parameters tied to formulas.

    **Returns**: a counterexample that has been replayed; it may refute the step inequality or what
    the theorem's lemma needs besides, see `Counterexample.inequality`.
    """
    claim = Claim(theorem.variant or method, tuple(assumptions), theorem, tuple(goals or ()), values or {})
    if not _on_lines(claim):
        from certify.simulate.scenes.search import search

        return search(claim, method.name, seconds=seconds, seed=seed)
    generator, begin = random.Random(seed), time.process_time()  # noqa: S311
    try:
        found, near = _random(claim, generator, begin + RANDOM_SHARE * seconds)
        if not found:
            found, near = _ascended(claim, near, seed, begin + ASCENT_SHARE * seconds)
        if not found and (climbed := _climbed(claim, near, generator, begin + seconds)):
            found = [climbed]
    except NothingClaimed:
        return None
    if not found:
        return None
    draft, failure = _shrunk(claim, *min(found, key=lambda pair: _rank(*pair)))
    trial = _trial(claim, draft)
    result = Counterexample.of(claim, trial, failure) if trial else None
    return result if result and result.replay() else None


def _on_lines(claim: Claim) -> bool:
    """Whether the search below is about a claim."""
    noise = [a for a in claim.assumptions if is_noise(a)]
    known = all(a.name in MEMBERSHIP for a in decided(claim.assumptions)) and all(map(is_known, noise))
    exact = all(a.name != "without-replacement" for a in noise)
    return known and exact and on_the_line(claim.method) and not (noise and not claim.method.plain())


def on_the_line(method: type[Method]) -> bool:
    """Whether runs of a method can be replayed here: with one function and one start, and not made for N steps."""
    return len(method.functions) == len(method.starts) == 1 and method.horizon() is None


Near = list[tuple[float, Draft]]
"""Drafts that come near to a contradiction, the nearest first."""


def _random(claim: Claim, generator: random.Random, deadline: float) -> tuple[list[tuple[Draft, Failure]], Near]:
    """The contradictions among random drafts, and those that come nearest while there is none."""
    found: list[tuple[Draft, Failure]] = []
    near: Near = []
    more = MORE_DRAWS
    while time.process_time() < deadline and more:
        draft = _drawn(claim, generator)
        nearness, failure = _examined(claim, draft, near[-1][0] if len(near) == KEPT else -1.0)
        if failure:
            found.append((draft, failure))
        elif nearness > -inf and all(nearness != other for other, _ in near):  # the same inequality in other units
            near = sorted([*near, (nearness, draft)], key=lambda pair: -pair[0])[:KEPT]
        more -= bool(found)
    return found, near


def _ascended(claim: Claim, near: Near, seed: int, deadline: float) -> tuple[list[tuple[Draft, Failure]], Near]:
    """The same for the drafts that gradient ascent leads to; of contradictions only the first."""
    from certify.simulate.line_ascent import ascended

    begin = time.process_time()
    for row in ascended(claim, seed=seed, deadline=begin + ASCENT_PART * (deadline - begin)):
        draft = Draft(row.recipe, row.free, row.start, lead=row.lead)
        nearness, failure = _examined(claim, draft, -1.0)
        if failure:
            return [(draft, failure)], near
        if nearness > -inf and all(nearness != other for other, _ in near):
            near = sorted([*near, (nearness, draft)], key=lambda pair: -pair[0])[:KEPT]
        if time.process_time() > deadline:
            break
    return [], near


def _climbed(claim: Claim, near: Near, generator: random.Random, deadline: float) -> tuple[Draft, Failure] | None:
    """A contradiction that small changes of one number at a time lead to, each of which brings the draft nearer."""
    pool = list(near)
    while pool and time.process_time() < deadline:
        i = min(generator.randrange(len(pool)), generator.randrange(len(pool)))
        value, draft = pool[i]
        changed = _changed(draft, generator)
        nearness, failure = _examined(claim, changed, value)
        if failure:
            return changed, failure
        if nearness > value:
            pool[i] = (nearness, changed)
    return None


def _changed(draft: Draft, generator: random.Random) -> Draft:
    """The draft with one of its numbers a little larger or smaller."""
    recipe, names = draft.recipe, list(draft.free)
    factor = 1 + generator.choice((1, -1)) * Fraction(1, 2 ** generator.randint(1, 8))
    which = generator.randrange(len(recipe.numbers) + len(names) + 2)

    def moved(number: Fraction) -> Fraction:
        return (number * factor).limit_denominator(FINEST)

    if which < len(recipe.numbers):
        numbers = list(recipe.numbers)
        numbers[which] = moved(numbers[which])
        return replace(draft, recipe=replace(recipe, numbers=tuple(numbers)))
    if which < len(recipe.numbers) + len(names):
        name = names[which - len(recipe.numbers)]
        return replace(draft, free={**draft.free, name: moved(draft.free[name])})
    if which == len(recipe.numbers) + len(names):
        return replace(draft, start=moved(draft.start))
    return replace(draft, recipe=replace(recipe, bend=moved(recipe.bend)))


def _examined(claim: Claim, draft: Draft, worth: float) -> tuple[float, Failure | None]:
    trial = _trial(claim, draft)
    return examine(claim, trial, worth) if trial else (-inf, None)


def _drawn(claim: Claim, generator: random.Random) -> Draft:
    pick, free = generator.choice, {}
    declared = claim.method.parameters()
    for name in claim.free:
        if name in claim.constants:
            free[name] = Fraction(pick((1, 1, 1, 2, 4)))
            if name == "mu":
                free[name] /= pick((1, 2, 4, 10, 100))
        else:
            parameter = declared.get(name, Parameter(name))
            free[name] = pick(SIMPLE) if parameter.strict else pick((Fraction(0), pick(SIMPLE)))
    for name in INDEX if claim.theorem.indexed else ():
        free[name] = Fraction(pick((0, 0, 1, 1, 2, 3, 5, 10)))
    known = free | {n: v for n, v in _tied(claim, free).items() if n in claim.constants}
    constants = {n: known[n] for n in claim.constants if n in known}
    start = pick(SIMPLE) * pick((1, 1, -1))
    recipe, choice = line_functions.drawn(constants, generator), pick((0, 0, 1, 2))
    return Draft(recipe, free, start, choice, 0 if claim.method.plain() else pick(LEADS))


def _tied(claim: Claim, free: Mapping[str, Fraction]) -> dict[str, Fraction]:
    try:
        return claim.tied(free)
    except ArithmeticError:
        return {}


def _trial(claim: Claim, draft: Draft) -> Trial | None:
    """The trial that a draft describes, None if it describes none."""
    try:
        values = {**draft.free, **claim.tied(draft.free)}
        if claim.theorem.indexed and not claim.method.plain():
            values["k"] = Fraction(draft.lead)
        function = draft.recipe.build()
    except (ValueError, ArithmeticError):
        return None
    order = [n for n in (*claim.constants, *claim.method.parameters(), *values) if n in values]
    star = _minimizer(function, draft.start, draft.choice)
    return Trial(function, {n: values[n] for n in order}, draft.start, star, draft.lead)


def _minimizer(f: PiecewiseQuadratic, near: Fraction, choice: int) -> Fraction | None:
    """The minimiser closest to `near`, the leftmost or the rightmost one; None if there is none."""
    bottom, sets = f.argmin()
    if bottom == -inf:
        return None
    ends = [e for e in (f.minimizer(near), sets[0][0], sets[-1][1]) if abs(e) != inf]
    return Fraction(ends[min(choice, len(ends) - 1)])


def _failure(claim: Claim, draft: Draft) -> Failure | None:
    trial = _trial(claim, draft)
    return judge(claim, trial) if trial else None


# --- making it simpler ---------------------------------------------------------------------------


def _shrunk(claim: Claim, draft: Draft, failure: Failure) -> tuple[Draft, Failure]:
    """The simplest failing draft that greedy replacement of one part at a time leads to."""
    trials, improved = SHRINK_TRIALS, True
    while improved:
        improved = False
        for simpler in sorted(_simpler(claim, draft), key=_complexity):
            if not trials or _complexity(simpler) >= _complexity(draft):
                break
            trials -= 1
            found = _failure(claim, simpler)
            if found and _rank(simpler, found) < _rank(draft, failure):
                draft, failure, improved = simpler, found, True
                break
    return draft, failure


def _rank(draft: Draft, failure: Failure) -> tuple[bool, tuple[int, int]]:
    """A false step inequality says more than a false support or end; then simple drafts first."""
    return failure.role != "step", _complexity(draft)


def _simpler(claim: Claim, draft: Draft) -> Iterator[Draft]:
    """Drafts that differ from this one in one part."""
    recipe = draft.recipe
    constants = {n: draft.free.get(n, Fraction(1)) for n in claim.constants}
    yield from (replace(draft, recipe=r) for r in line_functions.simple(constants))
    yield from (replace(draft, recipe=r) for r in line_functions.shorter(recipe))
    for i, number in enumerate(recipe.numbers):
        for value in (Fraction(0), *_replacements(number)):
            numbers = (*recipe.numbers[:i], value, *recipe.numbers[i + 1 :])
            yield replace(draft, recipe=replace(recipe, numbers=numbers))
    yield replace(draft, recipe=replace(recipe, mirrored=False))
    yield replace(draft, recipe=replace(recipe, mirrored=False), start=-draft.start)
    yield replace(draft, recipe=replace(recipe, shift=Fraction(0)))
    yield replace(draft, recipe=replace(recipe, bend=Fraction(0)))
    for name, value in draft.free.items():
        for other in (Fraction(0), *_replacements(value)):
            free = {**draft.free, name: other}
            yield replace(draft, free=free)
            if name in constants:  # the function changes with its constant
                follows = _with(recipe, {value: other, -value: -other})
                yield replace(draft, free=free, recipe=follows)
    yield from (replace(draft, start=start) for start in _replacements(draft.start))
    yield replace(draft, choice=0)
    yield from (replace(draft, lead=lead) for lead in range(draft.lead))


def _with(recipe: Recipe, changes: Mapping[Fraction, Fraction]) -> Recipe:
    numbers = tuple(changes.get(n, n) for n in recipe.numbers)
    return replace(recipe, numbers=numbers, bend=changes.get(recipe.bend, recipe.bend))


def _replacements(number: Fraction) -> Iterator[Fraction]:
    """Simple numbers of either sign, and those close to this one."""
    for value in SIMPLE:
        yield value
        yield -value
    for bound in (2, 5, 10, 50):
        yield number.limit_denominator(bound)


def _complexity(draft: Draft) -> tuple[int, int]:
    """Fewer pieces first, then fewer digits."""
    recipe = draft.recipe
    numbers = (*recipe.numbers, recipe.bend, recipe.shift, draft.start, *draft.free.values())
    rank = list(line_functions.KINDS).index(recipe.kind)
    extras = draft.lead + recipe.mirrored + (draft.choice > 0) + bool(recipe.shift) + bool(recipe.bend)
    return rank + len(recipe.numbers), sum(map(digits, numbers)) + extras
