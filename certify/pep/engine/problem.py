"""The worst-case problem as data: exact affine forms in function values and Gram entries, nothing else.

    maximise  objective   subject to   inequalities ≥ 0,  equations = 0,  matrices ⪰ 0,  Gram matrix ⪰ 0.

Coefficients are rationals (flint's fmpq) up to the solver's door and again behind it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from flint import fmpq

from certify.kernel import inner_product_name
from certify.kernel import worst_case as kernel

Key = tuple[int, ...]
"""``()`` for the constant, ``(k,)`` for function value k, ``(i, j)`` with i ≤ j for ⟨vᵢ, vⱼ⟩."""
Terms = Mapping[Key, fmpq]
"""The non-zero coefficients of an affine form; that of ``(i, j)`` multiplies ⟨vᵢ, vⱼ⟩ once."""
ZERO, ONE = fmpq(0), fmpq(1)
DERIVED = ":zero"
"""In the names of equations that follow from another relation, after its name: ⟨w, v⟩ = 0 from ‖w‖² = 0."""
AND = " & "
"""Between the names of two such relations."""


@dataclass(frozen=True, slots=True)
class Row:
    """An affine form that is ≥ 0 (or = 0 in the list of equations), with its name."""

    name: str
    terms: Terms
    note: str = ""


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A symmetric matrix of affine forms that is ⪰ 0."""

    name: str
    rows: tuple[tuple[Terms, ...], ...]
    note: str = ""

    def __iter__(self) -> Iterator[Terms]:
        return (terms for row in self.rows for terms in row)


@dataclass(frozen=True)
class Problem:
    """Maximise the objective; `vectors` and `values` give the names that the indices in the keys stand for.

    `relaxations` lists, in words, why a feasible point need not come from a function (an interpolation condition
    that is necessary only): then the optimum is an upper bound and no worst case.
    """

    vectors: tuple[str, ...]
    values: tuple[str, ...]
    objective: Terms
    inequalities: tuple[Row, ...] = ()
    equations: tuple[Row, ...] = ()
    matrices: tuple[MatrixRow, ...] = ()
    relaxations: tuple[str, ...] = ()

    def forms(self) -> Iterator[Terms]:
        """Every affine form that occurs."""
        yield self.objective
        for row in (*self.inequalities, *self.equations):
            yield row.terms
        for matrix in self.matrices:
            yield from matrix

    def text(self, key: Key) -> str:
        """The name of a quantity, as the kernel writes it."""
        if len(key) == 2:
            return inner_product_name(self.vectors[key[0]], self.vectors[key[1]])
        return self.values[key[0]] if key else "1"


def to_kernel(problem: Problem, used: frozenset[str] | None = None) -> kernel.WorstCase:
    """The problem in the kernel's own type; with `used`, only the relations of these names are kept."""
    names: dict[Key, str] = {}
    numbers: dict[tuple[int, int], Fraction] = {}

    def form(terms: Terms) -> dict[str, Fraction]:
        found = {}
        for key, c in terms.items():
            name = names.get(key)
            if name is None:
                name = names[key] = problem.text(key)
            ratio = int(c.p), int(c.q)
            number = numbers.get(ratio)  # few different numbers occur, and to make a Fraction costs more
            if number is None:
                number = numbers[ratio] = _lowest(*ratio)
            found[name] = number
        return found

    def kept(rows: tuple[Row, ...]) -> tuple[kernel.Relation, ...]:
        return tuple(kernel.Relation(r.name, form(r.terms), r.note) for r in rows if used is None or r.name in used)

    return kernel.WorstCase(
        vectors=problem.vectors,
        values=problem.values,
        objective=form(problem.objective),
        inequalities=kept(problem.inequalities),
        equations=kept(problem.equations),
        matrices=tuple(
            kernel.MatrixRelation(m.name, tuple(tuple(form(t) for t in row) for row in m.rows), m.note)
            for m in problem.matrices
            if used is None or m.name in used
        ),
    )


def as_fraction(value: fmpq) -> Fraction:
    """The same number in the standard library's type."""
    return _lowest(int(value.p), int(value.q))


def _lowest(p: int, q: int) -> Fraction:
    """p/q for coprime p and q > 0. The constructor would look for common factors, which takes most of its time."""
    found = object.__new__(Fraction)
    found._numerator, found._denominator = p, q
    return found
