"""The dual of a worst-case problem as one linear matrix inequality, exact and sparse.

Every multiplier is a variable y: λ ≥ 0 for an inequality, ν for an equation, the entries of Z ⪰ 0 for a matrix.
With the forms h_y = c_y + a_y·values + ⟨A_y, G⟩ and the objective c + b·values + ⟨B, G⟩ it reads

    minimise  c + Σ c_y y   subject to   b + Σ a_y y = 0,   S(y) = −B − Σ A_y y ⪰ 0,   λ ≥ 0,   Z ⪰ 0.

S falls into blocks where the vectors fall into groups without common inner products.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from flint import fmpq

from certify.pep.engine.groups import connected
from certify.pep.engine.problem import ONE, ZERO, Key, Problem, Terms
from certify.pep.engine.semidefinite import is_semidefinite

Entry = tuple[int, int, int]
"""Block, row and column (row ≤ column) of an entry of the matrix inequality."""


class Variable(NamedTuple):
    """One multiplier: the relation it belongs to, and for a matrix the entry; `sign` says that it must be ≥ 0."""

    name: str
    kind: str
    sign: bool
    place: tuple[int, int] = (0, 0)


@dataclass(frozen=True)
class Program:
    """Columns of the matrix inequality. `equations[v]` and `blocks` map variables to exact coefficients.

    `constant` and `offsets` belong to the objective: Σ equations[v][y]·y = −offsets[v]; the matrix inequality's entry e
    is `base[e]` + Σ columns[y][e]·y.
    """

    problem: Problem
    variables: tuple[Variable, ...]
    constant: fmpq
    costs: tuple[fmpq, ...]
    values: tuple[int, ...]
    """The function values that are left; one linear equation each."""
    offsets: tuple[fmpq, ...]
    rows: tuple[Mapping[int, fmpq], ...]
    """For each variable: position of a function value → coefficient."""
    sizes: tuple[int, ...]
    vectors: tuple[tuple[int, ...], ...]
    """For each block of S the vectors; the blocks of matrix multipliers follow, without vectors."""
    base: Mapping[Entry, fmpq]
    columns: tuple[Mapping[Entry, fmpq], ...]

    @cached_property
    def signed(self) -> tuple[int, ...]:
        """The variables that must be ≥ 0."""
        return tuple(i for i, v in enumerate(self.variables) if v.sign)

    def cost(self, y: Sequence[fmpq]) -> fmpq:
        """The bound that y proves if it is feasible."""
        return self.constant + sum((c * v for c, v in zip(self.costs, y, strict=True) if c and v), ZERO)

    def matrices(self, y: Sequence[fmpq]) -> list[dict[tuple[int, int], fmpq]]:
        """The blocks of the matrix inequality at y, as upper triangles."""
        blocks: list[dict[tuple[int, int], fmpq]] = [{} for _ in self.sizes]
        for (block, i, j), c in self.base.items():
            blocks[block][i, j] = c
        for value, column in zip(y, self.columns, strict=True):
            if value:
                for (block, i, j), c in column.items():
                    target = blocks[block]
                    target[i, j] = target.get((i, j), ZERO) + c * value
        return blocks

    def defects(self, y: Sequence[fmpq]) -> list[fmpq]:
        """By how much each equation of a function value fails."""
        defects = list(self.offsets)
        for value, row in zip(y, self.rows, strict=True):
            if value:
                for v, c in row.items():
                    defects[v] += c * value
        return defects


def program(problem: Problem, zero_vectors: Iterable[int] = (), zero_values: Iterable[int] = ()) -> Program:
    """The dual of a problem in which some vectors and function values may be taken to be zero."""
    gone, fixed = set(zero_vectors), set(zero_values)
    keys: set[Key] = set().union(*problem.forms())
    ties = {(key[0], key[1]) for key in keys if len(key) == 2 and key[0] not in gone and key[1] not in gone}
    vectors = list(map(tuple, connected(sorted({i for tie in ties for i in tie}), ties)))
    where = {v: (block, i) for block, group in enumerate(vectors) for i, v in enumerate(group)}
    values = tuple(sorted(key[0] for key in keys if len(key) == 1 and key[0] not in fixed))
    position: dict[Key, int] = {(v,): i for i, v in enumerate(values)}
    entries: dict[Key, Entry] = {}
    for key in ties:
        (block, i), (_, j) = where[key[0]], where[key[1]]
        entries[key] = (block, i, j) if i <= j else (block, j, i)

    def split(terms: Terms, factor: int = 1) -> tuple[fmpq, dict[int, fmpq], dict[Entry, fmpq]]:
        constant, row, column = ZERO, {}, {}
        half = fmpq(-factor, 2)  # multiplying is faster than dividing
        for key, c in terms.items():
            if key in entries:
                column[entries[key]] = half * c if key[0] != key[1] else -c if factor == 1 else -factor * c
            elif key in position:
                row[position[key]] = c if factor == 1 else factor * c
            elif not key:
                constant = c if factor == 1 else factor * c
        return constant, row, column

    constant, first, base = split(problem.objective)
    variables, costs, rows, columns = [], [], [], []

    def add(variable: Variable, terms: Terms, factor: int = 1) -> dict[Entry, fmpq]:
        cost, row, column = split(terms, factor)
        variables.append(variable)
        costs.append(cost)
        rows.append(row)
        columns.append(column)
        return column

    for relation in problem.inequalities:
        add(Variable(relation.name, "inequality", True), relation.terms)
    for relation in problem.equations:
        add(Variable(relation.name, "equation", False), relation.terms)
    sizes = [len(group) for group in vectors]
    for matrix in problem.matrices:
        block = len(sizes)
        sizes.append(len(matrix.rows))
        vectors.append(())
        for i, line in enumerate(matrix.rows):
            for j in range(i, len(line)):
                column = add(Variable(matrix.name, "matrix", False, (i, j)), line[j], 1 if i == j else 2)
                column[block, i, j] = ONE
    return Program(
        problem=problem,
        variables=tuple(variables),
        constant=constant,
        costs=tuple(costs),
        values=values,
        offsets=tuple(first.get(i, ZERO) for i in range(len(values))),
        rows=tuple(rows),
        sizes=tuple(sizes),
        vectors=tuple(vectors),
        base=base,
        columns=tuple(columns),
    )


def to_multipliers(
    program: Program, y: Sequence[Fraction]
) -> tuple[dict[str, Fraction], dict[str, Fraction], dict[str, list[list[Fraction]]]]:
    """The multipliers by relation: of inequalities, equations and matrices."""
    inequalities: dict[str, Fraction] = {}
    equations: dict[str, Fraction] = {}
    matrices: dict[str, list[list[Fraction]]] = {
        m.name: [[Fraction(0)] * len(m.rows) for _ in m.rows] for m in program.problem.matrices
    }
    for variable, value in zip(program.variables, y, strict=True):
        if variable.kind == "matrix":
            i, j = variable.place
            matrices[variable.name][i][j] = matrices[variable.name][j][i] = value
        elif value:
            (inequalities if variable.kind == "inequality" else equations)[variable.name] = value
    return inequalities, equations, matrices


__all__ = ["Entry", "Program", "Variable", "is_semidefinite", "program", "to_multipliers"]
