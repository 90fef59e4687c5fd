"""What a problem cannot see: translations of space and shifts of functions, found exactly and divided out.

If a direction d of coefficients satisfies A d = 0 for the Gram part A of every form, then one basis vector v with
d_v ≠ 0 may be taken to be 0 without changing any form (for translation-invariant problems: x⋆ = 0). Likewise a shift
of function values that no form sees lets one of them be 0 (f⋆ = 0). Multipliers are the same before and after.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from flint import fmpq, nmod_mat

from certify.pep.engine.groups import connected
from certify.pep.engine.modular import PRIME, modulo
from certify.pep.engine.problem import ONE, ZERO, Key, Problem, Terms


def invisible(
    problem: Problem, *, vectors: Collection[int] = (), values: Collection[int] = ()
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Basis vectors and function values that may be taken to be zero, where possible those among `vectors`, `values`.

    What a problem cannot see is invisible to a part of its relations, too: with the vectors and values that are zero
    in a solution of the part, all zeros of the whole are among them.
    """
    forms = list(problem.forms())
    vector_uses, value_uses = Counter[int](), Counter[int]()
    total: dict[Key, fmpq] = {}
    generator = random.Random(0)  # noqa: S311, reproducible, and verified afterwards
    for terms in forms:
        weight = generator.getrandbits(32) + 1
        for key, c in terms.items():
            if len(key) == 2:
                i, j = key
                vector_uses[i] += 1
                if i != j:
                    vector_uses[j] += 1
                total[key] = total[key] + c * weight if key in total else c * weight
            elif key:
                value_uses[key[0]] += 1
    order = sorted(vector_uses, key=lambda i: (i in vectors, vector_uses[i], i))
    columns = sorted(value_uses, key=lambda i: (i in values, value_uses[i], i))
    kernel = _vector_kernel(total, order)
    translations = [d for d in _directions(kernel, order) if all(_kills(t, d) for t in forms)]
    shifts = [d for d in _shifts(forms, columns) if all(_is_blind(t, d) for t in forms)]
    return tuple(next(iter(d)) for d in translations), tuple(next(iter(d)) for d in shifts)


Direction = dict[int, fmpq]


def _directions(kernel: nmod_mat, order: Sequence[int]) -> Iterator[Direction]:
    """The null directions as rationals, each with another first vector; the most used vectors come first."""
    reduced, rank = kernel.rref()
    for row in range(rank):
        numbers = [_rational(int(reduced[row, column])) for column in range(len(order))]
        if all(number is not None for number in numbers):
            yield {i: n for i, n in zip(reversed(order), numbers, strict=True) if n}


def _vector_kernel(total: Terms, order: Sequence[int]) -> nmod_mat:
    """Null directions of a random combination of all Gram parts, as rows; the most used vectors are the first columns.

    A direction that every form kills is killed by the combination, so none is lost.
    """
    size, place = len(order), {i: len(order) - 1 - n for n, i in enumerate(order)}
    matrix = nmod_mat(size, size, PRIME)
    for key, c in total.items():
        i, j = place[key[0]], place[key[1]]
        matrix[i, j] = matrix[j, i] = modulo(c) * (2 if i == j else 1)
    return _null_rows(matrix, size)


def _shifts(forms: Iterable[Terms], order: Sequence[int]) -> list[Direction]:
    """The shifts worth a try: all values that occur together in forms (one function, or several in a sum) by 1."""
    ties: set[tuple[int, int]] = set()
    for terms in forms:
        together = [key[0] for key in terms if len(key) == 1]
        ties.update((i, together[0]) for i in together[1:])
    return [dict.fromkeys(group, ONE) for group in connected(reversed(order), ties)]


def _null_rows(matrix: nmod_mat, size: int) -> nmod_mat:
    """A basis of the null space, one vector a row (at least one row, possibly zero)."""
    columns, nullity = matrix.nullspace()
    rows = [int(columns[i, k]) for k in range(nullity) for i in range(size)]
    return nmod_mat(max(nullity, 1), max(size, 1), rows or [0] * max(size, 1), PRIME)


def _rational(residue: int, bound: int = 1 << 30) -> fmpq | None:
    """The fraction with small numerator and denominator that this is a residue of."""
    if residue == 1:
        return ONE
    a, b, u, v = PRIME, residue, 0, 1
    while b > bound:
        q = a // b
        a, b, u, v = b, a - q * b, v, u - q * v
    return fmpq(b, v) if v and abs(v) <= bound else None


def _kills(terms: Terms, direction: Direction) -> bool:
    """Whether the Gram part of a form vanishes in this direction: A d = 0."""
    image: Direction = {}
    for key, c in terms.items():
        if len(key) == 2:
            i, j = key
            if j in direction:
                term = c if direction[j] is ONE else c * direction[j]
                image[i] = image[i] + term if i in image else term
            if i in direction:
                term = c if direction[i] is ONE else c * direction[i]
                image[j] = image[j] + term if j in image else term
    return not any(image.values())


def _is_blind(terms: Terms, direction: Direction) -> bool:
    """Whether a form does not change when the function values are shifted in this direction."""
    total = ZERO
    for key, c in terms.items():
        if len(key) == 1 and key[0] in direction:
            total += c * direction[key[0]]
    return not total
