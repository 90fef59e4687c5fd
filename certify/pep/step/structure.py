"""A problem sorted for worst-case problems: variables, numbers and the relations between them.

Inner products and function values are variables; all other quantities (step sizes, constants,
multipliers, norms) are numbers. A norm n = ‖v‖ that only occurs in bounds α + βn ≥ 0 needs no
number: such a bound is one on ⟨v, v⟩.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from certify.kernel import Fact, Polynomial, inner_product_name
from certify.language.goals import Goal
from certify.language.oracles import MINIMIZER
from certify.language.problems import Problem
from certify.language.scalar import Scalar, as_scalar
from certify.pep.step.forms import (
    CONSTANT,
    Form,
    NotLinear,
    Numbers,
    number,
    polynomial_form,
    scalar_form,
)

Cases = Sequence[tuple[tuple[Polynomial, ...], Goal]]
MINIMUM = f"f{MINIMIZER}"


@dataclass(frozen=True)
class Instance:
    """A worst case at one parameter point: max lhs/rhs over forms ≥ 0 and = 0, all exact."""

    vectors: tuple[str, ...]
    values: tuple[str, ...]
    nonnegative: tuple[Form, ...]
    zero: tuple[Form, ...]
    lhs: Form
    rhs: Form


@dataclass(frozen=True)
class Structure:
    """What does not depend on the point: names, and relations of numbers and of variables."""

    vectors: tuple[str, ...]
    variables: frozenset[str]
    """Inner products, pairings and function values."""
    bounded: Mapping[str, Scalar]
    """Norms that need no number → their squares."""
    parameters: tuple[str, ...]
    domain: tuple[Fact, ...]
    """Relations ≥ 0 or > 0 between numbers."""
    relations: tuple[Polynomial, ...]
    equations: tuple[Polynomial, ...]

    def instance(self, sides: tuple[object, object], numbers: Numbers) -> Instance | None:
        """The worst case of lhs ≤ rhs; None where a norm would be negative or a denominator is 0."""
        quantities = self.variables
        try:
            lhs, rhs = (scalar_form(_scalar(side), numbers, quantities) for side in sides)
            rows = [row for p in self.relations if (row := self._row(p, numbers))]
            zero = [row for p in self.equations if (row := polynomial_form(p, numbers, quantities))]
        except ZeroDivisionError:
            return None
        forms = [lhs, rhs, *rows, *zero]
        if any(form.keys() <= {CONSTANT} and form[CONSTANT] < 0 for form in rows):
            return None
        names = {name for form in forms for name in form}
        values = {name for name in names & quantities if name[0] not in "<("}
        if all(sum(c for n, c in form.items() if n in values) == 0 for form in forms):
            values -= {MINIMUM}  # nothing changes when a constant is added to f, so let f⋆ = 0
            for form in forms:
                form.pop(MINIMUM, None)
        pairings = {n for n in names if n.startswith("(")}
        used = {v for n in names if n.startswith("<") for v in n[1:-1].split(",")}
        vectors = tuple(v for v in self.vectors if v in used)
        variables = tuple(sorted(values | pairings))
        return Instance(vectors, variables, tuple(rows), tuple(zero), lhs, rhs)

    def _row(self, polynomial: Polynomial, numbers: Numbers) -> Form:
        """The form f of ``f ≥ 0``; for α + βn ≥ 0 the equivalent bound on n²."""
        bounded = polynomial.variables & self.bounded.keys()
        if not bounded:
            return polynomial_form(polynomial, numbers, self.variables)
        (name,) = bounded
        line = polynomial_form(polynomial, numbers, bounded)
        alpha, beta = line.get(CONSTANT, Fraction(0)), line.get(name, Fraction(0))
        if alpha >= 0 <= beta:
            return {}
        if alpha < 0 and beta <= 0:
            return {CONSTANT: alpha}
        square = scalar_form(self.bounded[name], numbers, self.variables)
        sign = 1 if beta > 0 else -1
        row = {n: sign * c for n, c in square.items()}
        row[CONSTANT] = row.get(CONSTANT, Fraction(0)) - sign * (alpha / beta) ** 2
        return row


def structure(problem: Problem, cases: Cases) -> Structure:
    """Sort the trace of a problem; raises `NotLinear` if lhs ≤ rhs speaks of numbers only."""
    trace, geometry = problem.trace, problem.trace.geometry
    variables = {inner_product_name(a, b) for a in geometry.basis for b in geometry.basis}
    variables |= {f"({a}|{b})" for a in geometry.basis for b in geometry.basis}
    variables |= {MINIMUM}
    for evaluation in problem.function.evaluations.values():
        variables |= evaluation.value.variables
    # Gram matrices know the Cauchy–Schwarz and triangle inequalities.
    implied = {name for name, _, _ in geometry.axioms()} if geometry.euclidean else set()
    known = [*trace.facts.values(), *(h for n, h in trace.hypotheses.items() if n not in implied)]
    known = [replace(f, polynomial=trace.reading(f.polynomial)) for f in known]
    equations = [trace.reading(e.polynomial) for e in trace.equations.values()]
    sides = claimed(cases)
    if not sides & variables:
        raise NotLinear("lhs ≤ rhs has no inner product and no function value")

    asked = sides.union(*(c.variables for conditions, _ in cases for c in conditions))
    bounded: dict[str, Scalar] = {}
    for name, square, definition in _norms(problem) if geometry.euclidean else ():
        others = [e for e in equations if e != definition]
        lines = [p for f in known if name in (p := f.polynomial).variables]
        taken = variables | bounded.keys()
        free = name not in asked.union(*(e.variables for e in others))
        if free and all(_is_line(p, name, taken) for p in lines):
            bounded[name] = square
            equations = others

    quantities = variables | bounded.keys()
    domain = tuple(f for f in known if not f.polynomial.variables & quantities)
    relations = tuple(f.polynomial for f in known if f.polynomial.variables & quantities)
    everything = (*relations, *equations, *(f.polynomial for f in domain), *bounded.values())
    names = asked.union(*(p.variables for p in everything))
    return Structure(
        vectors=tuple(geometry.basis),
        variables=frozenset(variables),
        bounded=bounded,
        parameters=tuple(sorted(names - quantities)),
        domain=domain,
        relations=relations,
        equations=tuple(equations),
    )


def claimed(cases: Cases) -> frozenset[str]:
    """The quantities in lhs ≤ rhs, for all cases."""
    return frozenset().union(*(_scalar(side).variables for _, goal in cases for side in goal.sides))


def admissible(structure: Structure, conditions: Sequence[Polynomial], numbers: Numbers) -> bool:
    """Whether the point lies in the domain and in the case."""
    for fact in structure.domain:
        value = number(fact.polynomial, numbers)
        if value < 0 or (fact.strict and value == 0):
            return False
    scalar_equations = (p for p in structure.equations if p.variables <= numbers.keys())
    if any(number(p, numbers) for p in scalar_equations):
        return False
    return all(number(c, numbers, structure.variables) >= 0 for c in conditions)


def _norms(problem: Problem) -> Iterator[tuple[str, Scalar, Polynomial]]:
    """Every norm that is a quantity of its own: its name, its square and its defining equation."""
    for vector, value in problem.trace.geometry.norms.items():
        (name, *rest) = value.variables or ("",)
        if not rest and name.startswith("|") and value == Scalar.variable(name):
            square = problem.trace.geometry.squared_norm(vector)
            yield name, square, problem.trace.cleared(square - value * value)


def _is_line(polynomial: Polynomial, name: str, taken: set[str]) -> bool:
    """Whether this is α + β·name with numbers α and β."""
    exponents = [e for monomial, _ in polynomial for n, e in monomial if n == name]
    return max(exponents, default=0) == 1 and not polynomial.variables & taken


def _scalar(value: object) -> Scalar:
    scalar = as_scalar(value)
    if scalar is None:
        raise TypeError(f"{value!r} is not an exact scalar")
    return scalar
