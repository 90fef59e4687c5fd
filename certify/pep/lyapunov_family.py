"""Lyapunov functions of one family, for one model: the joint problem whose multipliers are one, and its certificates.

See `certify.pep.contraction` for the problem and its sources.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, TypeVar

from flint import fmpq

from certify.kernel.worst_case import Attained, Unproved, UpperBound, check_upper
from certify.pep.engine.bounds import decimal
from certify.pep.engine.problem import ONE, ZERO, Key, MatrixRow, Problem, Row, Terms, to_kernel
from certify.pep.engine.semidefinite import is_semidefinite
from certify.pep.modelling.expressions import Expression, Point
from certify.pep.modelling.rationals import rational
from certify.pep.strict_points import StrictPoint, deepest
from certify.pep.unbounded import positive_point

if TYPE_CHECKING:
    from certify.pep.modelling.model import Model

T = TypeVar("T")
DECREASE, POSITIVE = "decrease", "positive"
"""The two copies: where V decreases, and where V ≥ measure."""


@dataclass(frozen=True)
class LyapunovState:
    """What V may depend on at one step: points (all their inner products) and expressions such as f(x) − f⋆."""

    points: Mapping[str, Point] = field(default_factory=dict)
    values: Mapping[str, Expression] = field(default_factory=dict)

    def terms(self) -> dict[str, Expression]:
        """The terms of V by name; 2⟨u, v⟩ for u ≠ v, so that coefficients form a matrix P."""
        names, found = list(self.points), {}
        for i, a in enumerate(names):
            for b in names[i:]:
                product = self.points[a] @ self.points[b]
                found[f"2⟨{a}, {b}⟩" if a != b else f"‖{a}‖²"] = product if a == b else 2 * product
        return {**found, **self.values}


@dataclass(frozen=True)
class Lyapunov:
    """V⁺ ≤ ρV − decrease and V ≥ measure, both proved: `descent` and `bounded_below` are bounds by 0."""

    rate: Fraction
    coefficients: Mapping[str, Fraction]
    descent: UpperBound
    bounded_below: UpperBound

    def __str__(self) -> str:
        top = max((abs(c) for c in self.coefficients.values()), default=Fraction(1))
        terms = " ".join(f"{'−' if c < 0 else '+'} {float(abs(c) / top):.6g} {n}" for n, c in self.coefficients.items())
        return f"V⁺ ≤ {decimal(self.rate, up=True)} V with V ∝ {terms.removeprefix('+ ')}"


@dataclass(frozen=True)
class Obstruction:
    """No V of the family decreases by the factor `rate`: a worst case of the joint problem with a value > 0."""

    rate: Fraction
    certificate: Attained


class Family:
    """The joint problem for one model and one family of V."""

    def __init__(
        self,
        model: Model,
        now: LyapunovState,
        then: LyapunovState,
        measure: Expression,
        decrease: Expression | None,
        signed: bool,
    ) -> None:
        if list(now.points) != list(then.points) or list(now.values) != list(then.values):
            raise ValueError("the states at the two steps must name the same points and values, in the same order")
        self.now, self.then = now.terms(), then.terms()
        self.size, self.signed = len(now.points), signed
        self.names = list(now.points)
        self.measure, self.decrease = measure, decrease
        model.maximise(model.constant(0) + measure)
        self.base = model.problem()
        used = {key for e in (*self.now.values(), *self.then.values()) for key in e.terms if key}
        self.known = not any(
            used.intersection(e.value.terms)
            for owner in model.owners
            if not all(a.valued for _, a in owner.named())
            for e in owner.evaluations
        )
        """Whether the conditions say all about the values that V depends on."""
        for form in (*self.base.forms(), *(e.terms for e in (*self.now.values(), *self.then.values()))):
            if form.get((), ZERO):
                raise ValueError("the conditions and V must be homogeneous: without constants such as ‖x₀‖² ≤ 1")

    def joint(self, rate: Fraction) -> Problem:
        """The joint problem."""
        base, factor = self.base, rational(rate)
        n, m = len(base.vectors), len(base.values)
        vectors = tuple(f"{v}|{mark}" for mark in (1, 2) for v in base.vectors)
        values = tuple(f"{v}|{mark}" for mark in (1, 2) for v in base.values)

        def second(terms: Terms) -> dict[Key, fmpq]:
            return {tuple(k + (n if len(key) == 2 else m) for k in key): c for key, c in terms.items()}

        def both(rows: Sequence[Row]) -> Iterator[Row]:
            for row in rows:
                yield Row(f"{DECREASE}:{row.name}", row.terms)
                yield Row(f"{POSITIVE}:{row.name}", second(row.terms))

        links = {
            name: _sum((ONE, self.then[name].terms), (-factor, term.terms), (-ONE, second(term.terms)))
            for name, term in self.now.items()
        }
        equations, inequalities, matrices = [], [], []
        for k, (name, terms) in enumerate(links.items()):
            quadratic = k < self.size * (self.size + 1) // 2
            if not self.signed:
                equations.append(Row(f"V:{name}", terms))
            elif not quadratic:
                inequalities.append(Row(f"V:{name}", terms))
        if self.signed and self.size:
            forms = iter(links.values())
            table: list[list[Terms]] = [[{}] * self.size for _ in range(self.size)]
            for i in range(self.size):
                for j in range(i, self.size):
                    terms = next(forms)
                    table[i][j] = table[j][i] = terms if i == j else {key: c / 2 for key, c in terms.items()}
            matrices.append(MatrixRow("V", tuple(map(tuple, table))))
        for relation in base.matrices:
            rows = tuple(tuple(second(t) for t in row) for row in relation.rows)
            matrices += [
                MatrixRow(f"{DECREASE}:{relation.name}", relation.rows),
                MatrixRow(f"{POSITIVE}:{relation.name}", rows),
            ]
        objective = second(self.measure.terms)
        if self.decrease is not None:
            objective = _sum((ONE, objective), (ONE, self.decrease.terms))
        return Problem(
            vectors=vectors,
            values=values,
            objective=objective,
            inequalities=(*both(base.inequalities), *inequalities),
            equations=(*both(base.equations), *equations),
            matrices=tuple(matrices),
            relaxations=base.relaxations,
        )

    def deepest(self, rate: Fraction) -> StrictPoint | None:
        """A V in floating point with room to spare."""
        return deepest(self.joint(rate))

    def prove(self, rate: Fraction) -> Lyapunov | None:
        """An exact V with both certificates, if rounding and the kernel agree."""
        point = self.deepest(rate)
        exact = None if point is None else point.rounded()
        if exact is None:
            return None
        inequalities, equations, matrices = exact
        coefficients = dict.fromkeys(self.now, Fraction(0))
        for source in (inequalities, equations):
            for name, c in source.items():
                if name.startswith("V:"):
                    coefficients[name.removeprefix("V:")] = c
        if "V" in matrices:
            entries = [matrices["V"][i][j] for i in range(self.size) for j in range(i, self.size)]
            coefficients.update(zip(self.now, entries, strict=False))
        certificates = []
        for copy, objective in zip((DECREASE, POSITIVE), self.forms(rate, coefficients), strict=True):
            own, free, tables = _own(inequalities, copy), _own(equations, copy), _own(matrices, copy)
            certificate = UpperBound(
                problem=to_kernel(self.with_objective(objective), frozenset({*own, *free, *tables})),
                bound=Fraction(0),
                multipliers=own,
                equation_multipliers=free,
                matrix_multipliers={name: tuple(map(tuple, rows)) for name, rows in tables.items()},
            )
            try:
                check_upper(certificate)
            except Unproved:
                return None
            certificates.append(certificate)
        return Lyapunov(rate, {n: c for n, c in coefficients.items() if c}, *certificates)

    def forms(self, rate: Fraction, coefficients: Mapping[str, Fraction]) -> tuple[Terms, Terms]:
        """V⁺ − ρV + decrease and measure − V for one V of the family, given by the coefficients of its terms."""
        then = _sum(*((rational(c), self.then[name].terms) for name, c in coefficients.items()))
        now = _sum(*((rational(c), self.now[name].terms) for name, c in coefficients.items()))
        descent = _sum((ONE, then), (-rational(rate), now))
        if self.decrease is not None:
            descent = _sum((ONE, descent), (ONE, self.decrease.terms))
        return descent, _sum((ONE, self.measure.terms), (-ONE, now))

    def with_objective(self, objective: Terms) -> Problem:
        """The model's own problem with this objective."""
        return replace(self.base, objective=objective)

    def is_nonnegative(self, coefficients: Mapping[str, Fraction]) -> bool:
        """Whether the quadratic part of a V is ⪰ 0 and its other coefficients are ≥ 0."""
        entries = [(i, j) for i in range(self.size) for j in range(i, self.size)]
        numbers = [rational(coefficients.get(name, Fraction(0))) for name in self.now]
        matrix = dict(zip(entries, numbers, strict=False))
        return is_semidefinite(matrix, self.size) and all(c >= 0 for c in numbers[len(entries) :])

    @property
    def refutable(self) -> bool:
        """Whether a point of the joint problem is evidence against every V: the conditions say all about its terms."""
        return self.known and not self.base.relaxations

    def refute(self, rate: Fraction) -> Obstruction | None:
        """Evidence that no V of the family has this rate."""
        if not self.refutable:
            return None
        found = positive_point(self.joint(rate))
        return None if found is None else Obstruction(rate, found)


def _own(multipliers: Mapping[str, T], copy: str) -> dict[str, T]:
    """The multipliers of one of the two copies, under the relations' own names."""
    start = f"{copy}:"
    return {name.removeprefix(start): c for name, c in multipliers.items() if name.startswith(start)}


def _sum(*parts: tuple[fmpq, Terms]) -> dict[Key, fmpq]:
    """Σ factor · form."""
    total: dict[Key, fmpq] = {}
    for factor, terms in parts:
        for key, c in terms.items():
            total[key] = total.get(key, ZERO) + factor * c
    return {key: c for key, c in total.items() if c}
