"""Numerical worst cases: exact upper bounds over all Gram matrices, and Gram matrices that attain a value.

A worst-case problem is: maximise an affine form in function values and inner products, subject to affine forms
that are ≥ 0 or = 0 and symmetric matrices of affine forms that are ⪰ 0. An `UpperBound` proves τ by multipliers
λ ≥ 0, ν, Z ⪰ 0 for which::

    τ − objective − Σ λ·inequality − Σ ν·equation − Σ ⟨Z, matrix⟩  =  ⟨S, Gram matrix⟩ + a number ≥ 0,   S ⪰ 0;

S is computed here, never believed. An `Attained` value comes with a rational Gram matrix ⪰ 0 and function values
that satisfy every relation. Both are linear in thousands of inner products, so polynomials are not used.

Multipliers and bound may be irrational: numbers a + b√d with one d. The problem's own numbers are rational.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm
from typing import TypeVar

from certify.kernel.polynomial import inner_product_name
from certify.kernel.semidefinite import MAX_DIGITS, Budget, Rows, Unproved, semidefinite
from certify.kernel.surd import Number, Surd

Form = Mapping[str, Fraction]
"""An affine form: the coefficients of ``1``, of function values and of inner products ``<a,b>``."""
Matrix = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True)
class Relation:
    """``form ≥ 0`` or, in a list of equations, ``form = 0``; `note` is for people."""

    name: str
    form: Form
    note: str = ""


@dataclass(frozen=True)
class MatrixRelation:
    """A symmetric matrix of affine forms, given row by row, that is ⪰ 0."""

    name: str
    rows: tuple[tuple[Form, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class WorstCase:
    """Maximise `objective` over vectors of a real inner-product space and real function values."""

    vectors: tuple[str, ...]
    values: tuple[str, ...]
    objective: Form
    inequalities: tuple[Relation, ...] = ()
    equations: tuple[Relation, ...] = ()
    matrices: tuple[MatrixRelation, ...] = ()


@dataclass(frozen=True)
class UpperBound:
    """objective ≤ bound, by the multipliers of the relations named; those that are not named are not used."""

    problem: WorstCase
    bound: Fraction
    multipliers: Mapping[str, Fraction] = field(default_factory=dict)
    equation_multipliers: Mapping[str, Fraction] = field(default_factory=dict)
    matrix_multipliers: Mapping[str, Matrix] = field(default_factory=dict)
    claim: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AlgebraicBound:
    """objective ≤ bound as in `UpperBound`, with numbers a + b√d for one d."""

    problem: WorstCase
    bound: Number
    multipliers: Mapping[str, Number] = field(default_factory=dict)
    equation_multipliers: Mapping[str, Number] = field(default_factory=dict)
    matrix_multipliers: Mapping[str, tuple[tuple[Number, ...], ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class Attained:
    """objective = value at this Gram matrix (entries ``<a,b>``; those left out are 0) and these function values."""

    problem: WorstCase
    value: Fraction
    gram: Mapping[str, Fraction]
    values: Mapping[str, Fraction]
    claim: Mapping[str, str] = field(default_factory=dict)


def check_upper(certificate: UpperBound | AlgebraicBound, *, digits: int = MAX_DIGITS) -> WorstCase:
    """Return the problem whose objective is hereby proved to be at most `bound`, or raise `Unproved`."""
    problem, budget = certificate.problem, Budget(digits)
    entries = _names(problem)
    parts_of = ((n.a, n.b) if isinstance(n, Surd) else (n,) for n in _numbers(certificate))
    if not all(isinstance(q, int | Fraction) for pair in parts_of for q in pair):
        raise Unproved("a number of the certificate is not exact")  # a bound of NaN is below nothing
    if len(roots(certificate)) > 1:
        raise Unproved("the multipliers contain two different square roots")
    parts: list[tuple[Number, Form]] = [(Fraction(-1), problem.objective)]
    for relation, multiplier in _used(problem.inequalities, certificate.multipliers):
        if multiplier < 0:
            raise Unproved(f"the multiplier of {relation.name!r} is negative")
        parts.append((-multiplier, relation.form))
    parts.extend((-m, r.form) for r, m in _used(problem.equations, certificate.equation_multipliers))
    for relation, matrix in _used(problem.matrices, certificate.matrix_multipliers):
        if len(matrix) != len(relation.rows) or not _is_symmetric(matrix):
            raise Unproved(f"the multiplier of {relation.name!r} is not a symmetric matrix of its size")
        if not semidefinite(_sparse(matrix), budget):
            raise Unproved(f"the multiplier of {relation.name!r} is not positive semidefinite")
        rows = zip(matrix, relation.rows, strict=True)
        parts.extend((-z, form) for zs, forms in rows for z, form in zip(zs, forms, strict=True) if z)
    rest = _combination(parts)
    if certificate.bound + rest.pop("1", Fraction(0)) < 0:
        raise Unproved("the multipliers prove a weaker bound only")
    gram: Rows = {vector: {} for vector in problem.vectors}
    for name, coefficient in rest.items():
        if name not in entries:
            raise Unproved(f"the multipliers leave a multiple of the function value {name!r}")
        a, b = entries[name]
        gram[a][b] = gram[b][a] = 2 * coefficient if a == b else coefficient  # twice S, which changes no sign
    if not semidefinite(gram, budget):
        raise Unproved("the residual is not positive semidefinite")
    return problem


def check_attained(certificate: Attained, *, digits: int = MAX_DIGITS) -> WorstCase:
    """Return the problem whose objective is hereby known to reach `value`, or raise `Unproved`."""
    problem, budget = certificate.problem, Budget(digits)
    entries = _names(problem)
    if certificate.values.keys() != set(problem.values):
        raise Unproved("the function values given are not those of the problem")
    gram: Rows = {vector: {} for vector in problem.vectors}
    for name, entry in certificate.gram.items():
        a, b = entries.get(name) or _pair(name, gram)
        gram[a][b] = gram[b][a] = entry
    if not semidefinite(gram, budget):
        raise Unproved("the Gram matrix is not positive semidefinite")
    point = _Point({"1": Fraction(1), **certificate.values, **certificate.gram})
    for relation in problem.inequalities:
        if point.scaled(relation.form)[0] < 0:
            raise Unproved(f"the inequality {relation.name!r} is violated")
    for relation in problem.equations:
        if point.scaled(relation.form)[0]:
            raise Unproved(f"the equation {relation.name!r} is violated")
    for relation in problem.matrices:
        if not semidefinite(_sparse(tuple(tuple(point(f) for f in row) for row in relation.rows)), budget):
            raise Unproved(f"the matrix {relation.name!r} is not positive semidefinite")
    if point(problem.objective) != certificate.value:
        raise Unproved("the objective has another value")
    return problem


def roots(certificate: UpperBound | AlgebraicBound) -> frozenset[int]:
    """The numbers d whose square roots occur in a certificate."""
    return frozenset(number.d for number in _numbers(certificate) if isinstance(number, Surd))


def _numbers(certificate: UpperBound | AlgebraicBound) -> Iterator[Number]:
    """The bound and all multipliers."""
    yield certificate.bound
    yield from certificate.multipliers.values()
    yield from certificate.equation_multipliers.values()
    for rows in certificate.matrix_multipliers.values():
        for row in rows:
            yield from row


R = TypeVar("R", Relation, MatrixRelation)
M = TypeVar("M")


def _names(problem: WorstCase) -> dict[str, tuple[str, str]]:
    """The inner products by name, after a look at every name that occurs."""
    plain = (*problem.vectors, *problem.values)
    if len(set(plain)) < len(plain) or "1" in plain or any({*name} & {*"<,>"} for name in plain):
        raise Unproved("names of vectors and function values must differ and contain none of < , >")
    relations = (*problem.inequalities, *problem.equations, *problem.matrices)
    if len({(type(r), r.name) for r in relations}) < len(relations):
        raise Unproved("two relations have the same name")
    vectors, known = set(problem.vectors), {"1", *problem.values}
    entries: dict[str, tuple[str, str]] = {}
    for name in set().union(*_forms(problem)) - known:
        entries[name] = _pair(name, vectors)
    for matrix in problem.matrices:
        for i, row in enumerate(matrix.rows):
            if len(row) != len(matrix.rows) or any(row[j] != matrix.rows[j][i] for j in range(i)):
                raise Unproved(f"the matrix {matrix.name!r} is not square and symmetric")
    for a in problem.vectors:
        entries.setdefault(inner_product_name(a, a), (a, a))
    return entries


def _pair(name: str, vectors: Collection[str]) -> tuple[str, str]:
    """The two vectors of an inner product ``<a,b>``."""
    a, _, b = name[1:-1].partition(",")
    if name != inner_product_name(a, b) or a not in vectors or b not in vectors:
        raise Unproved(f"{name[:60]!r} is no function value and no inner product of the problem")
    return a, b


def _forms(problem: WorstCase) -> Iterator[Form]:
    yield problem.objective
    for relation in (*problem.inequalities, *problem.equations):
        yield relation.form
    for matrix in problem.matrices:
        for row in matrix.rows:
            yield from row


def _used(relations: Iterable[R], multipliers: Mapping[str, M]) -> Iterator[tuple[R, M]]:
    """The relations that have a multiplier; raises `Unproved` for multipliers of unknown relations."""
    known = {relation.name: relation for relation in relations}
    for name, multiplier in multipliers.items():
        if name not in known:
            raise Unproved(f"there is a multiplier for {name[:60]!r}, which is no relation of the problem")
        yield known[name], multiplier


def _combination(parts: Sequence[tuple[Number, Form]]) -> dict[str, Number]:
    """Σ factor · form, of the rational and of the irrational part of the factors."""
    total: dict[str, Number] = {}
    total |= _rational_combination((f.a if isinstance(f, Surd) else f, form) for f, form in parts)
    d = next((factor.d for factor, _ in parts if isinstance(factor, Surd)), 0)
    if d:
        for name, b in _rational_combination((f.b, form) for f, form in parts if isinstance(f, Surd)).items():
            total[name] = total.get(name, Fraction(0)) + Surd(Fraction(0), b, d)
    return total


def _rational_combination(parts: Iterable[tuple[Fraction, Form]]) -> dict[str, Fraction]:
    """Σ factor · form; integers over one denominator per entry, which is much faster than adding fractions."""
    sums: dict[str, tuple[int, int]] = {}
    for factor, form in parts:
        p, q = factor.as_integer_ratio()
        for name, coefficient in form.items():
            a, b = coefficient.as_integer_ratio()
            top, bottom = p * a, q * b
            if name in sums:
                total, common = sums[name]
                if bottom != common:
                    shared = lcm(bottom, common)
                    top, total, bottom = top * (shared // bottom), total * (shared // common), shared
                top += total
            sums[name] = top, bottom
    return {name: Fraction(top, bottom) for name, (top, bottom) in sums.items() if top}


class _Point:
    """Values of all quantities as integers over one denominator: evaluating a form costs a product an entry."""

    def __init__(self, numbers: Mapping[str, Fraction]) -> None:
        self.common = lcm(*(value.denominator for value in numbers.values()))
        self.numbers = {n: v.numerator * (self.common // v.denominator) for n, v in numbers.items()}

    def scaled(self, form: Form) -> tuple[int, int]:
        """The value of a form as numerator and positive denominator, which may have common factors."""
        ratios = [(name, *c.as_integer_ratio()) for name, c in form.items()]
        common, get = lcm(*(q for _, _, q in ratios)), self.numbers.get
        return sum(p * (common // q) * get(name, 0) for name, p, q in ratios), common * self.common

    def __call__(self, form: Form) -> Fraction:
        """The value of a form."""
        return Fraction(*self.scaled(form))


def _is_symmetric(matrix: Sequence[Sequence[Number]]) -> bool:
    size = len(matrix)
    square = all(len(row) == size for row in matrix)
    return square and all(matrix[i][j] == matrix[j][i] for i in range(size) for j in range(i))


def _sparse(matrix: Sequence[Sequence[Number]]) -> Rows:
    return {str(i): {str(j): entry for j, entry in enumerate(row) if entry} for i, row in enumerate(matrix)}
