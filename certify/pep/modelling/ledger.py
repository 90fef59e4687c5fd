"""The ledger of a worst-case problem: what quantities there are, what is supposed of them, and what is maximised.

It knows nothing of the kinds of functions and operators, only that each has conditions (`Owner`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from certify.language import Assumption, Equation, Evaluation, Semidefinite
from certify.pep.engine.problem import ONE, Key, MatrixRow, Problem, Row
from certify.pep.modelling.expressions import Expression, MixedModels, Point, Relation, Space, equal
from certify.pep.modelling.narrowing import Narrowing
from certify.pep.modelling.rationals import Number
from certify.pep.modelling.vanishing import vanishing

PAIR = "←"
"""In the names of conditions between two points."""


class Owner(Protocol):
    """Something with conditions that grow with the points at which it is evaluated."""

    name: str

    @property
    def evaluations(self) -> Sequence[Evaluation]:
        """What was recorded."""
        ...

    def named(self) -> Iterator[tuple[str, Assumption]]:
        """The assumptions, with names that tell two of one kind apart."""
        ...

    def conditions(self, *, paired: bool = True) -> Iterator[tuple[str, Relation | Semidefinite]]:
        """The conditions on all that was recorded so far, with names; those of pairs of points only if `paired`."""
        ...

    def relaxations(self) -> Iterator[str]:
        """Why the conditions may be necessary only."""
        ...

    def narrowing(self) -> Narrowing | None:
        """What makes them sufficient, if anything is known."""
        ...


T = TypeVar("T", bound=Owner)


class Ledger:
    """Quantities, conditions and the objective of a growing problem; `problem()` is its frozen, exact form."""

    def __init__(self) -> None:
        self.vectors: list[str] = []
        self.homes: list[Space] = []
        self.values: list[str] = []
        self.space = Space(self)
        self._taken: set[str] = set()
        self._objective: Expression | None = None
        self._relations: dict[str, tuple[Relation | Semidefinite, str]] = {}
        self._owners: list[Owner] = []
        self._shared: dict[Any, Any] = {}
        self._labels: dict[Point, str] = {}
        self._relaxations: dict[str, list[Narrowing | None]] = {}
        self._off: set[str] = set()
        self._ratio = False
        self._with_objective: tuple[str, ...] = ()
        """The names of the conditions that belong to the objective."""
        self.trail: list[Point] = []
        """Points that would make a good basis: the iterates of a run (see `certify.pep.modelling.frame`)."""

    # -- quantities ------------------------------------------------------------------------------------

    def point(self, name: str = "", *, space: Space | None = None) -> Point:
        """A fresh vector of the space (the model's own Hilbert space by default)."""
        space = self.space if space is None else space
        if space.model is not self:
            raise MixedModels("the space belongs to another model")
        if space.parts:
            name = name or f"x{len(self.vectors)}"
            point = space.join(*(self.point(f"{name}.{k + 1}", space=part) for k, part in enumerate(space.parts)))
        else:
            name = _fresh(name or f"x{len(self.vectors)}", self._taken, chosen=bool(name))
            self.vectors.append(name)
            self.homes.append(space)
            point = Point(space, {len(self.vectors) - 1: ONE})
        self._labels.setdefault(point, name)
        return point

    def zero(self, space: Space | None = None) -> Point:
        """The vector 0."""
        return Point(self.space if space is None else space, {})

    def number(self, name: str = "") -> Expression:
        """A fresh real quantity, without a sign."""
        name = _fresh(name or f"s{len(self.values)}", self._taken, chosen=bool(name))
        self.values.append(name)
        return Expression(self, {(len(self.values) - 1,): ONE})

    def reserve(self, names: Iterable[str]) -> None:
        """Names that no quantity made from now on may have."""
        self._taken.update(names)

    def constant(self, value: Number) -> Expression:
        """A rational number as an expression."""
        return Expression(self, {}) + value

    def new_space(self, name: str = "") -> Space:
        """Another Hilbert space: its vectors have no inner product with those of other spaces (blocks, ranges)."""
        return Space(self, name)

    def product(self, *spaces: Space, name: str = "") -> Space:
        """The product of spaces: ``space.join(u, v)`` makes points of it, ``space.split(x)`` takes them apart."""
        if len(spaces) < 2 or len({id(s) for s in spaces}) < len(spaces) or any(s.parts for s in spaces):
            raise ValueError("a product needs two or more different spaces that are no products themselves")
        return Space(self, name, spaces)

    def blocks(self, count: int, name: str = "") -> Space:
        """A space whose coordinates fall into `count` blocks: ``space.block(x, k)`` keeps block k of x only."""
        return self.product(*(self.new_space(f"{name}{k + 1}") for k in range(count)), name=name)

    def label(self, point: Point, name: str) -> Point:
        """Give a point the name by which it is printed; returns the point."""
        _check(name)
        self._labels[point] = name
        return point

    def label_of(self, point: Point) -> str | None:
        """The name of a point, if it has one."""
        return self._labels.get(point)

    def mean(self, values: Iterable[Expression]) -> Expression:
        """The average: the expectation over finitely many equally likely outcomes."""
        terms = list(values)
        if not terms:
            raise ValueError("the mean of nothing is not defined")
        return sum(terms, self.constant(0)) / len(terms)

    # -- conditions and objective ----------------------------------------------------------------------

    def suppose(self, *relations: Relation | Semidefinite | Equation, name: str = "", note: str = "") -> None:
        """Add conditions, ``model.suppose(norm2(x0 - xs) <= 1, name="initial")``; equations come from `equal`."""
        for relation in relations:
            if isinstance(relation, Equation):
                relation = equal(relation.left, relation.right)
            if not isinstance(relation, Relation | Semidefinite):
                raise TypeError(f"{relation!r} is no condition; write for example norm2(x) <= 1 or equal(u, v)")
            for expression in _expressions(relation):
                if expression.model is not self:
                    raise MixedModels("a condition of another model was added")
            wanted = name or f"condition{len(self._relations) + 1}"
            key, count = wanted, 1
            while key in self._relations:
                count += 1
                key = f"{wanted}.{count}"
            self._relations[key] = (relation, note)

    def maximise(self, *measures: Expression, relative_to: Expression | None = None) -> None:
        """What the worst case is of: one expression, or the smallest of several (the best iterate).

        With `relative_to` the ratio measure / relative_to is maximised, by the condition relative_to ≤ 1 (a ratio that
        is never positive counts as 0). The problem must be homogeneous, as for contraction factors and rates: none of
        its conditions may have a constant. Calling this again replaces the objective, and what came with it.
        """
        if not measures:
            raise ValueError("maximise needs an expression")
        for measure in measures:
            if not isinstance(measure, Expression):
                raise TypeError(f"{measure!r} cannot be maximised; give an expression such as f(x) - f.minimum")
            if measure.model is not self:
                raise MixedModels("an expression of another model is to be maximised")
        for key in self._with_objective:
            del self._relations[key]
        before = set(self._relations)
        self._ratio = relative_to is not None
        if relative_to is not None:
            self.suppose(relative_to <= 1, name="normalisation")
        self._objective = measures[0]
        if len(measures) > 1:
            self._objective = self.number("smallest")
            for k, measure in enumerate(measures):
                self.suppose(self._objective <= measure, name=f"smallest[{k}]")
        self._with_objective = tuple(key for key in self._relations if key not in before)

    def mentions(self, keys: Iterable[Key]) -> bool:
        """Whether the objective or anything supposed contains one of these quantities."""
        forms = [e.terms for relation, _ in self._relations.values() for e in _expressions(relation)]
        used = {key for terms in (*forms, self._objective.terms if self._objective else {}) for key in terms}
        return not used.isdisjoint(keys)

    def relax(self, why: str, narrowing: Narrowing | None = None) -> None:
        """Note that a condition is necessary only, so that the optimum is an upper bound and no worst case.

        A `narrowing` has equations under which it is sufficient.
        """
        self._relaxations.setdefault(why, []).append(narrowing)

    def narrowings(self) -> list[Narrowing] | None:
        """What makes all relaxed conditions hold in fact (call `problem` first); None if one of them has nothing."""
        found = [narrowing for own in self._relaxations.values() for narrowing in own]
        found += [owner.narrowing() for owner in self._owners if any(owner.relaxations())]
        known = [narrowing for narrowing in found if narrowing is not None]
        return None if self._off or len(known) < len(found) else known

    def switch(self, *names: str, on: bool) -> None:
        """Switch conditions off and on again by name, to learn which of them a proof needs."""
        problem = self.problem()
        known = {row.name for row in (*problem.inequalities, *problem.equations, *problem.matrices)} | self._off
        for name in names:
            if name not in known:
                raise KeyError(f"there is no condition {name!r}")
        self._off = self._off - set(names) if on else self._off | set(names)

    # -- the problem -----------------------------------------------------------------------------------

    @property
    def owners(self) -> tuple[Owner, ...]:
        """The functions and operators, in the order in which they were made."""
        return tuple(self._owners)

    @property
    def switched_off(self) -> frozenset[str]:
        """The names of the conditions that are switched off."""
        return frozenset(self._off)

    def problem(self, *, paired: bool = True) -> Problem:
        """The exact problem: everything supposed and all interpolation conditions at the points visited so far.

        Without `paired` the conditions between pairs of points are left out.
        """
        if self._objective is None:
            raise ValueError("nothing to maximise: call model.maximise(…) first")
        conditions = dict(self._relations)
        for owner in self._owners:
            for name, relation in owner.conditions(paired=paired):
                while name in conditions:
                    name += "'"
                conditions[name] = (relation, "")
        why = [*self._relaxations, *(why for owner in self._owners for why in owner.relaxations())]
        if self._off:
            why.append(f"conditions are switched off: {', '.join(sorted(self._off))}")
        inequalities, equations, matrices = [], [], []
        for name, (relation, note) in conditions.items():
            if name in self._off:
                continue
            if self._ratio:
                self._homogeneous(name, relation)
            if isinstance(relation, Semidefinite):
                matrices.append(MatrixRow(name, tuple(tuple(e.terms for e in row) for row in relation.rows), note))
            elif relation.slack.terms:
                rows = equations if relation.equation else inequalities
                rows.append(Row(name, relation.slack.terms, note))
        single = [row for row in inequalities if PAIR not in row.name]  # so that these are the same without pairs
        known = {key for owner in self._owners for e in owner.evaluations for key in e.value.terms}
        free = [k for k in range(len(self.values)) if (k,) not in known and (k,) not in self._objective.terms]
        equations += vanishing(single, equations, matrices, self.homes, self.vectors, free)
        return Problem(
            vectors=tuple(self.vectors),
            values=tuple(self.values),
            objective=self._objective.terms,
            inequalities=tuple(inequalities),
            equations=tuple(equations),
            matrices=tuple(matrices),
            relaxations=tuple(dict.fromkeys(why)),
        )

    def _homogeneous(self, name: str, relation: Relation | Semidefinite) -> None:
        """Raises for a condition that keeps the worst case of a ratio from being that at ‘relative_to ≤ 1’."""
        for expression in _expressions(relation):
            if expression.terms.get((), 0) != (name == "normalisation"):
                raise ValueError(
                    f"a ratio (relative_to) needs a homogeneous problem, and the condition {name!r} has a constant: "
                    "bound the denominator with suppose(… <= 1) instead"
                )

    def text(self, key: tuple[int, ...]) -> str:
        """The name of a quantity."""
        if len(key) == 2:
            return f"<{self.vectors[key[0]]},{self.vectors[key[1]]}>"
        return self.values[key[0]] if key else "1"

    def shared(self, key: Any, make: Callable[[], Any]) -> Any:
        """What belongs to several objects alike, such as the zero of A + B: made once, the same ever after."""
        if key not in self._shared:
            made = self._shared[key] = make()
            if hasattr(made, "conditions"):
                self.own(made)
        return self._shared[key]

    def own(self, owner: T) -> T:
        """Take the conditions of a function or operator into the problem; returns it."""
        self._owners.append(owner)
        return owner

    def free_name(self, name: str) -> str:
        """A name that no function or operator has yet."""
        return _fresh(name, {owner.name for owner in self._owners}, chosen=True)


def _expressions(relation: Relation | Semidefinite) -> Iterator[Expression]:
    if isinstance(relation, Relation):
        yield relation.slack
    else:
        for row in relation.rows:
            yield from row


def _check(name: str) -> None:
    """Raises for a name that could be read as something else."""
    if {*name} & {*"<,>"}:
        raise ValueError(f"the name {name!r} contains one of < , > which are reserved for inner products")


def _fresh(name: str, taken: set[str], chosen: bool = False) -> str:
    """A name that is not taken yet, and now is."""
    if chosen:
        _check(name)
        if name == "1":
            raise ValueError("the name '1' is reserved for the constant")
    fresh, count = name, 1
    while fresh in taken:
        count += 1
        fresh = f"{name}#{count}"
    taken.add(fresh)
    return fresh
