"""What functions and operators of a worst-case problem have in common: assumptions, constants, evaluations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, permutations
from typing import Any, ClassVar

from certify.language import Assumption, Equation, Evaluation, NonNegative, Positive, Semidefinite
from certify.language.oracles import MINIMIZER
from certify.pep.modelling.expressions import Point, Relation, Space, equal
from certify.pep.modelling.ledger import Ledger
from certify.pep.modelling.narrowing import Narrowing

Condition = tuple[str, Relation | Semidefinite]


class Records:
    """The evaluations of one function or operator, and the conditions that its assumptions put on them."""

    kind: ClassVar[str] = "a function"
    foreigners: ClassVar[tuple[str, str]] = ("operators", "monotone")
    foreign: ClassVar[frozenset[str]] = frozenset({"resolvent", "zero", "fixed_point", "preimage", "adjoint"})
    """Oracles that only the others have."""

    def __init__(self, model: Ledger, assumptions: tuple[Assumption, ...], name: str, space: Space) -> None:
        self.model = model
        self.assumptions = assumptions
        self.name = name
        self.space = space
        self.evaluations: list[Evaluation] = []
        self._labels: set[str] = set()
        self._constants = {s: v for a in assumptions for s, v in a.values.items()}

    def __getattr__(self, name: str) -> Fraction:
        constants = self.__dict__.get("_constants", {})
        if name in constants:
            return constants[name]
        if name in self.foreign:
            given = ", ".join(a.name for a in self.__dict__.get("assumptions", ()))
            raise AttributeError(
                f"{self.__dict__.get('name', 'it')} is {self.kind} ({given}), and {name!r} is an oracle of "
                f"{self.foreigners[0]}: give an assumption on {self.foreigners[0]}, such as {self.foreigners[1]}"
            )
        known = ", ".join(constants) or "none"
        raise AttributeError(
            f"the assumptions give {self.__dict__.get('name', 'it')} no constant {name!r} (they give: {known}), "
            "and there is no such oracle"
        )

    def __repr__(self) -> str:
        return f"{self.name} ({', '.join(a.name for a in self.assumptions) or 'anything'})"

    # -- for assumptions that need a quantity of their own ------------------------------------------------

    @property
    def center(self) -> Point:
        """A fixed unknown point that belongs to this function or operator: the centre of a ball, say."""
        if "_center" not in self.__dict__:
            self._center = self.model.point(f"centre of {self.name}", space=self.space)
        return self._center

    # -- conditions ----------------------------------------------------------------------------------------

    def conditions(self, *, paired: bool = True) -> Iterator[Condition]:
        """The conditions of all assumptions at all points recorded, with names; those of pairs only if `paired`."""
        # `at` and `together` may evaluate f at a minimiser, which then takes part in the pairs.
        others = [list(self._others(name, assumption)) for name, assumption in self.named()]
        for (name, assumption), found in zip(self.named(), others, strict=True):
            pairs = combinations if assumption.symmetric else permutations
            for x, y in pairs(self.evaluations, 2) if paired else ():
                if x.subgradient is not None and (relation := assumption.between(x, y)) is not None:
                    yield f"{name}[{y.label}←{x.label}]", as_relation(relation)
            yield from found

    def relaxations(self) -> Iterator[str]:
        """Why the conditions may hold although nothing satisfies the assumptions, in words."""
        if len(self.assumptions) > 1:
            together = " and ".join(a.name for a in self.assumptions)
            yield f"{self.name} satisfies several assumptions at once ({together}), each by its own conditions"
        for assumption in self.assumptions:
            if not assumption.interpolating:
                yield f"the conditions for {assumption.name} are necessary, and not known to be sufficient"

    def narrowing(self) -> Narrowing | None:
        """What makes necessary conditions sufficient: nothing, in general."""
        return None

    def named(self) -> Iterator[tuple[str, Assumption]]:
        """The assumptions with names that tell two of one kind apart."""
        taken: set[str] = set()
        for assumption in self.assumptions:
            name, count = assumption.name, 1
            while name in taken:
                count += 1
                name = f"{assumption.name}#{count}"
            taken.add(name)
            yield f"{self.name}:{name}", assumption

    def _others(self, name: str, assumption: Assumption) -> Iterator[Condition]:
        for mark, x, relation in assumption.single(list(self.evaluations), self):
            yield f"{name}{mark}[{x.label}]", as_condition(relation)
        for i, found in enumerate(assumption.together(self.evaluations, self)):
            mark, relation = found if isinstance(found, tuple) else (str(i + 1), found)
            yield f"{name}.{mark}", as_condition(relation)

    # -- records -------------------------------------------------------------------------------------------

    def _record(self, evaluation: Evaluation) -> Evaluation:
        self.evaluations.append(evaluation)
        self._labels.add(evaluation.label)
        return evaluation

    def _label(self, wanted: str | None) -> str:
        label = wanted or str(len(self._labels - {MINIMIZER}))
        while label in self._labels:
            label += "'"
        return label

    def _belongs(self, *points: Point) -> None:
        for point in points:
            if not isinstance(point, Point):
                raise TypeError(f"{self.name} is evaluated at points; {point!r} is none")
            if point.space is not self.space:
                raise TypeError(f"{self.name} was called at a point of another space or model")


def as_condition(relation: Any) -> Relation | Semidefinite:
    """A condition of an assumption as the model knows it."""
    if isinstance(relation, Semidefinite) and len(relation.rows) > 1:
        return relation
    return as_relation(relation.rows[0][0] >= 0 if isinstance(relation, Semidefinite) else relation)


def as_relation(relation: Any) -> Relation:
    """An inequality or equation of an assumption as the model knows it."""
    if isinstance(relation, Equation):
        return equal(relation.left, relation.right)
    if not isinstance(relation, Relation):
        raise TypeError("an assumption's inequality is not linear in inner products and function values")
    return relation


def exact_assumptions(assumptions: Sequence[Assumption], subject: str) -> tuple[Assumption, ...]:
    """The same assumptions with exact parameters; raises for those that are missing or out of their domain."""
    from certify.pep.modelling.rationals import fraction

    if not assumptions:
        example = "SmoothConvex(L=1)" if subject == "function" else "Monotone()"
        raise TypeError(f"no assumption is given; write for example model.{subject}({example})")
    bound = []
    for assumption in assumptions:
        if isinstance(assumption, type):
            raise TypeError(f"{assumption.__name__} is a class; give its parameters: {assumption.__name__}(…)")
        if not isinstance(assumption, Assumption):
            raise TypeError(f"{assumption!r} is no assumption; write for example SmoothConvex(L=1)")
        if assumption.subject != subject:
            raise TypeError(
                f"{assumption.name} is a property of {assumption.subject}s: write model.{assumption.subject}(…)"
            )
        values = {}
        for symbol, parameter in assumption.parameters().items():
            if symbol not in assumption.values:
                raise ValueError(f"{assumption.name} needs a number for {symbol}")
            values[symbol] = fraction(assumption.values[symbol])
            signed = isinstance(parameter, Positive | NonNegative)
            strict = parameter.strict and symbol not in assumption.limits
            if signed and (values[symbol] < 0 or (strict and not values[symbol])):
                sign = "positive" if parameter.strict else "nonnegative"
                weaker = ", ".join(sorted(a.name for a in assumption.implies))
                hint = f" (weaker assumptions: {weaker})" if weaker and not values[symbol] else ""
                raise ValueError(f"{assumption.name}: {symbol} must be {sign}, not {values[symbol]}{hint}")
        exact = type(assumption)(**values).settled()
        if outside := outside_domain(exact):
            raise ValueError(outside)
        bound.append(exact)
    return tuple(bound)


def outside_domain(assumption: Assumption) -> str:
    """Why the numbers of an assumption are outside its domain, as a sentence; empty if they are inside."""
    from certify.language.text import scalar_text

    if all(assumption.domain()):
        return ""
    needed = [
        f"{scalar_text(r.smaller)} {'<' if r.strict else '≤'} {scalar_text(r.greater)}"
        for r in type(assumption)().domain()
    ]
    given = ", ".join(f"{s} = {v}" for s, v in assumption.values.items())
    return f"{assumption.name} needs {' and '.join(needed) or 'other numbers'}, which {given} do not satisfy"
