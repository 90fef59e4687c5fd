"""Vectors that a condition forces to be 0: what follows for them is written down, one equation for each basis vector.

‖w‖² = 0 (or ≤ 0) says that w = 0, hence ⟨w, v⟩ = 0 for all v. From ‖w‖² = 0 alone that follows only in the limit of
ever larger multipliers; with the equations a proof has finite ones.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from flint import fmpq

from certify.pep.engine.problem import AND, DERIVED, ONE, ZERO, Key, MatrixRow, Row


def vanishing(
    inequalities: Iterable[Row],
    equations: Sequence[Row],
    matrices: Sequence[MatrixRow],
    homes: Sequence[Any],
    names: Sequence[str],
    numbers: Collection[int] = (),
) -> Iterator[Row]:
    """‖w‖² = 0 and ⟨w, v⟩ = 0 for the basis vectors v of its space, for every w that one of these relations makes 0.

    `homes` has the space of each basis vector and `names` its name. `numbers` are quantities s that only these
    relations know: where two inequalities a ≤ s ≤ b are all there is of s, they make 0 what a ≤ b does (as if an
    accuracy is 0).
    The names of the equations begin with those of the relations, joined by `AND`, and `DERIVED`.
    """
    from certify.pep.engine.faces import solve_relations, vanishing  # which loads NumPy

    inequalities = list(inequalities)
    inequalities += _eliminated(inequalities, equations, matrices, numbers)
    found = [(row.name, vanishing(row.terms, equation=False)) for row in inequalities]
    found += [(row.name, vanishing(row.terms, equation=True)) for row in equations]
    for matrix in matrices:
        diagonal = (line[i] for i, line in enumerate(matrix.rows))
        found.append((matrix.name, [w for terms in diagonal for w in vanishing(terms, equation=False) or ()]))
    for source, relations in found:
        for pivot, image in sorted(solve_relations(relations or ()).items()):
            w = {pivot: ONE} | {i: -c for i, c in image.items()}
            yield Row(f"{source}{DERIVED}[{names[pivot]}]", _product(w, w))
            for other, home in enumerate(homes):
                if home is homes[pivot] and (len(w) > 1 or other != pivot):
                    yield Row(f"{source}{DERIVED}[{names[pivot]},{names[other]}]", _product(w, {other: ONE}))


def _eliminated(
    inequalities: Iterable[Row], equations: Iterable[Row], matrices: Iterable[MatrixRow], numbers: Collection[int]
) -> Iterator[Row]:
    """a ≤ b from a ≤ s and s ≤ b, for numbers s that occur nowhere else."""
    elsewhere = [row.terms for row in equations] + [terms for matrix in matrices for terms in matrix]
    for k in numbers:
        key = (k,)
        found = sorted((row for row in inequalities if key in row.terms), key=lambda row: row.terms[key])
        if len(found) != 2 or any(key in terms for terms in elsewhere):
            continue
        above, below = (row.terms for row in found)  # s ≤ b has a negative coefficient of s, a ≤ s a positive one
        if above[key] < 0 < below[key]:
            total = {i: below[key] * above.get(i, ZERO) - above[key] * below.get(i, ZERO) for i in {*above, *below}}
            yield Row(AND.join(sorted(row.name for row in found)), {i: c for i, c in total.items() if c})


def _product(u: dict[int, fmpq], v: dict[int, fmpq]) -> dict[Key, fmpq]:
    """⟨u, v⟩."""
    total: dict[Key, fmpq] = {}
    for i, a in u.items():
        for j, b in v.items():
            key = (i, j) if i <= j else (j, i)
            total[key] = total.get(key, ZERO) + a * b
    return {key: c for key, c in total.items() if c}
