"""Goals made from a claim: the inequality for one step that it states, or one from which its bound would follow.

A goal is only a proposal. What is proved about it is compared with the claim like every other theorem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from certify.claims.claim import ACCURACY, STEPS, Claim
from certify.claims.formulas import (
    MINIMUM,
    ZERO,
    Call,
    Formula,
    Name,
    Number,
    Power,
    Product,
    Quantity,
    Quotient,
    Sum,
    names,
    replaced,
    walk,
)
from certify.claims.layered import LARGEST, LAYERS, SUMMED
from certify.claims.parser import Comparison
from certify.claims.symbols import NotComparable
from certify.language import (
    DISTANCE,
    GAP,
    GRADIENT,
    OPERATOR,
    RESIDUAL,
    SUBGRADIENT,
    Goal,
    Measure,
    Theorem,
    norm,
    norm2,
)
from certify.language.goals import Contraction, Telescoping
from certify.language.oracles import SymbolicFunction
from certify.language.scalar import Scalar

MEASURE: Mapping[str, Measure] = {"gap": GAP, "distance": DISTANCE, "gradient": GRADIENT, "subgradient": SUBGRADIENT,
                                "operator": OPERATOR, "residual": RESIDUAL}  # fmt: skip
SQUARED = ("distance", "gradient", "operator", "residual")
STARTS = {"R": "distance", "G0": "gradient"}
"""What is known of x_0 by a name of its own."""
ORDER = {"<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b, ">": lambda a, b: a > b}


@dataclass(frozen=True)
class Proposal:
    """A theorem to be tried, and in words what it is."""

    theorem: Theorem
    words: str


def ties(claim: Claim) -> dict[str, Scalar]:
    """The ties that are rational functions of other parameters."""
    found = {}
    for name, formula in claim.values.items():
        if not names(formula) & {STEPS, "R", "Delta0", "G0", ACCURACY}:
            try:
                found[name] = rational(formula)
            except NotComparable:
                continue
    return found


def rational(formula: Formula) -> Scalar:
    """A rational function of the names in it; raises `NotComparable`."""
    match formula:
        case Number(value):
            return Scalar.constant(value)
        case Name(name):
            return Scalar.variable(name)
        case Sum(a, b):
            return rational(a) + rational(b)
        case Product(a, b):
            return rational(a) * rational(b)
        case Quotient(a, b):
            below = rational(b)
            if below.numerator:
                return rational(a) / below
        case Power(a, Number(value)) if value.denominator == 1 and abs(value) <= 20:
            base = rational(a)
            if base.numerator or value >= 0:
                return base ** int(value)
        case _:
            pass
    raise NotComparable("a formula that is no rational function")


def step_theorem(claim: Claim) -> Theorem:
    """The theorem that a claim about one step is; raises `NotComparable`."""
    measured = claim.measured
    if measured.what not in MEASURE:
        raise NotComparable("a step that is compared with the one before it")
    measure = MEASURE[measured.what]
    if any(isinstance(p, Call) and p.function not in (SUMMED, LARGEST) for p in walk(claim.bound)):
        raise NotComparable("a function such as a root in a claim about one step")

    def goal(method: Any, f: Any, x: Any, y: Any) -> Goal:
        if about := sorted(names(claim.bound) & {*STARTS, "Delta0"}):
            raise NotComparable(f"{about[0]} is about x_0, and a step starts anywhere")
        env = Values(claim, method, f, {"k": x, "k+1": y})
        right = env.of(one_layer(claim.bound) if claim.layers == "one" else claim.bound)
        before, after = list(measure.along(f, (x, y)))
        support = ()
        if measured.what in SQUARED and measured.power == 1:
            support = ((0 * right, right),)
            right = right * right
        return Contraction(
            before=before,
            after=after,
            rate=0 * right,
            error=right,
            support=support,
            given=(*env.conditions(), *env.apart()),
        )

    return Theorem("claim", claim.assumptions, measure, goal, claim.statement, norms=("euclidean", "any", LAYERS))


def first_step(claim: Claim) -> Claim:
    """A claim about one step as what it says of the first one, where x_k is x_0."""

    def here(part: Formula) -> Formula | None:
        if isinstance(part, Name) and part.name == "Delta0":
            return Sum(Quantity("value", "k"), Product(Number(Fraction(-1)), Name(MINIMUM)))
        return Quantity(STARTS[part.name], "k") if isinstance(part, Name) and part.name in STARTS else None

    return replace(claim, bound=replaced(claim.bound, here))


def one_layer(bound: Formula) -> Formula:
    """The bound with a sum over layers in front of every term that is no value of f: the same if there is one layer."""
    if isinstance(bound, Sum):
        return Sum(one_layer(bound.left), one_layer(bound.right))
    about = any(isinstance(p, Quantity) and p.what == "value" for p in walk(bound)) or MINIMUM in names(bound)
    return bound if about else Call(SUMMED, (bound,))


@dataclass(frozen=True)
class Values:
    """The names of a claim as values of the language: symbols, or numbers where a counterexample is tried."""

    claim: Claim
    method: Any
    f: Any
    points: Mapping[str, Any]

    def of(self, formula: Formula) -> Any:
        """The value of a formula; raises `NotComparable` for functions."""
        match formula:
            case Number(value):
                return value
            case Name(name):
                return self.named(name)
            case Power(Quantity("distance", at), Number(value)) if value == 2:
                return norm2(self.points[at] - self.f.minimizer)
            case Power(Quantity("gradient", at), Number(value)) if value == 2:
                return norm2(self.slope(at))
            case Power(Quantity("operator", at), Number(value)) if value == 2:
                return norm2(self.f(self.points[at]))
            case Power(Quantity("residual", at), Number(value)) if value == 2:
                return norm2(self.points[at] - self.f(self.points[at]))
            case Quantity("operator", at):
                return norm(self.f(self.points[at]))
            case Quantity("residual", at):
                return norm(self.points[at] - self.f(self.points[at]))
            case Quantity("step"):
                raise NotComparable("a step that is compared with the one before it")
            case Call("sum", (inside,)):
                return self.f.total(self.of(inside))
            case Call("largest", (inside,)):
                return self.f.largest(self.of(inside))
            case Quantity("value", at):
                return self.f.value(self.points[at])
            case Quantity("distance", at):
                return norm(self.points[at] - self.f.minimizer)
            case Quantity("gradient", at):
                return norm(self.slope(at))
            case Sum(a, b):
                return self.of(a) + self.of(b)
            case Product(a, b):
                return self.of(a) * self.of(b)
            case Quotient(a, b):
                return self.of(a) / self.of(b)
            case Power(a, Number(value)) if value.denominator == 1 and abs(value) <= 20:
                base = self.of(a)
                return base ** int(value) if value >= 0 else 1 / base ** int(-value)
            case _:
                raise NotComparable("a function such as a root in a claim about one step")

    def slope(self, at: str) -> Any:
        """∇f there, or a subgradient."""
        smooth = any(a.differentiable for a in self.claim.assumptions)
        return self.f.gradient(self.points[at]) if smooth else self.f.subgradient(self.points[at])

    def named(self, name: str) -> Any:
        """A parameter of the method or of the assumptions, or f⋆."""
        if name == MINIMUM:
            return self.f.minimum
        own = self.method.parameters()
        return self.method.value_of(own[name]) if name in own else getattr(self.f, name)

    def apart(self) -> tuple[Any, ...]:
        """Lengths that the bound divides by are not 0, and balls do not reach the minimiser: else it says nothing."""
        below = {p for q in walk(self.claim.bound) if isinstance(q, Quotient) for p in walk(q.right)}
        lengths = {p for p in below if isinstance(p, Quantity) and p.what in STARTS.values()}
        apart = norm(self.points["k"] - self.f.minimizer)
        calls = self.f.ball_prox_calls if isinstance(self.f, SymbolicFunction) else ()  # runs see to it themselves
        beyond = [apart >= call.radius for call in calls]
        return (*(self.of(p) > 0 for p in sorted(lengths, key=str)), *beyond)

    def conditions(self) -> tuple[Any, ...]:
        """The ranges of parameters, as inequalities."""
        found: list[Any] = []
        for name in sorted(self.claim.divisors):
            if name in self.claim.free and not self.claim.parameters[name].strict:
                found.append(self.named(name) > 0)
        for condition in self.claim.conditions:
            left, right = self.of(condition.left), self.of(condition.right)
            if condition.relation == "=":
                found += [left <= right, left >= right]
            elif isinstance(left, Scalar) or not isinstance(right, Scalar):
                found.append(ORDER[condition.relation](left, right))
            else:
                found.append(ORDER[condition.relation](Scalar.constant(left), right))
        return tuple(found)


def proposals(claim: Claim) -> Iterator[Proposal]:
    """Inequalities for one step from which the claimed bound after N steps would follow, the best guesses first."""
    if claim.measured.what not in MEASURE:
        return
    if claim.complexity is None:
        yield from _rates(claim)
        yield from _sums(claim)
    if claim.measured.iterate == "last" and not claim.random and claim.measured.what != "subgradient":
        yield Proposal(_theorem(claim, _contraction(claim, None, None)), "a linear rate, to be derived")


def _theorem(claim: Claim, goal: Any) -> Theorem:
    return Theorem("claim", claim.assumptions, MEASURE[claim.measured.what], goal, claim.statement)


def _rates(claim: Claim) -> Iterator[Proposal]:
    """q^N V₀ + F from V⁺ ≤ q V + (1 − q) F."""
    grown = {p for p in walk(claim.bound) if isinstance(p, Power) and STEPS in names(p.exponent)}
    if claim.measured.iterate != "last" or len(grown) != 1:
        return
    power = grown.pop()
    try:
        exponent, base = rational(power.exponent), rational(power.base)
        slope = exponent.substitute({STEPS: 1}) - exponent.substitute({STEPS: 0})
        rate = base ** int(slope.as_constant() or 0)
        if claim.measured.what in SQUARED and claim.measured.power == 1:
            rate = rate**2
        floor = _without(claim.bound, power)
        if floor.numerator and claim.measured.what in SQUARED and claim.measured.power == 1:
            return
        error = floor * (1 - rate)
    except (NotComparable, ZeroDivisionError):
        return
    if (error.variables | rate.variables) & {STEPS, "R", "Delta0", "G0", MINIMUM}:
        return
    yield Proposal(_theorem(claim, _contraction(claim, rate, error)), "the claimed rate for one step")


def _without(bound: Formula, power: Power) -> Scalar:
    """The bound without the power that vanishes for large N."""
    return rational(replaced(bound, lambda f: ZERO if f == power else None))


def _contraction(claim: Claim, rate: Scalar | None, error: Scalar | None) -> Any:
    measure = MEASURE[claim.measured.what]

    def goal(method: Any, f: Any, x: Any, y: Any) -> Goal:
        before, after = list(measure.along(f, (x, y)))
        values, given = ties(claim), Values(claim, method, f, {}).conditions()
        if rate is None:
            return Contraction(before=before, after=after, given=given)
        extra: Any = 0 if error is None or not error.numerator else error.substitute(values)
        return Contraction(before=before, after=after, rate=rate.substitute(values), error=extra, given=given)

    return goal


def _sums(claim: Claim) -> Iterator[Proposal]:
    """c V₀/N + F from weight · measure ≤ V − V⁺ + error."""
    measured = claim.measured
    try:
        bound = rational(claim.bound)
        if measured.what in SQUARED and measured.power == 1:
            return
        floor = bound.substitute({"R": 0, "Delta0": 0, "G0": 0})
        main = bound - floor
        starts = main.variables & {"R", "Delta0", "G0"}
        if STEPS in floor.variables or len(starts) != 1 or "G0" in starts or MINIMUM in bound.variables:
            return
        (name,) = starts
        start = Scalar.variable(name) ** (2 if name == "R" else 1)
        N = Scalar.variable(STEPS)
        for count in (N, N + 1):
            factor = main * count / start
            if factor.numerator and not factor.variables & {STEPS, "R", "Delta0", "G0"}:
                weight = 1 / factor
                for at in (0, 1) if measured.iterate != "last" else (1, 0):
                    last = measured.iterate == "last"
                    goal = _telescoping(claim, name, weight, floor * weight, at, last)
                    yield Proposal(_theorem(claim, goal), "a sum over the steps" + " of what never increases" * last)
    except (NotComparable, ZeroDivisionError):
        return


def _telescoping(claim: Claim, start: str, weight: Scalar, error: Scalar, at: int, last: bool) -> Any:
    measure, potential = MEASURE[claim.measured.what], DISTANCE if start == "R" else GAP

    def goal(method: Any, f: Any, x: Any, y: Any) -> Goal:
        here = list(measure.along(f, (x, y)))
        before, after = list(potential.along(f, (x, y)))
        values = ties(claim)
        return Telescoping(
            quantities=(here[at],),
            weights=(weight.substitute(values),),
            before=before,
            after=after,
            error=error.substitute(values) if error.numerator else 0,
            last=last,
            support=((here[1], here[0]),) if last else (),
            given=Values(claim, method, f, {}).conditions(),
        )

    return goal


__all__ = ["Comparison", "Proposal", "proposals", "step_theorem", "ties"]
