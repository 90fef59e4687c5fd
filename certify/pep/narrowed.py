"""The lower end of a relaxation: a worst case that certainly occurs, found under narrower conditions.

The numbers of these conditions (`certify.pep.modelling.narrowing`) are read off a solution of the relaxation, or tried
one after the other in floating point; then the narrower problem is solved exactly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest

from flint import fmpq

from certify.kernel.polynomial import inner_product_name
from certify.kernel.worst_case import Attained
from certify.pep.engine.bounds import Bound, Verdict
from certify.pep.engine.conic import conic, primal
from certify.pep.engine.invariance import invisible
from certify.pep.engine.problem import Problem, Row, Terms, as_fraction
from certify.pep.engine.program import program
from certify.pep.engine.solve import TOLERANCE, solve
from certify.pep.engine.solvers import call
from certify.pep.modelling.expressions import Expression
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.narrowing import Narrowing, Numbers

NEAR = Fraction(1, 500_000)
"""A worst case that is this near to the upper end (relative) is good enough."""
TRIES = 3
"""How many narrower problems are solved exactly, at most."""
LARGE = 16
"""With more vectors than this only the numbers that fit are tried."""
ZOOMS = 12

Narrower = Callable[[Sequence[Numbers]], Problem]


def with_a_member(model: Ledger, bound: Bound, tolerance: Fraction = TOLERANCE) -> Bound:
    """The bound of a relaxation with a lower end, if one is found; else the bound as it is."""
    if not bound.problem.relaxations or bound.upper is None:
        return bound
    problem, terms = whole(model, bound.problem.vectors)
    narrowings = model.narrowings()
    if not narrowings:
        return bound
    at = _values(terms, bound.lower_certificate) if bound.lower_certificate else _approximate(problem, terms)
    begin = time.perf_counter()
    ranked = _search(narrowings, at, lambda numbers: narrower(problem, terms, narrowings, numbers), float(bound.upper))
    best, chosen = None, ()
    for chosen in ranked[:TRIES]:
        best = solve(narrower(problem, terms, narrowings, chosen), tolerance=tolerance).lower_certificate
        if best is not None:
            break
    seconds = {**bound.seconds, "round": bound.seconds.get("round", 0.0) + time.perf_counter() - begin}
    if best is None:
        return replace(bound, seconds=seconds)
    return replace(
        bound,
        verdict=Verdict.CERTIFIED,
        lower_certificate=best,
        narrowed=tuple(tuple(map(as_fraction, numbers)) for numbers in chosen),
        seconds=seconds,
    )


def whole(model: Ledger, vectors: tuple[str, ...]) -> tuple[Problem, Callable[[Terms], Terms]]:
    """The complete problem over the basis with these names: that of the model, or the sparse one (an exact change of
    basis); and the map of forms into it."""
    problem = model.problem()
    if problem.vectors == vectors:
        return problem, lambda terms: terms
    from certify.pep.modelling.lazily import Sparse

    sparse = Sparse(model)
    return sparse.problem(sparse.everything()), sparse.frame.terms


def narrower(
    problem: Problem, terms: Callable[[Terms], Terms], narrowings: Sequence[Narrowing], numbers: Sequence[Numbers]
) -> Problem:
    """The problem with the equations of all narrowings, without the conditions that then hold by themselves.

    **Raises:** ValueError for numbers with which the equations are not sufficient.
    """
    if len(numbers) != len(narrowings):
        raise ValueError(f"there are {len(narrowings)} conditions to be narrowed, and numbers for {len(numbers)}")
    settled = tuple(f"{name}{mark}" for narrowing in narrowings for name in narrowing.settled for mark in "[.")
    equations = []
    for narrowing, own in zip(narrowings, numbers, strict=True):
        if not narrowing.allowed(own):
            raise ValueError(f"the numbers {', '.join(map(str, own))} do not make the conditions sufficient")
        for name, relation in narrowing.equations(own):
            if form := terms(relation.slack.terms):
                equations.append(Row(name, form))
    return replace(
        problem,
        inequalities=tuple(row for row in problem.inequalities if not row.name.startswith(settled or "\0")),
        equations=(*problem.equations, *_distinct(equations)),
        relaxations=(),
    )


def _distinct(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows, with names that tell them apart."""
    taken: set[str] = set()
    for row in rows:
        name, count = row.name, 1
        while name in taken:
            count += 1
            name = f"{row.name}.{count}"
        taken.add(name)
        yield replace(row, name=name)


def _approximate(problem: Problem, terms: Callable[[Terms], Terms]) -> Callable[[Expression], float]:
    """The values of expressions at a solver's solution of the relaxation, where no exact one was found."""
    dual = program(problem, *invisible(problem))
    data = conic(dual)
    gram, values = primal(dual, data, call(data))

    def at(expression: Expression) -> float:
        found = (
            float(as_fraction(c)) * (gram[key[0], key[1]] if len(key) == 2 else values[key[0]] if key else 1.0)
            for key, c in terms(expression.terms).items()
        )
        return float(sum(found))

    return at


def _values(terms: Callable[[Terms], Terms], attained: Attained) -> Callable[[Expression], float]:
    """The values of expressions at an optimal point of the relaxation."""
    names, values = attained.problem.vectors, attained.problem.values

    def at(expression: Expression) -> float:
        total = Fraction(0)
        for key, c in terms(expression.terms).items():
            if len(key) == 2:
                a, b = names[key[0]], names[key[1]]
                entry = attained.gram.get(inner_product_name(a, b), attained.gram.get(inner_product_name(b, a), 0))
            else:
                entry = attained.values.get(values[key[0]], 0) if key else 1
            total += as_fraction(c) * entry
        return float(total)

    return at


def _search(
    narrowings: Sequence[Narrowing], at: Callable[[Expression], float], build: Narrower, upper: float
) -> list[tuple[Numbers, ...]]:
    """Numbers, those with the largest floating-point optimum first: those that fit, then all over their domains."""
    seen: dict[tuple[Numbers, ...], float] = {}

    def value(numbers: Sequence[Numbers]) -> None:
        key = tuple(numbers)
        if key not in seen:
            problem = build(numbers)
            dual = program(problem, *invisible(problem))
            answer = call(conic(dual))
            seen[key] = float("-inf") if answer.value is None else float(dual.constant) + answer.value

    def good() -> bool:
        return max(seen.values(), default=float("-inf")) >= upper - float(NEAR) * abs(upper)

    def ranked() -> list[tuple[Numbers, ...]]:
        return sorted(seen, key=lambda key: -seen[key])

    def best() -> list[Numbers]:
        return list(ranked()[0])

    guesses = [list(narrowing.guesses(at)) for narrowing in narrowings]
    if not all(guesses):
        return []
    for together in zip_longest(*guesses):
        value([own[-1] if one is None else one for one, own in zip(together, guesses, strict=True)])
        if good():
            return ranked()
    size = len(build(best()).vectors)
    for k, narrowing in enumerate(narrowings if size <= LARGE else ()):
        for tried in (guesses[k], narrowing.more()):
            for numbers in tried:
                value([*best()[:k], numbers, *best()[k + 1 :]])
            if good():
                return ranked()
        _zoom(k, best, value, narrowing)
    return ranked()


def _zoom(
    k: int, best: Callable[[], list[Numbers]], value: Callable[[Sequence[Numbers]], None], narrowing: Narrowing
) -> None:
    """Ever shorter steps from the best numbers, towards those that were tried nearby."""
    tried = sorted(
        narrowing.more(), key=lambda other: sum(abs(float(a - b)) for a, b in zip(other, best()[k], strict=True))
    )
    steps = [tuple(a - b for a, b in zip(other, best()[k], strict=True)) for other in tried[:4]]
    length = fmpq(1, 2)
    for _ in range(ZOOMS):
        before = best()
        for step in steps:
            other = tuple(a + length * s for a, s in zip(before[k], step, strict=True))
            if narrowing.allowed(other):
                value([*before[:k], other, *before[k + 1 :]])
        if best() == before:
            length /= 2
