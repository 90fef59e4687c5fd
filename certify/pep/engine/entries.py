"""Block-diagonal symmetric matrices as their non-zero entries on and above the diagonal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flint import fmpq

from certify.pep.engine.problem import ONE, ZERO
from certify.pep.engine.program import Entry
from certify.pep.engine.semidefinite import is_semidefinite

Column = dict[Entry, fmpq]


def image(entries: Mapping[Entry, fmpq], block: int, a: Sequence[fmpq]) -> dict[int, fmpq]:
    """The non-zero entries of (one block of) the symmetric matrix times a."""
    total: dict[int, fmpq] = {}
    for (b, i, j), c in entries.items():
        if b == block:
            if a[j]:
                total[i] = total.get(i, ZERO) + c * a[j]
            if i != j and a[i]:
                total[j] = total.get(j, ZERO) + c * a[i]
    return {i: c for i, c in total.items() if c}


def without(entries: Mapping[Entry, fmpq], places: set[tuple[int, int]]) -> Column:
    """The entries outside the rows and columns (block, index) of `places`."""
    return {(b, i, j): c for (b, i, j), c in entries.items() if (b, i) not in places and (b, j) not in places}


def definite(column: Mapping[Entry, fmpq], signed: bool) -> int:
    """The sign that makes a column ⪰ 0 (only + for multipliers ≥ 0); 0 if there is none."""
    diagonal = {(b, i): c.p > 0 for (b, i, j), c in column.items() if i == j}
    signs = set(diagonal.values())
    if len(signs) != 1 or any((b, i) not in diagonal or (b, j) not in diagonal for b, i, j in column):
        return 0
    sign = 1 if signs.pop() else -1
    if signed and sign < 0:
        return 0
    blocks: dict[int, dict[tuple[int, int], fmpq]] = {}
    for (b, i, j), c in column.items():
        blocks.setdefault(b, {})[i, j] = sign * c
    return sign if all(is_semidefinite(m, 1 + max(j for _, j in m)) for m in blocks.values()) else 0


def congruent(
    entries: Mapping[Entry, fmpq], images: Mapping[tuple[int, int], list[tuple[int, fmpq]]]
) -> Mapping[Entry, fmpq]:
    """The matrix in the vectors that are left, where `images` express the others."""
    if not any((b, i) in images or (b, j) in images for b, i, j in entries):
        return entries
    total: Column = {}
    for (b, i, j), c in entries.items():
        for k, x in images.get((b, i), [(i, ONE)]):
            for m, z in images.get((b, j), [(j, ONE)]):
                # an entry off the diagonal stands for two: on the diagonal both arrive
                if i != j and k == m:
                    total[b, k, k] = total.get((b, k, k), ZERO) + 2 * c * x * z
                elif i != j or k <= m:
                    entry = (b, min(k, m), max(k, m))
                    total[entry] = total.get(entry, ZERO) + c * x * z
    return {e: c for e, c in total.items() if c}


def combination(columns: Sequence[Mapping[Entry, fmpq]], target: Mapping[Entry, fmpq]) -> list[fmpq] | None:
    """Factors with Σ factor · column = target, by sparse elimination; None if there are none."""
    lines: dict[Entry, dict[int, fmpq]] = {e: {-1: c} for e, c in target.items()}
    for k, column in enumerate(columns):
        for entry, c in column.items():
            lines.setdefault(entry, {})[k] = c
    waiting = list(lines.values())
    solved: list[tuple[int, dict[int, fmpq]]] = []
    while waiting:
        line = waiting.pop(min(range(len(waiting)), key=lambda n: len(waiting[n])))
        pivot = next((k for k in line if k >= 0), None)
        if pivot is None:
            if line.get(-1):
                return None
            continue
        factor = line.pop(pivot)
        image = {k: c / factor for k, c in line.items()}
        solved.append((pivot, image))
        for other in waiting:
            if pivot in other:
                c = other.pop(pivot)
                for k, a in image.items():
                    other[k] = other.get(k, ZERO) - c * a
                    if not other[k]:
                        del other[k]
    values = [ZERO] * len(columns)
    for pivot, image in reversed(solved):
        values[pivot] = image.get(-1, ZERO) - sum((c * values[k] for k, c in image.items() if k >= 0), ZERO)
    return values
