"""What a proved one-step inequality says about N steps: which iterates, and the bound in the quantities of a claim.

Each goal has one lemma; this file is the place where its conclusion is written down for comparison with a claim.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from certify.claims.layered import COUNT, LARGEST, SUMMED
from certify.claims.layered import MEASURES as LAYER_MEASURES
from certify.claims.symbols import Ledger, NotComparable
from certify.kernel import Fact, Polynomial
from certify.language import DISTANCE, GAP, GRADIENT, OPERATOR, RESIDUAL, STEP, SUBGRADIENT, SUBGRADIENT2, Problem
from certify.language.energy_goals import Energy
from certify.language.goals import (
    Contraction,
    FiniteDecrease,
    Goal,
    Monotone,
    Potential,
    ProductDecrease,
    Telescoping,
)
from certify.language.opaque import argument
from certify.language.scalar import Scalar, exact
from certify.language.varying_goals import (
    Averaging,
    DominatedDecrease,
    EvenAveraging,
    QuadraticDecrease,
    SaturatingDecrease,
    SelfScaled,
)

Cases = Sequence[tuple[Sequence[Polynomial], Goal]]
Bound = Callable[[Ledger], Scalar]
START = {"<x0-x⋆,x0-x⋆>": ("R", 2), "|x0-x⋆|": ("R", 1), "<g0,g0>": ("G0", 2), "|g0|": ("G0", 1)}
MINIMUM = "f⋆"
_SUM, _INVERSE = re.compile(r"(Σ|max)\[([^#\[\]]*)\]"), re.compile(r"inv\((\w+)\)")


@dataclass(frozen=True)
class Consequence:
    """The measure is at most `bound`: at x_N (``last``), the least over first, …, N − before (``best``), or their mean.

    `conditions` are polynomials ≥ 0 of the case. With `optimal` x_N is optimal after `bound` steps.
    `larger` is a pair of quantities of which the first must be at least the second for the bound to mean anything.
    """

    iterate: str
    first: int
    before: int
    bound: Bound
    conditions: tuple[Polynomial, ...] = ()
    optimal: bool = False
    larger: tuple[str, str] | None = None
    needed: Callable[[Ledger, Scalar], Scalar] | None = None
    """After how many steps the measure is at most ε, in place of a bound."""


def power_of(problem: Problem) -> tuple[str, int]:
    """What the theorem's measure is: gap, distance … and its power."""
    known = {GAP.name: ("gap", 1), DISTANCE.name: ("distance", 2), GRADIENT.name: ("gradient", 2),
             SUBGRADIENT.name: ("subgradient", 1), SUBGRADIENT2.name: ("subgradient", 2),
             OPERATOR.name: ("operator", 2), RESIDUAL.name: ("residual", 2), STEP.name: ("step", 2)}  # fmt: skip
    known |= {name: (name, 1) for name in LAYER_MEASURES}
    name = problem.theorem.measure.name
    if name not in known:
        raise NotComparable(f"the measure {name}")
    return known[name]


def stops(problem: Problem) -> bool:
    """Whether statements are about steps before a minimiser is reached: after that the gap is 0."""
    return bool(problem.function.ball_prox_calls)


def conditions(problem: Problem) -> tuple[list[Fact], bool]:
    """The facts that parameters must satisfy, and whether ‖x − x⋆‖ ≥ t is asked for besides.

    Where a ball of radius t around x reaches x⋆ the next point is optimal, so that nothing is lost there. Other
    conditions on iterates raise `NotComparable`.
    """
    owners = (problem.method, *problem.assumptions)
    parameters = frozenset().union(*(exact(o.value_of(p)).variables for o in owners for p in o.parameters().values()))
    wanted, reach = [], False
    radius = {str(exact(c.radius)) for c in problem.function.ball_prox_calls}
    for name, fact in problem.trace.facts.items():
        inside = fact.polynomial.variables
        if inside <= parameters:
            wanted.append(fact)
        elif name in problem.conditions:
            distance = Scalar.variable("|x0-x⋆|")
            slack = [distance - exact(c.radius) for c in problem.function.ball_prox_calls]
            if not radius or not any(s == Scalar(fact.polynomial) for s in slack):
                raise NotComparable("a condition that must hold at every step")
            reach = True
    return wanted, reach


def consequences(problem: Problem, cases: Cases) -> Iterator[Consequence]:
    """What follows after N steps, case by case; raises `NotComparable` where the lemma needs more than is known."""
    what, _ = power_of(problem)
    _, reach = conditions(problem)
    larger = ("R", "t") if reach else None
    for case, goal in cases:
        for found in _one(problem, goal, what):
            yield Consequence(
                found.iterate,
                found.first,
                found.before,
                found.bound,
                tuple(case),
                found.optimal,
                found.larger or larger,
                found.needed,
            )


def _one(problem: Problem, goal: Goal, what: str) -> Iterator[Consequence]:
    match goal:
        case Contraction():
            yield Consequence("last", 0, 0, lambda ledger: _contraction(ledger, goal, problem))
        case Telescoping():
            yield from _telescoping(problem, goal)
        case Energy():
            yield Consequence("last", 0, 0, lambda ledger: _energy(ledger, goal, problem))
        case Averaging():
            yield from _averaging(problem, goal)
        case Potential():
            yield Consequence("last", 0, 0, lambda ledger: _potential(ledger, goal))
        case ProductDecrease():
            yield Consequence("last", 0, 0, lambda ledger: _product(ledger, goal, problem))
        case QuadraticDecrease():
            yield Consequence("last", 0, 0, lambda ledger: _quadratic(ledger, goal, problem))
        case DominatedDecrease():
            return
        case SaturatingDecrease():
            yield Consequence("best", 0, 1, _unknown, needed=lambda ledger, ε: _saturating(ledger, goal, problem, ε))
        case SelfScaled():
            for iterate in ("best", "values"):
                yield Consequence(iterate, 0, 1, lambda ledger: _self_scaled(ledger, goal, problem))
        case Monotone():
            yield Consequence("last", 0, 0, lambda ledger: number(ledger, problem.initial))
        case FiniteDecrease():
            yield Consequence("last", 0, 0, lambda ledger: _finite(ledger, goal, problem), optimal=True)
        case _:
            return


def _contraction(ledger: Ledger, goal: Contraction, problem: Problem) -> Scalar:
    """ρ^N V₀ + e (1 − ρ^N)/(1 − ρ)."""
    rate = number(ledger, goal.rate if goal.uniform is None else goal.uniform(Scalar.variable("R")))
    error, start = number(ledger, goal.error), number(ledger, problem.initial)
    grown = ledger.power_of(rate)
    if not error.numerator:
        return grown * start
    ledger.require(1 - rate, "a rate that may be 1", strict=True)
    return grown * start + ledger.over(error * (1 - grown), 1 - rate)


def _quadratic(ledger: Ledger, goal: QuadraticDecrease, problem: Problem) -> Scalar:
    """V₀/(1 + cNV₀), c = weight/offset."""
    weight, offset, start = (number(ledger, v) for v in (goal.weight, goal.offset, problem.initial))
    return ledger.over(start * offset, offset + weight * ledger.steps * start)


def _telescoping(problem: Problem, goal: Telescoping) -> Iterator[Consequence]:
    values = problem.measured
    places = [next((i for i, v in enumerate(values) if v == q), None) for q in goal.quantities]

    def bound(ledger: Ledger) -> Scalar:
        total = sum((number(ledger, w) for w in goal.weights or ()), Scalar.constant(0))
        total = total * ledger.steps + number(ledger, goal.final_weight)
        ledger.require(total, "weights that may vanish", strict=True)
        spent = number(ledger, problem.initial) + ledger.steps * number(ledger, goal.error)
        return ledger.over(spent, total)

    final = not (isinstance(goal.final_weight, int) and goal.final_weight == 0)
    if goal.last:
        yield Consequence("last", 0, 0, bound)
    if places == [0]:
        yield Consequence("best", 0, 0 if final else 1, bound)
        if not final:
            yield Consequence("values", 0, 1, bound)
    elif places == [1] and not final:
        yield Consequence("best", 1, 0, bound)
        yield Consequence("values", 1, 0, bound)
    elif places == [0, 1]:
        yield Consequence("best", 0, 0, bound)


def _averaging(problem: Problem, goal: Averaging) -> Iterator[Consequence]:
    values = problem.measured

    def bound(ledger: Ledger) -> Scalar:
        total = number(ledger, goal.total(Scalar.variable("N")))
        spent = number(ledger, problem.initial) + number(ledger, goal.spent(Scalar.variable("N")))
        ledger.require(total, "weights that may vanish", strict=True)
        return ledger.over(spent, total)

    if values[0] == goal.quantity:
        yield Consequence("values" if isinstance(goal, EvenAveraging) else "weighted", 0, 1, bound)
        yield Consequence("best", 0, 1, bound)


def _potential(ledger: Ledger, goal: Potential) -> Scalar:
    """initial/scale at the horizon S = N · least_tick."""
    least = exact(goal.tick if goal.least_tick is None else goal.least_tick)
    left = Scalar.variable("N") * least - exact(goal.tick)
    values = [
        exact(v).substitute({"m": left}).substitute({"k": Scalar.constant(0)}) for v in (goal.scale, goal.initial)
    ]
    scale, initial = (number(ledger, v) for v in values)
    ledger.require(scale, "a scale that may vanish", strict=True)
    return ledger.over(initial, scale)


def _energy(ledger: Ledger, goal: Energy, problem: Problem) -> Scalar:
    """(V₀ + spent(N))/scale(N)."""
    N = Scalar.variable("N")
    scale, spent = number(ledger, goal.scale(N)), number(ledger, goal.spent(N))
    ledger.require(scale, "a scale that may vanish", strict=True)
    return ledger.over(number(ledger, problem.initial) + spent, scale)


def _product(ledger: Ledger, goal: ProductDecrease, problem: Problem) -> Scalar:
    """(R − t)/(R + (N − 1)t) V₀."""
    more = number(ledger, exact(goal.distance) - Scalar.variable("|x0-x⋆|"))
    t, R = number(ledger, goal.step), Scalar.variable("R") + more
    below = R + (ledger.steps - 1) * t
    ledger.require(below, "a distance that may vanish", strict=True)
    return ledger.over((R - t) * number(ledger, problem.initial), below)


def _self_scaled(ledger: Ledger, goal: SelfScaled, problem: Problem) -> Scalar:
    """(V₀/weight)(scale₀ + V₀/weight)/N: the sum is bounded, however long the run."""
    first = problem.start.goal if problem.start is not None else goal
    if not isinstance(first, SelfScaled):
        raise NotComparable("a start of another kind")
    weight = number(ledger, goal.weight)
    ledger.require(weight, "a weight that may vanish", strict=True)
    ledger.require(ledger.steps, "no steps", strict=True)
    spent = ledger.over(number(ledger, problem.initial), weight)
    return ledger.over(spent * (number(ledger, first.scale) + spent), ledger.steps)


def _unknown(ledger: Ledger) -> Scalar:
    raise NotComparable("the theorem is about a number of steps")


def _saturating(ledger: Ledger, goal: SaturatingDecrease, problem: Problem, accuracy: Scalar) -> Scalar:
    """V₀(offset + slope · ε)/(weight · ε²) steps."""
    weight = number(ledger, goal.weight)
    ledger.require(weight, "a weight that may vanish", strict=True)
    ledger.require(accuracy, "a bound that may vanish", strict=True)
    spent = number(ledger, problem.initial) * (number(ledger, goal.offset) + number(ledger, goal.slope) * accuracy)
    return ledger.over(spent, weight * accuracy**2)


def _finite(ledger: Ledger, goal: FiniteDecrease, problem: Problem) -> Scalar:
    """V₀/amount steps."""
    amount = number(ledger, goal.amount)
    ledger.require(amount, "a decrease that may vanish", strict=True)
    return ledger.over(number(ledger, problem.initial), amount)


def _of_layers(ledger: Ledger, name: str) -> Scalar | None:
    """The value of p, Σ[…] or max[…] in a theorem about layers; None for other names."""
    if not ledger.layers:
        return None
    if name == COUNT:
        return Scalar.variable(COUNT) if ledger.layers == "several" else Scalar.constant(1)
    match = _SUM.fullmatch(name)
    if match is None:
        return None
    inside = Scalar.constant(1)
    for factor in match[2].split("·"):
        symbol = _INVERSE.fullmatch(factor)
        word = symbol[1] if symbol else factor
        if not word.isalnum() or not ledger.known(word):
            raise NotComparable(f"a bound with {name}, which is not known at the start")
        value = ledger.values.get(word, Scalar.variable(word))
        inside = ledger.over(inside, value) if symbol else inside * value
    return ledger.of_layers(SUMMED if match[1] == "Σ" else LARGEST, inside)


def _opaque(ledger: Ledger, function: str, inside: Scalar) -> Scalar:
    match function:
        case "√":
            return ledger.root(inside)
        case "ln":
            return ledger.logarithm(inside)
        case "log₂":
            return ledger.logarithm(inside) / ledger.log_two()
    raise NotComparable(f"a bound with the function {function}")


def number(ledger: Ledger, value: Any) -> Scalar:
    """A scalar of the theorem in the quantities of the claim: R, Δ₀, G₀, N, and parameters with their ties."""
    scalar = exact(value)
    known: dict[str, Scalar] = {**ledger.values, "N": ledger.steps, "k": Scalar.constant(0)}
    if "f0" in scalar.variables:
        scalar = scalar.substitute({"f0": Scalar.variable(MINIMUM) + Scalar.variable("Delta0")})
    for name in scalar.variables:
        if name in START:
            symbol, power = START[name]
            known[name] = Scalar.variable(symbol) ** power
        elif (sums := _of_layers(ledger, name)) is not None:
            known[name] = sums
        elif (opaque := argument(name)) is not None:
            function, inside = opaque
            here = inside.substitute({"N": ledger.steps, "k": Scalar.constant(0)})
            known[name] = _opaque(ledger, function, here)
    try:
        found = scalar.substitute({n: v for n, v in known.items() if n in scalar.variables})
    except ZeroDivisionError as error:
        raise NotComparable("a division by zero") from error
    strangers = [n for n in sorted(found.variables) if not ledger.known(n)]
    if strangers:
        raise NotComparable(f"a bound with {strangers[0]}, which is not known at the start")
    return found
