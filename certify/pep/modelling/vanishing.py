"""Vectors that the conditions force to be 0: what follows for them is written down, one equation for each basis vector.

‖w‖² = 0 (or ≤ 0) says that w = 0, hence ⟨w, v⟩ = 0 for all v. From ‖w‖² = 0 alone that follows only in the limit of
ever larger multipliers; with the equations a proof has finite ones.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flint import fmpq

from certify.pep.engine.problem import ONE, ZERO, Key, MatrixRow, Row


def vanishing(
    inequalities: Sequence[Row], equations: Sequence[Row], matrices: Sequence[MatrixRow], homes: Sequence[Any]
) -> Iterator[Row]:
    """‖w‖² = 0 and ⟨w, v⟩ = 0 for the basis vectors v of its space, for every w that these relations force to be 0.

    `homes` has the space of each basis vector.
    """
    from certify.pep.engine.faces import forced, solve_relations  # which loads NumPy

    relations, _ = forced(inequalities, equations, matrices)
    for pivot, image in sorted(solve_relations(relations).items()):
        w = {pivot: ONE} | {i: -c for i, c in image.items()}
        yield Row(f"zero[{pivot}]", _product(w, w))
        for other, home in enumerate(homes):
            if home is homes[pivot] and (len(w) > 1 or other != pivot):
                yield Row(f"zero[{pivot},{other}]", _product(w, {other: ONE}))


def _product(u: dict[int, fmpq], v: dict[int, fmpq]) -> dict[Key, fmpq]:
    """⟨u, v⟩."""
    total: dict[Key, fmpq] = {}
    for i, a in u.items():
        for j, b in v.items():
            key = (i, j) if i <= j else (j, i)
            total[key] = total.get(key, ZERO) + a * b
    return {key: c for key, c in total.items() if c}
