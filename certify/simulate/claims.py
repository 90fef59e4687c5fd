"""What a theorem says about a run, number by number: everything that has to be compared, and how.

Shared by trajectories (tensors) and refutation (rational numbers).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from certify.kernel import Polynomial
from certify.language import Assumption, Goal, Method, Scalar, Share, Theorem, maximum
from certify.language.enclosures import Enclosure
from certify.simulate.evaluate import evaluate
from certify.simulate.recorded import Recorded

INDEX = ("k", "m")
Goals = Sequence[tuple[Sequence[Polynomial], Goal]]
Values = Mapping[str, Any]


class NothingClaimed(Exception):
    """The theorem leaves a number to be derived, and none was."""


@dataclass(frozen=True)
class Claim:
    """A theorem of a method under assumptions, in the form in which runs can contradict it.

    `goals` are the cases (conditions ≥ 0, goal with the derived number) of a theorem that leaves
    one to be derived; `values` ties parameters to formulas in the others, such as γ = 1/L.
    """

    method: type[Method]
    assumptions: tuple[type[Assumption], ...]
    theorem: Theorem
    goals: Goals = ()
    values: Mapping[str, Scalar] = field(default_factory=dict)

    def __post_init__(self) -> None:
        declared = {*self.constants, *self.method.parameters()}
        kept = {n: s for n, s in self.values.items() if n in declared}
        object.__setattr__(self, "values", kept)

    @property
    def constants(self) -> tuple[str, ...]:
        """The constants of the function class, such as L and mu."""
        return tuple(dict.fromkeys(s for a in self.assumptions for s in a.parameters()))

    @property
    def free(self) -> tuple[str, ...]:
        """Every name that may be chosen: what is not tied, and what the formulas need besides."""
        declared = [*self.constants, *self.method.parameters()]
        needed = sorted(n for formula in self.values.values() for n in formula.variables)
        return tuple(n for n in dict.fromkeys([*declared, *needed]) if n not in self.values)

    def tied(self, chosen: Values) -> dict[str, Any]:
        """The tied names that the chosen ones determine."""
        known = chosen.keys()
        return {n: evaluate(s, chosen) for n, s in self.values.items() if s.variables <= known}

    def domain(self, values: Values) -> list[Any]:
        """Truth values (bools or masks), all true where the parameters lie in their domains."""
        owners = (self.method, *self.assumptions)
        declared = {s: p for owner in owners for s, p in owner.parameters().items()}
        result = [values[s] > 0 if p.strict else values[s] >= 0 for s, p in declared.items()]
        result += [values[s] < 1 for s, p in declared.items() if isinstance(p, Share)]
        for relation in (r for assumption in self.assumptions for r in assumption().domain()):
            result.append(evaluate(relation.slack, values) > 0)
        for relation in self.method().domain():
            result.append(evaluate(relation.slack, values) >= 0)
        return result

    def admits(self, values: Mapping[str, Any]) -> bool:
        """Whether all numbers are those that are tied, in their domains, and indices not negative."""
        tied = all(values[n] == v for n, v in self.tied(values).items())
        return tied and all(self.domain(values)) and not (self.theorem.indexed and any(values[n] < 0 for n in INDEX))

    def bound(self, values: Values) -> Method:
        """The method with these parameters."""
        return self.method(**{s: values[s] for s in self.method.parameters()})

    def goal(self, method: Method, f: Recorded, points: Sequence[Any], values: Values) -> Goal:
        """The goal at steps + 1 consecutive points, perhaps with an unknown number in it."""
        index = {n: values[n] for n in INDEX} if self.theorem.indexed else {}
        return self.theorem.goal(method, f, *points, **index)

    def derived(self) -> list[tuple[Sequence[Polynomial], Scalar]]:
        """The derived number case by case, with the conditions ≥ 0 of the case."""
        if not self.goals:
            raise NothingClaimed(f"theorem {self.theorem.name!r}: no number was derived")
        return [(conditions, unknown(goal)) for conditions, goal in self.goals]


@dataclass(frozen=True)
class Comparison:
    """One inequality lhs ≤ rhs of a goal. `size` sums the magnitudes of its terms.

    `role` is ``step``, ``support[i]`` or ``end[i]``, as in a proof.
    """

    role: str
    lhs: Any
    rhs: Any
    size: Any


def comparisons(goal: Goal) -> list[Comparison]:
    """Everything a goal claims: the step inequality first, then what its lemma needs besides."""
    lhs, rhs = goal.sides
    found = [Comparison("step", lhs, rhs, abs(lhs) + abs(rhs) + _terms(goal))]
    for role, sides in (("support", goal.support), ("end", goal.ends)):
        for i, (left, right) in enumerate(sides):
            found.append(Comparison(f"{role}[{i}]", left, right, abs(left) + abs(right)))
    return found


_ROLES = {
    "step": "for one step",
    "support": "in support of the step",
    "end": "at the start or the end of a run",
}


def in_words(role: str) -> str:
    """What a comparison with this role is about."""
    return _ROLES[role.partition("[")[0]]


def speaks(goal: Goal) -> bool:
    """Whether the conditions of a goal hold, at exact numbers. **Raises:** TypeError for floats."""
    return all(g if isinstance(g, bool) else Enclosure.of(g) >= 0 for g in goal.given)


def _terms(goal: Goal) -> Any:
    """The magnitudes of the terms that cancel in the sides of a goal."""
    total: Any = 0
    for name in ("before", "after", "error", "amount", "slack"):
        total = total + abs(getattr(goal, name, 0))
    weights, quantities = (getattr(goal, name, ()) for name in ("weights", "quantities"))
    for weight, quantity in zip(weights, quantities, strict=True):
        total = total + abs(weight * quantity)
    return total


def rate_of(goal: Goal) -> Any:
    """The largest of the numbers of which a goal that leaves its rate open says that it is the largest; None if it does
    not name any."""
    rates = getattr(goal, "rates", ())
    return reduce(maximum, rates) if goal.unknown and rates else None


def unknown(goal: Goal) -> Scalar:
    """The number that was filled in."""
    weights = getattr(goal, "weights", None)
    value: Any = weights[0] if weights else getattr(goal, "rate", None)
    return Scalar.constant(1) * value
