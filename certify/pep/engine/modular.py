"""Rationals modulo a prime: ranks and null spaces are guessed there, fast and without growing digits."""

from __future__ import annotations

from flint import fmpq, nmod, nmod_mat

PRIME = (1 << 61) - 1
"""Independence modulo a prime implies independence over ℚ. What else is found here is verified later."""


def modulo(value: fmpq) -> int:
    """The residue of a rational whose denominator the prime does not divide."""
    if value.q == 1:
        return int(value.p) % PRIME
    return int(nmod(value, PRIME))


def leading(matrix: nmod_mat) -> tuple[list[int], nmod_mat]:
    """The pivot columns of the reduced row echelon form, and that form."""
    reduced, rank = matrix.rref()
    found, j = [], 0
    for i in range(rank):
        while not int(reduced[i, j]):
            j += 1
        found.append(j)
    return found, reduced
