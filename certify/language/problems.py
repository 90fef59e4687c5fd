"""From a declaration to a problem: run the method once on symbols and write down all that is known and claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, TypeVar

from certify.kernel import Fact, Polynomial, Statement
from certify.language.assumptions import Assumption
from certify.language.chains import is_chained, symbolic_run
from certify.language.coherence import DoesNotApply, branching, coherent, measured, stochastic
from certify.language.coordinates import Coordinatewise
from certify.language.functions import norm2
from certify.language.goals import Contraction, Goal, ProductDecrease, Same, Side
from certify.language.measures import DISTANCE, GAP, GRADIENT, STEP, SUBGRADIENT, SUBGRADIENT2
from certify.language.memory import UnreadableState, scalar_of
from certify.language.methods import Method
from certify.language.opaque import define
from certify.language.oracles import SymbolicFunction
from certify.language.outcomes import Outcomes
from certify.language.parameters import Parametrised, Share
from certify.language.scalar import DependsOnValue, Inequality, Scalar, exact
from certify.language.text import scalar_text
from certify.language.theorems import Theorem
from certify.language.trace import Trace
from certify.language.varying_goals import DominatedDecrease, SaturatingDecrease
from certify.language.vector import Vector

Declared = TypeVar("Declared", bound=Parametrised)

NONNEGATIVE = (DISTANCE, GAP, GRADIENT, SUBGRADIENT, SUBGRADIENT2, STEP)
"""Measures that are never negative, by what they are."""


@dataclass(frozen=True)
class Start:
    """The first state of a method with memory: what is known, the invariant there, and what `before` is there."""

    trace: Trace
    sides: tuple[Side, ...]
    goal: Goal

    @property
    def before(self) -> Any:
        """What the goal calls `before`, at the start."""
        return getattr(self.goal, "before", None)

    def pointwise(self, sides: Side) -> Polynomial:
        """The polynomial p with p ≥ 0 ⇔ lhs ≤ rhs."""
        return self.trace.cleared(scalar_of(sides[1]) - scalar_of(sides[0]))


@dataclass(frozen=True)
class Problem:
    """A theorem's trace and goal, ready for a prover."""

    method: Method
    assumptions: tuple[Assumption, ...]
    theorem: Theorem
    trace: Trace
    function: SymbolicFunction
    goal: Goal
    points: tuple[Any, ...]
    conditions: tuple[str, ...]
    """Names of the facts that restrict parameters only: the theorem's admissible range."""
    declared_in: str
    """The name of the method that declares the theorem; `method` may be a variant of it."""
    start: Start | None = None
    """Of a method with memory: what holds at the start."""
    kept: tuple[Side, ...] = ()
    """The invariant of the state after the step."""
    measured: tuple[Any, ...] = ()
    """The measure at the points of the step, one after the other."""

    def conclusion(self, sides: tuple[Any, Any]) -> Polynomial:
        """The polynomial p with p ≥ 0 ⇔ lhs ≤ rhs, in the mean over what the step draws."""
        lhs, rhs = sides
        return self.trace.cleared(self.trace.mean(exact(rhs) - lhs))

    def pointwise(self, sides: tuple[Any, Any]) -> Polynomial:
        """The polynomial p with p ≥ 0 ⇔ lhs ≤ rhs for every sample, at every coordinate."""
        return self.trace.cleared(scalar_of(sides[1]) - scalar_of(sides[0]))

    def claims(self) -> dict[str, Side]:
        """Every inequality that has to be proved, by its role; a step whose number is yet unknown excepted."""
        goal = self.goal
        groups = {"lemma": goal.lemmas, "start": self.start.sides if self.start else (), "kept": self.kept}
        found = {f"{role}[{i}]": side for role, sides in groups.items() for i, side in enumerate(sides)}
        if not goal.unknown:
            found["step"] = goal.sides
        groups = {"support": goal.support, "end": (*goal.ends, *self._signs())}
        return found | {f"{role}[{i}]": side for role, sides in groups.items() for i, side in enumerate(sides)}

    def _signs(self) -> tuple[Side, ...]:
        """before ≥ 0 where factors between steps need it: they may be negative, or vary."""
        if not isinstance(self.goal, Contraction | ProductDecrease) or self.theorem.measure in NONNEGATIVE:
            return ()
        return ((0 * self.goal.before, self.goal.before),)

    def statement(self, role: str, sides: Side, extra: tuple[Fact, ...] = ()) -> Statement:
        """What is known ⊢ lhs ≤ rhs: for every sample at every coordinate, or for means in steps, supports and ends."""
        kind, _, rest = role.partition("[")
        if kind == "start" and self.start is not None:
            return self.start.trace.statement(self.start.pointwise(sides))
        lemmas = self.lemmas(int(rest[:-1]) if kind == "lemma" else None)
        pointwise = kind in ("lemma", "kept") or isinstance(self.goal, Same)
        conclusion = self.pointwise(sides) if pointwise else self.conclusion(sides)
        statement = self.trace.statement(conclusion, extra=extra)
        return replace(statement, hypotheses=(*statement.hypotheses, *lemmas))

    def lemmas(self, before: int | None = None) -> tuple[Fact, ...]:
        """The lemmas, or those before this one, as facts."""
        sides = self.goal.lemmas[:before]
        return tuple(Fact(f"lemma[{i}]", self.pointwise(s), note=f"lemma {i + 1}") for i, s in enumerate(sides))

    @property
    def squares(self) -> tuple[Mapping[str, Polynomial], ...]:
        """The vectors whose squares the goal names, times numbers that clear them of denominators."""
        return tuple(_cleared(v) for v in self.goal.squares)

    def opening(self, name: str) -> Mapping[str, int]:
        """What a fact, hypothesis or lemma has to be multiplied by for its denominators to come back."""
        return self.trace.openings.get(name, {})

    @property
    def norm(self) -> str:
        """The geometry in which the theorem is posed."""
        return "euclidean" if self.trace.norm == "coordinates" else self.trace.norm

    @property
    def initial(self) -> Any:
        """What stands for `before` at the start of a run."""
        return getattr(self.goal, "before", None) if self.start is None else self.start.before

    @property
    def identifier(self) -> str:
        """``method/assumptions/theorem``."""
        return "/".join((self.declared_in, "+".join(a.name for a in self.assumptions), self.theorem.name))


def applies(theorem: Theorem, assumptions: Sequence[type[Assumption]]) -> bool:
    """Whether every assumption the theorem needs is given or implied."""
    if theorem.roles > 1:  # one for each function
        pairs = zip(theorem.assumptions, assumptions, strict=False)
        return len(assumptions) == theorem.roles and all(needed in own.closure() for needed, own in pairs)
    available = frozenset().union(*(a.closure() for a in assumptions))
    return set(theorem.assumptions) <= available


def pose(
    method: type[Method],
    assumptions: Sequence[type[Assumption]],
    theorem: Theorem,
    values: Mapping[str, Scalar] | None = None,
    norm: str | None = None,
) -> Problem:
    """Trace `theorem` of `method` under `assumptions`, with some parameters tied to formulas (γ = 1/L).

    `norm` is the method's own space if it is not given.

    Raises `DoesNotApply` if the theorem needs other assumptions or another geometry, `OutOfDomain` if a condition
    cannot hold for these values.
    """
    declared_in, norm, method = method.name, norm or method.home, theorem.variant or method
    if not method.steady():
        raise DoesNotApply(f"theorems are about methods whose steps are all alike; {method.name} is none")
    if not applies(theorem, assumptions) and not set(theorem.asked) & set(assumptions):
        missing = ", ".join(a.name for a in theorem.assumptions)
        raise DoesNotApply(f"theorem {theorem.name!r} of {method.name} needs the assumption {missing}")
    if norm not in theorem.norms and norm not in theorem.asked_norms:
        raise DoesNotApply(
            f"theorem {theorem.name!r} of {method.name} is claimed for {', '.join(theorem.norms)} norms only"
        )
    subjects = {a.subject for a in assumptions}
    if theorem.roles > 1 and subjects not in ({"function"}, {"operator"}):
        raise DoesNotApply(f"theorem {theorem.name!r}: of several functions only function classes may be assumed")
    values = dict(values or {})
    for symbol, number in theorem.at:
        if values.setdefault(symbol, Scalar.constant(number)) != number:
            raise DoesNotApply(f"theorem {theorem.name!r} is about {symbol} = {number} only")
    geometry = "coordinates" if theorem.coordinates else norm
    trace = Trace(geometry)
    bound_method = _bind(method, values)
    bound = tuple(_bind(a, values) for a in assumptions)
    declare((bound_method, *bound), trace)
    domain = tuple(n for n in trace.facts if n.startswith(f"domain of {bound_method.name}"))
    if method.clocked() and not theorem.indexed:
        raise DoesNotApply(f"theorem {theorem.name!r}: steps of {method.name} depend on k, so it must be indexed")
    names = ("k", "m") if theorem.indexed else ()
    index = {n: trace.scalar(n, sign="nonnegative", note=f"{n} ≥ 0") for n in names}
    try:
        functions, states = symbolic_run(bound_method, bound, theorem.steps, trace, index.get("k"))
        f, points = functions[0], [bound_method.output(s) for s in states]
        trace.step = theorem.steps
        for assumption in bound:
            for call in f.ball_prox_calls:
                assumption.ball_prox_step(call, f)
        goal = theorem.goal(bound_method, *functions, *states, **index)
    except (UnreadableState, DependsOnValue, NotImplementedError) as error:
        raise DoesNotApply(str(error)) from error
    except TypeError as error:
        if _raised_in(error, method):
            raise DoesNotApply(
                f"the file of {method.name} does with symbols what they do not allow: {error}"
            ) from error
        raise
    if isinstance(goal, Contraction) and goal.uniform is not None:
        goal = replace(goal, growth=trace.scalar("r", sign="nonnegative", note="R ≥ the distance"))
    if isinstance(goal, SaturatingDecrease) and not isinstance(goal, DominatedDecrease):
        goal = replace(goal, tangent=trace.scalar("theta", sign="nonnegative", note="a tangent's slope, θ ≥ 0"))
    values_there = tuple(measured(theorem, bound_method, functions, states))
    coherent(theorem, goal, functions, points, values_there)
    if not method.stateless():
        remember(goal, states[0], index.get("k"), trace)
    other = Trace(geometry)
    declare((bound_method, *bound), other)
    if not is_chained(bound_method, bound, theorem, other):
        raise DoesNotApply(f"theorem {theorem.name!r}: what a step calls after is not what the next one calls before")
    if theorem.coordinates:
        for x, y in pairwise(points):
            norm2(y - x)  # what a step divides by
        for i, side in enumerate(goal.lemmas):
            slack = scalar_of(side[1]) - scalar_of(side[0])
            trace.total(slack)
            trace.opening(f"lemma[{i}]", slack)
    before, plain = set(trace.facts), set[str]()  # what holds anyway is a hint, and restricts nothing
    for i, condition in enumerate(goal.given):
        if isinstance(condition, Inequality):
            if not condition.slack.denominators and trace.sign(condition.slack.numerator) == 1:
                plain.add(f"given[{i}]")
            trace.assume(condition.slack, strict=condition.strict, name=f"given[{i}]", note=_condition(condition))
        else:
            trace.assume(condition, name=f"given[{i}]")
    conditions = (*domain, *(n for n in trace.facts if n not in before | plain))
    if not goal.unknown:  # a potential asks for values and gradients only when it is evaluated
        sides = (goal.sides, *goal.ends, *goal.support, *goal.lemmas)
        numbers = [scalar_of(v) for side in sides for v in side]
        numbers += [c for x in points if isinstance(x, Vector) for c in x.coefficients.values()]
        define(trace, trace.known({n for v in numbers for n in v.variables}))
    _suppose(functions, bound)
    owners = (bound_method, *bound)
    numbers_known = {n for o in owners for p in o.parameters().values() for n in exact(o.value_of(p)).variables}
    stochastic(theorem, goal, trace, conditions, numbers_known)
    if drawn := [s for s in states if isinstance(s, Outcomes)]:
        branching(theorem, goal, drawn, trace, conditions, numbers_known)
    trace.close()
    problem = Problem(
        bound_method, bound, theorem, trace, f, goal, tuple(points), conditions, declared_in, measured=values_there
    )
    if method.stateless():
        return problem
    clock = index["k"] + theorem.steps if index else None
    kept = () if goal.invariant is None else goal.invariant(states[-1], clock)
    return replace(problem, start=_start(problem, geometry), kept=kept)


def _raised_in(error: Exception, kind: type) -> bool:
    """Whether Python refused an operation in the file of a class, such as a float times a vector."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and trace.tb_frame.f_globals.get("__name__") == kind.__module__


def _cleared(vector: Vector) -> dict[str, Polynomial]:
    common = Scalar.constant(1)
    for coefficient in vector.coefficients.values():
        common = common * (coefficient * common).denominator_scalar
    return {name: (c * common).numerator for name, c in vector.coefficients.items()}


def _suppose(functions: Sequence[SymbolicFunction], assumptions: Sequence[Assumption]) -> None:
    """Write what the assumptions say of the functions: all of them of one function, or each of its own."""
    groups = [(a,) for a in assumptions] if len(functions) > 1 else [tuple(assumptions)]
    for f, own in zip(functions, groups, strict=True):
        points_known = -1
        while points_known != len(f.evaluations):  # an assumption may be the first to speak of x⋆
            points_known = len(f.evaluations)
            for assumption in own:
                assumption.hypotheses(f)
        f.lower_bounds()
        f.unbiased()
        if f.has_workers:
            f.workers.known()
        if f.has_components:
            f.components.known()
    if functions[0].together is not None:
        functions[0].together.lower_bounds()


def remember(goal: Goal, state: Any, clock: Any, trace: Trace) -> None:
    """Write what the invariant says of a state."""
    for i, (lhs, rhs) in enumerate(() if goal.invariant is None else goal.invariant(state, clock)):
        slack = scalar_of(rhs) - scalar_of(lhs)
        trace.assume(slack, name=f"invariant[{i}]", note=f"{scalar_text(slack)} ≥ 0 after every step")
        if trace.sign(scalar_of(lhs).numerator) == 1 and not scalar_of(lhs).denominators:
            trace.assume(scalar_of(rhs), strict=True, name=f"positive[{i}]", note=f"{scalar_text(scalar_of(rhs))} > 0")


def _start(problem: Problem, geometry: str) -> Start:
    """The first state, on a trace of its own, where nothing is known of any other state."""
    trace, theorem = Trace(geometry), problem.theorem
    declare((problem.method, *problem.assumptions), trace)
    index = {"k": Scalar.constant(0), "m": trace.scalar("m", sign="nonnegative")} if theorem.indexed else {}
    given = (problem.method, problem.assumptions, theorem.steps, trace, index.get("k"))
    functions, states = symbolic_run(*given, fresh=True)
    goal = theorem.goal(problem.method, *functions, *states, **index)
    sides = () if goal.invariant is None else goal.invariant(states[0], index.get("k"))
    define(trace, {n for side in sides for v in side for n in scalar_of(v).variables})
    if isinstance(trace.geometry, Coordinatewise):  # a start that is clipped
        for name, note, number in trace.geometry.chosen:
            if not number.denominators:
                trace.suppose(number >= 0, name=name, note=note)
    return Start(trace, sides, goal)


def declare(owners: Sequence[Parametrised], trace: Trace) -> None:
    """Write the domains of all parameters into the trace: γ > 0, L > μ."""
    for tied in (False, True):  # symbols first: the domain of γ = 1/L needs L > 0
        for owner in owners:
            _domains(owner, trace, tied)
    for owner in owners:
        strict = isinstance(owner, Assumption)
        for i, relation in enumerate(owner.domain()):
            name = f"domain of {owner.name}" + (f" ({i + 1})" if i else "")
            trace.assume(relation.slack, strict=strict, name=name, note=_condition(relation))


def _bind(kind: type[Declared], values: Mapping[str, Scalar]) -> Declared:
    return kind(**{s: v for s, v in values.items() if s in kind.parameters()})


def _domains(owner: Parametrised, trace: Trace, tied: bool) -> None:
    for symbol, parameter in owner.parameters().items():
        trace.parameter(symbol)
        if (symbol in owner.values) == tied:
            if parameter.each and not tied:
                trace.layered.add(symbol)
            sign = ">" if parameter.strict else "≥"
            value = owner.value_of(parameter)
            trace.assume(value, strict=parameter.strict, name=f"{symbol}{sign}0", note=f"{symbol} {sign} 0")
            if isinstance(parameter, Share):
                trace.assume(1 - value, strict=True, name=f"{symbol}<1", note=f"{symbol} < 1")


def _condition(relation: Inequality) -> str:
    sign = ">" if relation.strict else "≥"
    return f"{scalar_text(relation.greater)} {sign} {scalar_text(relation.smaller)}"
