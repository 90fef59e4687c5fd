"""Models: numbers at which everything that a statement takes for granted holds, so that it cannot prove everything.

A model lives in the smallest world that a statement allows: vectors are tuples of rational numbers, and every
functional is a mean, or a sum, over a set with a single element. Whatever a certificate proves from the statement's
facts, hypotheses and equations holds in it; so what is false in it has no certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from certify.kernel.certificate import Statement
from certify.kernel.polynomial import Monomial, Polynomial


class NoModel(ValueError):
    """Something that the statement takes for granted does not hold for these numbers; the message says what."""


@dataclass(frozen=True)
class Model:
    """Numbers for the variables of a statement and coordinates for its vectors."""

    values: Mapping[str, Fraction]
    vectors: Mapping[str, tuple[Fraction, ...]] = field(default_factory=dict)


def check_model(statement: Statement, model: Model) -> None:
    """Check that facts, hypotheses, equations and the conclusion hold in the model; raises `NoModel`."""
    world = _World(statement, model)
    for functional in statement.functionals:
        if functional.size is not None and world.value(functional.size) != 1:
            raise NoModel(f"{functional.size} is not 1, the size of a set with a single element")
    for fact in (*statement.facts, *statement.hypotheses):
        value = world.of(fact.polynomial)
        if value < 0 or (fact.strict and not value):
            raise NoModel(f"{fact.name} does not hold: {value}")
    for equation in statement.equations:
        if world.of(equation.polynomial):
            raise NoModel(f"the equation {equation.name} does not hold")
    end, relation = world.of(statement.conclusion), statement.relation
    if not {">": end > 0, ">=": end >= 0, "=": end == 0}.get(relation, False):
        raise NoModel(f"the conclusion does not hold: {end} {relation} 0")


class _World:
    """The value of every name."""

    def __init__(self, statement: Statement, model: Model) -> None:
        self.known = dict(model.values)
        self.vectors = model.vectors
        self.moments = {m.name: m.monomial for m in statement.moments}
        if both := self.moments.keys() & self.known.keys():
            raise NoModel(f"{min(both)} is a moment, whose value follows from others")

    def value(self, name: str) -> Fraction:
        if name not in self.known:
            if name in self.moments:
                self.known[name] = self.product(self.moments[name])
            else:
                a, _, b = name[1:-1].partition(",")
                if not (name[0] == "<" and a in self.vectors and b in self.vectors):
                    raise NoModel(f"the model gives {name} no value")
                self.known[name] = sum(
                    (p * q for p, q in zip(self.vectors[a], self.vectors[b], strict=True)), Fraction(0)
                )
        return self.known[name]

    def product(self, monomial: Monomial) -> Fraction:
        result = Fraction(1)
        for name, exponent in monomial:
            result *= self.value(name) ** exponent
        return result

    def of(self, polynomial: Polynomial) -> Fraction:
        return sum((c * self.product(m) for m, c in polynomial), Fraction(0))
