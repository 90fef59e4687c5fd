"""Vectors that a condition forces to be 0: what follows for them is written down, one equation for each basis vector.

‖w‖² = 0 (or ≤ 0) says that w = 0, hence ⟨w, v⟩ = 0 for all v. From ‖w‖² = 0 alone that follows only in the limit of
ever larger multipliers; with the equations a proof has finite ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flint import fmpq

from certify.pep.engine.problem import DERIVED, ONE, ZERO, Key, MatrixRow, Row


def vanishing(
    inequalities: Iterable[Row],
    equations: Iterable[Row],
    matrices: Iterable[MatrixRow],
    homes: Sequence[Any],
    names: Sequence[str],
) -> Iterator[Row]:
    """‖w‖² = 0 and ⟨w, v⟩ = 0 for the basis vectors v of its space, for every w that one of these relations makes 0.

    `homes` has the space of each basis vector and `names` its name. The names of the equations begin with that of the
    relation and `DERIVED`.
    """
    from certify.pep.engine.faces import solve_relations, vanishing  # which loads NumPy

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


def _product(u: dict[int, fmpq], v: dict[int, fmpq]) -> dict[Key, fmpq]:
    """⟨u, v⟩."""
    total: dict[Key, fmpq] = {}
    for i, a in u.items():
        for j, b in v.items():
            key = (i, j) if i <= j else (j, i)
            total[key] = total.get(key, ZERO) + a * b
    return {key: c for key, c in total.items() if c}
