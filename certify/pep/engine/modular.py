"""Rationals modulo a prime: ranks and null spaces are guessed there, fast and without growing digits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from flint import fmpq, nmod, nmod_mat

K = TypeVar("K", bound=tuple[int, ...])
PRIME = (1 << 61) - 1
"""Independence modulo a prime implies independence over ℚ. What else is found here is verified later."""


TOGETHER = 64
"""So many sparse forms become rows of one matrix: flint's products are much faster than ours."""


def combined(forms: Sequence[Mapping[K, fmpq]], weights: Sequence[Sequence[int]]) -> list[dict[K, nmod]]:
    """For each list of weights Σ weight·form, without the prime's multiples in any denominator."""
    where: dict[K, int] = {key: n for n, key in enumerate(set().union(*forms))}
    total = nmod_mat(len(weights), len(where), PRIME)
    for start in range(0, len(forms), TOGETHER):
        part = forms[start : start + TOGETHER]
        matrix = nmod_mat(len(part), len(where), PRIME)
        for row, form in enumerate(part):
            for key, c in form.items():
                matrix[row, where[key]] = c
        drawn = [w for line in weights for w in line[start : start + TOGETHER]]
        total += nmod_mat(len(weights), len(part), drawn, PRIME) * matrix
    entries, width = total.entries(), len(where)
    return [dict(zip(where, entries[k * width : (k + 1) * width], strict=True)) for k in range(len(weights))]


def symmetric(entries: Iterable[tuple[int, int, nmod]], size: int) -> nmod_mat:
    """A symmetric matrix from its entries on and above the diagonal."""
    matrix = nmod_mat(size, size, PRIME)
    for i, j, c in entries:
        matrix[i, j] = matrix[j, i] = c
    return matrix


def leading(matrix: nmod_mat) -> tuple[list[int], nmod_mat]:
    """The pivot columns of the reduced row echelon form, and that form."""
    reduced, rank = matrix.rref()
    found, j = [], 0
    for i in range(rank):
        while not int(reduced[i, j]):
            j += 1
        found.append(j)
    return found, reduced
